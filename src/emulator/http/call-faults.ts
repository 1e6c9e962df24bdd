/** What a fault does to a call: delays it, answers something else, or leaves it unanswered. */
import type { ServerResponse } from 'node:http';
import type { CallFault } from '../trouble/faults.ts';
import type { Answer } from './api.ts';
import { errorAnswer } from './rest.ts';

/** Resolves early when the client disconnects or the emulator stops. */
export function delayResponse(response: ServerResponse, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      response.off('close', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    response.once('close', done);
  });
}

/** Holds the call without an answer until the client gives up. */
export function hang(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => response.once('close', () => resolve()));
}

export function latencyOf(faults: readonly CallFault[]): number {
  return faults.reduce((sum, fault) => (fault.kind === 'latency' ? sum + fault.ms : sum), 0);
}

/** The first fault that applies at this moment, as what the caller gets; null if there is none. */
export function applyFault(
  faults: readonly CallFault[],
  moment: 'before' | 'after',
  retryAfterByDefault: boolean,
): 'hang' | 'reset' | Answer | null {
  for (const fault of faults) {
    if (fault.kind === 'latency' || (fault.when ?? 'before') !== moment) continue;
    switch (fault.kind) {
      case 'timeout':
        return 'hang';
      case 'reset':
        return 'reset';
      case 'too-many':
        return tooMany(fault.retryAfter ?? (retryAfterByDefault ? 1 : undefined));
      case 'server-error':
        return htmlAnswer(fault.status ?? 503);
    }
  }
  return null;
}

export function tooMany(retryAfter: number | undefined): Answer {
  const answer = errorAnswer(429, 20429, 'Too Many Requests');
  return retryAfter === undefined
    ? answer
    : { ...answer, headers: { 'Retry-After': String(retryAfter) } };
}

/** What a load balancer answers when its backend does not. */
function htmlAnswer(status: number): Answer {
  const html = `<html>\r\n<head><title>${status}</title></head>\r\n<body><h1>${status}</h1></body>\r\n</html>\r\n`;
  return { status, html };
}

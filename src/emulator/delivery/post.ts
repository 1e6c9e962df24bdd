/**
 * One HTTP POST; its outcome distinguishes no connection from no answer in time. Sockets are not
 * kept alive: a pooled one that the receiver closes meanwhile would look like a lost event.
 */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Outcome } from './overrides.ts';

export interface Posting {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly connectMs: number;
  readonly readMs: number;
  readonly signal: AbortSignal;
}

export function post(posting: Posting): Promise<Outcome> {
  return new Promise((resolve) => {
    const secure = posting.url.startsWith('https:');
    let connected = false;
    const request = (secure ? requestHttps : requestHttp)(posting.url, {
      method: 'POST',
      agent: false,
      signal: posting.signal,
      headers: { ...posting.headers, 'Content-Length': Buffer.byteLength(posting.body) },
    });
    let timer = setTimeout(() => request.destroy(new Error('connect timeout')), posting.connectMs);
    const end = (outcome: Outcome) => {
      clearTimeout(timer);
      resolve(outcome);
    };
    request.once('socket', (socket) => {
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        connected = true;
        clearTimeout(timer);
        timer = setTimeout(() => request.destroy(new Error('read timeout')), posting.readMs);
      });
    });
    request.once('response', (response) => {
      response.resume();
      end({ kind: 'answered', status: response.statusCode ?? 0 });
    });
    request.on('error', (error) => {
      const kind = posting.signal.aborted ? 'aborted' : connected ? 'unanswered' : 'unconnected';
      end({ kind, error: error.message });
    });
    request.end(posting.body);
  });
}

/**
 * The HTTP listener: reads a request, passes it to the REST API or to the control routes, writes
 * the answer with Twilio's headers, and records the calls.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Doubts } from '../trouble/doubts.ts';
import type { Faults } from '../trouble/faults.ts';
import { type Answer, Call } from './api.ts';
import { applyFault, delayResponse, hang, latencyOf } from './call-faults.ts';
import type { CallRecord, Records } from './records.ts';
import { errorAnswer, type Rest, readBasic } from './rest.ts';

const BODY_MAX_BYTES = 2 * 1024 * 1024;

export interface Listener {
  readonly url: string;
  close(): Promise<void>;
}

export interface ServerOptions {
  readonly rest: Rest;
  /** Everything under /emulator; null for any other path. */
  readonly control: (call: Call) => Answer | null;
  readonly calls: Records<CallRecord>;
  readonly now: () => number;
  readonly requestId: () => string;
  readonly log: (line: string) => void;
  readonly faults: Faults;
  readonly doubts: Doubts;
}

export async function listen(served: ServerOptions, host: string, port: number): Promise<Listener> {
  const server = createServer((request, response) => {
    serve(served, request, response).catch((error: unknown) => {
      served.log(`emulator fault: ${error instanceof Error ? (error.stack ?? '') : String(error)}`);
      if (!response.headersSent) write(response, errorAnswer(500, 20500, 'Internal error'), {});
      else response.destroy();
    });
  });
  // Longer than clients keep an idle socket, so that none is closed while a request is in flight.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return { url: `http://${name}:${address.port}`, close: () => close(server) };
}

async function serve(
  served: ServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const at = served.now();
  const requestId = served.requestId();
  const call = await readCall(request);
  if (call === null) return write(response, errorAnswer(413, 20001, 'Request too large'), {});
  const control = served.control(call);
  if (control !== null) return write(response, control, {});
  const from = readBasic(request.headers.authorization);
  const ip = request.socket.remoteAddress ?? null;
  const faults = served.faults.forCall(call.method, call.path);
  const latency = latencyOf(faults);
  if (latency > 0) await delayResponse(response, latency);
  const sendsRetryAfter = served.doubts.retryAfter === 'sent';
  const before = applyFault(faults, 'before', sendsRetryAfter);
  const effect = before ?? served.rest.answer(call, { from, ip });
  const answer = applyFault(faults, 'after', sendsRetryAfter) ?? effect;
  served.calls.add({
    at,
    method: call.method,
    path: call.path,
    query: Object.fromEntries(call.query.entries()),
    body: Object.fromEntries(call.form.entries()),
    status: typeof answer === 'string' ? 0 : answer.status,
    who: from?.user ?? null,
    userAgent: request.headers['user-agent'] ?? null,
    requestId,
  });
  if (answer === 'hang') return hang(response);
  if (answer === 'reset') {
    request.socket.resetAndDestroy();
    return;
  }
  write(response, answer, platformHeaders(requestId, served.now(), at));
}

async function readCall(request: IncomingMessage): Promise<Call | null> {
  const raw = await readBody(request);
  if (raw === null) return null;
  // With a host in front, so that a path that begins with two slashes is not read as one.
  const url = new URL(`http://emulator${request.url ?? '/'}`);
  const isJson = /\bjson\b/i.test(request.headers['content-type'] ?? '');
  return new Call({
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    form: new URLSearchParams(isJson ? '' : raw),
    ...(isJson ? parseJson(raw) : { json: undefined }),
    headers: request.headers,
  });
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_MAX_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): { json: unknown; badJson: string | null } {
  try {
    return { json: JSON.parse(text) as unknown, badJson: null };
  } catch (error) {
    return { json: undefined, badJson: error instanceof Error ? error.message : String(error) };
  }
}

/** The three rate-limit headers are documented by name only; these values are plausible guesses. */
function platformHeaders(requestId: string, now: number, at: number): Record<string, string> {
  return {
    Date: new Date(now).toUTCString(),
    'Twilio-Request-Id': requestId,
    'Twilio-Request-Duration': ((now - at) / 1000).toFixed(3),
    'Twilio-Concurrent-Requests': '1',
    'X-Rate-Limit-Limit': '100',
    'X-Rate-Limit-Remaining': '99',
    'X-Rate-Limit-Config': 'default',
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Headers':
      'Accept, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since',
    'Access-Control-Allow-Methods': 'GET, POST, DELETE, OPTIONS',
    'Access-Control-Expose-Headers': 'ETag',
    'Access-Control-Allow-Credentials': 'true',
  };
}

function write(
  response: ServerResponse,
  answer: Answer,
  extra: Readonly<Record<string, string>>,
): void {
  const headers = { ...extra, ...answer.headers };
  const text = answer.html ?? (answer.body === undefined ? null : JSON.stringify(answer.body));
  if (text === null) {
    response.writeHead(answer.status, headers).end();
    return;
  }
  response
    .writeHead(answer.status, {
      'Content-Type':
        answer.html === undefined ? 'application/json;charset=utf-8' : 'text/html;charset=utf-8',
      'Content-Length': String(Buffer.byteLength(text)),
      ...headers,
    })
    .end(text);
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

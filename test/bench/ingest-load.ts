// Sends deliveries over a fixed number of connections for some seconds, each delivery once, and
// records which of them were answered 204.

import autocannon from 'autocannon';
import type { Delivery } from './ingest-deliveries.ts';

export const CONNECTIONS = 50;

export interface Load {
  /** The events whose delivery was answered 204. */
  readonly answered: readonly string[];
  /** Answered otherwise, or not at all, except those in flight at the end. */
  readonly refused: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
}

export async function load(url: string, seconds: number, next: () => Delivery): Promise<Load> {
  const answered: string[] = [];
  let refused = 0;
  const result = await autocannon({
    url,
    method: 'POST',
    connections: CONNECTIONS,
    duration: seconds,
    requests: [
      {
        setupRequest(request, context) {
          const { sid, headers, body } = next();
          context.sid = sid;
          return { ...request, headers, body };
        },
        onResponse(status, _body, context) {
          if (status === 204) answered.push(String(context.sid));
          else refused += 1;
        },
      },
    ],
  });
  const { p50, p99 } = result.latency;
  return { answered, refused: refused + result.errors, seconds: result.duration, p50, p99 };
}

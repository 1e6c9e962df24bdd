// Opens the listener, and closes it within a stated time: no new connections, requests in hand are
// finished, what is left after the grace time is cut.

import http from 'node:http';
import type { Express } from 'express';
import { LIMITS } from './limits.ts';

export interface Listener {
  /** The port that was taken, where 0 was asked for. */
  readonly port: number;
  /** Ends within `graceMs`, also when somebody keeps a connection open. */
  close(graceMs: number): Promise<void>;
}

/** Rejects when the address cannot be taken. */
export async function listen(app: Express, host: string, port: number): Promise<Listener> {
  const server = http.createServer(
    {
      headersTimeout: LIMITS.headersTimeoutMs,
      requestTimeout: LIMITS.requestTimeoutMs,
      keepAliveTimeout: LIMITS.keepAliveMs,
    },
    app,
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  const taken = typeof address === 'object' && address !== null ? address.port : port;
  return { port: taken, close: (graceMs) => close(server, graceMs) };
}

async function close(server: http.Server, graceMs: number): Promise<void> {
  // A connection in use is not idle yet: its next request, if any, is its last, else it is swept.
  server.prependListener('request', (_req, res) => res.setHeader('Connection', 'close'));
  const sweep = setInterval(() => server.closeIdleConnections(), 20);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  try {
    await new Promise<void>((resolve, reject) => {
      server.close((error) => (error ? reject(error) : resolve()));
    });
  } finally {
    clearInterval(sweep);
    clearTimeout(cut);
  }
}

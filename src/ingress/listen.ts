// Opens the listener, and closes it within a stated time: no new connections, running requests are
// finished, what is left after the grace time is cut.

import http from 'node:http';
import type { Express } from 'express';
import { LIMITS } from './limits.ts';

export interface Listener {
  /** The port in use, if 0 was requested. */
  readonly port: number;
  /** Ends within `graceMs`, even if somebody keeps a connection open. */
  close(graceMs: number): Promise<void>;
}

/** Rejects if the address cannot be used. */
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
  // A connection in use is not idle yet: it closes after its next request, or is swept once idle.
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

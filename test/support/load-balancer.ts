// A proxy in front of several replicas: a delivery goes to one that is up, and fails with 502 if
// that one dies during it or if none is up.

import { once } from 'node:events';
import { createServer, request } from 'node:http';

export interface LoadBalancer {
  readonly url: string;
  close(): void;
}

/** `ports` is called for each delivery and returns those that are up. */
export async function startLoadBalancer(ports: () => readonly number[]): Promise<LoadBalancer> {
  let turn = 0;
  const server = createServer((incoming, outgoing) => {
    const failed = () => {
      if (!outgoing.headersSent) outgoing.writeHead(502);
      outgoing.end();
    };
    const up = ports();
    turn += 1;
    const port = up[turn % Math.max(1, up.length)];
    if (port === undefined) return failed();
    const { method, url: path, headers } = incoming;
    const target = { host: '127.0.0.1', port, method, path, headers };
    const onward = request(target, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('error', failed);
      answer.pipe(outgoing);
    });
    onward.on('error', failed);
    incoming.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

// The connection between a page and its daemon, which can die silently: no error, no data.

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface ConnectionProxy {
  readonly url: string;
  /** From now on nothing passes, on old connections and new ones. */
  die(): void;
  /** New connections work again; the old ones turn out to be broken. */
  heal(): void;
  close(): void;
}

export async function startConnectionProxy(port: number): Promise<ConnectionProxy> {
  let dead = false;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    keep(near);
    if (dead) return;
    const far = connect(port, '127.0.0.1');
    keep(far);
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    die() {
      dead = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    heal() {
      dead = false;
      cut();
    },
    close() {
      server.close();
      cut();
    },
  };
}

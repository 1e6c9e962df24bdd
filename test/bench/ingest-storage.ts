// Where a side of the comparison stores its data, created anew for each run: a folder, or a Redis
// server of its own with its append-only file synced every second.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { waitFor } from '../support/wait.ts';

export interface BenchStorage {
  /** The folder, or the server's URL. */
  readonly where: string;
  /** Drops everything that is not on disk. */
  reopen(): Promise<void>;
  remove(): Promise<void>;
}

export function hasRedis(): boolean {
  return spawnSync('redis-server', ['--version']).status === 0;
}

export async function folder(): Promise<BenchStorage> {
  const path = await mkdtemp(join(tmpdir(), 'headroom-bench-'));
  const remove = () => rm(path, { recursive: true, force: true });
  return { where: path, reopen: async () => undefined, remove };
}

export async function redis(): Promise<BenchStorage> {
  const dir = await folder();
  const port = await freePort();
  let stop = await startRedis(port, dir.where);
  return {
    where: `redis://127.0.0.1:${port}`,
    async reopen() {
      await stop('SIGTERM');
      stop = await startRedis(port, dir.where);
    },
    async remove() {
      await stop('SIGKILL');
      await dir.remove();
    },
  };
}

async function startRedis(port: number, dir: string) {
  const flags = `--port ${port} --bind 127.0.0.1 --appendonly yes --appendfsync everysec`;
  const args = [...flags.split(' '), '--save', '', '--maxmemory-policy', 'noeviction'];
  const server = spawn('redis-server', [...args, '--dir', dir], { stdio: 'ignore' });
  const gone = once(server, 'exit');
  const client = new Redis(port, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  // While it loads its file it answers with an error.
  await waitFor('redis-server answers', () => client.ping().catch(() => false), 30_000);
  client.disconnect();
  return async (signal: NodeJS.Signals) => {
    server.kill(signal);
    await gone;
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

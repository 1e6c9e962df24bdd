// Redis for tests: key prefixes of their own on the server that TEST_REDIS_URL names, and a server
// of their own where it has to be stopped or killed, alone or behind one address.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { it } from 'vitest';
import { type Backend, openRedis } from '../../src/daemon/backends.ts';
import { folder, TEST_BACKEND } from './embedded.ts';
import { waitFor } from './wait.ts';

export function testRedisUrl(): string {
  const url = process.env.TEST_REDIS_URL;
  if (url === undefined) throw new Error('TEST_REDIS_URL names the Redis that these tests use');
  return url;
}

export function ownPrefix(): string {
  return `test-${randomUUID().slice(0, 8)}`;
}

export function onRedis(url: string, keyPrefix: string): Promise<Backend> {
  return openRedis({ ...TEST_BACKEND, url, keyPrefix });
}

export async function keysUnder(url: string, prefix: string): Promise<string[]> {
  const redis = new Redis(url);
  try {
    return await redis.keys(`${prefix}:*`);
  } finally {
    redis.disconnect();
  }
}

export async function removeKeys(url: string, prefix: string): Promise<void> {
  const redis = new Redis(url);
  try {
    for (const key of await redis.keys(`${prefix}:*`)) await redis.del(key);
  } finally {
    redis.disconnect();
  }
}

export interface OwnRedis {
  readonly url: string;
  /** Starts it again with the same settings. */
  start(): Promise<void>;
  /** Stops it at once, as a crash would; its data on disk stays. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  remove(): Promise<void>;
}

/** A redis-server of the test's own on a free port, whose data folder outlives a restart. */
export async function ownRedis(...settings: readonly string[]): Promise<OwnRedis> {
  const port = await freePort();
  const dir = await folder();
  const url = `redis://127.0.0.1:${port}`;
  let server: ChildProcess | null = null;
  const own: OwnRedis = {
    url,
    async start() {
      const flags = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir.path];
      server = spawn('redis-server', [...flags, ...settings], { stdio: 'ignore' });
      await once(server, 'spawn');
      await waitFor('redis-server answers', () => answers(url));
    },
    async stop(signal = 'SIGKILL') {
      if (server === null) return;
      const gone = once(server, 'exit');
      server.kill(signal);
      server = null;
      await gone;
    },
    signal: (signal) => void server?.kill(signal),
    async remove() {
      await own.stop();
      await dir.remove();
    },
  };
  await own.start();
  return own;
}

export interface RedisProxy {
  readonly url: string;
  /** New connections reach this server; open ones stay where they are. */
  point(url: string): void;
  close(): void;
}

/** One address in front of whichever is the primary, as a managed Redis has. */
export async function startRedisProxy(first: string): Promise<RedisProxy> {
  let target = new URL(first);
  const open = new Set<Socket>();
  const proxy = createServer((client) => {
    const behind = connect(Number(target.port), target.hostname);
    const end = () => {
      client.destroy();
      behind.destroy();
    };
    for (const socket of [client, behind]) {
      open.add(socket);
      socket.on('error', end);
      socket.on('close', end);
    }
    client.pipe(behind).pipe(client);
  });
  const port = await listening(proxy);
  return {
    url: `redis://127.0.0.1:${port}`,
    point(url) {
      target = new URL(url);
    },
    close() {
      proxy.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** Sends one request to a server. */
export async function withRedis<T>(url: string, ask: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  try {
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}

async function answers(url: string): Promise<boolean> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return (await redis.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  server.close();
  return port;
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Two processes on one store need Redis: without a server the test is left out, not skipped. */
export function itOnRedis(name: string, run: () => Promise<void>, timeoutMs: number): void {
  if (process.env.TEST_REDIS_URL !== undefined) it(name, run, timeoutMs);
}

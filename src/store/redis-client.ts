// The store's connection to Redis: it fails fast, never queues while Redis is down, and reconnects
// by itself. Scripts run by their hash, and are sent whole only to a server that lacks them.

import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import { batchWrites } from '../batch-writes.ts';
import { isReadOnlyError } from '../failover.ts';
import { StoreDown } from '../ports.ts';
import { LIMITS } from './limits.ts';

export type OnError = (error: Error) => void;

/**
 * Connects at once; if that fails, the caller is not held up, and the connection recovers later.
 */
export async function connectRedis(url: string, onError: OnError): Promise<Redis> {
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: LIMITS.commandMs,
    connectTimeout: LIMITS.connectMs,
    socketTimeout: LIMITS.socketMs,
    retryStrategy: (times) => Math.min(times * 100, LIMITS.reconnectMs),
    reconnectOnError: isReadOnlyError,
  });
  redis.on('error', onError);
  redis.on('connect', () => batchWrites(redis.stream));
  await redis.connect().catch(() => undefined);
  return redis;
}

export type Reply = string | number | null | readonly Reply[];

/** A Lua script, ready to be run with its keys and arguments. */
export function script(
  lua: string,
): (redis: Redis, keys: readonly string[], args: readonly (string | number)[]) => Promise<Reply> {
  const sha = createHash('sha1').update(lua).digest('hex');
  return async (redis, keys, args) => {
    const rest = [...keys, ...args.map(String)];
    try {
      return (await redis.evalsha(sha, keys.length, ...rest)) as Reply;
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return (await redis.eval(lua, keys.length, ...rest)) as Reply;
    }
  };
}

export interface RedisCheck {
  /** Why this Redis is unfit: headroom must not start on it. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** Whether this Redis keeps its data. Rejects with `StoreDown` if it does not answer. */
export async function checkRedis(redis: Redis): Promise<RedisCheck> {
  await redis.ping().catch((error: unknown) => {
    throw new StoreDown(error);
  });
  const [policy, appendonly, save] = await Promise.all(
    ['maxmemory-policy', 'appendonly', 'save'].map((name) => setting(redis, name)),
  );
  if (policy === undefined || appendonly === undefined || save === undefined) {
    const warning =
      'Redis does not show its configuration: make sure that maxmemory-policy is noeviction and that it persists';
    return { errors: [], warnings: [warning] };
  }
  return {
    errors:
      policy === 'noeviction'
        ? []
        : [`Redis has maxmemory-policy ${policy}: it must be noeviction, or events are lost`],
    warnings:
      appendonly === 'yes' || save !== ''
        ? []
        : [
            'Redis keeps nothing on disk (appendonly is no, save is empty): its restart loses events',
          ],
  };
}

/** Undefined if CONFIG is forbidden, as with most hosted Redis. */
async function setting(redis: Redis, name: string): Promise<string | undefined> {
  try {
    const reply = (await redis.config('GET', name)) as unknown;
    return Array.isArray(reply) && typeof reply[1] === 'string' ? reply[1] : undefined;
  } catch {
    return undefined;
  }
}

// What BullMQ stands on: Redis, or its own PostgreSQL backend over a pool that the composer passes
// in, a server's or PGlite's look-alike. Producers fail fast; consumers wait until it is back.

import {
  type BackendFactory,
  createPostgresBackend,
  createRedisBackend,
  type PgPool,
  type QueueOptions,
  type RedisQueueBackend,
  runMigrations,
} from 'bullmq';
import { Redis } from 'ioredis';
import { isOldPrimary } from '../failover.ts';
import { gatherWrites } from '../gather-writes.ts';
import { LIMITS } from './limits.ts';

export type OnError = (error: Error) => void;
/** Who hears of what goes wrong: with a connection, and with an attempt of a job. */
export interface Listeners {
  readonly onError: OnError;
  readonly onJobFailed?: OnError;
}
export type QueueName = 'events' | 'passes' | 'forwards';

/** BullMQ's types tell its backends apart; what is used of them here is the same in all. */
type Factory = BackendFactory<RedisQueueBackend>;

export interface Backing {
  nameOf(queue: QueueName): string;
  readonly producer: QueueOptions;
  readonly consumer: QueueOptions;
  readonly factory: Factory;
  /** Trips that add jobs, under way at once. */
  readonly tripsAtOnce: number;
  /**
   * No other process works on these queues: what is in hand at the start was left by a dead one.
   */
  readonly sole: boolean;
  /** False while adding is known to fail. */
  isUp(): boolean;
  /** Resolves where the connection that adds can write; it need not be as well as the store's. */
  ping(): Promise<unknown>;
  close(): void;
}

/** Both connections are tried once before this answers; where that fails they heal later. */
export async function redisBacking(
  url: string,
  prefix: string,
  onError: OnError,
): Promise<Backing> {
  const shared = {
    lazyConnect: true,
    connectTimeout: LIMITS.connectMs,
    keepAlive: 10_000,
    retryStrategy: (times: number) => Math.min(times * 100, LIMITS.reconnectMs),
    reconnectOnError: isOldPrimary,
  };
  const producer = new Redis(url, {
    ...shared,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: LIMITS.commandMs,
    socketTimeout: LIMITS.socketMs,
  });
  const ping = () => producer.set(`${prefix}:ping`, '1', 'PX', 1);
  const consumer = new Redis(url, {
    ...shared,
    maxRetriesPerRequest: null,
    socketTimeout: LIMITS.consumerSocketMs,
    reconnectOnError(error) {
      if (!isOldPrimary(error)) return false;
      // Where nothing is added it would find out at the next delivery, and refuse that one.
      ping().catch(onError);
      return true;
    },
  });
  const both = [producer, consumer];
  for (const redis of both) {
    redis.on('error', onError);
    redis.on('connect', () => gatherWrites(redis.stream));
  }
  await Promise.all(both.map((redis) => redis.connect().catch(() => undefined)));
  return {
    nameOf: (queue) => queue,
    // BullMQ asks for the version once and keeps a failure for good; this connection may well fail.
    producer: { connection: producer, prefix, skipVersionCheck: true },
    consumer: { connection: consumer, prefix },
    factory: createRedisBackend,
    tripsAtOnce: LIMITS.redisTrips,
    sole: false,
    isUp: () => producer.status === 'ready',
    ping,
    close() {
      producer.disconnect();
      consumer.disconnect();
    },
  };
}

/** The seam to whoever opened the database: the part of a node-postgres pool that BullMQ uses. */
export interface PoolSeam {
  query(text: string, params?: unknown[]): Promise<{ rows: unknown[] }>;
  connect(): Promise<{ release(destroy?: boolean): void }>;
  end(): Promise<void>;
}

export async function sqlBacking(
  seam: PoolSeam,
  prefix: string,
  options: { readonly sole: boolean },
): Promise<Backing> {
  // A pool by its behaviour: BullMQ itself looks no closer.
  const pool = seam as unknown as PgPool;
  const client = await pool.connect();
  try {
    await runMigrations(client);
  } finally {
    client.release();
  }
  // This backend knows no key prefix, so it goes into the queue's name, which may hold no colon.
  const place = prefix.replaceAll(':', '-');
  const connection = pool as unknown as QueueOptions['connection'];
  return {
    nameOf: (queue) => `${place}-${queue}`,
    producer: { connection },
    consumer: { connection },
    factory: createSqlBackend as unknown as Factory,
    tripsAtOnce: 1,
    sole: options.sole,
    isUp: () => true,
    // The store's own pool.
    ping: () => Promise.resolve(),
    close: () => undefined,
  };
}

/**
 * BullMQ's own way to add many jobs makes temporary tables at every call, which costs as much as
 * twenty jobs and wears out the catalogue. As a flow without children the same jobs are one
 * statement.
 */
const createSqlBackend: typeof createPostgresBackend = (name, opts, options) => {
  const backend = createPostgresBackend(name, opts, options);
  backend.addJobs = async (entries) => {
    const added = await backend.addFlow(
      entries.map(({ job, jobId, parentKeyOpts = {} }) => {
        return { jobData: job, jobId, parentKeyOpts, queueName: name, prefix: '' };
      }),
    );
    // A flow that fails is told as results, not thrown.
    return added.map(([error, id]) => {
      if (error !== null) throw error;
      return String(id);
    });
  };
  return backend;
};

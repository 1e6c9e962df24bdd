// What BullMQ runs on: Redis, or its own PostgreSQL backend over a pool that is passed in, of a
// server or of PGlite. Producers fail fast; consumers wait until the store is back.

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
import { batchWrites } from '../batch-writes.ts';
import { isReadOnlyError } from '../failover.ts';
import { LIMITS } from './limits.ts';

export type OnError = (error: Error) => void;
/** Callbacks for faults: of a connection, and of an attempt of a job. */
export interface Listeners {
  readonly onError: OnError;
  readonly onJobFailed?: OnError;
}
export type QueueName = 'events' | 'passes' | 'forwards';

/** BullMQ's types distinguish its backends; what is used of them here is the same in all. */
type Factory = BackendFactory<RedisQueueBackend>;

export interface QueueBackend {
  nameOf(queue: QueueName): string;
  readonly producer: QueueOptions;
  readonly consumer: QueueOptions;
  readonly factory: Factory;
  /** The most trips that add jobs at once. */
  readonly concurrentBatches: number;
  /** No other process works on these queues: jobs active at the start were left by a dead one. */
  readonly sole: boolean;
  /** False while adding is known to fail. */
  isUp(): boolean;
  /** Resolves if the connection that adds jobs can write; it may fail while the store's works. */
  ping(): Promise<unknown>;
  close(): void;
}

/** Both connections are tried once before this returns; if that fails, they recover later. */
export async function redisQueueBackend(
  url: string,
  prefix: string,
  onError: OnError,
): Promise<QueueBackend> {
  const shared = {
    lazyConnect: true,
    connectTimeout: LIMITS.connectMs,
    keepAlive: 10_000,
    retryStrategy: (times: number) => Math.min(times * 100, LIMITS.reconnectMs),
    reconnectOnError: isReadOnlyError,
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
      if (!isReadOnlyError(error)) return false;
      // If nothing is added, the producer would find out at the next delivery, and refuse that.
      ping().catch(onError);
      return true;
    },
  });
  const both = [producer, consumer];
  for (const redis of both) {
    redis.on('error', onError);
    redis.on('connect', () => batchWrites(redis.stream));
  }
  await Promise.all(both.map((redis) => redis.connect().catch(() => undefined)));
  return {
    nameOf: (queue) => queue,
    // BullMQ asks for the version once and keeps a failure for good; this connection may well fail.
    producer: { connection: producer, prefix, skipVersionCheck: true },
    consumer: { connection: consumer, prefix },
    factory: createRedisBackend,
    concurrentBatches: LIMITS.redisBatches,
    sole: false,
    isUp: () => producer.status === 'ready',
    ping,
    close() {
      producer.disconnect();
      consumer.disconnect();
    },
  };
}

/** The database as its opener passes it: the part of a node-postgres pool that BullMQ uses. */
export interface PgPoolLike {
  query(text: string, params?: unknown[]): Promise<{ rows: unknown[] }>;
  connect(): Promise<{ release(destroy?: boolean): void }>;
  end(): Promise<void>;
}

export async function sqlQueueBackend(
  seam: PgPoolLike,
  prefix: string,
  options: { readonly sole: boolean },
): Promise<QueueBackend> {
  // It behaves like a pool; BullMQ itself checks no more.
  const pool = seam as unknown as PgPool;
  const client = await pool.connect();
  try {
    await runMigrations(client);
  } finally {
    client.release();
  }
  // This backend has no key prefix, so it goes into the queue's name, which may contain no colon.
  const place = prefix.replaceAll(':', '-');
  const connection = pool as unknown as QueueOptions['connection'];
  return {
    nameOf: (queue) => `${place}-${queue}`,
    producer: { connection },
    consumer: { connection },
    factory: createSqlBackend as unknown as Factory,
    concurrentBatches: 1,
    sole: options.sole,
    isUp: () => true,
    // Nothing to check: the store's own ping uses this pool.
    ping: () => Promise.resolve(),
    close: () => undefined,
  };
}

/**
 * BullMQ's own way to add many jobs creates temporary tables in every call, which costs as much as
 * twenty jobs and bloats the catalogue. As a flow without children the same jobs are one statement.
 */
const createSqlBackend: typeof createPostgresBackend = (name, opts, options) => {
  const backend = createPostgresBackend(name, opts, options);
  backend.addJobs = async (entries) => {
    const added = await backend.addFlow(
      entries.map(({ job, jobId, parentKeyOpts = {} }) => {
        return { jobData: job, jobId, parentKeyOpts, queueName: name, prefix: '' };
      }),
    );
    // A flow returns failures as results, instead of throwing them.
    return added.map(([error, id]) => {
      if (error !== null) throw error;
      return String(id);
    });
  };
  return backend;
};

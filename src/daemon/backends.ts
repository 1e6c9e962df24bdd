// The store and the queues on one backend, opened and closed together. The two folders do not know
// each other; only this file passes a database from one to the other.

import type { DeadJobs, Forwards, Queues, Store } from '../ports.ts';
import { BullForwards } from '../queue/forwards.ts';
import {
  type PgPoolLike,
  type QueueBackend,
  redisQueueBackend,
  sqlQueueBackend,
} from '../queue/queue-backend.ts';
import { BullQueues } from '../queue/queues.ts';
import { openEmbeddedDatabase } from '../store/embedded.ts';
import {
  EMBEDDED_RETENTION,
  type JournalRetention,
  SHARED_RETENTION,
} from '../store/journal-retention.ts';
import { openPostgresDatabase } from '../store/postgres.ts';
import { RedisStore } from '../store/redis.ts';
import type { RedisCheck } from '../store/redis-client.ts';
import { prefixOf } from '../store/scope.ts';
import { SqlStore } from '../store/sql.ts';
import type { SqlClient } from '../store/sql-client.ts';

export interface BackendOptions {
  readonly keyPrefix: string;
  readonly workspaceSid: string;
  /** null: Twilio itself. */
  readonly baseUrl: string | null;
  /** What goes wrong in the background, e.g. a lost connection. */
  readonly onError: (error: Error) => void;
  /** How long a journal entry is kept; absent: the store's default. */
  readonly journalKeepMs?: number;
  /** Each failed attempt of a job, as one sentence; without it they go to `onError`. */
  readonly onJobFailed?: (error: Error) => void;
}

export interface Backend {
  readonly store: Store;
  readonly queues: Queues;
  readonly deadJobs: DeadJobs;
  /** Opened on demand; to be closed before the queues, with which it shares the backing. */
  forwards(): Forwards;
  /** For people, e.g. in the start-up log. */
  readonly describe: string;
  /** Whether the store can be relied on; only Redis can be unfit. */
  check(): Promise<RedisCheck>;
  /** Stops taking jobs, waits up to `graceMs` for those that run, then closes everything. */
  close(graceMs: number): Promise<void>;
}

const NO_FINDINGS = async (): Promise<RedisCheck> => ({ errors: [], warnings: [] });

export async function openRedis(
  place: BackendOptions & { readonly url: string },
): Promise<Backend> {
  const prefix = prefixOf(place);
  const store = await RedisStore.open(place.url, prefix, {
    onError: place.onError,
    keep: retentionOf(place, SHARED_RETENTION),
  });
  const backing = await redisQueueBackend(place.url, prefix, place.onError);
  const { host } = new URL(place.url);
  const rest = { describe: `Redis at ${host}`, check: () => store.check() };
  return assembleBackend(store, backing, { ...place, ...rest });
}

export async function openEmbedded(
  place: BackendOptions & { readonly dataDir: string },
): Promise<Backend> {
  const database = await openEmbeddedDatabase(place.dataDir, place.onError);
  const describe = `PGlite in ${place.dataDir}`;
  return openSql(database, place, { sole: true, describe, keep: EMBEDDED_RETENTION });
}

export async function openPostgres(
  place: BackendOptions & { readonly url: string },
): Promise<Backend> {
  const database = await openPostgresDatabase(place.url, place.onError);
  const { host, pathname } = new URL(place.url);
  const describe = `PostgreSQL at ${host}${pathname}`;
  return openSql(database, place, { sole: false, describe, keep: SHARED_RETENTION });
}

async function openSql(
  database: SqlClient & { readonly pool: PgPoolLike },
  place: BackendOptions,
  how: { readonly sole: boolean; readonly describe: string; readonly keep: JournalRetention },
): Promise<Backend> {
  try {
    const prefix = prefixOf(place);
    const store = await SqlStore.open(database, prefix, retentionOf(place, how.keep));
    const backing = await sqlQueueBackend(database.pool, prefix, { sole: how.sole });
    return assembleBackend(store, backing, {
      ...place,
      describe: how.describe,
      check: NO_FINDINGS,
    });
  } catch (error) {
    await database.close();
    throw error;
  }
}

function retentionOf({ journalKeepMs }: BackendOptions, usual: JournalRetention): JournalRetention {
  return { ...usual, ms: journalKeepMs ?? usual.ms };
}

function assembleBackend(
  store: Store,
  backing: QueueBackend,
  { describe, check, ...place }: Pick<Backend, 'describe' | 'check'> & BackendOptions,
): Backend {
  const queues = new BullQueues(backing, place);
  let forwards: Forwards | null = null;
  return {
    store,
    queues,
    deadJobs: queues.dead,
    describe,
    check,
    forwards: () => {
      forwards ??= new BullForwards(backing, place);
      return forwards;
    },
    async close(graceMs) {
      await forwards?.close(graceMs);
      await queues.close(graceMs);
      await store.close();
    },
  };
}

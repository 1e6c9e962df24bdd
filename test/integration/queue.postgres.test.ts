// The queues on a PostgreSQL server, by the common contract, and over several lives.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { openPostgres } from '../../src/daemon/backends.ts';
import { sqlBacking } from '../../src/queue/backing.ts';
import { BullQueues } from '../../src/queue/queues.ts';
import { openPostgresDatabase, type PostgresDatabase } from '../../src/store/postgres.ts';
import { backendLives } from '../contract/backend-lives.ts';
import { queuesContract } from '../contract/queues.contract.ts';
import { place } from '../support/embedded.ts';
import { testDatabaseUrl } from '../support/postgres.ts';

let database: PostgresDatabase;

beforeAll(async () => {
  database = await openPostgresDatabase(testDatabaseUrl(), () => undefined);
});

afterAll(() => database.close());

queuesContract(async (options) => {
  const backing = await sqlBacking(database.pool, `test:${randomUUID()}`, { sole: false });
  return new BullQueues(backing, { onError: () => undefined }, options?.queueDepth);
});

backendLives(() => {
  const keyPrefix = `test-${randomUUID().slice(0, 8)}`;
  return {
    settings: { BACKEND: 'postgres', WHERE: testDatabaseUrl(), PREFIX: keyPrefix },
    open: () => openPostgres({ ...place, keyPrefix, url: testDatabaseUrl() }),
  };
}, 10_000);

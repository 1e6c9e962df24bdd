// The queues on a PostgreSQL server, by the common contract, and over several lives.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { openPostgres } from '../../src/daemon/backends.ts';
import { sqlQueueBackend } from '../../src/queue/queue-backend.ts';
import { BullQueues } from '../../src/queue/queues.ts';
import { openPostgresDatabase, type PostgresDatabase } from '../../src/store/postgres.ts';
import { backendDurability } from '../contract/backend-durability.ts';
import { queuesContract } from '../contract/queues.contract.ts';
import { TEST_BACKEND } from '../support/embedded.ts';
import { testDatabaseUrl } from '../support/postgres.ts';

let database: PostgresDatabase;

beforeAll(async () => {
  database = await openPostgresDatabase(testDatabaseUrl(), () => undefined);
});

afterAll(() => database.close());

queuesContract(async (options) => {
  const backing = await sqlQueueBackend(database.pool, `test:${randomUUID()}`, { sole: false });
  return new BullQueues(backing, { onError: () => undefined }, options?.queueDepth);
});

backendDurability(() => {
  const keyPrefix = `test-${randomUUID().slice(0, 8)}`;
  return {
    settings: { BACKEND: 'postgres', WHERE: testDatabaseUrl(), PREFIX: keyPrefix },
    open: () => openPostgres({ ...TEST_BACKEND, keyPrefix, url: testDatabaseUrl() }),
  };
});

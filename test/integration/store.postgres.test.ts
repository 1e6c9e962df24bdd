// The store on a PostgreSQL server, by the common contract.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { openPostgresDatabase, type PostgresDatabase } from '../../src/store/postgres.ts';
import { SqlStore } from '../../src/store/sql.ts';
import { feedContract } from '../contract/feed.contract.ts';
import { storeContract } from '../contract/store.contract.ts';
import { testDatabaseUrl } from '../support/postgres.ts';

let store: SqlStore;
let database: PostgresDatabase;

beforeAll(async () => {
  database = await openPostgresDatabase(testDatabaseUrl(), () => undefined);
  store = await SqlStore.open(database, `test:${randomUUID()}`);
});

afterAll(() => store.close());

storeContract(
  () => store,
  (keep) => SqlStore.open(database, `test:${randomUUID()}`, keep),
);
feedContract(() => ({ mine: store, theirs: store }));

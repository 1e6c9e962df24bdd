// The store on the embedded default, by the common contract.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openEmbeddedDatabase } from '../../src/store/embedded.ts';
import type { PgliteDatabase } from '../../src/store/pglite.ts';
import { SqlStore } from '../../src/store/sql.ts';
import { feedContract } from '../contract/feed.contract.ts';
import { storeContract } from '../contract/store.contract.ts';
import { type Folder, folder } from '../support/embedded.ts';

let data: Folder;
let database: PgliteDatabase;
let store: SqlStore;

beforeAll(async () => {
  data = await folder();
  database = await openEmbeddedDatabase(data.path, () => undefined);
  store = await SqlStore.open(database, 'test:one');
});

afterAll(async () => {
  await store.close();
  await data.remove();
});

storeContract(
  () => store,
  (keep) => SqlStore.open(database, `test:${randomUUID()}`, keep),
);
feedContract(() => ({ mine: store, theirs: store }));

it('changing the same record again and again does not grow the files without bound', async () => {
  const size = async (): Promise<number> => {
    const [row] = await database.query(`SELECT pg_relation_size('headroom.record') AS bytes`);
    return Number(row?.bytes);
  };
  const round = async (): Promise<number> => {
    await database.query(
      `DO $$ BEGIN FOR i IN 1..500 LOOP
         UPDATE headroom.record SET value = repeat('x', 500) || i, version = version + 1
         WHERE scope = 'test:one' AND kind = 'document' AND name = 'busy';
       END LOOP; END $$`,
    );
    await database.vacuum();
    return await size();
  };
  await store.putDocument('busy', 0, 0);
  const first = await round();
  await round();
  const third = await round();
  expect(third).toBeLessThanOrEqual(first * 1.5);
});

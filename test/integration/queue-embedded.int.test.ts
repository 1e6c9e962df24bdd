// The queues on the embedded default, by the common contract: one database for the whole file, and
// a prefix of its own for each test.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { sqlBacking } from '../../src/queue/backing.ts';
import { BullQueues } from '../../src/queue/queues.ts';
import { openEmbeddedDatabase } from '../../src/store/embedded.ts';
import type { PgliteDatabase } from '../../src/store/pglite.ts';
import { queuesContract } from '../contract/queues.contract.ts';
import { type Folder, folder } from '../support/embedded.ts';

let data: Folder;
let database: PgliteDatabase;

beforeAll(async () => {
  data = await folder();
  database = await openEmbeddedDatabase(data.path, () => undefined);
});

afterAll(async () => {
  await database.close();
  await data.remove();
});

queuesContract(async (options) => {
  const backing = await sqlBacking(database.pool, `test:${randomUUID()}`, { sole: true });
  return new BullQueues(backing, { onError: () => undefined }, options?.queueDepth);
});

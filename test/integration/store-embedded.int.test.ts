// The store on the embedded default, by the common contract.

import { afterAll, beforeAll } from 'vitest';
import { openEmbeddedDatabase } from '../../src/store/embedded.ts';
import { SqlStore } from '../../src/store/sql.ts';
import { storeContract } from '../contract/store.contract.ts';
import { type Folder, folder } from '../support/embedded.ts';

let data: Folder;
let store: SqlStore;

beforeAll(async () => {
  data = await folder();
  store = await SqlStore.open(await openEmbeddedDatabase(data.path, () => undefined), 'test:one');
});

afterAll(async () => {
  await store.close();
  await data.remove();
});

storeContract(() => store);

// Once before all tests: a database as new, which the tests copy instead of each making their own.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqlBacking } from '../../src/queue/backing.ts';
import { openEmbeddedDatabase } from '../../src/store/embedded.ts';
import { SqlStore } from '../../src/store/sql.ts';

export default async function setup(): Promise<() => Promise<void>> {
  const template = await mkdtemp(join(tmpdir(), 'headroom-template-'));
  const database = await openEmbeddedDatabase(template, () => undefined);
  const store = await SqlStore.open(database, 'template');
  await sqlBacking(database.pool, 'template', { sole: true });
  await store.close();
  // The workers that run the tests inherit it.
  process.env.TEST_TEMPLATE = template;
  return () => rm(template, { recursive: true, force: true });
}

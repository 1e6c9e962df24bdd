// Runs once before all tests: creates a database that the tests copy instead of each creating one.
// That takes seconds; where TEST_TEMPLATE names a folder, it is created there once and kept.

import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqlQueueBackend } from '../../src/queue/queue-backend.ts';
import { openEmbeddedDatabase } from '../../src/store/embedded.ts';
import { SqlStore } from '../../src/store/sql.ts';

export default async function setup(): Promise<() => Promise<void>> {
  const kept = process.env.TEST_TEMPLATE;
  if (kept !== undefined && existsSync(join(kept, 'pg'))) return async () => {};
  const template = kept ?? (await mkdtemp(join(tmpdir(), 'headroom-template-')));
  const database = await openEmbeddedDatabase(template, () => undefined);
  const store = await SqlStore.open(database, 'template');
  await sqlQueueBackend(database.pool, 'template', { sole: true });
  await store.close();
  // The workers that run the tests inherit it.
  process.env.TEST_TEMPLATE = template;
  return async () => {
    if (kept === undefined) await rm(template, { recursive: true, force: true });
  };
}

// The embedded default over several lives: closed and reopened, killed, and held by another
// process.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { WorkerSid } from '../../src/core/ids.ts';
import { openEmbedded } from '../../src/daemon/backends.ts';
import { backendDurability } from '../contract/backend-durability.ts';
import { eventOf } from '../contract/queues.contract.ts';
import { embedded, type Folder, folder, TEST_BACKEND } from '../support/embedded.ts';

// One database for the whole file, and separate keys for each test.
let data: Folder;
beforeAll(async () => {
  data = await folder();
});
afterAll(() => data.remove());

backendDurability(() => {
  const keyPrefix = `test-${randomUUID().slice(0, 8)}`;
  return {
    settings: { BACKEND: 'embedded', WHERE: data.path, PREFIX: keyPrefix },
    open: () => openEmbedded({ ...TEST_BACKEND, keyPrefix, dataDir: data.path }),
  };
});

it('stored data is there when the folder is reopened, and a second opening is refused', {
  timeout: 120_000,
}, async () => {
  const one = 'WK1' as WorkerSid;
  const first = await embedded(data.path);
  await first.store.saveWorker(one, { capacity: 3 }, 0);
  await first.store.setWake('WK1', 5);
  await first.queues.addEvent(eventOf());
  await expect(embedded(data.path)).rejects.toThrow(
    `the data folder ${data.path} is in use by process ${process.pid}`,
  );
  await first.close(1_000);

  const second = await embedded(data.path);
  expect(await second.store.loadWorker(one)).toEqual({ value: { capacity: 3 }, version: 1 });
  expect(await second.store.leaseWakes(10, 1_000, 10)).toEqual(['WK1']);
  expect((await second.queues.counts()).events.waiting).toBe(1);
  await second.close(1_000);
});

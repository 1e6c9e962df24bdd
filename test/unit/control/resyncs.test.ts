// One resync after the other: a request while one runs is not considered done by it.

import { expect, it } from 'vitest';
import { DirectoryKeeper } from '../../../src/control/directory.ts';
import { Records } from '../../../src/control/records.ts';
import { RESYNC_WAKE, type ResyncDeps, ResyncRunner } from '../../../src/control/resync.ts';
import { HOUR, T0 } from '../../support/builders.ts';
import { memoryGateway, newWorld } from '../../support/memory/gateway.ts';
import { MemoryStore } from '../../support/memory/store.ts';

it('12: a Task Channel unreadable during one resync is read by another at once', async () => {
  const clock = { now: () => T0 };
  const world = newWorld(clock.now);
  const store = new MemoryStore(clock.now);
  let goOn = () => {};
  let listing = () => {};
  const isListing = new Promise<void>((resolve) => {
    listing = resolve;
  });
  const mayList = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const gateway = memoryGateway(world, {
    now: clock.now,
    async carry(call) {
      if (call.path === 'Workers') {
        listing();
        await mayList;
      }
      return call.effect();
    },
  });
  const directory = new DirectoryKeeper(store, gateway);
  const deps = {
    ...{ store, clock, gateway, directory, records: new Records(store) },
    queues: { addPass: async () => {} },
    limits: { resyncMs: 6 * HOUR },
  } as unknown as ResyncDeps;
  const log = { info: () => {}, error: () => {} };
  const resyncs = new ResyncRunner({ ...deps, alone: false }, log);
  const known = () => directory.current().taskChannels?.sids.length ?? 0;
  const first = resyncs.run();
  await isListing;
  const before = known();
  world.createTaskChannel('fax');
  // Its event came, and TaskRouter did not answer; the tick finds it due.
  await resyncs.request();
  expect(await store.leaseWakes(T0, 60_000, 10)).toEqual([RESYNC_WAKE]);
  void resyncs.run();
  goOn();
  await first;
  expect(known()).toBe(before);
  expect(await store.leaseWakes(T0, 60_000, 10)).toEqual([RESYNC_WAKE]);
  await resyncs.run();
  expect([known(), store.nextWake()]).toEqual([before + 1, T0 + 6 * HOUR]);
});

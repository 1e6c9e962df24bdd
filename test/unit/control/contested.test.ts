// Which Worker Channels the status reports as contested, and until when.

import { expect, it } from 'vitest';
import { Contested } from '../../../src/control/contested.ts';
import { Records } from '../../../src/control/records.ts';
import { HOUR, MINUTE, T0, WORKER, worker } from '../../support/builders.ts';
import { MemoryStore } from '../../support/memory/store.ts';

it('14: a contested channel is in the status until others have left it alone', async () => {
  let now = T0;
  const clock = { now: () => now };
  const store = new MemoryStore(clock.now);
  const records = new Records(store);
  const foreign = Array.from({ length: 7 }, (_, i) => T0 - (7 - i) * MINUTE);
  await records.change(WORKER, T0, () => worker({ channels: { chat: { foreign }, voice: {} } }));
  const contested = new Contested(store, records, clock);
  await contested.note([{ reason: 'dwell.waiting', worker: WORKER, channel: 'voice' }]);
  expect(await contested.view()).toEqual([]);
  const told = { reason: 'channel.contested', worker: WORKER, channel: 'chat' } as const;
  await contested.note([told]);
  await contested.note([told]);
  const until = new Date(T0 - 7 * MINUTE + HOUR).toISOString();
  const expected = [{ worker: WORKER, friendlyName: 'Ann', channel: 'chat', until }];
  expect(await contested.view()).toEqual(expected);
  expect(await new Contested(store, records, clock).view()).toEqual(expected);
  now = T0 + HOUR;
  expect(await contested.view()).toEqual([]);
});

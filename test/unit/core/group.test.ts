// How a group's facts are computed.

import { describe, expect, it } from 'vitest';
import { groupFacts } from '../../../src/core/group.ts';
import type { WorkerState } from '../../../src/core/state.ts';
import { BREAK, T0, type WorkerSpec, worker, world } from '../../support/builders.ts';

const { directory } = world();
const away = { at: T0, sid: 'read', activity: BREAK, name: 'Break', available: false };
const unknown = (n: number) => ({
  unknown: `the Worker Channels of ${n} of its Workers have not been read yet`,
});

describe("a group's load", () => {
  it.each<[string, readonly WorkerSpec[], unknown]>([
    [
      'is Tasks in hand ÷ capacity of those who are available',
      [
        { channels: { chat: { capacityNow: 3, assigned: 2 } } },
        { channels: { chat: { capacityNow: 1 } } },
        { channels: { chat: { capacityNow: 4, assigned: 4 } }, activities: [away] },
      ],
      0.5,
    ],
    ['is full without capacity', [{ channels: { chat: { capacityNow: 0 } } }], 1],
    [
      '3: is unknown while one was never listed',
      [{}, { channels: {}, listedAt: null }],
      unknown(1),
    ],
    [
      '3: and while one channel was never read',
      [{ channels: { chat: { unread: true } } }],
      unknown(1),
    ],
    [
      'is known where only Workers were not read who are not available',
      [{ channels: { chat: { assigned: 1 } } }, { listedAt: null, activities: [away] }],
      1,
    ],
  ])('%s', (_, specs, load) => {
    const members: readonly WorkerState[] = specs.map((spec) => worker(spec));
    expect(groupFacts(members, directory).load).toEqual(load);
  });

  it('3: that is unknown leaves size and available known', () => {
    const members = [worker(), worker({ channels: {}, listedAt: null })];
    expect(groupFacts(members, directory)).toEqual({ size: 2, available: 2, load: unknown(1) });
  });
});

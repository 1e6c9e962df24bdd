// A shift changes at one instant while everything goes wrong that can: each field that differs is
// changed once, and none is missed. On the embedded default, and on Redis where TEST_REDIS_URL
// names

import { afterEach, expect, it } from 'vitest';
import { type Rig, startRig } from '../support/rig.ts';
import { changeShift, excess, mismatches, STORM_RULES, staff } from '../support/storm.ts';
import { waitFor } from '../support/wait.ts';

const WORKERS = 60;
/** At 20 calls a second the reads of the start and the writes of the storm take ten seconds. */
const PATIENCE_MS = 90_000;

let rig: Rig | null = null;
afterEach(async () => {
  await rig?.stop();
  rig = null;
});

it('a shift change of many changes each differing field exactly once', async () => {
  rig = await startRig({
    rules: { 'rules.yaml': STORM_RULES },
    env: { HEADROOM_RATE: '20/s' },
    world: (emulator) => staff(emulator, WORKERS),
  });
  const { emulator } = rig;
  // Half of them are on shift already; differences count from their settings.
  const before = () => mismatches(emulator, WORKERS).length === 2 * WORKERS;
  await waitFor('the shift before', before, PATIENCE_MS);
  await rig.quiet();
  const storm = changeShift(emulator, WORKERS);
  await waitFor('the new shift', () => mismatches(emulator, WORKERS).length === 0, PATIENCE_MS);
  emulator.world.faults.clear();
  await rig.quiet();
  storm.stop();
  expect(excess(storm)).toEqual([]);
  expect(storm.changes.size).toBe(storm.due.size);
  expect(mismatches(emulator, WORKERS)).toEqual([]);
  const { entries } = await rig.service.backend.store.readJournal({ limit: 500 });
  expect(entries.filter((e) => e.reason === 'person.edit')).toEqual([]);
});

const TWO_KINDS = `version: 1
defaults: { timezone: UTC, mode: enforce, baseline: { chat: 1 } }
rules:
  - name: on-shift
    who: everyone
    when: activity.available
    then: { chat: 3 }
  - name: protect
    who: { where: 'worker.protect == true' }
    then: { voice: pause }
`;

it('18: when the rate is short, a protective write overtakes those for more work', async () => {
  const many = 40;
  rig = await startRig({
    rules: { 'rules.yaml': TWO_KINDS },
    env: { HEADROOM_RATE: '10/s' },
    world: ({ world }) => {
      for (let n = 0; n <= many; n += 1) {
        world.createWorker({ friendlyName: `W${n}`, attributes: {}, channels: {} });
      }
    },
  });
  const { world } = rig.emulator;
  for (let n = 0; n < many; n += 1) world.setActivity(`W${n}`, 'Available');
  const raised = () => rig?.posts().filter(({ body }) => body.Capacity === '3').length ?? 0;
  await waitFor('some are raised', () => raised() >= 3, PATIENCE_MS);
  world.updateWorker(`W${many}`, { attributes: { protect: true } });
  const told = rig.posts().length;
  const paused = () => rig?.posts().findIndex(({ body }) => body.Available === 'false') ?? -1;
  await waitFor('the protection', () => paused() >= 0, PATIENCE_MS);
  // Its channels are read first; some of the calls already under way go before.
  expect(paused() - told).toBeLessThan(10);
  await waitFor('all are raised', () => raised() === many, PATIENCE_MS);
});

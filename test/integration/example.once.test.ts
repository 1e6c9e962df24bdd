// The rule language's own example, unmodified, in the running daemon: the shift, the overload that
// raises half of them step by step, and every guardrail of it at work together.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type Rig, startRig } from '../support/rig.ts';
import { waitFor } from '../support/wait.ts';

const LONG = 120_000;
const NAMES = Array.from({ length: 10 }, (_, i) => `Worker ${i}`);
const EXAMPLE = join(import.meta.dirname, '../fixtures/design');

let rig: Rig | null = null;
afterEach(async () => {
  await rig?.stop();
  rig = null;
});

/** A future Wednesday, ten in the morning in London or an hour later. */
function workday(): number {
  const day = new Date();
  day.setUTCDate(day.getUTCDate() + 1 + ((10 - day.getUTCDay()) % 7));
  return day.setUTCHours(10, 0, 0, 0);
}

it('19: support-overload raises half the shift, a tenth a minute, until keep ends', async () => {
  const began = Date.now();
  const start = workday();
  let ahead = 0;
  const now = () => start + (Date.now() - began) + ahead;
  const files = ['rules.yaml', 'calendars/uk.ics'];
  const rules = files.map((name) => [name, readFileSync(join(EXAMPLE, name), 'utf8')]);
  rig = await startRig({
    rules: Object.fromEntries(rules),
    env: { HEADROOM_POLL: '1s' },
    clock: { now },
    world({ world }) {
      world.createTaskChannel('email');
      // These Tasks are offered to no Worker: they only wait.
      world.createQueue('Support', 'team == "nobody"');
      world.createQueue('Billing', 'team == "billing"');
      for (const friendlyName of NAMES) {
        world.createWorker({ friendlyName, attributes: { team: 'support' } });
        world.setActivity(friendlyName, 'Available');
      }
    },
  });
  const { emulator } = rig;
  const channel = (name: string, of: string) => emulator.world.channel(name, of);
  const at = (capacity: number) =>
    NAMES.filter((name) => channel(name, 'chat').configuredCapacity === capacity);
  const paused = () => NAMES.filter((name) => !channel(name, 'email').available);
  const daemon = rig;
  const reads = () =>
    emulator.calls().filter(({ path }) => path.endsWith('/RealTimeStatistics')).length;
  /** This much later, when current statistics have been read and every Worker has had a pass. */
  const later = async (ms: number) => {
    ahead += ms;
    const before = reads();
    await waitFor('statistics', () => reads() > before + 1, LONG);
    await daemon.quiet();
  };

  // Three in five minutes are changed, so ten take four of those windows.
  await waitFor('the first three on shift', () => at(3).length === 3, LONG);
  for (const many of [6, 9, 10]) {
    await later(5 * 60_000 + 1_000);
    await waitFor(`${many} on shift`, () => at(3).length === many, LONG);
  }
  await later(5 * 60_000);

  for (let i = 0; i < 20; i += 1) emulator.world.createTask({ channel: 'chat', queue: 'Support' });
  const seen: number[] = [];
  await waitFor(
    'half of them',
    async () => {
      await later(30_000);
      seen.push(at(4).length);
      return at(4).length === 5;
    },
    LONG,
  );
  // Held back for two minutes first; then one by one, and never more than three in five minutes.
  expect(seen.filter((n) => n === 0).length).toBeGreaterThanOrEqual(3);
  const steps = seen.map((n, i) => n - (seen[i - 1] ?? 0));
  expect(Math.max(...steps)).toBe(1);
  expect(Math.min(...steps)).toBe(0);
  expect(paused().sort()).toEqual(at(4).sort());
  const { limits, guardrails } = await daemon.service.status();
  expect(limits).toMatchObject([{ rule: 'support-overload', members: 5, candidates: 10 }]);
  expect(guardrails).toMatchObject({ keepOpen: [{ open: 10, atLeast: 4 }] });
  await later(10 * 60_000);
  expect(at(4)).toHaveLength(5);

  for (const task of emulator.world.tasks()) emulator.world.cancelTask(task.sid);
  const kept: number[] = [];
  await waitFor(
    'all are back on shift',
    async () => {
      await later(60_000);
      kept.push(at(4).length);
      return at(4).length === 0;
    },
    LONG,
  );
  expect(kept.filter((n) => n === 5).length).toBeGreaterThanOrEqual(4);
  await waitFor('and their email is open', () => paused().length === 0, LONG);
  expect(at(3)).toHaveLength(10);
}, 300_000);

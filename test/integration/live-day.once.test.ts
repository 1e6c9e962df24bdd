// A stretch of a contact centre's day twice: as the seeded day, with the core in the emulator's own
// process, and live, with the daemon's queue, store and SDK and the emulator over HTTP. Both clocks
// of the live run are stepped from one instant at which something happens to the next.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { DAY_START, runDay } from '../../src/cli/day.ts';
import { DayFloor } from '../../src/emulator/floor/day-floor.ts';
import { loadRules } from '../../src/language/folder.ts';
import { type Rig, startRig } from '../support/rig.ts';
import { waitFor } from '../support/wait.ts';

/** Twenty times real time, so that eight minutes are the floor's morning until nearly nine. */
const STRETCH = { seed: 2, workers: 12, tasks: 400, pace: 20, startAt: DAY_START };
const END_AT = STRETCH.startAt + 8 * 60_000;
/** The default of `HEADROOM_POLL`, which the seeded day uses. */
const POLL_MS = 30_000;

/** In addition to the samples, which do not act on statistics in such a short time. */
const FEW = `version: 1
rules:
  - name: few-at-work
    who: { where: 'worker.team == "support"' }
    when:
      enter: queue("Support").available_workers <= 1
      exit: queue("Support").available_workers >= 2
      for: 30s
    then: { email: pause }
`;

/** What both runs have in common in one write. */
interface Write {
  readonly at: number;
  readonly worker: string;
  readonly channel: string;
  readonly from: unknown;
  readonly to: unknown;
  readonly rule: string | null;
}

let rig: Rig | null = null;
afterEach(async () => {
  await rig?.stop();
  rig = null;
});

it('a live stretch of a seed makes the same writes as its seeded day', async () => {
  let at = STRETCH.startAt;
  const floors: DayFloor[] = [];
  const live = await startRig({
    rules: { ...(await samples()), 'few.yaml': FEW },
    env: { HEADROOM_POLL: `${POLL_MS / 1_000}s` },
    clock: { now: () => at },
    oneClock: true,
    emulated: { seed: STRETCH.seed },
    world: ({ world }) => floors.push(new DayFloor(world, STRETCH)),
  });
  rig = live;
  const { world } = live.emulator;
  const seeded = await seededWrites(live);
  for (const floor of floors) floor.start();
  for (;;) {
    const due = [world.nextDue(), ...seeded.map(dueBy)].filter((by) => by !== null && by > at);
    const next = Math.min(...due.map(Number));
    if (next > END_AT) break;
    at = next;
    world.advance();
    const byNow = split(seeded.filter((write) => dueBy(write) <= at));
    // What a wake or a poll brings is looked for once a second by the machine's own clock.
    await waitFor(
      `what is due after ${at - STRETCH.startAt} ms`,
      () => {
        const so = split(live.posts().map((post) => ({ ...post, to: post.body })));
        return so.exact.length >= byNow.exact.length && so.polled.length >= byNow.polled.length;
      },
      60_000,
    );
    await live.quiet();
  }
  const [one, other] = [split(seeded), split(await liveWrites(live))];
  expect(one.exact.length).toBeGreaterThan(20);
  expect(other.exact).toEqual(one.exact);
  const timeless = (writes: readonly Write[]) => writes.map((write) => ({ ...write, at: 0 }));
  expect(one.polled.length).toBeGreaterThan(10);
  expect(timeless(inPlace(other.polled))).toEqual(timeless(inPlace(one.polled)));
  const apart = inPlace(other.polled).map(({ at }, i) => at - (inPlace(one.polled)[i]?.at ?? 0));
  expect(Math.max(...apart.map(Math.abs))).toBeLessThanOrEqual(POLL_MS);
});

/** By then it has happened: effects of statistics come one poll later than in the seeded day. */
function dueBy(write: Write): number {
  return isPolled(write) ? write.at + POLL_MS : write.at;
}

/** Only the rule on statistics changes whether email is available. */
function isPolled({ channel, to }: { channel: string; to: unknown }): boolean {
  return channel === 'email' && /available/i.test(JSON.stringify(to));
}

function split<T extends { channel: string; to: unknown }>(writes: readonly T[]) {
  return { exact: writes.filter((w) => !isPolled(w)), polled: writes.filter(isPolled) };
}

/** The writes of each Worker Channel, in their order. */
function inPlace(writes: readonly Write[]): Write[] {
  const key = ({ at, worker, channel }: Write) => `${worker} ${channel} ${at}`;
  return [...writes].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

async function samples(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of await readdir('rules', { recursive: true })) {
    if (!/\.(yaml|ics)$/.test(name) || name.endsWith('.test.yaml')) continue;
    found[name] = await readFile(join('rules', name), 'utf8');
  }
  return found;
}

async function seededWrites({ rulesDir }: Rig): Promise<Write[]> {
  const { ruleSet } = await loadRules(rulesDir);
  if (ruleSet === null) throw new Error('the sample rules have mistakes');
  const forMs = END_AT - STRETCH.startAt;
  const { writes, end } = runDay({ ...STRETCH, forMs, rules: ruleSet });
  const { records } = end as { records: readonly { sid: string; name: { value: string } }[] };
  const names = new Map(records.map(({ sid, name }) => [sid, name.value]));
  return inTime(writes.map((write) => pick(write, names.get(write.worker) ?? '')));
}

async function liveWrites({ service }: Rig): Promise<Write[]> {
  const { entries } = await service.backend.store.readJournal({ limit: 1_000 });
  return inTime(entries.map((entry) => pick(entry, entry.workerName ?? '')));
}

function pick(
  from: Omit<Write, 'worker' | 'channel'> & { readonly channel: string | null },
  worker: string,
): Write {
  const { at, channel, from: before, to, rule } = from;
  return { at, worker, channel: channel ?? '', from: before, to, rule };
}

/** At one instant in a fixed order: which Worker comes first is not promised. */
function inTime(writes: readonly Write[]): Write[] {
  const key = ({ at, worker, channel }: Write) => `${at} ${worker} ${channel}`;
  return [...writes].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

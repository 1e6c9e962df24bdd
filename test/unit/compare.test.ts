// What another rule set would change, by table: now, later, by which rule, and which floors it
// breaks.

import { describe, expect, it } from 'vitest';
import { comparedLines } from '../../src/cli/plan-compare.ts';
import type { WorkerSid } from '../../src/core/ids.ts';
import type { RuleSet } from '../../src/core/rules.ts';
import type { WorkerState } from '../../src/core/state.ts';
import { compareSets } from '../../src/live/compare.ts';
import { HOUR, sid, T0, type WorldSpec, worker, world } from '../support/builders.ts';
import { condition, during, rule, ruleSet, schedule } from '../support/rules.ts';

async function compared(
  before: RuleSet | null,
  after: RuleSet,
  workers: readonly WorkerState[],
  around?: WorldSpec,
) {
  const sids = workers.map((state) => ({
    sid: state.sid,
    value: JSON.parse(JSON.stringify(state)),
  }));
  const known = { world: world(around), shared: {}, pauses: [] };
  return await compareSets({
    store: { listWorkers: async () => ({ workers: sids, next: null }) },
    at: T0,
    observing: false,
    before: before === null ? null : { rules: before, ...known },
    after: { rules: { ...after, id: 'other' }, ...known },
  });
}

const people = (n: number) =>
  Array.from({ length: n }, (_, i) =>
    worker({ sid: sid('WK', i + 1) as WorkerSid, channels: { chat: {} } }),
  );

/** How often the event loop got a turn while `work` ran. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let running = true;
  const turn = () => {
    turns += 1;
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  running = false;
  return turns;
}

describe('a set that needs a look each minute', () => {
  const many = (text: (n: number) => string) =>
    Array.from({ length: 40 }, (_, n) => rule(`r${n}`, { chat: 2 }, { when: text(n) }));
  const later = 'now >= timestamp("2030-01-01T00:00:00Z")';

  it.each([
    ['of one Worker', many((n) => `worker.x == ${n} && ${later}`)],
    ['of all alike', many((n) => `queue("Q${n}").waiting > 3 && ${later}`)],
  ])('does not block the event loop: %s', async (_, rules) => {
    const set = ruleSet(rules);
    expect(await turnsDuring(() => compared(set, set, people(1)))).toBeGreaterThan(5);
  });
});

describe('another rule set', () => {
  it('changes nothing where the result is the same', async () => {
    const set = ruleSet([rule('up', { chat: 3 })]);
    const found = await compared(set, ruleSet([rule('renamed', { chat: 3 })]), people(3));
    expect(found).toMatchObject({
      now: { workers: 0, channels: 0 },
      within: { workers: 0, channels: 0 },
      rules: [],
      some: [],
      looked: 3,
    });
  });

  it('lists what it changes now, compared with the rules in force', async () => {
    const found = await compared(
      ruleSet([rule('up', { chat: 3 })]),
      ruleSet([rule('up', { chat: 2 })]),
      people(2),
    );
    expect(found.now).toEqual({ workers: 2, channels: 2 });
    expect(found.rules).toEqual([{ rule: 'up', now: 2, within: 2 }]);
    expect(found.some[0]).toMatchObject({ channel: 'chat', text: '3 → 2', rule: 'up' });
  });

  it('lists what only time brings at its instant, and not as a change now', async () => {
    const at = new Date(T0 + 2 * HOUR).toISOString().slice(11, 16);
    const schedules = { late: schedule('mon-sun', `${at}-24:00`) };
    const late = rule('late', { chat: 5 }, { during: during('late') });
    const found = await compared(ruleSet([]), ruleSet([late], { schedules }), people(2));
    expect([found.now.workers, found.within.workers]).toEqual([0, 2]);
    expect(found.some[0]).toMatchObject({
      at: new Date(T0 + 2 * HOUR).toISOString(),
      text: '1 → 5',
      rule: 'late',
    });
    expect(comparedLines(found)[1]).toBe(
      'this would change 0 Workers now, 2 within 24 h (0 and 2 Worker Channels)',
    );
  });

  it('is compared with the current settings if no rules are in force', async () => {
    const found = await compared(null, ruleSet([rule('up', { chat: 3 })]), people(1));
    expect(found).toMatchObject({ from: null, now: { workers: 1 }, some: [{ text: '1 → 3' }] });
  });

  it('lists only the first twenty of many Workers', async () => {
    const found = await compared(null, ruleSet([rule('up', { chat: 3 })]), people(30));
    expect(found.now.workers).toBe(30);
    expect(found.some).toHaveLength(20);
    expect(comparedLines(found)).toContain('  and 10 more');
    expect(comparedLines(found)).toContain('  up: 30 now, 30 within 24 h');
  });

  it('names the keep_open that the rules alone would break, at its lowest', async () => {
    const team = {
      kind: 'where',
      name: 'team',
      where: condition('worker.team == "support"', 'where'),
    } as const;
    const place = { file: 'rules.yaml', line: 1, column: 1 };
    const keep = { group: 'team', channel: 'chat', at: place };
    const floors = async (count: number) => {
      const keepOpen = [{ ...keep, atLeast: { count } }];
      const half = rule('half', { chat: 'pause' }, { when: 'worker.half == true' });
      const set = ruleSet([half], { groups: { team }, keepOpen });
      const halved = people(4).map((state, i) => ({
        ...state,
        attributes: state.attributes && {
          ...state.attributes,
          value: { team: 'support', half: i % 2 === 0 },
        },
      }));
      return (await compared(ruleSet([]), set, halved)).floors;
    };
    expect(await floors(2)).toEqual([]);
    expect(await floors(3)).toEqual([
      { group: 'team', channel: 'chat', atLeast: 3, open: 2, at: new Date(T0).toISOString() },
    ]);
  });
});

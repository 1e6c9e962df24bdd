// `keep_open` as a share while the ledger knows hardly any Worker: it is new, was lost, or the
// rules changed. Workers on record count, whether or not they have reported.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Guard } from '../../../src/control/guard.ts';
import { Records } from '../../../src/control/records.ts';
import { PROPAGATION_MS } from '../../../src/control/shared-document.ts';
import { LEDGER_LIMITS } from '../../../src/core/guardrails/ledger-transaction.ts';
import type { WorkerSid } from '../../../src/core/ids.ts';
import type { PlannedWrite } from '../../../src/core/plan.ts';
import type { RuleSet } from '../../../src/core/rules.ts';
import type { WorkerState } from '../../../src/core/state.ts';
import { compileRules } from '../../../src/language/compile.ts';
import { MINUTE, sid, T0, worker, world } from '../../support/builders.ts';
import { MemoryStore } from '../../support/memory/store.ts';

const RULES = (share: string) => `version: 1
defaults: { timezone: UTC, mode: enforce }
groups: { team: { where: 'worker.team == "support"' } }
guardrails: { keep_open: [{ group: team, channel: chat, at_least: ${share} }] }
rules: [{ name: close, who: team, then: { chat: pause } }]
`;
const CLOSE: PlannedWrite = {
  ...{ channel: 'chat', from: { available: true }, to: { available: false } },
  ...{ protective: true, hard: false, reason: 'rule.claimed', rule: 'close' },
};

function rulesOf(share: string): RuleSet {
  const { ruleSet } = compileRules([{ name: 'rules.yaml', text: RULES(share) }]);
  if (ruleSet === null) throw new Error('the rules of this test have faults');
  return ruleSet;
}

/** Ten in the team, of whom the first five are open. */
function team() {
  let now = T0;
  let rules = rulesOf('50%');
  let listed = true;
  const store = new MemoryStore();
  const records = new Records(store);
  const external = world();
  const asked: string[] = [];
  const replica = () =>
    new Guard({
      ...{ store, queues: { addPass: async (key) => void asked.push(key) } },
      clock: { now: () => now },
      groupSizes: { records, listed: async () => listed },
      ...{ rules: () => rules, world: () => external },
    });
  const of = (n: number, isOpen: boolean) =>
    worker({
      ...{ sid: sid('WK', n) as WorkerSid, attributes: { team: 'support' } },
      channels: { chat: { availableNow: isOpen } },
    });
  const states = new Map<number, WorkerState>(
    Array.from({ length: 10 }, (_, n) => [n, of(n, n < 5)]),
  );
  const put = async (state: WorkerState) =>
    void (await records.change(state.sid, now, () => state));
  return {
    ...{ store, asked, replica },
    record: async () => {
      for (const state of states.values()) await put(state);
    },
    /** One pass: the writes it may make. */
    async pass(guard: Guard, n: number, writes: readonly PlannedWrite[] = []) {
      const before = states.get(n) ?? of(n, false);
      const { state, planned } = await guard.permit(before, { writes, refusals: [], lookAt: null });
      states.set(n, state);
      await put(state);
      return planned;
    },
    opens: (n: number) => void states.set(n, of(n, true)),
    list: (is: boolean) => {
      listed = is;
    },
    use: (share: string) => {
      rules = rulesOf(share);
    },
    later: (ms: number) => {
      now += ms;
    },
  };
}

const REFUSED = [{ channel: 'chat', reason: 'keep_open.floor', until: null }];

describe('17: a share of a group in which few have reported', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('17: refers to all on record: with half of them open, no one is closed', async () => {
    const { record, pass, replica } = team();
    await record();
    const guard = replica();
    for (const n of [0, 1, 2, 3]) await pass(guard, n);
    expect(await pass(guard, 4, [CLOSE])).toMatchObject({ writes: [], refusals: REFUSED });
    expect(guard.view()?.keepOpen).toMatchObject([{ open: 5, atLeast: 5 }]);
  });

  it('17: lets Workers known to be open above it close before all have reported', async () => {
    const { record, pass, replica, opens } = team();
    await record();
    const guard = replica();
    opens(5);
    for (const n of [0, 1, 2, 3, 4]) await pass(guard, n);
    expect((await pass(guard, 5, [CLOSE])).writes).toEqual([CLOSE]);
    expect((await pass(guard, 4, [CLOSE])).refusals).toEqual(REFUSED);
  });

  it('17: closes no one before all Workers were listed, and retries soon', async () => {
    const { record, pass, replica, list, later } = team();
    list(false);
    const guard = replica();
    for (const n of [0, 1, 2, 3]) await pass(guard, n);
    const { writes, refusals, lookAt } = await pass(guard, 3, [CLOSE]);
    expect({ writes, refusals }).toEqual({ writes: [], refusals: REFUSED });
    expect(lookAt).toBe(T0 + LEDGER_LIMITS.uncountedMs);
    list(true);
    later(LEDGER_LIMITS.uncountedMs);
    // The other six are on record now, and none of them is open.
    await record();
    expect((await pass(guard, 3, [CLOSE])).refusals).toEqual(REFUSED);
  });

  it('17: is counted anew from lost books, even if another replica saw the old ones', async () => {
    const { record, pass, replica, store } = team();
    await record();
    const [first, second] = [replica(), replica()];
    for (let n = 0; n < 10; n += 1) await pass(first, n);
    await second.ensureFresh();
    expect((await pass(second, 0, [CLOSE])).refusals).toEqual(REFUSED);
    store.lose();
    vi.advanceTimersByTime(PROPAGATION_MS);
    await record();
    for (const n of [0, 1]) await pass(first, n);
    expect((await pass(second, 1, [CLOSE])).refusals).toEqual(REFUSED);
    expect((await pass(first, 0, [CLOSE])).refusals).toEqual(REFUSED);
  });

  it('17: is counted again after a while, and at once by other rules', async () => {
    const { record, pass, replica, store, later, use } = team();
    await record();
    const guard = replica();
    for (let n = 0; n < 5; n += 1) await pass(guard, n);
    expect((await pass(guard, 0, [CLOSE])).refusals).toEqual(REFUSED);
    // Five who never reported are deleted: then half are three.
    for (let n = 5; n < 10; n += 1) await store.removeWorker(sid('WK', n) as WorkerSid);
    later(MINUTE);
    expect((await pass(guard, 0, [CLOSE])).refusals).toEqual(REFUSED);
    later(5 * MINUTE);
    expect((await pass(guard, 0, [CLOSE])).writes).toEqual([CLOSE]);
    use('80%');
    expect((await pass(guard, 1, [CLOSE])).refusals).toEqual(REFUSED);
    expect(guard.view()?.keepOpen).toMatchObject([{ atLeast: 4 }]);
  });

  it('17: a floor that is a number needs no count', async () => {
    const { pass, replica, use, list } = team();
    list(false);
    use('1');
    const guard = replica();
    await pass(guard, 0);
    expect((await pass(guard, 1, [CLOSE])).writes).toEqual([CLOSE]);
  });
});

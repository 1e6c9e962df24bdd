// Rules that name no Worker fact: one state for all Workers, and how a Worker's pass uses it.

import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/core/decide.ts';
import type { SharedVerdict } from '../../../src/core/judge.ts';
import type { Rule, RuleSet } from '../../../src/core/rules.ts';
import { judgeShared, type SharedStates } from '../../../src/core/shared-rules.ts';
import { HOUR, MINUTE, T0, type WorldSpec, worker, world } from '../../support/builders.ts';
import { during, rule, ruleSet, schedule } from '../../support/rules.ts';

const OVERLOAD = {
  enter: 'queue("Support").waiting >= 20',
  exit: 'queue("Support").waiting <= 8',
  forMs: 2 * MINUTE,
  keepMs: 5 * MINUTE,
};
const overload = rule('overload', { chat: { add: 1 } }, { when: OVERLOAD });

/** Minute by minute, from T0 on: the phase, and which rules flipped. */
function live(rules: RuleSet, waiting: readonly (number | null)[], around: WorldSpec = {}) {
  let states: SharedStates = {};
  return waiting.map((n, minute) => {
    const queues = n === null ? {} : { Support: { waiting: n } };
    const judged = judgeShared(rules, states, world({ ...around, queues }), T0 + minute * MINUTE);
    states = judged.states;
    const flips = judged.flipped.map(({ name }) => name).join();
    return [states.overload?.phase ?? 'idle', flips].filter((text) => text !== '').join(' ');
  });
}

describe('5: one state for all Workers', () => {
  it('6: enters after `for`, stays for `keep` after exit, and flips twice', () => {
    const waiting = [10, 20, 19, 22, 22, 22, 15, 8, 8, 8, 8, 8, 8];
    expect(live(ruleSet([overload]), waiting)).toEqual([
      'idle',
      'pending',
      'idle',
      'pending',
      'pending',
      'claiming overload',
      'claiming',
      'keeping',
      ...Array.from({ length: 4 }, () => 'keeping'),
      'idle overload',
    ]);
  });

  it('3: unknown statistics keep the state, and do not flip it', () => {
    expect(live(ruleSet([overload]), [22, 22, 22, null, null])).toEqual([
      'pending',
      'pending',
      'claiming overload',
      'claiming',
      'claiming',
    ]);
    const released = ruleSet([{ ...overload, ifStale: 'release' }]);
    expect(live(released, [22, 22, 22, null]).at(-1)).toBe('idle overload');
  });

  it('3: facts not read yet since the start end nothing', () => {
    const released = ruleSet([{ ...overload, ifStale: 'release' }]);
    const started = { catchingUp: () => true };
    expect(live(released, [22, 22, 22, null], started).at(-1)).toBe('claiming');
  });

  it('6: the end of `during` ends everything, if it is the same for all Workers', () => {
    const spec = { schedules: { morning: schedule('mon-sun', '08:00-10:03') } };
    const daily = (over: Partial<Rule> = {}) =>
      ruleSet([{ ...overload, during: during('morning'), ...over }], spec);
    expect(live(daily(), [22, 22, 22, 22]).slice(-2)).toEqual([
      'claiming overload',
      'idle overload',
    ]);
    const own = { kind: 'attribute', path: ['shift'] } as const;
    expect(live(daily({ during: own }), [22, 22, 22, 22]).at(-1)).toBe('claiming');
  });

  it('8: a rule that is disabled, past its `until` or gone has no state', () => {
    const held: SharedStates = { overload: { when: 'x', phase: 'claiming', since: T0 } };
    const around = world({ queues: { Support: { waiting: 30 } } });
    const judged = (rules: RuleSet, of = around) => judgeShared(rules, held, of, T0).states;
    expect(judged(ruleSet([]))).toEqual({});
    expect(judged(ruleSet([{ ...overload, until: T0 }]))).toEqual({});
    expect(judged(ruleSet([overload]), { ...around, modeOf: () => 'disabled' })).toEqual({});
    expect(judged(ruleSet([overload])).overload?.phase).toBe('claiming');
  });

  it('a rule that names a Worker fact has no shared state', () => {
    const own = rule('own', { chat: 3 }, { when: 'activity.available && queue("S").waiting > 1' });
    expect(judgeShared(ruleSet([own]), {}, world(), T0).verdicts.size).toBe(0);
  });
});

describe("5: in a Worker's pass", () => {
  const on: SharedVerdict = { claims: true, reason: 'rule.entered', unknown: [] };
  const off: SharedVerdict = { claims: false, reason: 'rule.fails', unknown: [] };
  const decided = (of: Rule, shared: SharedVerdict | null, spec: WorldSpec = {}, at = T0) =>
    decide(
      ruleSet([of], {
        groups: { billing: { kind: 'queue', name: 'billing', queue: 'Billing' } },
        schedules: { morning: schedule('mon-sun', '08:00-11:00') },
      }),
      worker({ rules: {} }),
      world({ ...spec, shared: () => shared }),
      at,
    );
  const claims = (decision: ReturnType<typeof decide>) =>
    decision.channels.find(({ channel }) => channel === 'chat')?.claims.length;

  it('the shared verdict decides, and nothing is stored for the Worker', () => {
    expect(claims(decided(overload, on))).toBe(1);
    expect(claims(decided(overload, off))).toBe(0);
    expect(decided(overload, on).rules).toEqual({});
    expect(decided(overload, on).lookAt).toBe(null);
  });

  it('`who` and `during` are still judged per Worker', () => {
    const sales = rule(
      'overload',
      { chat: { add: 1 } },
      { when: OVERLOAD, who: 'worker.team == "x"' },
    );
    expect(claims(decided(sales, on))).toBe(0);
    const morning = { ...overload, during: during('morning') };
    expect(claims(decided(morning, on))).toBe(1);
    expect(claims(decided(morning, on, {}, T0 + 2 * HOUR))).toBe(0);
  });

  it("3: claimed Workers stay claimed while a TaskQueue's expression is unknown", () => {
    const billing = { ...overload, who: { kind: 'group', name: 'billing' } as const };
    expect(claims(decided(billing, on))).toBe(0);
    const set = ruleSet([billing], {
      groups: { billing: { kind: 'queue', name: 'billing', queue: 'Billing' } },
    });
    const marked = worker({
      rules: { overload: { when: 'x', phase: 'claiming', since: T0 - HOUR } },
    });
    const with_ = (shared: SharedVerdict) =>
      decide(set, marked, world({ shared: () => shared }), T0);
    expect(claims(with_(on))).toBe(1);
    expect(with_(on).rules.overload?.phase).toBe('claiming');
    expect(claims(with_(off))).toBe(0);
    expect(with_(off).rules).toEqual({});
  });

  it('before the first verdict an existing claim stays, and none begins', () => {
    const held = (phase: 'pending' | 'claiming') =>
      decide(
        ruleSet([overload]),
        worker({ rules: { overload: { when: 'x', phase, since: T0 } } }),
        world({ shared: () => null }),
        T0,
      );
    expect([claims(held('claiming')), claims(held('pending'))]).toEqual([1, 0]);
  });
});

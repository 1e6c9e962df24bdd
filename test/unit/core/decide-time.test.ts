// What ends a claim from outside, and when a decision has to be repeated.

import { describe, expect, it } from 'vitest';
import type { Rule } from '../../../src/core/rules.ts';
import { HOUR, MINUTE, sid, T0, type WorldSpec } from '../../support/builders.ts';
import { during, rule, schedule } from '../../support/rules.ts';

import {
  claiming,
  decided,
  type Given,
  held,
  no,
  OVERLOAD,
  overload,
  overloaded,
  verdict,
  yes,
} from './decided.ts';

describe('8: what a reload or an attribute ends', () => {
  const shared: Given = { who: overloaded, around: { queues: { Support: { waiting: 30 } } } };

  it('8: a claim continues while nothing changes', () => {
    expect(decided([overload], shared).rules).toEqual(overloaded.rules);
  });

  it.each<[string, readonly Rule[], WorldSpec, string | undefined]>([
    ['was removed', [], {}, undefined],
    ['was disabled', [overload], { modes: { overload: 'disabled' } }, undefined],
    ['is past its `until`', [{ ...overload, until: T0 }], {}, 'rule.expired'],
    [
      'no longer matches',
      [rule('overload', { chat: { add: 1 } }, { when: OVERLOAD, who: 'worker.team == "sales"' })],
      {},
      'rule.outside_who',
    ],
    [
      'was paused',
      [overload],
      { blocked: () => ({ reason: 'rule.paused', why: 'by Ana' }) },
      'rule.paused',
    ],
  ])('8: the claim of a rule that %s', (_, rules, around, reason) => {
    const decision = decided(rules, { ...shared, around: { ...shared.around, ...around } });
    expect(decision.rules).toEqual({});
    expect(decision.channels.every((c) => c.claims.length === 0)).toBe(true);
    expect(decision.verdicts[0]?.reason).toBe(reason);
  });

  it('8: the enforced claim of a rule that was switched to observe', () => {
    const around = { ...shared.around, modes: { overload: 'observe' } } as const;
    const [chat] = decided([overload], { ...shared, around }).channels;
    expect(chat?.desired).toMatchObject({ claimsCapacity: false, capacity: { value: 1 } });
  });

  it('9: the claim ends at the instant of `until`, which is scheduled', () => {
    const last = { ...overload, until: T0 + MINUTE };
    expect(decided([last], shared)).toMatchObject({ lookAt: T0 + MINUTE });
    expect(verdict([last], { ...shared, at: T0 + MINUTE - 1 })).toEqual(yes('rule.entered'));
    expect(verdict([last], { ...shared, at: T0 + MINUTE })).toEqual(no('rule.expired'));
  });
});

describe('10: when to look again', () => {
  const misses = 'count("reservation.timeout", duration("15m")) >= 3';
  const at = (minutes: number, n = 0) => ({
    type: 'reservation.timeout',
    reservation: sid('WR', n),
    at: T0 + minutes * MINUTE,
  });

  it.each<[string, Rule, Given, number | null]>([
    ['a standing rule', rule('r', { chat: 3 }), {}, null],
    [
      'a schedule boundary',
      rule('r', { chat: 3 }, { during: during('day') }),
      { schedules: { day: schedule('mon-fri', '08:30-17:30') } },
      T0 + 7.5 * HOUR,
    ],
    [
      'the end of `for`',
      rule('r', { chat: 3 }, { when: { enter: OVERLOAD, forMs: MINUTE } }),
      { around: { queues: { Support: { waiting: 20 } } } },
      T0 + MINUTE,
    ],
    [
      'a release',
      rule('r', { chat: 3 }, { when: OVERLOAD, release: { after: HOUR } }),
      { around: { queues: { Support: { waiting: 20 } } } },
      T0 + HOUR,
    ],
    [
      'a ramp step',
      rule(
        'r',
        { chat: 'ramp' },
        { ramp: { since: 'activity.since', steps: { '0m': 1, '90m': 2 } } },
      ),
      {},
      T0 + 30 * MINUTE,
    ],
    [
      'the ageing out of the oldest counted event',
      rule('r', { chat: 3 }, { when: misses }),
      { who: { counted: [at(-14), at(-3, 1)] } },
      T0 + MINUTE,
    ],
    [
      'not one that has just aged out',
      rule('r', { chat: 3 }, { when: misses }),
      { who: { counted: [at(-15), at(-3, 1)] } },
      T0 + 12 * MINUTE,
    ],
    ['nothing counted', rule('r', { chat: 3 }, { when: misses }), {}, null],
    [
      '11: a window that leaves a blind span behind',
      rule('r', { chat: 3 }, { when: misses }),
      { around: { blindUntil: T0 - 5 * MINUTE } },
      T0 + 10 * MINUTE,
    ],
    [
      'a condition that reads `now`: each minute',
      rule('r', { chat: 3 }, { when: 'now > timestamp("2027-01-01T00:00:00Z")' }),
      { at: T0 + 1 },
      T0 + MINUTE,
    ],
    [
      'a condition that reads a `since`: each minute',
      rule('r', { chat: 3 }, { when: 'now - activity.since > duration("2h")' }),
      { at: T0 + 1 },
      T0 + MINUTE,
    ],
  ])('10: %s', (_, each, given, lookAt) => {
    expect(decided([each], given).lookAt).toBe(lookAt);
  });

  it('10: the earliest instant wins, a lease among them', () => {
    const edit = { value: 5, at: T0, until: T0 + MINUTE, winner: 'r=3' };
    const chat = { capacityNow: 5, capacity: { ...held, edit }, winner: 'r=3' };
    const r = rule('r', { chat: 3 }, { during: during('day') });
    const schedules = { day: schedule('mon-fri', '08:30-17:30') };
    expect(decided([r], { schedules, who: { channels: { chat } } }).lookAt).toBe(T0 + MINUTE);
  });

  it('7: `or` counts since the claim began', () => {
    const release = { after: HOUR, or: 'count("reservation.timeout", duration("20m")) >= 1' };
    const r = rule('r', { chat: 3 }, { when: 'true', release });
    const since = (minutes: number): Given => ({
      who: { counted: [at(-10)], rules: { r: claiming(T0 + minutes * MINUTE, r.when?.id) } },
    });
    expect(verdict([r], since(-9))).toEqual(yes('rule.latched'));
    expect(verdict([r], since(-11))).toEqual(no('rule.released'));
  });
});

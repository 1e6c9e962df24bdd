// One decision: which rules claim and why, what each Worker Channel should be, when to look again.

import { describe, expect, it } from 'vitest';
import { type Decision, decide } from '../../../src/core/decide.ts';
import type { Group, Rule } from '../../../src/core/rules.ts';
import type { RuleState, WorkerState } from '../../../src/core/state.ts';
import {
  BREAK,
  HOUR,
  MINUTE,
  sid,
  T0,
  type WorkerSpec,
  type WorldSpec,
  worker,
  world,
} from '../../support/builders.ts';
import {
  condition,
  during,
  type RuleSetSpec,
  rule,
  ruleSet,
  schedule,
} from '../../support/rules.ts';

interface Given extends RuleSetSpec {
  readonly who?: WorkerSpec;
  readonly state?: WorkerState;
  readonly around?: WorldSpec;
  readonly at?: number;
}

function decided(rules: readonly Rule[], given: Given = {}): Decision {
  const { who, state = worker(who), around, at = T0, ...spec } = given;
  return decide(ruleSet(rules, spec), state, world(around), at);
}

const verdict = (rules: readonly Rule[], given: Given = {}) => {
  const first = decided(rules, given).verdicts[0];
  return { claims: first?.claims, reason: first?.reason };
};
const yes = (reason: string) => ({ claims: true, reason });
const no = (reason: string) => ({ claims: false, reason });

/** What each channel should be: capacity with its rules, and whether it is available. */
function wishes({ channels }: Decision) {
  return Object.fromEntries(
    channels.map((c) => [c.channel, [c.wish.capacity.value, c.wish.available.value]]),
  );
}

const claiming = (since: number, when = ''): RuleState => ({ when, phase: 'claiming', since });
const held = { baseline: { value: 1 }, claimed: true, edit: null, seenFree: true };
const OVERLOAD = 'queue("Support").waiting >= 20';
const overload = rule('overload', { chat: { add: 1 } }, { when: OVERLOAD });
const overloaded = { rules: { overload: claiming(T0, overload.when?.id) } };

describe('nothing is decided', () => {
  const day = rule('day', { chat: 3 });
  const stopped = (given: Given) => {
    const { stopped: why, channels, lookAt, needs, rules } = decided([day], given);
    return { why, channels, lookAt, needs, rules };
  };
  const nothing = {
    channels: [],
    lookAt: null,
    needs: { worker: false, channels: false },
    rules: {},
  };

  it('for a Worker who was deleted', () => {
    const gone = { at: T0, sid: 'EV' };
    expect(stopped({ who: { gone } })).toEqual({ ...nothing, why: 'worker.gone' });
  });

  it('2: while attributes are not read, or no object: rules keep their states, the Worker is read', () => {
    const rules = { other: claiming(T0) };
    const unread = { ...nothing, why: 'worker.unknown', rules };
    const expected = { ...unread, needs: { worker: true, channels: false } };
    expect(stopped({ who: { attributes: null, rules } })).toEqual(expected);
    const attributes = { at: T0, sid: 'EV', value: null };
    expect(stopped({ state: { ...worker({ rules }), attributes } })).toEqual(expected);
  });
});

describe('1: an attribute that is not there', () => {
  it('1: opts nobody out', () => {
    const optOut = condition('worker.headroom == "off"', 'where');
    const day = rule('day', { chat: 3 });
    expect(decided([day], { optOut }).stopped).toBeNull();
    const off = { attributes: { headroom: 'off' } };
    expect(decided([day], { optOut, who: off }).stopped).toBe('worker.opted_out');
  });

  it('1: means that `who` is not this Worker', () => {
    const es = rule('es', { chat: 3 }, { who: 'worker.lang == "es"' });
    expect(verdict([es])).toEqual(no('rule.outside_who'));
    expect(verdict([es], { who: { attributes: { lang: 'es' } } })).toEqual(yes('rule.standing'));
  });

  it('1: means no claim in `during` and `ramp`', () => {
    const shift = rule('s', { chat: 3 }, { during: { kind: 'attribute', path: ['shift'] } });
    expect(verdict([shift])).toEqual(no('schedule.unnamed'));
    const ramp = { since: 'worker.hired_on', steps: { '0d': 1 } };
    expect(verdict([rule('r', { chat: 'ramp' }, { ramp })])).toEqual(no('ramp.unknown'));
  });

  it('is unknown in a condition, with the sentence why', () => {
    const senior = rule('senior', { chat: 3 }, { when: 'worker.level > 3' });
    const { verdicts } = decided([senior]);
    expect(verdicts[0]).toMatchObject({ claims: false, reason: 'facts.unknown' });
    expect(verdicts[0]?.unknown).toEqual([expect.stringContaining('worker.level')]);
  });
});

describe('3: what is unknown', () => {
  const day = rule('day', { chat: 3 }, { priority: 1 });

  it('3: keeps its own rule’s claim while others fold as usual', () => {
    const decision = decided([day, overload], { who: overloaded });
    expect(wishes(decision).chat).toEqual([4, true]);
    expect(decision.verdicts[1]).toMatchObject({ claims: true, reason: 'facts.unknown' });
    expect(decision.rules).toEqual(overloaded.rules);
  });

  it('3: never judged is not claiming', () => {
    expect(verdict([overload])).toEqual(no('facts.unknown'));
  });

  it('3: `during` false ends a claim whatever `when` is', () => {
    const night = { night: schedule('mon-sun', '22:00-06:00') };
    const atNight = { ...overload, during: during('night') };
    const decision = decided([atNight], { who: overloaded, schedules: night });
    expect(decision.verdicts[0]).toMatchObject({ claims: false, reason: 'schedule.outside' });
    expect([decision.rules, decision.lookAt]).toEqual([{}, T0 + 12 * HOUR]);
  });

  it('3: `if_stale: release` ends it instead', () => {
    const stale = { ...overload, ifStale: 'release' } as const;
    expect(verdict([stale], { who: overloaded })).toEqual(no('facts.unknown'));
  });

  describe('whose group nobody knows', () => {
    const billing: Group = { kind: 'queue', name: 'billing', queue: 'Billing' };
    const spec = { groups: { billing } };
    const who = { kind: 'group', name: 'billing' } as const;
    const standing = rule('standing', { chat: 3 }, { who });
    const claimed = { rules: { standing: claiming(T0 - HOUR) } };

    it('3: a rule that never claimed does not', () => {
      expect(verdict([standing], spec)).toEqual(no('facts.unknown'));
    });

    it('3: a standing rule keeps its claim, so that a start restores nobody', () => {
      const decision = decided([standing], { ...spec, who: claimed });
      expect(decision.verdicts[0]).toMatchObject(yes('facts.unknown'));
      expect(wishes(decision).chat).toEqual([3, true]);
      expect(decision.rules).toEqual(claimed.rules);
    });

    it('3: a rule with a condition keeps its claim, its keep time goes on', () => {
      const when = { enter: OVERLOAD, keepMs: MINUTE };
      const kept = rule('kept', { chat: 3 }, { who, when });
      const state = {
        when: kept.when?.id ?? '',
        phase: 'keeping',
        since: 0,
        exitedAt: T0,
      } as const;
      const given = { ...spec, who: { rules: { kept: state } } };
      expect(decided([kept], given)).toMatchObject({ rules: { kept: state }, lookAt: T0 + MINUTE });
      expect(verdict([kept], { ...given, at: T0 + MINUTE })).toEqual(no('facts.unknown'));
    });

    it('3: `during` false, or `if_stale: release`, ends it all the same', () => {
      const late = { ...standing, during: during('night') };
      const schedules = { night: schedule('mon-sun', '22:00-06:00') };
      const outside = verdict([late], { ...spec, schedules, who: claimed });
      expect(outside).toEqual(no('schedule.outside'));
      const stale = { ...standing, ifStale: 'release' } as const;
      expect(decided([stale], { ...spec, who: claimed }).rules).toEqual({});
    });

    it('`not` of it is unknown as well, `any` with one that fits is not', () => {
      const not = rule('not', { chat: 3 }, { who: { kind: 'not', of: who } });
      expect(verdict([not], spec)).toEqual(no('facts.unknown'));
      const any = { kind: 'any', of: [who, { kind: 'everyone' }] } as const;
      expect(verdict([rule('any', { chat: 3 }, { who: any })], spec).claims).toBe(true);
    });
  });
});

describe('8: what a reload or an attribute ends', () => {
  const shared: Given = { who: overloaded, around: { queues: { Support: { waiting: 30 } } } };

  it('8: a claim goes on while nothing changed', () => {
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
    ['cannot act here', [overload], { unsupported: () => 'not yet' }, 'rule.unsupported'],
  ])('8: the claim of a rule that %s', (_, rules, around, reason) => {
    const decision = decided(rules, { ...shared, around: { ...shared.around, ...around } });
    expect(decision.rules).toEqual({});
    expect(decision.channels.every((c) => c.claims.length === 0)).toBe(true);
    expect(decision.verdicts[0]?.reason).toBe(reason);
  });

  it('8: the enforced claim of a rule that was switched to observe', () => {
    const around = { ...shared.around, modes: { overload: 'observe' } } as const;
    const [chat] = decided([overload], { ...shared, around }).channels;
    expect(chat?.wish).toMatchObject({ claimsCapacity: false, capacity: { value: 1 } });
  });

  it('9: `until` is the first instant at which it is over, and is looked at', () => {
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

describe('the fold over a Worker', () => {
  it('12: `any` covers the channels that this `then` does not name', () => {
    const holiday = rule('holiday', { any: 'pause', voice: 2 });
    const who = { channels: { chat: {}, email: {}, voice: {} } };
    expect(wishes(decided([holiday], { who }))).toEqual({
      chat: [1, false],
      email: [1, false],
      voice: [2, true],
    });
  });

  it('12: a rule whose ramp is at its end claims nothing, `pause` included', () => {
    const ramp = { since: 'activity.since', steps: { '0m': 1, '30m': 'end' } } as const;
    const warm = rule('warm', { chat: { max: 'ramp' }, voice: 'pause' }, { ramp });
    const decision = decided([warm]);
    expect(decision.verdicts[0]).toMatchObject(no('ramp.ended'));
    expect(wishes(decision)).toEqual({ chat: [1, true], voice: [1, true] });
    const report = { at: T0, sid: 'EV', activity: BREAK, name: 'Break', available: null };
    const began = decided([warm], { who: { activities: [report] } });
    expect(wishes(began)).toEqual({ chat: [1, true], voice: [1, false] });
  });

  it('a channel that the Worker was listed without is left out', () => {
    expect(wishes(decided([rule('r', { email: 3 })]))).toEqual({
      chat: [1, true],
      voice: [1, true],
    });
  });

  it.each<[string, WorkerSpec, boolean]>([
    ['never listed', { listedAt: null }, true],
    ['one that is claimed and may have changed', { channels: { chat: { stale: true } } }, true],
    [
      'one that nobody claims and may have changed',
      { channels: { chat: {}, voice: { stale: true } } },
      false,
    ],
    ['all known', {}, false],
  ])('asks for Worker Channels to be read: %s', (_, who, channels) => {
    expect(decided([rule('r', { chat: 3 })], { who }).needs.channels).toBe(channels);
  });

  it('names of rules and channels may be those of every object’s properties', () => {
    const odd = ['constructor', '__proto__', 'toString'].map((name) =>
      rule(name, { [`${name}`]: 3 }, { when: 'true' }),
    );
    const decision = decided(odd, { who: { channels: {}, listedAt: null } });
    expect(Object.keys(decision.rules).sort()).toEqual(['__proto__', 'constructor', 'toString']);
    expect(decision.verdicts.every((v) => v.claims)).toBe(true);
  });
});

describe('21: observe beside enforce', () => {
  const day = rule('day', { chat: 3 });
  const tried = rule('tried', { chat: { add: 1 }, voice: 'pause' });
  const around = { modes: { tried: 'observe' } } as const;

  it('21: are two folds: enforced alone, and both', () => {
    const [chat, voice] = decided([day, tried], { around }).channels;
    expect([chat?.wish.capacity.value, chat?.shadow?.capacity]).toEqual([
      3,
      { value: 4, by: ['day', 'tried'] },
    ]);
    expect(voice?.wish).toMatchObject({ claimsAvailable: false, available: { value: true } });
    expect(voice?.shadow).toMatchObject({ available: { value: false, by: ['tried'] } });
  });

  it('21: where nothing observes a channel there is one', () => {
    expect(decided([day], { around }).channels.map((c) => c.shadow)).toEqual([null, null]);
  });

  it('21: the `set` of an observing rule ends no edit', () => {
    const edit = { value: 5, at: T0, until: T0 + HOUR, winner: 'day=3' };
    const chat = { capacityNow: 5, capacity: { ...held, edit }, winner: 'day=3' };
    const other = rule('tried', { chat: 4 }, { priority: 9 });
    const decision = decided([day, other], { around, who: { channels: { chat } } });
    expect(decision.channels[0]?.edits.capacity).toEqual(edit);
  });
});

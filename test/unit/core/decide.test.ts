// One decision: which rules claim and why, what each Worker Channel should be, when to look again.

import { describe, expect, it } from 'vitest';
import type { Group } from '../../../src/core/rules.ts';
import {
  BREAK,
  type ChannelSpec,
  HOUR,
  MINUTE,
  T0,
  type WorkerSpec,
  worker,
} from '../../support/builders.ts';
import { condition, during, rule, schedule } from '../../support/rules.ts';

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
  wantedChannels,
  yes,
} from './decided.ts';

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

  it('for a deleted Worker', () => {
    const gone = { at: T0, sid: 'EV' };
    expect(stopped({ who: { gone } })).toEqual({ ...nothing, why: 'worker.gone' });
  });

  it('2: while attributes are unread or no object: states stay, the Worker is read', () => {
    const rules = { other: claiming(T0) };
    const unread = { ...nothing, why: 'worker.unknown', rules };
    const expected = { ...unread, needs: { worker: true, channels: false } };
    expect(stopped({ who: { attributes: null, rules } })).toEqual(expected);
    const attributes = { at: T0, sid: 'EV', value: null };
    expect(stopped({ state: { ...worker({ rules }), attributes } })).toEqual(expected);
  });
});

describe('1: an absent attribute', () => {
  it('1: opts no one out', () => {
    const optOut = condition('worker.headroom == "off"', 'where');
    const day = rule('day', { chat: 3 });
    expect(decided([day], { optOut }).stopped).toBeNull();
    const off = { attributes: { headroom: 'off' } };
    expect(decided([day], { optOut, who: off }).stopped).toBe('worker.opted_out');
  });

  it('1: means that `who` does not match', () => {
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

  it('is unknown in a condition, with a sentence that says why', () => {
    const senior = rule('senior', { chat: 3 }, { when: 'worker.level > 3' });
    const { verdicts } = decided([senior]);
    expect(verdicts[0]).toMatchObject({ claims: false, reason: 'facts.unknown' });
    expect(verdicts[0]?.unknown).toEqual([expect.stringContaining('worker.level')]);
  });
});

describe('3: an unknown fact', () => {
  const day = rule('day', { chat: 3 }, { priority: 1 });

  it("3: keeps its rule's claim while others fold as usual", () => {
    const decision = decided([day, overload], { who: overloaded });
    expect(wantedChannels(decision).chat).toEqual([4, true]);
    expect(decision.verdicts[1]).toMatchObject({ claims: true, reason: 'facts.unknown' });
    expect(decision.rules).toEqual(overloaded.rules);
  });

  it('3: does not make a rule claim that was never judged', () => {
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

  it('3: does not end it if it only has not been read yet since the start', () => {
    const stale = { ...overload, ifStale: 'release' } as const;
    const started = { who: overloaded, around: { catchingUp: () => true } };
    expect(verdict([stale], started)).toEqual(yes('facts.unknown'));
  });

  describe('in a group of unknown members', () => {
    const billing: Group = { kind: 'queue', name: 'billing', queue: 'Billing' };
    const spec = { groups: { billing } };
    const who = { kind: 'group', name: 'billing' } as const;
    const standing = rule('standing', { chat: 3 }, { who });
    const claimed = { rules: { standing: claiming(T0 - HOUR) } };

    it('3: a rule that never claimed still does not', () => {
      expect(verdict([standing], spec)).toEqual(no('facts.unknown'));
    });

    it('3: a standing rule keeps its claim, so that a start restores nothing', () => {
      const decision = decided([standing], { ...spec, who: claimed });
      expect(decision.verdicts[0]).toMatchObject(yes('facts.unknown'));
      expect(wantedChannels(decision).chat).toEqual([3, true]);
      expect(decision.rules).toEqual(claimed.rules);
    });

    it('3: a rule with a condition keeps its claim, and its keep time runs on', () => {
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

    it('3: `during` false, or `if_stale: release`, still ends the claim', () => {
      const late = { ...standing, during: during('night') };
      const schedules = { night: schedule('mon-sun', '22:00-06:00') };
      const outside = verdict([late], { ...spec, schedules, who: claimed });
      expect(outside).toEqual(no('schedule.outside'));
      const stale = { ...standing, ifStale: 'release' } as const;
      expect(decided([stale], { ...spec, who: claimed }).rules).toEqual({});
    });

    it('`not` of it is unknown as well, `any` with a matching part is not', () => {
      const not = rule('not', { chat: 3 }, { who: { kind: 'not', of: who } });
      expect(verdict([not], spec)).toEqual(no('facts.unknown'));
      const any = { kind: 'any', of: [who, { kind: 'everyone' }] } as const;
      expect(verdict([rule('any', { chat: 3 }, { who: any })], spec).claims).toBe(true);
    });
  });
});

describe('the fold over a Worker', () => {
  it('12: `any` covers the channels that this `then` does not name', () => {
    const holiday = rule('holiday', { any: 'pause', voice: 2 });
    const who = { channels: { chat: {}, email: {}, voice: {} } };
    expect(wantedChannels(decided([holiday], { who }))).toEqual({
      chat: [1, false],
      email: [1, false],
      voice: [2, true],
    });
  });

  it('12: a rule whose ramp has ended claims nothing, not even its `pause`', () => {
    const ramp = { since: 'activity.since', steps: { '0m': 1, '30m': 'end' } } as const;
    const warm = rule('warm', { chat: { max: 'ramp' }, voice: 'pause' }, { ramp });
    const decision = decided([warm]);
    expect(decision.verdicts[0]).toMatchObject(no('ramp.ended'));
    expect(wantedChannels(decision)).toEqual({ chat: [1, true], voice: [1, true] });
    const report = { at: T0, sid: 'EV', activity: BREAK, name: 'Break', available: null };
    const began = decided([warm], { who: { activities: [report] } });
    expect(wantedChannels(began)).toEqual({ chat: [1, true], voice: [1, false] });
  });

  it('27: a declared baseline does not affect a field that headroom does not hold', () => {
    expect(wantedChannels(decided([], { declared: { chat: 5 } })).chat).toEqual([1, true]);
    const chat = { capacityNow: 3, capacity: held };
    const given = { declared: { chat: 5 }, who: { channels: { chat } } };
    expect(wantedChannels(decided([], given)).chat).toEqual([5, true]);
  });

  it('a channel that the Worker is known not to have is left out', () => {
    expect(wantedChannels(decided([rule('r', { email: 3 })]))).toEqual({
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
  ])('requests a read of Worker Channels: %s', (_, who, channels) => {
    expect(decided([rule('r', { chat: 3 })], { who }).needs.channels).toBe(channels);
  });

  it("rules and channels may have names of Object.prototype's properties", () => {
    const odd = ['constructor', '__proto__', 'toString'].map((name) =>
      rule(name, { [`${name}`]: 3 }, { when: 'true' }),
    );
    const decision = decided(odd, { who: { channels: {}, listedAt: null } });
    expect(Object.keys(decision.rules).sort()).toEqual(['__proto__', 'constructor', 'toString']);
    expect(decision.verdicts.every((v) => v.claims)).toBe(true);
  });
});

describe('21: observed rules beside enforced ones', () => {
  const day = rule('day', { chat: 3 });
  const tried = rule('tried', { chat: { add: 1 }, voice: 'pause' });
  const around = { modes: { tried: 'observe' } } as const;

  it('21: result in two folds: enforced alone, and both', () => {
    const [chat, voice] = decided([day, tried], { around }).channels;
    expect([chat?.desired.capacity.value, chat?.shadow?.capacity]).toEqual([
      3,
      { value: 4, by: ['day', 'tried'] },
    ]);
    expect(voice?.desired).toMatchObject({ claimsAvailable: false, available: { value: true } });
    expect(voice?.shadow).toMatchObject({ available: { value: false, by: ['tried'] } });
  });

  it('21: result in one fold on a channel that no rule observes', () => {
    expect(decided([day], { around }).channels.map((c) => c.shadow)).toEqual([null, null]);
  });

  it('21: end no edit by their `set`', () => {
    const edit = { value: 5, at: T0, until: T0 + HOUR, winner: 'day=3' };
    const chat = { capacityNow: 5, capacity: { ...held, edit }, winner: 'day=3' };
    const other = rule('tried', { chat: 4 }, { priority: 9 });
    const decision = decided([day, other], { around, who: { channels: { chat } } });
    expect(decision.channels[0]?.edits.capacity).toEqual(edit);
  });
});

describe("13: a person's edit in the record", () => {
  const until = T0 + HOUR;
  const editOf = <T>(value: T, winner = '') => ({ value, at: T0 - MINUTE, until, winner });
  const chat = (spec: ChannelSpec) => ({ who: { channels: { chat: spec } } });

  it('20: of an opted-out Worker still ends, by a look scheduled for its end', () => {
    const optOut = condition('worker.headroom == "off"', 'where');
    const capacity = { ...held, edit: editOf(5) };
    const who = { attributes: { headroom: 'off' }, channels: { chat: { capacity } } };
    const { stopped, lookAt } = decided([], { optOut, who });
    expect([stopped, lookAt]).toEqual(['worker.opted_out', until]);
  });

  it('15: ends when rules ask for the same value within the bounds', () => {
    const capacity = { ...held, edit: editOf(5, 'day=8') };
    const bounds = new Map([['chat', [0, 5] as const]]);
    const given = { ...chat({ capacityNow: 5, capacity }), bounds };
    const [channel] = decided([rule('day', { chat: 8 })], given).channels;
    expect(channel?.edits.capacity).toBeNull();
  });

  it('13: of `available` ends when rules ask for the same, and not before', () => {
    const edits = (value: boolean) => {
      const available = { ...held, baseline: { value: true }, edit: editOf(value) };
      const [channel] = decided([rule('away', { chat: 'pause' })], chat({ available })).channels;
      return channel?.edits.available ?? null;
    };
    expect(edits(false)).toBeNull();
    expect(edits(true)).toEqual(editOf(true));
  });
});

it('a stale channel that is only held by a pause is requested to be read', () => {
  const available = { baseline: { value: true }, claimed: true, edit: null, seenFree: true };
  const who = { channels: { chat: { stale: true, available } } };
  expect(decided([], { who }).needs).toEqual({ worker: false, channels: true });
  expect(decided([], { who: { channels: { chat: { stale: true } } } }).needs.channels).toBe(false);
});

// The difference as a value: which fields are written, in which order, and what holds a write back.

import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/core/decide.ts';
import { hold } from '../../../src/core/hold.ts';
import { type Plan, plan } from '../../../src/core/plan.ts';
import type { Rule } from '../../../src/core/rules.ts';
import {
  type ChannelSpec,
  HOUR,
  MINUTE,
  SECOND,
  T0,
  worker,
  world,
} from '../../support/builders.ts';
import { type RuleSetSpec, rule, ruleSet } from '../../support/rules.ts';

interface Given extends RuleSetSpec {
  readonly channels?: Readonly<Record<string, ChannelSpec>>;
  readonly at?: number;
}

function planned(rules: readonly Rule[], given: Given = {}): Plan {
  const { channels = { chat: {} }, at = T0, ...spec } = given;
  const set = ruleSet(rules, spec);
  const decision = decide(set, worker({ channels }), world(), at);
  const { state } = hold(worker({ channels }), decision, set, at);
  return plan(decision, state, set.guardrails, at);
}

const nothing: Plan = { writes: [], refusals: [], lookAt: null };
const day = rule('day', { chat: 3 });
const away = rule('away', { chat: 'pause' });
const free = { baseline: null, claimed: false, edit: null, seenFree: true } as const;
const kept = <T>(value: T) => ({ ...free, baseline: { value }, claimed: true });

describe('only what differs is written', () => {
  it('one field, from what it is to what it should be, and by which rule', () => {
    expect(planned([day])).toEqual({
      ...nothing,
      writes: [
        {
          channel: 'chat',
          from: { capacity: 1 },
          to: { capacity: 3 },
          protective: false,
          hard: false,
          reason: 'rule.claimed',
          rule: 'day',
        },
      ],
    });
  });

  it('both fields of a channel go in one request', () => {
    expect(planned([day, away]).writes).toEqual([
      {
        channel: 'chat',
        from: { capacity: 1, available: true },
        to: { capacity: 3, available: false },
        protective: true,
        hard: false,
        reason: 'rule.claimed',
        rule: 'day',
      },
    ]);
  });

  it.each<[string, readonly Rule[], ChannelSpec]>([
    ['it is as it should be', [day], { capacityNow: 3 }],
    ['nothing claims it', [], {}],
    ['its claim says nothing of what is there', [rule('m', { chat: { min: 1 } })], {}],
    ['it may have changed since it was read', [day], { stale: true }],
    ['it was never read', [day], { unread: true }],
    [
      'a write of it is unresolved',
      [day],
      { intent: { at: T0, capacity: null, available: null, echoed: [] } },
    ],
    ['what it goes back to is not known', [], { capacity: { ...free, baseline: 'unknown' } }],
  ])('nothing if %s', (_, rules, chat) => {
    expect(planned(rules, { channels: { chat } })).toEqual(nothing);
  });

  it('names the rule that decided last, and is hard only if that one is', () => {
    const last = (rules: readonly Rule[]) => {
      const [write] = planned(rules).writes;
      return [write?.to.capacity, write?.rule, write?.hard];
    };
    const most = rule('most', { chat: { max: 2 } });
    expect(last([day, { ...most, hard: true }])).toEqual([2, 'most', true]);
    expect(last([{ ...day, hard: true }, most])).toEqual([2, 'most', false]);
  });

  it('is hard if one of two fields is', () => {
    expect(planned([day, { ...away, hard: true }]).writes).toMatchObject([{ hard: true }]);
  });

  it("restores a person's number with that reason after something else was written", () => {
    const edit = { value: 5, at: T0 - MINUTE, until: T0 + HOUR, winner: 'day=3' };
    const capacity = { ...kept(1), edit };
    const [write] = planned([day], { channels: { chat: { capacityNow: 2, capacity } } }).writes;
    expect(write).toMatchObject({ to: { capacity: 5 }, reason: 'person.edit', rule: null });
  });

  it('a restore names no rule', () => {
    const chat = { capacityNow: 3, capacity: kept(1), available: kept(false) };
    expect(planned([], { channels: { chat } }).writes).toMatchObject([
      { to: { capacity: 1, available: false }, reason: 'baseline.restored', rule: null },
    ]);
  });

  it('a claim that makes no difference does not claim a restore as its own', () => {
    const chat = { capacityNow: 3, capacity: kept(1) };
    const cap = rule('cap', { chat: { max: 9 } });
    expect(planned([cap], { channels: { chat } }).writes).toMatchObject([
      { to: { capacity: 1 }, reason: 'baseline.restored', rule: null },
    ]);
  });
});

describe('15: guardrails limit a write and never cause one', () => {
  const bounds = new Map([['chat', [1, 5] as const]]);
  const written = (rules: readonly Rule[], chat: ChannelSpec) =>
    planned(rules, { channels: { chat }, bounds }).writes.map((w) => w.to);

  it('15: bounds clamp', () => {
    expect(written([rule('r', { chat: 8 })], {})).toEqual([{ capacity: 5 }]);
    expect(written([rule('r', { chat: 0 })], { capacityNow: 3 })).toEqual([{ capacity: 1 }]);
  });

  it.each<[string, readonly Rule[], ChannelSpec]>([
    ['nobody claims it', [], { capacityNow: 8 }],
    ['it is outside as rules want it', [rule('r', { chat: 8 })], { capacityNow: 8 }],
    ['rules want it even further outside', [rule('r', { chat: { add: 1 } })], { capacityNow: 8 }],
  ])('15: a channel outside them is left alone if %s', (_, rules, chat) => {
    expect(written(rules, chat)).toEqual([]);
  });

  it('15: a baseline outside them is restored', () => {
    expect(written([], { capacityNow: 3, capacity: kept(9) })).toEqual([{ capacity: 9 }]);
  });
});

describe('16: min_dwell', () => {
  const minDwellMs = MINUTE;
  const lastWriteAt = T0 - 20 * SECOND;
  const until = T0 + 40 * SECOND;
  const waiting = { channel: 'chat', reason: 'dwell.waiting', until };
  const given = (chat: ChannelSpec, at = T0): Given => ({
    channels: { chat: { lastWriteAt, ...chat } },
    minDwellMs,
    at,
  });

  it('15: refuses, says until when, and schedules a look', () => {
    const refused = { writes: [], refusals: [waiting], lookAt: until };
    expect(planned([day], given({}))).toEqual(refused);
    expect(planned([day], given({}, until - 1))).toEqual(refused);
    expect(planned([day], given({}, until)).writes).toHaveLength(1);
  });

  it('15: does not last longer after the clock was set back since the last write', () => {
    const near = { lastWriteAt: T0 + minDwellMs - 1 };
    expect(planned([day], given(near)).refusals).toMatchObject([{ reason: 'dwell.waiting' }]);
    expect(planned([day], given({ lastWriteAt: T0 + minDwellMs })).writes).toHaveLength(1);
  });

  it.each<[string, readonly Rule[], ChannelSpec]>([
    ['a pause', [away], {}],
    ['a lower number', [rule('low', { chat: 0 })], {}],
    ['a restore to a lower number', [], { capacityNow: 3, capacity: kept(1) }],
  ])('16: does not hold back %s', (_, rules, chat) => {
    const { writes, refusals } = planned(rules, given(chat));
    expect([writes.length, writes[0]?.protective, refusals]).toEqual([1, true, []]);
  });

  it('16: does not hold back a retry', () => {
    expect(planned([day], { ...given({ lastWriteAt: null }) }).writes).toHaveLength(1);
  });

  it.each<[string, readonly Rule[], ChannelSpec]>([
    ['a higher number', [day], {}],
    ['a restore to a higher number', [], { capacityNow: 1, capacity: kept(3) }],
    ['being available again', [], { availableNow: false, available: kept(true) }],
  ])('16: holds back %s', (_, rules, chat) => {
    expect(planned(rules, given(chat))).toEqual({ writes: [], refusals: [waiting], lookAt: until });
  });

  it('16: of two fields only the protective one is written', () => {
    expect(planned([day, away], given({}))).toMatchObject({
      writes: [{ to: { available: false }, rule: 'away' }],
      refusals: [waiting],
      lookAt: until,
    });
  });
});

describe('14: a contested channel', () => {
  const foreign = Array.from({ length: 7 }, (_, n) => T0 - (7 - n) * MINUTE);

  it('14: is not written, not even to pause it, until it is left alone long enough', () => {
    const until = T0 - 7 * MINUTE + HOUR;
    const refusals = [{ channel: 'chat', reason: 'channel.contested', until }];
    const contested = planned([day, { ...away, hard: true }], { channels: { chat: { foreign } } });
    expect(contested).toEqual({ writes: [], refusals, lookAt: until });
    const later = { channels: { chat: { foreign } }, at: until };
    expect(planned([day], later).writes).toHaveLength(1);
  });

  it('14: reports nothing if nothing would be written', () => {
    expect(planned([], { channels: { chat: { foreign } } })).toEqual(nothing);
  });
});

it('18: hard goes first, then what protects, then restores, then raises, each by name', () => {
  const channels: Record<string, ChannelSpec> = {
    a: {},
    b: {},
    c: { capacityNow: 1, capacity: kept(2) },
    d: { capacityNow: 4 },
    e: {},
    f: {},
  };
  const rules = [
    rule('up', { a: 3, b: 3 }),
    rule('down', { d: 2, e: 'pause' }),
    rule('hard', { f: 9 }, { hard: true }),
  ];
  const { writes } = planned(rules, { channels });
  expect(writes.map((w) => w.channel)).toEqual(['f', 'd', 'e', 'c', 'a', 'b']);
});

// Single promises of docs/semantics.md, by number, that no other table covers.

import { describe, expect, it } from 'vitest';
import { floorMembershipsOf } from '../../../src/core/guardrails/floor-memberships.ts';
import { covers } from '../../../src/core/schedule/schedule.ts';
import { planPass } from '../../../src/core/simulated-pass.ts';
import { HOUR, MINUTE, T0, type WorkerSpec, worker, world } from '../../support/builders.ts';
import { condition, during, rule, ruleSet, schedule } from '../../support/rules.ts';
import { decided, held, verdict, wantedChannels, yes } from './decided.ts';
import { alternative, at } from './schedule-builders.ts';

const busy = 'channel("chat").assigned >= 1';
const inHand = { channels: { chat: { assigned: 1 } } };

describe('6: the end of `during`', () => {
  const lift = rule(
    'lift',
    { chat: 2 },
    {
      during: during('day'),
      when: { enter: busy, forMs: 5 * MINUTE, keepMs: HOUR },
    },
  );
  const schedules = { day: schedule('mon-sun', '08:00-10:00') };
  const when = lift.when?.id ?? '';
  it.each([
    ['a claim', { when, phase: 'claiming', since: T0 - HOUR }],
    ['a keep time', { when, phase: 'keeping', since: T0 - HOUR, exitedAt: T0 - MINUTE }],
    ['a hold time', { when, phase: 'pending', since: T0 - MINUTE }],
  ] as const)('6: ends %s', (_, state) => {
    const found = decided([lift], { schedules, who: { ...inHand, rules: { lift: state } } });
    expect(found.rules).toEqual({});
    expect(found.verdicts[0]).toMatchObject({ claims: false, reason: 'schedule.outside' });
  });
});

it('9: a window past midnight belongs to its first day, in `days` and in `except` alike', () => {
  const night = {
    alternatives: [
      alternative({
        ...schedule('fri', '22:00-06:00').alternatives[0],
        except: { calendars: [], dates: new Set(['2026-06-13']) },
      }),
    ],
  };
  const env = { zone: 'UTC', calendars: new Map(), attributes: {} };
  const is = (text: string) => covers(night, at(text), env);
  // Friday's night extends into Saturday, though that is excepted, and Saturday has none.
  expect([is('2026-06-12T22:00Z'), is('2026-06-13T05:59Z')]).toEqual([true, true]);
  expect([is('2026-06-12T21:59Z'), is('2026-06-13T06:00Z')]).toEqual([false, false]);
  expect([is('2026-06-12T05:00Z'), is('2026-06-13T23:00Z')]).toEqual([false, false]);
});

it.each(['now > timestamp("2026-06-10T12:00:00Z")', 'now - activity.since > duration("3h")'])(
  '10: %s gets a pass each minute',
  (text) => {
    const found = decided([rule('r', { chat: 2 }, { when: text })], { at: T0 + 1_500 });
    expect(found.lookAt).toBe(T0 + MINUTE);
  },
);

describe('12: numbers and `available` are independent', () => {
  it('12: a number, even 0, does not change `available`', () => {
    const chat = { availableNow: false };
    expect(
      wantedChannels(decided([rule('none', { chat: 0 })], { who: { channels: { chat } } })),
    ).toEqual({
      chat: [0, false],
    });
    expect(wantedChannels(decided([rule('none', { chat: 0 })])).chat).toEqual([0, true]);
  });

  it('12: `any` is for the channels that the same `then` does not name', () => {
    const found = decided([rule('r', { chat: 2, any: 'pause' }), rule('s', { voice: 3 })]);
    expect(wantedChannels(found)).toEqual({ chat: [2, true], voice: [3, false] });
  });
});

it('13: only the edited field is respected; rules continue with the other', () => {
  const edit = { value: 5, at: T0 - HOUR, until: T0 + HOUR, winner: 'up=3' };
  const chat = { capacityNow: 5, winner: 'up=3', capacity: { ...held, edit } };
  const found = decided([rule('up', { chat: 3 }), rule('rest', { chat: 'pause' })], {
    who: { channels: { chat } },
  });
  expect(wantedChannels(found)).toEqual({ chat: [5, false] });
});

it('20: an opted-out Worker still counts in keep_open', () => {
  const team = {
    kind: 'where',
    name: 'team',
    where: condition('worker.team == "a"', 'where'),
  } as const;
  const place = { file: 'rules.yaml', line: 1, column: 1 };
  const rules = ruleSet([rule('rest', { chat: 'pause' })], {
    optOut: condition('worker.headroom == "off"', 'where'),
    groups: { team },
    keepOpen: [{ group: 'team', channel: 'chat', atLeast: { count: 1 }, at: place }],
  });
  const out = worker({ attributes: { team: 'a', headroom: 'off' } });
  expect(floorMembershipsOf(rules, out, world(), T0, [])).toEqual(['+team/chat']);
  expect(planPass(rules, out, world(), T0).decision.stopped).toBe('worker.opted_out');
});

describe('18: the Workers that rules can claim', () => {
  const memberships = (who: WorkerSpec, mode: 'enforce' | 'disabled' = 'enforce') => {
    const rules = ruleSet([rule('rest', { chat: 'pause' })], {
      optOut: condition('worker.headroom == "off"', 'where'),
      maxChange: { workers: { share: 0.5 }, perMs: HOUR },
    });
    return floorMembershipsOf(rules, worker(who), world({ modes: { rest: mode } }), T0, []);
  };
  const out = { attributes: { headroom: 'off' } };
  const chat = { available: { ...held, baseline: { value: true } } };

  it('18: exclude those that only a disabled rule applies to', () => {
    expect([memberships({}), memberships({}, 'disabled')]).toEqual([['claimable'], []]);
  });

  it('18: exclude opted-out Workers', () => {
    expect(memberships(out)).toEqual([]);
  });

  it('18: include those that still have to be restored', () => {
    const channels = { chat };
    expect(memberships({ channels }, 'disabled')).toEqual(['claimable']);
    expect(memberships({ ...out, channels })).toEqual(['claimable']);
  });
});

it('21: what an observed rule asks for is not written, so it spends no guardrail', () => {
  const rules = ruleSet([rule('watch', { chat: 3 })]);
  const found = planPass(rules, worker(), world({ modes: { watch: 'observe' } }), T0);
  expect([found.writes, found.refusals]).toEqual([[], []]);
  expect(found.decision.channels[0]?.shadow?.capacity.value).toBe(3);
  expect(found.state.channels.chat?.capacity.baseline).toBeNull();
});

it('3: an unknown fact affects no other rule', () => {
  const up = rule('up', { chat: 3 });
  const unknown = rule('unknown', { chat: 5 }, { when: 'worker.nothing > 1', priority: 9 });
  expect(verdict([up, unknown])).toEqual(yes('rule.standing'));
  expect(wantedChannels(decided([up, unknown])).chat).toEqual([3, true]);
});

// What time alone will do, by table: whatever a state in the record, a rule or a pause ends by
// itself is shown at its instant, and nothing that depends on an event.

import { describe, expect, it } from 'vitest';
import type { Pause } from '../../src/control/pauses.ts';
import { type LookaheadRange, lookaheadOf } from '../../src/core/lookahead.ts';
import type { Rule } from '../../src/core/rules.ts';
import type { SharedStates } from '../../src/core/shared-rules.ts';
import type { WorkerState } from '../../src/core/state.ts';
import { futureOf } from '../../src/live/lookahead.ts';
import {
  type ChannelSpec,
  HOUR,
  MINUTE,
  SECOND,
  T0,
  type WorkerSpec,
  type WorldSpec,
  worker,
  world,
} from '../support/builders.ts';
import { during, type RuleSetSpec, rule, ruleSet, schedule } from '../support/rules.ts';
import { runToEnd } from '../support/run-to-end.ts';

interface Given extends RuleSetSpec {
  readonly chat?: ChannelSpec;
  readonly who?: WorkerSpec;
  readonly around?: WorldSpec;
  readonly shared?: SharedStates;
  readonly pauses?: readonly Pause[];
  readonly range?: Partial<LookaheadRange>;
}

function foreseen(rules: readonly Rule[], given: Given = {}) {
  const { chat = {}, who, around, shared = {}, pauses = [], range, ...spec } = given;
  const state: WorkerState = worker({ channels: { chat }, ...who });
  const whole = { from: T0, to: T0 + 24 * HOUR, steps: 200, ...range };
  const sources = { rules: ruleSet(rules, spec), world: world(around), shared, pauses };
  return runToEnd(lookaheadOf(state, runToEnd(futureOf(sources, whole)), whole));
}

/** Each turn as minutes from now and its words; `?`: it is conditional. */
function ahead(rules: readonly Rule[], given: Given = {}) {
  return foreseen(rules, given).ahead.map(({ at, event: turn, conditional }) => {
    const what =
      turn.kind === 'write'
        ? `${turn.channel} ${JSON.stringify(turn.to)} ${turn.rule ?? turn.reason}`
        : 'rule' in turn
          ? `${turn.rule} ${turn.kind}${turn.kind === 'ramp' ? ` ${turn.from} ${turn.to}` : ''}`
          : `${turn.channel} ${turn.kind}`;
    return [(at - T0) / MINUTE, `${what}${conditional ? '?' : ''}`];
  });
}

const held = (value = 1) =>
  ({ baseline: { value }, claimed: true, edit: null, seenFree: true }) as const;
const state = (phase: 'pending' | 'claiming', of: Rule, since: number) =>
  ({ [of.name]: { when: of.when?.id ?? '', phase, since } }) as const;
const pause = (until: number | null, over: Partial<Pause> = {}): Pause => ({
  ...{ rule: null, worker: null, channel: null, since: T0 - HOUR, until },
  ...{ reason: 'fire drill', by: 'dana', released: false, ...over },
});

const up = rule('up', { chat: 3 });
const busy = 'channel("chat").assigned >= 1';
const LIFT = { chat: { add: 1 } } as const;

describe('by time alone', () => {
  it('a schedule begins and ends, once across midnight', () => {
    const night = rule('night', { chat: 2 }, { during: during('night') });
    const schedules = { night: schedule('mon-sun', '22:00-06:00') };
    expect(ahead([night], { schedules })).toEqual([
      [720, 'night begins'],
      [720, 'chat {"capacity":2} night'],
      [1200, 'night ends'],
      [1200, 'chat {"capacity":1} baseline.restored'],
    ]);
  });

  it('a rule ends with its `until`', () => {
    const given = { chat: { capacityNow: 3, capacity: held() } };
    expect(ahead([{ ...up, until: T0 + HOUR }], given)).toEqual([
      [60, 'up ends'],
      [60, 'chat {"capacity":1} baseline.restored'],
    ]);
  });

  it('a ramp steps, certainly by an attribute, conditionally by an Activity', () => {
    const steps = { '0m': 1, '90m': 2, '3h': 'end' } as const;
    const warm = (since: string) =>
      rule('warm', { chat: { max: 'ramp' } }, { ramp: { since, steps } });
    const given = { who: { attributes: { in: '2026-06-10T09:30' } } };
    const chat = { capacityNow: 3 };
    expect(ahead([up, warm('worker.in')], { ...given, chat })).toEqual([
      [60, 'warm ramp 1 2'],
      [60, 'chat {"capacity":2} warm'],
      [150, 'warm ramp 2 null'],
      [150, 'chat {"capacity":3} up'],
    ]);
    // Available since 09:00.
    expect(ahead([up, warm('activity.available_since')], { chat })).toEqual([
      [30, 'warm ramp 1 2?'],
      [30, 'chat {"capacity":2} warm?'],
      [120, 'warm ramp 2 null?'],
      [120, 'chat {"capacity":3} up?'],
    ]);
  });

  it('a hold time ends', () => {
    const lift = rule('lift', LIFT, { when: { enter: busy, forMs: 10 * MINUTE } });
    const rules = state('pending', lift, T0 - 4 * MINUTE);
    expect(
      ahead([lift], { chat: { assigned: 1 }, who: { rules, channels: { chat: { assigned: 1 } } } }),
    ).toEqual([
      [6, 'lift claims?'],
      [6, 'chat {"capacity":2} lift?'],
    ]);
  });

  it('a keep time ends', () => {
    const lift = rule('lift', LIFT, { when: { enter: busy, keepMs: 10 * MINUTE } });
    const keeping = { when: lift.when?.id ?? '', phase: 'keeping', since: T0 - HOUR } as const;
    const who = { rules: { lift: { ...keeping, exitedAt: T0 - MINUTE } } };
    const chat = { capacityNow: 2, capacity: held() };
    expect(ahead([lift], { who: { ...who, channels: { chat } } })).toEqual([
      [9, 'lift lets_go?'],
      [9, 'chat {"capacity":1} baseline.restored?'],
    ]);
  });

  it('a release ends a latched claim', () => {
    const rest = rule('rest', { chat: 'pause' }, { when: busy, release: { after: 20 * MINUTE } });
    const chat = { availableNow: false, available: { ...held(), baseline: { value: true } } };
    const rules = state('claiming', rest, T0 - 5 * MINUTE);
    expect(ahead([rest], { who: { rules, channels: { chat } } })).toEqual([
      [15, 'rest lets_go?'],
      [15, 'chat {"available":true} baseline.restored?'],
    ]);
  });

  it('a counted event leaves its window', () => {
    const often = rule(
      'often',
      { chat: 'pause' },
      {
        when: 'count("reservation.timeout", duration("15m")) >= 1',
      },
    );
    const counted = [{ type: 'reservation.timeout', reservation: 'WR1', at: T0 - 5 * MINUTE }];
    expect(ahead([often], { who: { counted } })).toEqual([
      [10, 'often lets_go?'],
      [10, 'chat {"available":true} baseline.restored?'],
    ]);
  });

  it("a person's edit is no longer respected", () => {
    const edit = { value: 5, at: T0 - HOUR, until: T0 + HOUR, winner: 'up=3' };
    const chat = { capacityNow: 5, winner: 'up=3', capacity: { ...held(), edit } };
    expect(ahead([up], { chat })).toEqual([
      [60, 'chat edit_ends'],
      [60, 'chat {"capacity":3} up'],
    ]);
  });

  it('a channel is no longer contested', () => {
    const foreign = Array.from({ length: 7 }, (_, i) => T0 - 10 * MINUTE + i);
    expect(ahead([up], { chat: { foreign } })).toEqual([
      [50, 'chat contest_ends'],
      [50, 'chat {"capacity":3} up'],
    ]);
  });

  it('min_dwell lets a held-back write through', () => {
    const given = { chat: { lastWriteAt: T0 - 20 * SECOND }, minDwellMs: MINUTE };
    expect(ahead([up], given)).toEqual([[40 / 60, 'chat {"capacity":3} up']]);
  });

  it.each([
    ['everything', pause(T0 + HOUR)],
    ['a Worker', pause(T0 + HOUR, { worker: worker().sid })],
    [
      'a channel, released',
      pause(T0 + HOUR, { worker: worker().sid, channel: 'chat', released: true }),
    ],
  ])('the end of a pause of %s lets held-back writes through', (_, over) => {
    expect(ahead([up], { pauses: [over] })).toEqual([[60, 'chat {"capacity":3} up']]);
  });

  it('the end of a pause of a rule lets it claim; one without an end never ends', () => {
    expect(ahead([up], { pauses: [pause(T0 + HOUR, { rule: 'up' })] })).toEqual([
      [60, 'up claims'],
      [60, 'chat {"capacity":3} up'],
    ]);
    expect(ahead([up], { pauses: [pause(null)] })).toEqual([]);
  });

  it('a rule with one state for all ends its hold and keep times, by what is known now', () => {
    const enter = 'queue("Support").waiting >= 20';
    const load = rule('load', LIFT, { when: { enter, forMs: 5 * MINUTE, keepMs: 3 * MINUTE } });
    const around = (waiting: number) => ({ around: { queues: { Support: { waiting } } } });
    const pending = state('pending', load, T0 - MINUTE);
    expect(ahead([load], { ...around(25), shared: pending })).toEqual([
      [4, 'load claims?'],
      [4, 'chat {"capacity":2} load?'],
    ]);
    const kept = { when: load.when?.id ?? '', phase: 'keeping', since: T0, exitedAt: T0 } as const;
    const chat = { capacityNow: 2, capacity: held() };
    expect(ahead([load], { ...around(3), shared: { load: kept }, chat })).toEqual([
      [3, 'load lets_go?'],
      [3, 'chat {"capacity":1} baseline.restored?'],
    ]);
    // Unknown stays unknown: it neither completes a hold time nor ends one.
    expect(ahead([load], { shared: pending })).toEqual([]);
  });

  it('a rule with one state for all starts with its schedule, and claims on its condition', () => {
    const load = rule('load', LIFT, {
      when: 'queue("Support").waiting >= 20',
      during: during('late'),
    });
    const schedules = { late: schedule('mon-sun', '12:00-13:00') };
    expect(ahead([load], { schedules, around: { queues: { Support: { waiting: 2 } } } })).toEqual([
      [120, 'load begins'],
      [180, 'load ends'],
    ]);
    expect(ahead([load], { schedules, around: { queues: { Support: { waiting: 30 } } } })).toEqual([
      [120, 'load begins'],
      [120, 'chat {"capacity":2} load?'],
      [180, 'load ends'],
      [180, 'chat {"capacity":1} baseline.restored?'],
    ]);
  });

  it('what is due now is not repeated, and what only an event can cause is not shown', () => {
    const waits = rule('waits', { chat: 'pause' }, { when: { enter: busy, forMs: MINUTE } });
    expect(ahead([up, waits])).toEqual([]);
  });
});

describe('the limits of looking ahead', () => {
  const minutes = rule('minutes', LIFT, {
    when: 'now > timestamp("2026-06-11T09:00:00Z") && channel("chat").assigned == 0',
  });

  it('gives the instant up to which it is complete when it ran out of looks', () => {
    const cut = foreseen([minutes], { range: { steps: 30 } });
    expect(cut).toMatchObject({ ahead: [], steps: 30, until: T0 + 31 * MINUTE });
    const whole = foreseen([minutes], { range: { steps: 1_500 } });
    expect(whole.until).toBe(T0 + 24 * HOUR);
    expect(whole.ahead.map(({ event: turn }) => turn.kind)).toEqual(['claims', 'write']);
  });

  it('reports that a read is needed first, and predicts nothing for it', () => {
    const late = rule('late', { chat: 3 }, { during: during('late') });
    const schedules = { late: schedule('mon-sun', '12:00-13:00') };
    const found = foreseen([late], { schedules, chat: { unread: true } });
    expect(found.unread).toBe(true);
    expect(found.ahead.map(({ event: turn }) => turn.kind)).toEqual(['begins', 'ends']);
    expect(foreseen([late], { who: { attributes: null } })).toMatchObject({
      ahead: [],
      unread: true,
    });
  });
});

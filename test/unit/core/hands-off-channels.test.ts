// What headroom records of a channel while it is hands-off (paused, observed), and what becomes of a
// person's edit then: it stays until rules ask for something else.

import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/core/decide.ts';
import { claimSignature, trackHandsOff } from '../../../src/core/hands-off-channels.ts';
import { observe } from '../../../src/core/observe.ts';
import { releaseChannels } from '../../../src/core/release.ts';
import type { Rule } from '../../../src/core/rules.ts';
import { planPass } from '../../../src/core/simulated-pass.ts';
import type { WorkerState } from '../../../src/core/state.ts';
import { type ChannelSpec, HOUR, MINUTE, T0, worker, world } from '../../support/builders.ts';
import { rule, ruleSet } from '../../support/rules.ts';

const day = rule('day', { chat: 3 });
const held = { baseline: { value: 1 }, claimed: true, edit: null, seenFree: true } as const;
const free = { baseline: null, claimed: false, edit: null, seenFree: true } as const;

const withChat = (chat: ChannelSpec = {}): WorkerState => worker({ channels: { chat } });

/** One pass that is hands-off. */
function stand(state: WorkerState, rules: readonly Rule[], at = T0): WorkerState {
  const decision = decide(ruleSet(rules), state, world(), at);
  return trackHandsOff(state, decision.channels, new Set(rules.map(({ name }) => name)));
}

/** A person sets it, and a read finds it. */
function edit(state: WorkerState, capacity: number, at = T0 + MINUTE): WorkerState {
  const reading = { sid: 'WC1', uniqueName: 'chat', available: true, assignedTasks: 0, asOf: at };
  const options = { at, requestTimeoutMs: 10_000, respectMs: 2 * HOUR, handsOff: () => true };
  return observe(state, { ...reading, capacity }, options).state;
}

const writesAt = (state: WorkerState, rules: readonly Rule[], at: number) =>
  planPass(ruleSet(rules), state, world(), at).writes.map(({ to }) => to);

describe('21: while headroom stands by', () => {
  it('no baseline is taken, and what rules ask is remembered', () => {
    const { chat } = stand(withChat(), [day]).channels;
    expect(chat).toMatchObject({ capacity: { baseline: null, claimed: true }, winner: 'day=3' });
  });

  it('an edit has no end and stands, however long', () => {
    const state = stand(edit(stand(withChat(), [day]), 5), [day]);
    expect(state.channels.chat?.capacity.edit).toMatchObject({ value: 5, until: null });
    expect(writesAt(state, [day], T0 + 100 * HOUR)).toEqual([]);
  });

  it('an edit ends when rules ask for something else, also by add, min or max', () => {
    const state = stand(edit(stand(withChat(), [day]), 5), [day]);
    expect(writesAt(state, [rule('day', { chat: 4 })], T0 + HOUR)).toEqual([{ capacity: 4 }]);
    const least = rule('least', { chat: { min: 2 } });
    expect(writesAt(state, [day, least], T0 + HOUR)).toEqual([{ capacity: 3 }]);
  });

  it('an edit made after rules changed stands, one made before does not', () => {
    const night = rule('night', { chat: 2 });
    const before = stand(edit(stand(withChat(), [day]), 5), [day]);
    expect(stand(before, [night]).channels.chat?.capacity.edit).toBeNull();
    const after = stand(edit(stand(before, [night]), 7, T0 + HOUR), [night], T0 + HOUR);
    expect(writesAt(after, [night], T0 + 2 * HOUR)).toEqual([]);
  });

  it('an edit where nothing claims becomes the new value', () => {
    const state = stand(
      edit(stand(withChat({ capacity: { ...held, claimed: false } }), []), 5),
      [],
    );
    expect(state.channels.chat?.capacity).toEqual(free);
  });

  it('only then: otherwise an edit is respected for its time', () => {
    const reading = { sid: 'WC1', uniqueName: 'chat', available: true, assignedTasks: 0 };
    const options = { at: T0, requestTimeoutMs: 10_000, respectMs: HOUR };
    const before = withChat({ capacityNow: 3, capacity: held });
    const { state } = observe(before, { ...reading, capacity: 5, asOf: T0 }, options);
    expect(state.channels.chat?.capacity.edit?.until).toBe(T0 + HOUR);
  });

  it('what rules ask of a field does not depend on the order of claims', () => {
    const claims = decide(
      ruleSet([rule('b', { chat: { add: 1, max: 4 } }), day, rule('p', { chat: 'pause' })]),
      withChat(),
      world(),
      T0,
    ).channels[0]?.claims;
    expect(claimSignature(claims ?? [], 'capacity')).toBe('b: add 1, max 4; day: set 3');
    expect(claimSignature([...(claims ?? [])].reverse(), 'available')).toBe('p');
  });
});

describe('22: releasing', () => {
  const given = (chat: ChannelSpec, declared: Record<string, number> = {}) => {
    const state = withChat(chat);
    const rules = ruleSet([day], { declared });
    return releaseChannels(
      state,
      decide(rules, state, world(), T0).channels,
      rules.defaults.baseline,
      T0,
    );
  };
  const leased = { value: 5, at: T0, until: T0 + HOUR, winner: 'day=3' };

  it.each<[string, ChannelSpec, Record<string, number>, object[]]>([
    ['to the kept baseline', { capacityNow: 3, capacity: held }, {}, [{ capacity: 1 }]],
    ['to the declared one', { capacityNow: 3, capacity: held }, { chat: 2 }, [{ capacity: 2 }]],
    [
      'both fields',
      {
        availableNow: false,
        available: { ...held, baseline: { value: true } },
        capacityNow: 3,
        capacity: held,
      },
      {},
      [{ capacity: 1, available: true }],
    ],
    ['not what is there already', { capacityNow: 1, capacity: held }, {}, []],
    ['not what headroom does not hold', { capacityNow: 3 }, {}, []],
    [
      'not what nobody knows',
      { capacityNow: 3, capacity: { ...held, baseline: 'unknown' } },
      {},
      [],
    ],
    [
      'not what a person set',
      { capacityNow: 5, winner: 'day=3', capacity: { ...held, edit: leased } },
      {},
      [],
    ],
    ['not what has to be read first', { capacityNow: 3, capacity: held, stale: true }, {}, []],
    [
      'not what others keep changing',
      { capacityNow: 3, capacity: held, foreign: Array.from({ length: 7 }, () => T0 - MINUTE) },
      {},
      [],
    ],
  ])('%s', (_, chat, declared, expected) => {
    expect(given(chat, declared).writes.map(({ to }) => to)).toEqual(expected);
  });

  it('reports a channel whose baseline is unknown, and lets go of it', () => {
    const { state, unknownBaseline } = given({ capacity: { ...held, baseline: 'unknown' } });
    expect(unknownBaseline).toEqual(['chat']);
    expect(state.channels.chat?.capacity).toEqual(free);
  });

  it('lets go of what a person set, and of what is already back', () => {
    const edited = given({ capacityNow: 5, winner: 'day=3', capacity: { ...held, edit: leased } });
    expect(edited.state.channels.chat?.capacity.baseline).toBeNull();
    expect(given({ capacity: held }).state.channels.chat?.capacity).toEqual(free);
  });
});

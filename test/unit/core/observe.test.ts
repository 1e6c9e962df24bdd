// What a read or a response says about a Worker Channel: our value or a person's edit; and how long
// an edit is respected.

import { describe, expect, it } from 'vitest';
import { evolve } from '../../../src/core/evolve.ts';
import { MAX_CLOCK_SKEW_MS } from '../../../src/core/instants.ts';
import {
  CONTESTED_EDITS,
  contestedUntil,
  discardIntent,
  isContested,
  observe,
  type Reading,
  resolveIntent,
} from '../../../src/core/observe.ts';
import type { ChannelState, FieldState, Intent, OwnWrite } from '../../../src/core/state.ts';
import {
  type ChannelSpec,
  channelEvent,
  HOUR,
  MINUTE,
  reading,
  SECOND,
  sid,
  T0,
  worker,
} from '../../support/builders.ts';

const TIMEOUT = 10 * SECOND;
const options = { at: T0, requestTimeoutMs: TIMEOUT, respectMs: 2 * HOUR };
const intent: Intent = { at: T0, capacity: { from: 1, to: 3 }, available: null, echoed: [] };
const written: OwnWrite = {
  field: 'capacity',
  to: 3,
  beganAt: T0 - SECOND,
  answeredAt: T0 - SECOND,
  echo: null,
  landed: true,
};
const ahead: OwnWrite = { ...written, beganAt: T0 + HOUR, answeredAt: T0 + HOUR };
const free: FieldState<number> = { baseline: null, claimed: false, edit: null, seenFree: true };
const claimed: FieldState<number> = { ...free, baseline: { value: 1 }, claimed: true };

/** The channel chat, and the edits found, after one read at `over.asOf`. */
function read(spec: ChannelSpec, over: Partial<Reading>, more: Partial<typeof options> = {}) {
  const found = observe(worker({ channels: { chat: spec } }), reading('chat', over), {
    ...options,
    at: over.asOf ?? T0,
    ...more,
  });
  return { chat: found.state.channels.chat as ChannelState, edits: found.edits };
}

describe('a read', () => {
  it('is believed, and the channel is no longer stale', () => {
    const { chat, edits } = read({ stale: true }, { capacity: 1, assignedTasks: 2 });
    expect(chat.observed).toEqual({ capacity: 1, available: true, assigned: 2, asOf: T0 });
    expect([chat.stale, edits]).toEqual([false, []]);
  });

  it('that is the first of a channel reports no edit', () => {
    const { chat, edits } = read({ unread: true, stale: true }, { capacity: 7 });
    expect([chat.observed?.capacity, chat.capacity, edits]).toEqual([7, free, []]);
  });

  it.each<[string, ChannelSpec]>([
    ['an own write is in flight', { intent: { ...intent, at: T0 } }],
    ['an own write began since', { writes: [{ ...written, beganAt: T0 + 1 }] }],
    ['an own write began at that instant', { writes: [{ ...written, beganAt: T0 }] }],
    ['a later read was folded in', { observed: undefined } as ChannelSpec],
  ])('25: is dropped when %s', (why, spec) => {
    const before = worker({ channels: { chat: why.startsWith('a later') ? {} : spec } });
    const asOf = why.startsWith('a later') ? T0 - HOUR : T0;
    const after = observe(before, reading('chat', { capacity: 9, asOf }), options);
    expect(after).toEqual({ state: before, edits: [] });
  });

  it.each<[string, ChannelSpec, number]>([
    ['an own write in flight', { intent: { ...intent, at: T0 + HOUR } }, T0],
    ['an own write that was answered', { writes: [{ ...written, beganAt: T0 + HOUR }] }, T0],
    ['the read before', {}, T0 - HOUR],
  ])('25: is believed if %s lies ahead of a clock that was set back', (_, spec, asOf) => {
    expect(read(spec, { capacity: 9, asOf }).chat.observed).toMatchObject({ capacity: 9, asOf });
  });

  it('25: is dropped if that lies no further ahead than clocks may differ', () => {
    const near = { writes: [{ ...written, beganAt: T0 + MAX_CLOCK_SKEW_MS }] };
    expect(read(near, { capacity: 9 }).chat.observed?.capacity).toBe(1);
    const far = { writes: [{ ...written, beganAt: T0 + MAX_CLOCK_SKEW_MS + 1 }] };
    expect(read(far, { capacity: 9 }).chat.observed?.capacity).toBe(9);
  });

  it('25: that began after our write counts', () => {
    const { chat } = read({ writes: [written] }, { capacity: 3 });
    expect(chat.observed?.capacity).toBe(3);
  });

  it('leaves the channel stale if an event arrived during it', () => {
    const began = worker({ channels: { chat: { stale: true } } });
    const meanwhile = evolve(began, channelEvent('worker.capacity.update', T0));
    const state = observe(meanwhile, reading('chat'), { ...options, recordAtRequest: began }).state;
    expect(state.channels.chat?.stale).toBe(true);
    const again = observe(state, reading('chat'), { ...options, recordAtRequest: state }).state;
    expect(again.channels.chat?.stale).toBe(false);
  });
});

describe('24: ours or theirs', () => {
  const owned: ChannelSpec = { capacity: claimed };
  const found = (from: number, to: number) => [{ channel: 'chat', field: 'capacity', from, to }];

  it.each<[string, ChannelSpec, number, number]>([
    ['the target of an unresolved intent', { intent }, 3, T0 + SECOND],
    ['the start of an unresolved intent', { intent, capacityNow: 5 }, 1, T0 + SECOND],
    ['a young own write', { writes: [written] }, 3, T0],
    ['an own write at the end of its youth', { writes: [written] }, 3, T0 + 2 * TIMEOUT - 1_001],
  ])('24: %s is ours, never an edit', (_, spec, capacity, asOf) => {
    const { chat, edits } = read({ ...owned, ...spec }, { capacity, asOf });
    expect(chat.observed?.capacity).toBe(capacity);
    expect([chat.capacity, chat.intent, edits]).toEqual([claimed, null, []]);
  });

  it.each<[string, ChannelSpec, number, number]>([
    ['any other value', { intent }, 4, T0 + SECOND],
    ['the value of an own write that is old', { writes: [written] }, 3, T0 + 2 * TIMEOUT - SECOND],
    ['what an own write set by a clock set back since', { writes: [ahead] }, 3, T0],
    ['a value of the other field', { writes: [{ ...written, field: 'available' }] }, 3, T0],
  ])("24: %s is a person's edit", (_, spec, capacity, asOf) => {
    const { chat, edits } = read({ ...owned, ...spec }, { capacity, asOf });
    const edit = { value: capacity, at: asOf, until: asOf + 2 * HOUR, winner: '' };
    expect([chat.capacity, edits]).toEqual([{ ...claimed, edit }, found(1, capacity)]);
  });

  it('24: a write whose response was lost but which landed is ours, and is the last write', () => {
    const { chat } = read({ intent }, { capacity: 3, asOf: T0 + SECOND });
    expect([chat.lastWriteAt, chat.stale]).toEqual([T0, false]);
    expect(chat.writes).toEqual([
      { ...written, beganAt: T0, answeredAt: T0 + SECOND, landed: true },
    ]);
  });

  it('24: a write whose response was lost and which did not land does not delay the next', () => {
    const { chat } = read({ intent }, { capacity: 1, asOf: T0 + SECOND });
    expect([chat.lastWriteAt, chat.intent]).toEqual([null, null]);
    expect(chat.writes).toMatchObject([{ to: 3, landed: false }]);
  });

  it('24: a late landing costs a read, which finds that it is ours', () => {
    const before = worker({ channels: { chat: { ...owned, intent } } });
    const at = T0 + SECOND;
    const resolved = observe(before, reading('chat', { asOf: at }), { ...options, at }).state;
    const landed = evolve(resolved, channelEvent('worker.capacity.update', at));
    expect(landed.channels.chat?.stale).toBe(true);
    const late = reading('chat', { capacity: 3, asOf: at + 1 });
    const { state, edits } = observe(landed, late, { ...options, at: at + 1 });
    expect(state.channels.chat).toMatchObject({ observed: { capacity: 3 }, capacity: claimed });
    expect(edits).toEqual([]);
  });
});

describe('26: the response to our own write', () => {
  const answer = (spec: ChannelSpec, over: Partial<Reading>) => {
    const before = worker({ channels: { chat: { capacity: claimed, ...spec } } });
    const at = T0 + SECOND;
    const { state, edits } = resolveIntent(before, reading('chat', over), { ...options, at });
    return { chat: state.channels.chat as ChannelState, edits };
  };

  it('26: resolves the intent; its echo is still to come', () => {
    const { chat, edits } = answer({ intent }, { capacity: 3 });
    expect(chat).toMatchObject({
      observed: { capacity: 3, asOf: T0 + SECOND },
      intent: null,
      stale: false,
      lastWriteAt: T0,
      writes: [{ ...written, beganAt: T0, answeredAt: T0 + SECOND }],
    });
    expect(edits).toEqual([]);
  });

  it('26: does not wait for an echo that came before it', () => {
    const echoed = [{ field: 'capacity', event: sid('EV', 9) }] as const;
    const { chat } = answer({ intent: { ...intent, echoed } }, { capacity: 3 });
    expect(chat.writes).toMatchObject([{ echo: sid('EV', 9) }]);
  });

  it('with another number than was written causes a read: somebody wrote meanwhile', () => {
    const { chat, edits } = answer({ intent }, { capacity: 5 });
    expect(chat).toMatchObject({ observed: { capacity: 3 }, stale: true, intent: null });
    expect(edits).toEqual([]);
  });

  it('also counts as an observation of the field that was not written', () => {
    const available = { ...free, claimed: true, baseline: { value: true } } as never;
    const { chat, edits } = answer({ intent, available }, { capacity: 3, available: false });
    expect(chat.available.edit).toMatchObject({ value: false });
    expect(edits).toEqual([{ channel: 'chat', field: 'available', from: true, to: false }]);
  });

  it('to an intent that a read has already resolved causes a read', () => {
    const { chat, edits } = answer({}, { capacity: 3 });
    expect(chat).toMatchObject({ stale: true, observed: { capacity: 1 } });
    expect(edits).toEqual([]);
  });

  it('that refuses it leaves nothing behind', () => {
    const before = worker({ channels: { chat: { intent } } });
    expect(discardIntent(before, 'chat')).toEqual(worker({ channels: { chat: {} } }));
    expect(discardIntent(worker(), 'sms')).toEqual(worker());
  });

  it('that refuses it causes a read if an event had been taken for its echo', () => {
    const before = worker({ channels: { chat: { intent } } });
    const told = evolve(before, channelEvent('worker.capacity.update', T0));
    expect(discardIntent(told, 'chat').channels.chat).toMatchObject({ intent: null, stale: true });
  });
});

describe("13: a person's edit", () => {
  const asOf = T0;

  it('13: is respected from the latest one, for the set that was winning', () => {
    const edit = { value: 4, at: T0 - HOUR, until: T0 + HOUR, winner: 'old=1' };
    const spec = { capacity: { ...claimed, edit }, capacityNow: 4, winner: 'day=3' };
    const { chat } = read(spec, { capacity: 5 });
    expect(chat.capacity.edit).toEqual({ value: 5, at: T0, until: T0 + 2 * HOUR, winner: 'day=3' });
    expect(chat.capacity.baseline).toEqual({ value: 1 });
  });

  it('13: is per field', () => {
    const both: ChannelSpec = {
      capacity: claimed,
      available: { ...free, claimed: true, baseline: { value: true } } as never,
    };
    const { chat } = read(both, { available: false });
    expect([chat.capacity.edit, chat.available.edit?.value]).toEqual([null, false]);
  });

  it('of a field that headroom does not hold is only reported', () => {
    const { chat, edits } = read({ capacity: free }, { capacity: 5 });
    expect([chat.capacity, edits.length]).toEqual([free, 1]);
  });

  it.each<[string, FieldState<number>['baseline']]>([
    ['known', { value: 1 }],
    ['unknown', 'unknown'],
  ])('of a field no longer claimed (baseline %s) becomes its value', (_, baseline) => {
    const { chat } = read({ capacity: { ...free, baseline } }, { capacity: 5, asOf });
    expect(chat.capacity).toEqual(free);
  });
});

describe('14: a contested channel', () => {
  const times = (n: number) => Array.from({ length: n }, (_, i) => T0 - (n - i) * MINUTE);
  const edit = { value: 1, at: T0 - MINUTE, until: T0 + HOUR, winner: '' };
  const held: ChannelSpec = { capacity: { ...claimed, edit } };

  it('14: the sixth edit within an hour still renews the lease', () => {
    const { chat } = read({ ...held, foreign: times(CONTESTED_EDITS - 1) }, { capacity: 5 });
    expect(isContested(chat, T0)).toBe(false);
    expect(chat.capacity.edit?.until).toBe(T0 + 2 * HOUR);
  });

  it('14: the seventh makes it contested, and the lease is not renewed', () => {
    const { chat } = read({ ...held, foreign: times(CONTESTED_EDITS) }, { capacity: 5 });
    expect([isContested(chat, T0), isContested(chat, T0 + HOUR)]).toEqual([true, false]);
    expect(chat.capacity.edit).toEqual({ value: 5, at: T0, until: edit.until, winner: '' });
  });

  it('14: the first edit of a claim on a contested channel gets no lease', () => {
    const foreign = times(CONTESTED_EDITS);
    const { chat } = read({ capacity: claimed, foreign }, { capacity: 5 });
    expect(chat.capacity.edit?.until).toBe(T0);
  });

  it('14: ends when the seventh last edit is an hour old', () => {
    const { chat } = read({ ...held, foreign: times(CONTESTED_EDITS) }, { capacity: 5 });
    const until = contestedUntil(chat, T0);
    expect(until).toBe(T0 - CONTESTED_EDITS * MINUTE + HOUR);
    expect([isContested(chat, until - 1), isContested(chat, until)]).toEqual([true, false]);
  });

  it('14: both fields changed at once are one edit', () => {
    const { chat } = read({}, { capacity: 5, available: false });
    expect(chat.foreign).toEqual([T0]);
  });

  it('14: edits older than an hour are forgotten, and so are those beyond a maximum', () => {
    const { chat } = read({ foreign: [T0 - HOUR, ...times(40)] }, { capacity: 5 });
    expect(chat.foreign.length).toBeLessThan(10);
    expect(chat.foreign.at(-1)).toBe(T0);
  });
});

// Who made an edit, from two sources: events, which come first and name no one, and the history,
// which names somebody later. In any order, the right person is named.

import { describe, expect, it } from 'vitest';
import { actorText, attributeEdit } from '../../../src/core/actor.ts';
import type { Actor, ChannelEvent, RoutingEvent } from '../../../src/core/event.types.ts';
import { evolve } from '../../../src/core/evolve.ts';
import { MAX_CLOCK_SKEW_MS } from '../../../src/core/instants.ts';
import { observe } from '../../../src/core/observe.ts';
import type { Intent, WorkerState } from '../../../src/core/state.ts';
import {
  channelEvent,
  HOUR,
  MINUTE,
  reading,
  SECOND,
  T0,
  WORKER,
  worker,
} from '../../support/builders.ts';

const SAM: Actor = { type: 'user', sid: 'Sam' };
const KIM: Actor = { type: 'worker', sid: WORKER };

const told = (n: number, at: number, by?: Actor) => {
  const event = channelEvent('worker.capacity.update', at, { n }) as RoutingEvent & ChannelEvent;
  return by === undefined ? event : { ...event, by };
};

function read(state: WorkerState, capacity: number, asOf: number) {
  const options = {
    at: asOf,
    requestTimeoutMs: 10 * SECOND,
    respectMs: 2 * HOUR,
    recordAtRequest: state,
  };
  return observe(state, reading('chat', { capacity, asOf }), options);
}

const editedBy = (state: WorkerState) => state.channels.chat?.edited?.capacity?.by ?? null;
const fresh = worker({ channels: { chat: {} } });
const before = { ...fresh, channels: { chat: { ...chatOf(fresh), observed: seenAt(T0) } } };

function chatOf({ channels }: WorkerState) {
  if (channels.chat === undefined) throw new Error('there is no chat');
  return channels.chat;
}

function seenAt(asOf: number) {
  return { capacity: 1, available: true, assigned: 0, asOf };
}

describe('26: who made an edit', () => {
  it('is known at once if the history reports the event first', () => {
    const { state, edits } = read(evolve(before, told(1, T0 + MINUTE, SAM)), 4, T0 + MINUTE + 9);
    expect(edits).toEqual([{ channel: 'chat', field: 'capacity', from: 1, to: 4, by: SAM }]);
    expect([editedBy(state), state.channels.chat?.tellers]).toEqual([SAM, {}]);
  });

  it('is filled in, once, if a delivery came first', () => {
    const { state, edits } = read(evolve(before, told(1, T0 + MINUTE)), 4, T0 + MINUTE + 9);
    expect([edits[0]?.by, editedBy(state)]).toEqual([undefined, null]);
    const named = attributeEdit(state, told(1, T0 + MINUTE, SAM));
    expect(named.edited).toMatchObject({ from: 1, to: 4, by: SAM });
    const again = attributeEdit(named.state, told(1, T0 + MINUTE, SAM));
    expect(again).toEqual({ state: named.state, edited: null, ours: false });
  });

  it('is known when the read comes, if the history is faster than the read', () => {
    const known = attributeEdit(evolve(before, told(1, T0 + MINUTE)), told(1, T0 + MINUTE, SAM));
    expect(known.edited).toBe(null);
    expect(editedBy(read(known.state, 4, T0 + MINUTE + 9).state)).toEqual(SAM);
  });

  it('is found for an edit that a full read found and no event told', () => {
    const { state } = read(before, 4, T0 + MINUTE);
    expect(attributeEdit(state, told(1, T0 + 30 * SECOND, SAM)).edited).toMatchObject({ by: SAM });
  });

  it.each<[string, number]>([
    ['made before the value that was read first', T0 - MAX_CLOCK_SKEW_MS - 1],
    ['made after the read that found it', T0 + MINUTE + MAX_CLOCK_SKEW_MS + 1],
  ])('is not a person whose change was %s', (_, at) => {
    const { state } = read(before, 4, T0 + MINUTE);
    expect(attributeEdit(state, told(1, at, SAM))).toEqual({ state, edited: null, ours: false });
  });

  it('is the later of two: an earlier author is not named for a later edit', () => {
    const first = attributeEdit(
      read(evolve(before, told(1, T0 + SECOND)), 4, T0 + 2 * SECOND).state,
      told(1, T0 + SECOND, SAM),
    );
    const second = read(evolve(first.state, told(2, T0 + 3 * SECOND)), 5, T0 + 4 * SECOND).state;
    expect(editedBy(second)).toBe(null);
    expect(attributeEdit(second, told(1, T0 + SECOND, SAM)).edited).toBe(null);
    expect(attributeEdit(second, told(2, T0 + 3 * SECOND, KIM)).edited).toMatchObject({ by: KIM });
  });

  it('is the second of two people whose changes one read showed together', () => {
    const once = read(evolve(before, told(1, T0 + SECOND)), 5, T0 + 2 * SECOND).state;
    const named = attributeEdit(once, told(1, T0 + SECOND, SAM)).state;
    const later = attributeEdit(named, told(2, T0 + SECOND + 9, KIM));
    expect(later.edited).toMatchObject({ to: 5, by: KIM });
    expect(attributeEdit(later.state, told(1, T0 + SECOND, SAM)).edited).toBe(null);
  });

  it('is not sought for our own write, whose event the history contains too', () => {
    const intent: Intent = { at: T0, capacity: { from: 1, to: 3 }, available: null, echoed: [] };
    const own = worker({ channels: { chat: { intent } } });
    const echoed = evolve(own, told(1, T0 + 9, { type: 'account', sid: 'AC1' }));
    expect(echoed.channels.chat?.stale).toBe(false);
    const again = attributeEdit(echoed, told(1, T0 + 9, { type: 'account', sid: 'AC1' }));
    expect(again).toEqual({ state: echoed, edited: null, ours: true });
  });

  it('tolerates a channel that is not on record', () => {
    const stranger = { ...told(1, T0, SAM), channel: 'constructor' };
    expect(attributeEdit(before, stranger)).toEqual({ state: before, edited: null, ours: false });
  });

  it.each<[Actor, string]>([
    [SAM, 'user Sam'],
    [KIM, 'the Worker'],
    [{ type: 'worker', sid: 'WK2' }, 'worker WK2'],
    [{ type: 'user', sid: `a\u0007b${'x'.repeat(200)}` }, `user ab${'x'.repeat(73)}…`],
  ])('%j is shown as %j', (actor, text) => {
    expect(actorText(actor, WORKER)).toBe(text);
  });
});

// One event folded into a Worker's record: what it changes, what it leaves, and what is forgotten.

import { describe, expect, it } from 'vitest';
import { ECHO_MS, evolve, parseAttributes, prune, withActivity } from '../../../src/core/evolve.ts';
import {
  assignedOn,
  type ChannelState,
  newWorker,
  type OwnWrite,
  STATE_LIMITS,
  type WorkerState,
} from '../../../src/core/state.ts';
import {
  AVAILABLE,
  BREAK,
  channelEvent,
  HOUR,
  MINUTE,
  reservationEvent,
  SECOND,
  sid,
  T0,
  WORKER,
  worker,
  workerEvent,
} from '../../support/builders.ts';
import { ruleSet } from '../../support/rules.ts';

const fresh = newWorker(WORKER, T0);
const rules = ruleSet([]);

function fold(state: WorkerState, ...events: Parameters<typeof evolve>[1][]): WorkerState {
  return events.reduce(evolve, state);
}

describe('an event about a Worker', () => {
  it('takes name, attributes and Activity from any event that carries them', () => {
    const event = reservationEvent('reservation.created', T0, {
      name: 'Ann',
      attributes: '{"team":"support"}',
      activity: AVAILABLE,
    });
    const stamp = { at: T0, sid: event.sid };
    expect(evolve(fresh, event)).toMatchObject({
      name: { ...stamp, value: 'Ann' },
      attributes: { ...stamp, value: { team: 'support' } },
      activities: [{ ...stamp, activity: AVAILABLE, name: 'Available', available: null }],
    });
  });

  it('is believed if it is newest by its own time, in any order of arrival', () => {
    const old = workerEvent('worker.attributes.update', T0, { attributes: '{"n":1}' });
    const late = workerEvent('worker.attributes.update', T0 + 1, { attributes: '{"n":2}' });
    expect(fold(fresh, old, late).attributes?.value).toEqual({ n: 2 });
    expect(fold(fresh, late, old).attributes?.value).toEqual({ n: 2 });
  });

  it('of the same millisecond as another is newer if its SID is greater', () => {
    const one = workerEvent('worker.attributes.update', T0, { n: 1, attributes: '{"n":1}' });
    const two = workerEvent('worker.attributes.update', T0, { n: 2, attributes: '{"n":2}' });
    expect(fold(fresh, one, two).attributes?.value).toEqual({ n: 2 });
    expect(fold(fresh, two, one).attributes?.value).toEqual({ n: 2 });
  });

  it('of the same millisecond is newer if its version is greater, whatever its SID', () => {
    const away = {
      ...workerEvent('worker.activity.update', T0, { n: 2, activity: BREAK }),
      version: 7,
    };
    const back = {
      ...workerEvent('worker.activity.update', T0, { n: 1, activity: AVAILABLE }),
      version: 8,
    };
    for (const state of [fold(fresh, away, back), fold(fresh, back, away)])
      expect(state.activities.at(-1)).toMatchObject({ activity: AVAILABLE, version: 8 });
  });

  it.each(['', '[1]', '"x"', 'null', '{"a":', '42'])(
    '2: with attributes that are no JSON object (%s) makes them unknown, not empty',
    (text) => {
      expect(parseAttributes(text)).toBeNull();
      const event = workerEvent('worker.attributes.update', T0, { attributes: text });
      expect(evolve(fresh, event).attributes).toEqual({ at: T0, sid: event.sid, value: null });
    },
  );

  it('without attributes leaves them as they are', () => {
    const before = worker();
    const after = evolve(before, workerEvent('worker.activity.update', T0, { activity: BREAK }));
    expect(after.attributes).toEqual(before.attributes);
  });

  it('marks a deleted Worker as gone', () => {
    const event = workerEvent('worker.deleted', T0);
    expect(evolve(fresh, event)).toEqual({ ...fresh, gone: { at: T0, sid: event.sid } });
  });

  it('about the Workspace changes no Worker', () => {
    const event = { type: 'workspace.changed', what: 'activity', sid: sid('EV'), at: T0 } as never;
    expect(evolve(fresh, event)).toBe(fresh);
  });
});

describe('28: Tasks in hand', () => {
  it('28: are the accepted Reservations: not the offered, not those in wrap-up', () => {
    const state = fold(
      fresh,
      reservationEvent('reservation.created', T0, { reservation: 1 }),
      reservationEvent('reservation.accepted', T0 + 1, { reservation: 2 }),
      reservationEvent('reservation.accepted', T0 + 2, { reservation: 3 }),
      reservationEvent('reservation.wrapup', T0 + 3, { reservation: 3 }),
      reservationEvent('reservation.accepted', T0 + 4, { reservation: 4, channel: 'voice' }),
    );
    expect([assignedOn(state, 'chat'), assignedOn(state, 'voice')]).toEqual([1, 1]);
  });

  it.each([
    'reservation.rejected',
    'reservation.timeout',
    'reservation.canceled',
    'reservation.rescinded',
    'reservation.completed',
    'reservation.failed',
  ] as const)(
    '28: %s before its start leaves a tombstone, so the late start counts nothing',
    (end) => {
      const state = fold(
        fresh,
        reservationEvent(end, T0 + MINUTE),
        reservationEvent('reservation.accepted', T0),
      );
      expect(state.reservations).toEqual({
        [sid('WR', 1)]: { status: 'ended', channel: 'chat', at: T0 + MINUTE },
      });
      expect(assignedOn(state, 'chat')).toBe(0);
    },
  );

  it('have the channel of a later event if the first did not name it', () => {
    const state = fold(
      fresh,
      reservationEvent('reservation.created', T0, { channel: null }),
      reservationEvent('reservation.accepted', T0 + 1),
    );
    expect(assignedOn(state, 'chat')).toBe(1);
  });

  it('28: a tombstone outlasts the longest retry, an accepted Reservation stays for ever', () => {
    const state = fold(
      fresh,
      reservationEvent('reservation.completed', T0, { reservation: 1 }),
      reservationEvent('reservation.accepted', T0, { reservation: 2 }),
    );
    expect(Object.keys(prune(state, rules, T0 + 4 * HOUR).reservations)).toHaveLength(2);
    expect(Object.keys(prune(state, rules, T0 + 48 * HOUR).reservations)).toEqual([sid('WR', 2)]);
  });
});

describe('11: what count counts', () => {
  it('11: a Reservation counts once per type, at its earliest time, however often reported', () => {
    const events = [
      reservationEvent('reservation.timeout', T0 + 2, { n: 1 }),
      reservationEvent('reservation.timeout', T0, { n: 2 }),
      reservationEvent('reservation.timeout', T0 + 1, { n: 3, reservation: 2 }),
      reservationEvent('reservation.created', T0, { n: 4 }),
    ];
    const counted = [
      { type: 'reservation.created', reservation: sid('WR', 1), at: T0 },
      { type: 'reservation.timeout', reservation: sid('WR', 1), at: T0 },
      { type: 'reservation.timeout', reservation: sid('WR', 2), at: T0 + 1 },
    ];
    expect(fold(fresh, ...events).counted).toEqual(counted);
    expect(fold(fresh, ...[...events].reverse(), ...events).counted).toEqual(counted);
  });
});

describe('26: the echo of our own write', () => {
  const written: OwnWrite = {
    field: 'capacity',
    to: 3,
    beganAt: T0,
    answeredAt: T0 + SECOND,
    echo: null,
    landed: true,
  };
  const chat = (over: Partial<ChannelState>): WorkerState => worker({ channels: { chat: over } });
  const capacity = (at: number, n = 1) => channelEvent('worker.capacity.update', at, { n });
  const chatAfter = (state: WorkerState, ...events: Parameters<typeof evolve>[1][]) =>
    fold(state, ...events).channels.chat;

  it('26: absorbs one event of the written field, and costs no read', () => {
    expect(chatAfter(chat({ writes: [written] }), capacity(T0 + SECOND))).toMatchObject({
      stale: false,
      writes: [{ ...written, echo: sid('EV', 1) }],
    });
  });

  it('26: the same event twice is one event', () => {
    const state = chatAfter(chat({ writes: [written] }), capacity(T0), capacity(T0));
    expect(state).toMatchObject({ stale: false });
  });

  it('26: a further event costs a read, and the read decides', () => {
    const state = chatAfter(chat({ writes: [written] }), capacity(T0), capacity(T0 + 1, 2));
    expect(state).toMatchObject({ stale: true });
  });

  it('26: two writes absorb one event each', () => {
    const second = { ...written, to: 4, beganAt: T0 + 2 * SECOND, answeredAt: T0 + 3 * SECOND };
    const both = chat({ writes: [written, second] });
    const state = chatAfter(both, capacity(T0 + SECOND), capacity(T0 + 3 * SECOND, 2));
    expect(state?.stale).toBe(false);
    expect(state?.writes.map((w) => w.echo)).toEqual([sid('EV', 1), sid('EV', 2)]);
  });

  it('26: an event of the other field is not the echo', () => {
    const event = channelEvent('worker.channel.availability.update', T0);
    expect(chatAfter(chat({ writes: [written] }), event)).toMatchObject({ stale: true });
  });

  it.each([
    ['as early as our clocks may differ', T0 - 5 * SECOND, false],
    ['earlier than that', T0 - 5 * SECOND - 1, true],
    ['15 s after the answer', T0 + SECOND + ECHO_MS, false],
    ['later than that', T0 + SECOND + ECHO_MS + 1, true],
  ])('26: an event %s: read %#', (_, at, stale) => {
    expect(chatAfter(chat({ writes: [written] }), capacity(at))).toMatchObject({ stale });
  });

  it('26: an event before the answer belongs to the intent, but only the first', () => {
    const intent = { at: T0, capacity: { from: 1, to: 3 }, available: null, echoed: [] };
    const one = chatAfter(chat({ intent }), capacity(T0), capacity(T0));
    expect(one).toMatchObject({
      stale: false,
      intent: { echoed: [{ field: 'capacity', event: sid('EV', 1) }] },
    });
    expect(chatAfter(chat({ intent }), capacity(T0), capacity(T0, 2))).toMatchObject({
      stale: true,
    });
  });

  it('an event on a Worker Channel that is not on record requests a read of it', () => {
    const event = channelEvent('worker.capacity.update', T0, { channel: 'sms' });
    expect(evolve(worker(), event).channels.sms).toMatchObject({ observed: null, stale: true });
  });

  it('a Task Channel may have the name of an Object.prototype property', () => {
    for (const channel of ['constructor', '__proto__']) {
      const event = channelEvent('worker.capacity.update', T0, { channel });
      const kept = evolve(worker(), event).channels;
      expect(Object.keys(kept)).toContain(channel);
      expect(JSON.parse(JSON.stringify(Object.entries(kept)))).toContainEqual([
        channel,
        expect.objectContaining({ stale: true, writes: [], foreign: [] }),
      ]);
    }
  });
});

describe('the reports of an Activity', () => {
  const report = (at: number, activity: string) =>
    ({ at, sid: sid('EV', at), activity, name: null, available: null }) as const;
  const at = (state: WorkerState) => state.activities.map((a) => (a.at - T0) / MINUTE);
  const told = (...reports: readonly ReturnType<typeof report>[]) =>
    reports.reduce(withActivity, fresh);

  it('of a long past stay keep only the first and the last', () => {
    const run = [0, 1, 2, 3].map((n) => report(T0 + n * MINUTE, AVAILABLE));
    expect(at(prune(told(...run), rules, T0 + HOUR))).toEqual([0, 3]);
  });

  it('that arrive hours late do not become current', () => {
    const run = [0, 1, 60].map((n) => report(T0 + n * MINUTE, AVAILABLE));
    const pruned = prune(told(...run), rules, T0 + 2 * HOUR);
    const late = withActivity(pruned, report(T0 + 30 * MINUTE, BREAK));
    expect(late.activities.at(-1)?.activity).toBe(AVAILABLE);
  });

  it('keep the beginning of the current stay, however many they are', () => {
    const many = Array.from({ length: 100 }, (_, n) => report(T0 + n, AVAILABLE));
    const pruned = prune(told(report(T0 - MINUTE, BREAK), ...many), rules, T0 + SECOND);
    expect(pruned.activities.length).toBeLessThanOrEqual(STATE_LIMITS.reports);
    expect(pruned.activities.find((a) => a.activity === AVAILABLE)?.at).toBe(T0);
  });

  it('are not erased by a later read of another Activity', () => {
    const read = (when: number) => ({ ...report(when, AVAILABLE), sid: `read-${AVAILABLE}` });
    const state = told(read(T0), report(T0 + MINUTE, BREAK), read(T0 + 2 * MINUTE));
    expect(at(state)).toEqual([0, 1, 2]);
  });
});

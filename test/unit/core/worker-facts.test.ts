// What conditions see of a Worker's record, and what they make headroom read first.

import { describe, expect, it } from 'vitest';
import { isUnknown } from '../../../src/core/facts.ts';
import type { ActivityReport, WorkerState } from '../../../src/core/state.ts';
import { type ExternalFacts, factsOf, type RequiredReads } from '../../../src/core/worker-facts.ts';
import {
  AVAILABLE,
  BREAK,
  HOUR,
  MINUTE,
  sid,
  T0,
  type WorkerSpec,
  worker,
  world,
} from '../../support/builders.ts';

function look(state: WorkerState, external: Partial<ExternalFacts> = {}) {
  const needs: RequiredReads = { worker: false, channels: false };
  return { facts: factsOf(state, { ...world(), ...external }, T0, needs), needs };
}

describe('the Worker', () => {
  it('is its SID, name and attributes', () => {
    expect(look(worker()).facts.worker).toEqual({
      sid: worker().sid,
      friendlyName: 'Ann',
      attributes: { team: 'support' },
    });
  });

  it.each<[string, WorkerSpec]>([
    ['not yet read', { attributes: null }],
    ['unparsable', { attributes: { at: T0, sid: 'EV', value: null } as never }],
  ])('2: is unknown while its attributes are %s', (_, spec) => {
    const state = worker(spec);
    const unparsable = { ...state, attributes: { at: T0, sid: 'EV', value: null } };
    expect(isUnknown(look(spec.attributes === null ? state : unparsable).facts.worker)).toBe(true);
  });
});

describe('the Activity', () => {
  const report = (minutes: number, activity: string, over: Partial<ActivityReport> = {}) => ({
    at: T0 + minutes * MINUTE,
    sid: sid('EV', minutes + 1_000),
    activity,
    name: null,
    available: null,
    ...over,
  });
  const activity = (
    activities: readonly ActivityReport[],
    external: Partial<ExternalFacts> = {},
  ) => {
    const { facts, needs } = look(worker({ activities }), external);
    return { ...facts.activity, needs: needs.worker };
  };

  it('began with the first report of its stay; available since the first available one', () => {
    const third = sid('WA', 3);
    const { activities } = world().directory;
    const directory = {
      activities: { ...activities, [third]: { name: 'Chat only', available: true } },
    };
    const reports = [
      report(-60, BREAK),
      report(-50, AVAILABLE),
      report(-40, third),
      report(-30, third),
    ];
    expect(activity(reports, { directory })).toEqual({
      name: 'Chat only',
      available: true,
      since: T0 - 40 * MINUTE,
      availableSince: T0 - 50 * MINUTE,
      needs: false,
    });
  });

  it('that is not available has no instant of becoming available', () => {
    expect(activity([report(-60, AVAILABLE), report(-5, BREAK)])).toEqual({
      name: 'Break',
      available: false,
      since: T0 - 5 * MINUTE,
      availableSince: null,
      needs: false,
    });
  });

  it('that was never reported is unknown, and the Worker has to be read', () => {
    const unknown = { unknown: expect.any(String) };
    expect(activity([])).toEqual({
      name: unknown,
      available: unknown,
      since: unknown,
      availableSince: unknown,
      needs: true,
    });
  });

  it('has its present name in the Workspace, whatever it was called when reported', () => {
    const { activities } = world().directory;
    const directory = {
      activities: { ...activities, [BREAK]: { name: 'Lunch', available: false } },
    };
    const told = report(-5, BREAK, { name: 'Break' });
    expect(activity([told], { directory }).name).toBe('Lunch');
    expect(activity([told]).name).toBe('Break');
  });

  it('that the directory lacks is known only by a read of the Worker', () => {
    const other = sid('WA', 9);
    expect(activity([report(-5, other)])).toMatchObject({
      name: { unknown: expect.any(String) },
      available: { unknown: expect.any(String) },
      availableSince: { unknown: expect.any(String) },
      needs: true,
    });
    const read = report(-5, other, { name: 'Training', available: true });
    expect(activity([read])).toMatchObject({ name: 'Training', available: true, needs: false });
  });
});

describe('Worker Channels', () => {
  it('show capacity and available as read, assigned as Reservations report it', () => {
    const state = worker({ channels: { chat: { capacityNow: 4, assigned: 1 } } });
    const chat = { capacity: 4, available: true, assigned: 1, load: 0.25 };
    const { facts, needs } = look(state);
    expect(facts.channel('chat')).toEqual(chat);
    expect(facts.channels).toEqual(new Map([['chat', chat]]));
    expect(needs.channels).toBe(false);
  });

  it('without capacity are fully loaded', () => {
    const state = worker({ channels: { chat: { capacityNow: 0 } } });
    expect(look(state).facts.channel('chat')).toMatchObject({ load: 1 });
  });

  it('that were never read have to be read first', () => {
    const one = look(worker({ channels: { chat: { unread: true }, voice: {} } }));
    expect(isUnknown(one.facts.channel('chat'))).toBe(true);
    expect(one.needs.channels).toBe(true);
    const all = look(worker({ channels: { chat: { unread: true }, voice: {} } }));
    expect(isUnknown(all.facts.channels)).toBe(true);
    expect(all.needs.channels).toBe(true);
  });

  it('that were changed have to be read; until then only their Tasks in hand are known', () => {
    const { facts, needs } = look(worker({ channels: { chat: { stale: true, assigned: 2 } } }));
    const unknown = { unknown: 'the Worker Channel "chat" was changed and has not been read yet' };
    const chat = { capacity: unknown, available: unknown, assigned: 2, load: unknown };
    expect(facts.channel('chat')).toEqual(chat);
    expect(facts.channels).toEqual(new Map([['chat', chat]]));
    expect(needs.channels).toBe(true);
  });

  it('are read only if a condition reads them', () => {
    const { needs } = look(worker({ channels: { chat: { stale: true } } }));
    expect(needs).toEqual({ worker: false, channels: false });
    const one = look(worker());
    expect([one.facts.channel('chat'), one.needs.channelsInUse]).toEqual([expect.anything(), true]);
    const all = look(worker());
    expect([all.facts.channels, all.needs.channelsInUse]).toEqual([expect.anything(), true]);
  });

  it.each(['email', 'constructor', '__proto__'])(
    'that the Worker does not have (%s) are unknown, and no read would help',
    (name) => {
      const { facts, needs } = look(worker());
      expect(facts.channel(name)).toEqual({
        unknown: `the Worker has no Worker Channel "${name}"`,
      });
      expect(needs.channels).toBe(false);
    },
  );

  it('of a Worker never listed may all exist', () => {
    const { facts, needs } = look(worker({ listedAt: null }));
    expect(isUnknown(facts.channel('email'))).toBe(true);
    expect(needs.channels).toBe(true);
  });
});

describe('11: count', () => {
  const type = 'reservation.timeout';
  const counted = (...minutes: number[]) =>
    minutes.map((m, i) => ({ type, reservation: sid('WR', i), at: T0 + m * MINUTE }));
  const count = (spec: WorkerSpec, windowMs = 15 * MINUTE, since?: number, blindUntil = 0) =>
    look(worker(spec), { blindUntil }).facts.count(type, windowMs, since);

  it('11: counts what lies in the window, excluding its start', () => {
    expect(count({ counted: counted(-20, -15, -14.99, -1, 0) })).toBe(3);
  });

  it('11: counts only its own type', () => {
    const other = { type: 'reservation.created', reservation: sid('WR', 7), at: T0 };
    expect(count({ counted: [other] })).toBe(0);
  });

  it('7: counts no further back than the given instant', () => {
    expect(count({ counted: counted(-10, -5, -1) }, 15 * MINUTE, T0 - 5 * MINUTE)).toBe(1);
  });

  it.each<[string, WorkerSpec, number, number | undefined, number, boolean]>([
    ['a blind span overlaps the window', {}, 15 * MINUTE, undefined, T0 - 15 * MINUTE + 1, true],
    ['the blind span ends where it begins', {}, 15 * MINUTE, undefined, T0 - 15 * MINUTE, false],
    ['the Worker was not known yet', { knownSince: T0 - MINUTE }, 15 * MINUTE, undefined, 0, true],
    ['a blind span before it is asked for', {}, 15 * MINUTE, T0 - MINUTE, T0 - 2 * MINUTE, false],
    ['the window is longer than what is kept', { knownSince: 0 }, 25 * HOUR, undefined, 0, true],
    ['nobody knows until when', {}, 15 * MINUTE, undefined, Number.POSITIVE_INFINITY, true],
  ])('11: where %s', (_, spec, windowMs, since, blindUntil, unknown) => {
    expect(isUnknown(count(spec, windowMs, since, blindUntil))).toBe(unknown);
  });

  it('11: depends on the gaps of its type, not on when the Worker was first seen', () => {
    const blind = { blindTo: (of: string) => (of === type ? T0 - 10 * MINUTE : T0) };
    const spec = { knownSince: T0 - MINUTE, counted: counted(-5) };
    const external = (ms: number, of = type) => look(worker(spec), blind).facts.count(of, ms);
    expect(external(10 * MINUTE)).toBe(1);
    expect(isUnknown(external(10 * MINUTE + 1))).toBe(true);
    expect(isUnknown(external(MINUTE, 'reservation.accepted'))).toBe(true);
  });

  it('11: is unknown only where events of that type were dropped', () => {
    const spec = { counted: counted(-4), dropped: { [type]: T0 - 5 * MINUTE } };
    expect(count(spec, 5 * MINUTE)).toBe(1);
    expect(isUnknown(count(spec, 5 * MINUTE + 1))).toBe(true);
    const other = { counted: counted(-4), dropped: { 'reservation.created': T0 } };
    expect(count(other, 15 * MINUTE)).toBe(1);
  });
});

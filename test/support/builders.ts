// Small builders for tests of the core: a Worker's record, events, readings, the world around them.
// Each takes only what differs from a settled, ordinary Worker at 10:00 UTC on a Wednesday.

import type { World } from '../../src/core/decide.ts';
import type {
  ChannelEventType,
  ReservationEventType,
  RoutingEvent,
} from '../../src/core/event.types.ts';
import type { GroupFacts, Known, QueueFacts } from '../../src/core/facts.ts';
import type { ActivitySid, EventSid, ReservationSid, WorkerSid } from '../../src/core/ids.ts';
import type { Reading } from '../../src/core/observe.ts';
import type { Mode } from '../../src/core/rules.ts';
import {
  type ChannelState,
  newChannel,
  newWorker,
  type ReservationState,
  type WorkerState,
} from '../../src/core/state.ts';

export const NOON = Date.parse('2026-06-10T12:00:00Z');
/** The instant at which a built Worker is in the given state. */
export const T0 = Date.parse('2026-06-10T10:00:00Z');
export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;

/** A SID with this prefix, made distinct by its number. */
export function sid(prefix: string, n = 0): string {
  return prefix + n.toString(16).padStart(32, '0');
}
export const WORKER = sid('WK', 1) as WorkerSid;
export const AVAILABLE = sid('WA', 1);
export const BREAK = sid('WA', 2);

// ── a Worker ─────────────────────────────────────────────────────────────────────────────────

export interface ChannelSpec extends Partial<Omit<ChannelState, 'observed'>> {
  readonly capacityNow?: number;
  readonly availableNow?: boolean;
  /** Accepted Reservations on it. */
  readonly assigned?: number;
  /** It was never read. */
  readonly unread?: boolean;
}

const SEEN = { baseline: null, claimed: false, edit: null, seenFree: true } as const;

/** Capacity 1 and available, read a minute before T0 and seen while nothing claimed it. */
export function channel(spec: ChannelSpec = {}): ChannelState {
  const { capacityNow = 1, availableNow = true, assigned = 0, unread = false, ...over } = spec;
  const observed = { capacity: capacityNow, available: availableNow, assigned, asOf: T0 - MINUTE };
  return {
    ...newChannel(),
    sid: sid('WC', 1),
    stale: false,
    capacity: SEEN,
    available: SEEN,
    ...over,
    observed: unread ? null : observed,
  };
}

export interface WorkerSpec extends Partial<Omit<WorkerState, 'channels' | 'attributes'>> {
  readonly channels?: Readonly<Record<string, ChannelSpec>>;
  /** null: not known. */
  readonly attributes?: Readonly<Record<string, unknown>> | null;
}

/** Known for a day, available for an hour, with the Worker Channels chat and voice at 1. */
export function worker(spec: WorkerSpec = {}): WorkerState {
  const { channels = { chat: {}, voice: {} }, attributes = { team: 'support' }, ...over } = spec;
  const long = T0 - 24 * HOUR;
  const report = { at: T0 - HOUR, sid: 'read', activity: AVAILABLE, name: 'Available' };
  const reservations: Record<string, ReservationState> = {};
  let n = 0;
  for (const [name, { assigned = 0 }] of Object.entries(channels)) {
    for (let i = 0; i < assigned; i += 1) {
      n += 1;
      reservations[sid('WR', n)] = { status: 'accepted', channel: name, at: long };
    }
  }
  return {
    ...newWorker(WORKER, long),
    name: { at: long, sid: 'read', value: 'Ann' },
    attributes: attributes === null ? null : { at: long, sid: 'read', value: attributes },
    activities: [{ ...report, available: true }],
    reservations,
    channels: Object.fromEntries(Object.entries(channels).map(([k, v]) => [k, channel(v)])),
    listedAt: long,
    relistAt: T0 + 24 * HOUR,
    ...over,
  };
}

export function reading(uniqueName: string, over: Partial<Reading> = {}): Reading {
  return {
    sid: sid('WC', 1),
    uniqueName,
    capacity: 1,
    available: true,
    assignedTasks: 0,
    asOf: T0,
    ...over,
  };
}

// ── events ───────────────────────────────────────────────────────────────────────────────────

interface EventSpec {
  readonly n?: number;
  readonly attributes?: string | null;
  readonly activity?: string | null;
  readonly name?: string | null;
}

function common(at: number, spec: EventSpec) {
  const activity = spec.activity ?? null;
  return {
    sid: sid('EV', spec.n ?? at) as EventSid,
    at,
    workerSid: WORKER,
    workerName: spec.name ?? null,
    attributes: spec.attributes ?? null,
    activitySid: activity as ActivitySid | null,
    activityName: activity === null ? null : activity === AVAILABLE ? 'Available' : 'Break',
  };
}

export function workerEvent(
  type: 'worker.created' | 'worker.deleted' | 'worker.activity.update' | 'worker.attributes.update',
  at: number,
  spec: EventSpec = {},
): RoutingEvent {
  return { ...common(at, spec), type };
}

export function channelEvent(
  type: ChannelEventType,
  at: number,
  spec: EventSpec & { readonly channel?: string } = {},
): RoutingEvent {
  return { ...common(at, spec), type, channel: spec.channel ?? 'chat' };
}

export function reservationEvent(
  type: ReservationEventType,
  at: number,
  spec: EventSpec & { readonly reservation?: number; readonly channel?: string | null } = {},
): RoutingEvent {
  const reservationSid = sid('WR', spec.reservation ?? 1) as ReservationSid;
  const channel = spec.channel === undefined ? 'chat' : spec.channel;
  return { ...common(at, spec), type, reservationSid, taskSid: null, channel };
}

// ── the world ────────────────────────────────────────────────────────────────────────────────

export interface WorldSpec extends Partial<Omit<World, 'queue' | 'group' | 'modeOf'>> {
  /** Read at each look, so that a test may change them; a queue that is missing here is unknown. */
  readonly queues?: Record<string, Partial<QueueFacts>>;
  readonly groups?: Record<string, GroupFacts>;
  readonly modes?: Readonly<Record<string, Mode>>;
}

/** Nothing missed, every rule enforced, both Activities known, no queue and no group known. */
export function world(spec: WorldSpec = {}): World {
  const { queues = {}, groups = {}, modes = {}, ...over } = spec;
  const quiet = { waiting: 0, longestWaitMs: 0, eligible: 0, availableWorkers: 0 };
  const unknown = (what: string) => ({ unknown: `nothing is known of ${what}` });
  return {
    directory: {
      activities: {
        [AVAILABLE]: { name: 'Available', available: true },
        [BREAK]: { name: 'Break', available: false },
      },
    },
    queue: (name): Known<QueueFacts> => {
      const facts = queues[name];
      return facts === undefined ? unknown(name) : { ...quiet, ...facts };
    },
    group: (name) => groups[name] ?? unknown(name),
    blindUntil: 0,
    queueTarget: () => null,
    blocked: () => null,
    modeOf: (each) => modes[each.name] ?? 'enforce',
    ...over,
  };
}

// What happens in a rule test, as inputs of the core: events as TaskRouter sends them, a person's
// edits, and facts of the Worker that a series changes.

import { RESERVATION_EVENTS } from '../../core/event.ts';
import type { ReservationEventType, RoutingEvent } from '../../core/event.types.ts';
import { evolve } from '../../core/evolve.ts';
import type { Attributes } from '../../core/facts.ts';
import type { ActivitySid, EventSid, ReservationSid, WorkerSid } from '../../core/ids.ts';
import { observe } from '../../core/observe.ts';
import type { SimulationInput, SimulationState } from '../../core/simulation.ts';
import { assignedOn, channelIn, type WorkerState } from '../../core/state.ts';
import { changesOf, type Series, type Value, valueAt } from './series.ts';
import type { Edit } from './types.ts';
import { AVAILABLE, UNAVAILABLE, withAssigned } from './worker-records.ts';

/** One Worker's record changes at an instant. */
function inputOn(
  worker: string,
  at: number,
  change: (state: WorkerState) => WorkerState,
): SimulationInput {
  return {
    at,
    apply(current: SimulationState): SimulationState {
      const state = current.workers.get(worker);
      if (state === undefined) return current;
      return { ...current, workers: new Map(current.workers).set(worker, change(state)) };
    },
  };
}

/** A person sets a Worker Channel, and headroom reads it. */
export function editInput({ worker, channel, at, to }: Edit, respectMs: number): SimulationInput {
  return inputOn(worker, at, (state) => {
    const observed = channelIn(state, channel)?.observed;
    if (!observed) return state;
    const reading = {
      sid: 'WC',
      uniqueName: channel,
      capacity: to.capacity ?? observed.capacity,
      available: to.available ?? observed.available,
      assignedTasks: assignedOn(state, channel),
      // Later than anything that headroom itself did at this instant.
      asOf: at + 1,
    };
    return observe(state, reading, { at, requestTimeoutMs: 0, respectMs }).state;
  });
}

const WORKER_EVENTS = [
  'worker.activity.update',
  'worker.attributes.update',
  'worker.deleted',
] as const;

export type TestEventType = ReservationEventType | (typeof WORKER_EVENTS)[number];
/** The events a test may send; a person's change of a Worker Channel is written as an edit. */
export const TEST_EVENTS: readonly TestEventType[] = [...WORKER_EVENTS, ...RESERVATION_EVENTS];

export function isReservationEvent(type: TestEventType): type is ReservationEventType {
  return type.startsWith('reservation.');
}

export interface EventSpec {
  readonly type: TestEventType;
  readonly at: number;
  readonly worker: string;
  /** Distinguishes it from the other events of the test. */
  readonly n: number;
  readonly channel: string | null;
  readonly reservation: string | null;
  readonly activity: string | null;
  readonly attributes: Attributes | null;
}

export function eventInput(spec: EventSpec): SimulationInput {
  return inputOn(spec.worker, spec.at, (state) => evolve(state, eventOf(spec, state)));
}

function eventOf(spec: EventSpec, state: WorkerState): RoutingEvent {
  const { type, at, n, activity } = spec;
  const common = {
    sid: `EV${n}` as EventSid,
    at,
    workerSid: spec.worker as WorkerSid,
    workerName: null,
    attributes: textOf(spec.attributes, state),
    activitySid: activity as ActivitySid | null,
    activityName: activity,
  };
  if (!isReservationEvent(type)) return { ...common, type };
  const reservationSid = reservationOf({ ...spec, type }, state) as ReservationSid;
  return { ...common, type, reservationSid, taskSid: null, channel: spec.channel };
}

/** TaskRouter sends all attributes; a test states only those that change. */
function textOf(attributes: Attributes | null, state: WorkerState): string | null {
  if (attributes === null) return null;
  return JSON.stringify({ ...state.attributes?.value, ...attributes });
}

/** Events that can only follow an accepted Reservation. */
const AFTER_ACCEPTED: readonly ReservationEventType[] = [
  'reservation.completed',
  'reservation.wrapup',
  'reservation.failed',
];

/** The named one; else the one longest in hand if there has to be one; else a new one. */
function reservationOf(
  { type, channel, reservation, n }: EventSpec & { readonly type: ReservationEventType },
  state: WorkerState,
): string {
  if (reservation !== null) return `WR-${reservation}`;
  const held = Object.entries(state.reservations)
    .filter(([, { status }]) => status === 'accepted' || status === 'wrapping')
    .filter((entry) => channel === null || entry[1].channel === channel)
    .sort(([, a], [, b]) => a.at - b.at);
  return (AFTER_ACCEPTED.includes(type) ? held[0]?.[0] : undefined) ?? `WR${n}`;
}

/** A series as inputs: changes of the Worker's facts; for facts of the world, only the instants. */
export function seriesInputs(
  series: Series,
  start: number,
  worker: string | null,
): readonly SimulationInput[] {
  return [start, ...changesOf(series, start)].map((at) =>
    worker === null
      ? { at }
      : inputOn(worker, at, (state) => withFact(state, series, valueAt(series, start, at), at)),
  );
}

function withFact(state: WorkerState, { fact }: Series, value: Value, at: number): WorkerState {
  switch (fact.kind) {
    case 'queue':
    case 'group':
      return state;
    case 'channel':
      return withAssigned(state, fact.name, Number(value), at);
    case 'activity': {
      const activity = value === true ? AVAILABLE : UNAVAILABLE;
      const sid = `series ${at}`;
      const report = { at, sid, activity, name: activity, available: null };
      if (state.activities.at(-1)?.activity === activity) return state;
      return { ...state, activities: [...state.activities, report] };
    }
    case 'worker': {
      const before = state.attributes?.value ?? {};
      const changed = withAttribute(before, fact.path, value);
      return { ...state, attributes: { at, sid: `series ${at}`, value: changed } };
    }
  }
}

/** A copy with `value` at this path; null removes it. */
function withAttribute(before: Attributes, path: readonly string[], value: Value): Attributes {
  const [first = '', ...rest] = path;
  const inner = before[first];
  const map = typeof inner === 'object' && inner !== null ? (inner as Attributes) : {};
  if (rest.length > 0) return { ...before, [first]: withAttribute(map, rest, value) };
  const others = Object.entries(before).filter(([key]) => key !== first);
  return Object.fromEntries(value === null ? others : [...others, [first, value]]);
}

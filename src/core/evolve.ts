// Folds one event into a Worker's record. This is idempotent, and the order in which events arrive
// does not matter: the event's own time decides, and Reservations only move forward.

import { isEcho, withForeignEvent } from './actor.ts';
import { addCounted, pruneCounted } from './counted-events.ts';
import type {
  ChannelEvent,
  ReservationEvent,
  RoutingEvent,
  WorkerSnapshot,
} from './event.types.ts';
import { unreachable } from './exhaustive.ts';
import type { Attributes } from './facts.ts';
import { MAX_CLOCK_SKEW_MS } from './instants.ts';
import type { RuleSet } from './rules.ts';
import {
  type ActivityReport,
  byTime,
  type ChannelState,
  channelIn,
  type Field,
  isLater,
  newChannel,
  type OwnWrite,
  RESERVATION_ORDER,
  type ReservationState,
  type ReservationStatus,
  STATE_LIMITS,
  type Stamp,
  type WorkerState,
  withChannel,
} from './state.ts';

/** How long after the answer to our own write its event is still taken for its echo (ms). */
export const ECHO_MS = 15_000;

export function evolve(state: WorkerState, event: RoutingEvent): WorkerState {
  switch (event.type) {
    case 'worker.deleted':
      return isLater(event, state.gone) ? { ...state, gone: stampOf(event) } : state;
    case 'worker.created':
    case 'worker.activity.update':
    case 'worker.attributes.update':
      return withWorkerSnapshot(state, event);
    case 'worker.capacity.update':
      return withEcho(withWorkerSnapshot(state, event), event, 'capacity');
    case 'worker.channel.availability.update':
      return withEcho(withWorkerSnapshot(state, event), event, 'available');
    case 'reservation.created':
      return withReservation(withWorkerSnapshot(state, event), event, 'pending');
    case 'reservation.accepted':
      return withReservation(withWorkerSnapshot(state, event), event, 'accepted');
    case 'reservation.wrapup':
      return withReservation(withWorkerSnapshot(state, event), event, 'wrapping');
    case 'reservation.rejected':
    case 'reservation.timeout':
    case 'reservation.canceled':
    case 'reservation.rescinded':
    case 'reservation.completed':
    case 'reservation.failed':
      return withReservation(withWorkerSnapshot(state, event), event, 'ended');
    case 'workspace.changed':
      return state;
    default:
      return unreachable(event);
  }
}

/** Every event of a Worker contains its state at that time; the newest one counts. */
function withWorkerSnapshot(state: WorkerState, event: Stamp & WorkerSnapshot): WorkerState {
  const stamp = stampOf(event);
  let next = state;
  if (event.workerName !== null && isLater(stamp, state.name)) {
    next = { ...next, name: { ...stamp, value: event.workerName } };
  }
  if (event.attributes !== null && isLater(stamp, state.attributes)) {
    next = { ...next, attributes: { ...stamp, value: cachedAttributes(state, event.attributes) } };
  }
  if (event.activitySid !== null) {
    next = withActivity(next, {
      ...stamp,
      activity: event.activitySid,
      name: event.activityName,
      available: null,
    });
  }
  return next;
}

/** The text that attributes were parsed from: nearly every event repeats it. */
const ATTRIBUTE_TEXTS = new WeakMap<Attributes, string>();

function cachedAttributes({ attributes: before }: WorkerState, text: string): Attributes | null {
  if (before?.value && ATTRIBUTE_TEXTS.get(before.value) === text) return before.value;
  const value = parseAttributes(text);
  if (value !== null) ATTRIBUTE_TEXTS.set(value, text);
  return value;
}

/** TaskRouter's attribute text as an object; null when it is anything else. */
export function parseAttributes(text: string): Attributes | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Attributes)
      : null;
  } catch {
    return null;
  }
}

/**
 * Keeps every report of the Worker's Activity, by time; `prune` drops those that say nothing new.
 */
export function withActivity(state: WorkerState, report: ActivityReport): WorkerState {
  const last = state.activities.at(-1);
  if (last === undefined || byTime(last, report) < 0) {
    return { ...state, activities: [...state.activities, report] };
  }
  const others = state.activities.filter((a) => a.sid !== report.sid || a.at !== report.at);
  return { ...state, activities: [...others, report].sort(byTime) };
}

function withReservation(
  state: WorkerState,
  event: ReservationEvent,
  status: ReservationStatus,
): WorkerState {
  const before = state.reservations[event.reservationSid];
  const forward =
    before === undefined ||
    RESERVATION_ORDER.indexOf(status) > RESERVATION_ORDER.indexOf(before.status);
  const held = {
    status: forward ? status : before.status,
    channel: before?.channel ?? event.channel,
    at: Math.max(event.at, before?.at ?? event.at),
  };
  return {
    ...state,
    reservations: { ...state.reservations, [event.reservationSid]: held },
    counted: withCounted(state, event),
  };
}

/**
 * Folds in only what `count` counts; for anything else that was missed, a read shows the outcome.
 */
export function evolveCounted(state: WorkerState, event: RoutingEvent): WorkerState {
  if (!('reservationSid' in event)) return state;
  const counted = withCounted(state, event);
  return counted === state.counted ? state : { ...state, counted };
}

function withCounted(state: WorkerState, event: ReservationEvent): WorkerState['counted'] {
  const { type, reservationSid, at } = event;
  return addCounted(state.counted, { type, reservation: reservationSid as string, at });
}

/** One event per written field is our own echo; any other means that the channel has to be read. */
function withEcho(state: WorkerState, event: ChannelEvent, field: Field): WorkerState {
  const channel = channelIn(state, event.channel) ?? newChannel();
  return withChannel(state, event.channel, absorbEcho(channel, event, field));
}

function absorbEcho(
  channel: ChannelState,
  event: ChannelEvent,
  field: Field,
): Partial<ChannelState> {
  const { intent, writes } = channel;
  const { sid, at } = event;
  if (isEcho(channel, sid)) return {};
  const awaited = intent?.[field] && !intent.echoed.some((e) => e.field === field);
  if (intent && awaited && at >= intent.at - MAX_CLOCK_SKEW_MS) {
    return { intent: { ...intent, echoed: [...intent.echoed, { field, event: sid }] } };
  }
  const index = writes.findIndex((w) => w.field === field && isEchoOfWrite(w, at));
  if (index === -1) {
    return { stale: true, staleBy: sid, tellers: withForeignEvent(channel, event, field) };
  }
  return { writes: writes.map((w, i) => (i === index ? { ...w, echo: sid } : w)) };
}

function isEchoOfWrite(write: OwnWrite, at: number): boolean {
  if (write.echo !== null || !write.landed) return false;
  return at >= write.beganAt - MAX_CLOCK_SKEW_MS && at <= write.answeredAt + ECHO_MS;
}

/**
 * Drops what is too old or too much to matter. Separate from `evolve`, so that order cannot matter.
 * `rules` null: none are in force, and any type of event may be counted by those to come.
 */
export function prune(state: WorkerState, rules: RuleSet | null, at: number): WorkerState {
  const activities = pruneReports(state.activities, at);
  const kept = pruneCounted(state, rules, at);
  const reservations = pruneReservations(state.reservations, at);
  const same =
    activities === state.activities && kept === state && reservations === state.reservations;
  if (same) return state;
  const { counted, dropped } = kept;
  return { ...state, activities, reservations, counted, ...(dropped && { dropped }) };
}

/** Runs on every pass, so it returns the same object if nothing is to be dropped. */
function pruneReservations(
  before: WorkerState['reservations'],
  at: number,
): WorkerState['reservations'] {
  const old = at - STATE_LIMITS.tombstoneMs;
  const stays = (held: ReservationState) => held.status !== 'ended' || held.at > old;
  const all = Object.values(before);
  if (all.length <= STATE_LIMITS.reservations && all.every(stays)) return before;
  const kept = Object.entries(before).filter(([, held]) => stays(held));
  if (kept.length <= STATE_LIMITS.reservations) return Object.fromEntries(kept);
  const newest = kept.sort(([, a], [, b]) => b.at - a.at).slice(0, STATE_LIMITS.reservations);
  return Object.fromEntries(newest);
}

/**
 * In a run of equal reports, too old for late ones to fall between, only the first (when it began)
 * and the last (that it lasted) matter. The same holds if there are too many.
 */
function pruneReports(reports: readonly ActivityReport[], at: number): readonly ActivityReport[] {
  const settled = at - STATE_LIMITS.reportMs;
  const stays = (r: ActivityReport, i: number) => r.at > settled || isEdge(reports, i);
  if (reports.length <= STATE_LIMITS.reports && reports.every(stays)) return reports;
  const kept = reports.filter(stays);
  if (kept.length <= STATE_LIMITS.reports) return kept;
  return kept.filter((_, i) => isEdge(kept, i)).slice(-STATE_LIMITS.reports);
}

function isEdge(reports: readonly ActivityReport[], i: number): boolean {
  return !goesOn(reports[i - 1], reports[i]) || !goesOn(reports[i], reports[i + 1]);
}

function goesOn(a: ActivityReport | undefined, b: ActivityReport | undefined): boolean {
  return a?.activity === b?.activity && a?.available === b?.available && !b?.anew;
}

function stampOf({ at, sid, version }: Stamp): Stamp {
  return version === undefined ? { at, sid } : { at, version, sid };
}

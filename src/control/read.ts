// Reads what a pass lacks from TaskRouter and folds the answer into the Worker's record.

import { parseAttributes, withActivity } from '../core/evolve.ts';
import type { ReservationSid, TaskSid, WorkerSid } from '../core/ids.ts';
import { isWithin, MAX_CLOCK_SKEW_MS } from '../core/instants.ts';
import { type FoundEdit, observe } from '../core/observe.ts';
import {
  assignedOn,
  isLater,
  type ReservationState,
  type Stamp,
  type WorkerState,
} from '../core/state.ts';
import { isInAvailableActivity, startOfActivity } from '../core/worker-facts.ts';
import { type ChannelReading, Failure, type WorkerReading } from '../ports.ts';
import { CONTROL_LIMITS, type ControlDeps, observeOptions } from './deps.ts';
import { type Landed, landedEntries } from './journal.ts';
import { editEntries } from './journal-edits.ts';
import { flushOutbox, withOutboxEntries } from './journal-outbox.ts';
import type { LoadedRecord } from './records.ts';

const SECOND_MS = 1_000;

/** Reads the Worker itself. */
export async function readWorker(worker: WorkerSid, deps: ControlDeps): Promise<LoadedRecord> {
  const asOf = deps.clock.now();
  const reading = await deps.gateway.worker(worker, deps.readsFor);
  const fold = (state: WorkerState) => withReading(state, reading, asOf);
  return await deps.records.change(worker, deps.clock.now(), fold);
}

/**
 * Folds in a read of the Worker whose request began at `asOf`. It is stamped with TaskRouter's own
 * instants, so that reads and events compare on one clock.
 */
export function withReading(state: WorkerState, reading: WorkerReading, asOf: number): WorkerState {
  const next = withWorkerReading(state, reading, asOf);
  const sure = reliableFrom(reading);
  const unsureUntil = asOf < sure && differs(next, reading) ? sure : undefined;
  if (next.unsureUntil === unsureUntil) return next;
  const { unsureUntil: _, ...rest } = next;
  return unsureUntil === undefined ? rest : { ...rest, unsureUntil };
}

/** Whether it is time to read a Worker again that was read too early to decide. */
export function mustReadAgain({ unsureUntil }: WorkerState, at: number): boolean {
  if (unsureUntil === undefined) return false;
  // One further ahead was recorded before the clock was set back.
  return unsureUntil <= at || unsureUntil - at > SECOND_MS + 2 * MAX_CLOCK_SKEW_MS;
}

/** From when on a read shows the last event in the second of its own instants, epoch ms. */
function reliableFrom({ updatedAt, statusChangedAt }: WorkerReading): number {
  return Math.max(updatedAt ?? 0, statusChangedAt ?? 0) + SECOND_MS + MAX_CLOCK_SKEW_MS;
}

/** Whether an event is believed rather than this read. */
function differs({ name, attributes, activities }: WorkerState, reading: WorkerReading): boolean {
  const text = reading.attributes;
  const same = JSON.stringify(text === null ? attributes?.value : parseAttributes(text));
  return (
    name?.value !== reading.friendlyName ||
    activities.at(-1)?.activity !== reading.activitySid ||
    JSON.stringify(attributes?.value) !== same
  );
}

function withWorkerReading(state: WorkerState, reading: WorkerReading, asOf: number): WorkerState {
  const stamp = { at: lastOf(reading.updatedAt, asOf) ?? asOf, sid: 'read' };
  let next = state;
  if (next.name?.value !== reading.friendlyName && isLater(stamp, next.name)) {
    next = { ...next, name: { ...stamp, value: reading.friendlyName } };
  }
  next = withAttributes(next, reading.attributes, stamp);
  const report = {
    at: lastOf(reading.statusChangedAt, asOf) ?? stamp.at,
    sid: `read-${reading.activitySid}`,
    activity: reading.activitySid as string,
    name: reading.activityName,
    available: reading.available,
  };
  const known = next.activities.at(-1);
  const same = known?.activity === report.activity;
  if (same && cameBackSince(next.activities, reading.statusChangedAt)) {
    return withActivity(next, { ...report, anew: true });
  }
  return same && known.available === report.available ? next : withActivity(next, report);
}

/** It is in the same Activity as before but entered it later: events were lost. */
function cameBackSince(reports: WorkerState['activities'], changedAt: number | null): boolean {
  return changedAt !== null && changedAt > startOfActivity(reports);
}

/** `text` null: it was left out, as lists may do. */
function withAttributes(state: WorkerState, text: string | null, stamp: Stamp): WorkerState {
  const known = state.attributes;
  if (text === null) return isLater(stamp, known) ? { ...state, hidden: stamp } : state;
  const { hidden, ...seen } = state;
  if (!isLater(stamp, known)) return seen;
  const value = parseAttributes(text);
  const same = JSON.stringify(value) === JSON.stringify(known?.value);
  // After a listing that left them out, it is recorded as well that nothing changed until then.
  return same && hidden === undefined ? seen : { ...seen, attributes: { ...stamp, value } };
}

/**
 * TaskRouter answers whole seconds. Once that second is over by any clock, the read shows the last
 * event in it, so no event of it is newer; until then such an event is more precise than the read.
 */
function lastOf(second: number | null, asOf: number): number | null {
  if (second === null || asOf < second + SECOND_MS + MAX_CLOCK_SKEW_MS) return second;
  return second + SECOND_MS - 1;
}

/** Reads what is missing or stale: a single Worker Channel, or all of them in one listing. */
export async function readChannels(
  worker: WorkerSid,
  state: WorkerState,
  deps: ControlDeps,
): Promise<LoadedRecord> {
  const { gateway, readsFor } = deps;
  const edition = editionOf(deps);
  const alone = isListingDue(state, deps.clock.now(), deps) ? null : onlyStale(state);
  const away = !isInAvailableActivity(state, deps.world().directory);
  const single = alone === null ? null : await readOne(worker, alone, { gateway, away });
  const readings = single === null ? await gateway.channels(worker, readsFor, away) : [single];
  const loaded = await deps.records.change(worker, deps.clock.now(), (before) => {
    const found = withReadings(before, readings, state, deps);
    const after =
      single === null
        ? { ...withListing(found.state, readings, deps), listedFor: edition }
        : found.state;
    return withOutboxEntries(after, [
      ...landedEntries(after, found.landed, deps),
      ...editEntries(after, found.edits, deps),
    ]);
  });
  return await checkAssigned(worker, await flushOutbox(loaded, deps), readings, deps);
}

/** null: it is gone, so a listing has to show which there are. */
async function readOne(
  worker: WorkerSid,
  channel: string,
  { gateway, away }: { readonly gateway: ControlDeps['gateway']; readonly away: boolean },
) {
  try {
    return await gateway.channel(worker, channel, away);
  } catch (error) {
    if (error instanceof Failure && error.kind === 'gone') return null;
    throw error;
  }
}

/**
 * Whether only a listing shows which Worker Channels there are: one is due, or the Workspace has
 * other Task Channels than at the last one.
 */
export function isListingDue(state: WorkerState, at: number, deps: ControlDeps): boolean {
  if (state.listedAt === null || (state.relistAt ?? 0) <= at) return true;
  return (state.listedFor ?? 0) !== editionOf(deps);
}

/** As known before the request begins, so that a change meanwhile causes another listing. */
function editionOf(deps: ControlDeps): number {
  return deps.world().directory.taskChannels?.edition ?? 0;
}

function onlyStale(state: WorkerState): string | null {
  const stale = Object.entries(state.channels).filter(
    ([, c]) => c.stale || c.observed === null || c.intent !== null,
  );
  return stale.length === 1 ? (stale[0]?.[0] ?? null) : null;
}

function withReadings(
  before: WorkerState,
  readings: readonly ChannelReading[],
  recordAtRequest: WorkerState,
  deps: ControlDeps,
): FoldedReadings {
  const options = { ...observeOptions(recordAtRequest.sid, deps), recordAtRequest };
  const edits: FoundEdit[] = [];
  const landed: Landed[] = [];
  let state = before;
  for (const reading of readings) {
    const intent = state.channels[reading.uniqueName]?.intent ?? null;
    const seen = observe(state, reading, options);
    state = seen.state;
    edits.push(...seen.edits);
    const now = state.channels[reading.uniqueName];
    const own = now?.writes.some((w) => w.beganAt === intent?.at && w.landed);
    if (intent !== null && now?.intent === null && own) {
      landed.push({ channel: reading.uniqueName, intent });
    }
  }
  return { state, edits, landed };
}

interface FoldedReadings {
  readonly state: WorkerState;
  readonly edits: readonly FoundEdit[];
  /** Writes whose answer was lost and which the read shows to have been made. */
  readonly landed: readonly Landed[];
}

/** After a listing, a channel that is not in it does not exist for this Worker. */
function withListing(
  state: WorkerState,
  readings: readonly ChannelReading[],
  deps: ControlDeps,
): WorkerState {
  const names = new Set(readings.map((r) => r.uniqueName));
  const channels = Object.fromEntries(
    Object.entries(state.channels).filter(([name]) => names.has(name)),
  );
  const now = deps.clock.now();
  return {
    ...state,
    channels,
    listedAt: now,
    relistAt: now + jittered(state, deps.limits.resyncMs),
  };
}

/** Between 3/4 and 5/4 of the span, fixed by the SID, so that not all Workers are due at once. */
function jittered(state: WorkerState, spanMs: number): number {
  const share = Number.parseInt(state.sid.slice(-4), 16) / 0xffff;
  return Math.round(spanMs * (0.75 + 0.5 * (Number.isNaN(share) ? 0.5 : share)));
}

/**
 * Tasks in hand are the accepted Reservations that events reported. If a read counts differently,
 * an event was lost, and the Worker's Reservations show which.
 */
async function checkAssigned(
  worker: WorkerSid,
  loaded: LoadedRecord,
  readings: readonly ChannelReading[],
  deps: ControlDeps,
): Promise<LoadedRecord> {
  const { state } = loaded;
  const wrong = readings.filter((r) => r.assignedTasks !== assignedOn(state, r.uniqueName));
  if (wrong.length === 0) return loaded;
  const asOf = deps.clock.now();
  const accepted = await deps.gateway.reservations(worker, 'accepted');
  const held: Record<string, ReservationState> = {};
  for (const { sid, taskSid } of accepted) {
    const channel = state.reservations[sid]?.channel ?? (await channelOf(taskSid, deps));
    if (channel !== null) held[sid] = { status: 'accepted', channel, at: asOf };
  }
  return await deps.records.change(worker, asOf, (before) => withAccepted(before, held, asOf));
}

async function channelOf(task: TaskSid, deps: ControlDeps): Promise<string | null> {
  try {
    return await deps.gateway.taskChannelOf(task);
  } catch (error) {
    if (error instanceof Failure && error.kind === 'gone') return null;
    throw error;
  }
}

/**
 * Applies the list, except to Reservations that an event reported shortly before it or since. One
 * stamped by a clock that is ahead of ours is of unknown age, so there the list decides.
 */
function withAccepted(
  state: WorkerState,
  accepted: Readonly<Record<string, ReservationState>>,
  asOf: number,
): WorkerState {
  const reservations: Record<string, ReservationState> = { ...state.reservations };
  const isRecent = ({ at }: ReservationState) => isWithin(at, asOf, CONTROL_LIMITS.settleMs);
  for (const [sid, held] of Object.entries(accepted)) {
    const known = reservations[sid as ReservationSid];
    const wasEnded = known?.status === 'ended' && !isRecent(known);
    if (known === undefined || known.status === 'pending' || wasEnded) reservations[sid] = held;
  }
  for (const [sid, held] of Object.entries(reservations)) {
    if (held.status === 'accepted' && accepted[sid] === undefined && !isRecent(held)) {
      reservations[sid] = { ...held, status: 'ended', at: asOf };
    }
  }
  return { ...state, reservations };
}

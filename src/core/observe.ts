// Folds what a read, or the answer to our own write, says about a Worker Channel into the record,
// and tells a person's edit from our own doing.

import type {
  ChannelState,
  Edit,
  Field,
  FieldState,
  Intent,
  Observed,
  OwnWrite,
  WorkerState,
} from './state.ts';
import { newChannel, STATE_LIMITS, withChannel } from './state.ts';

const FIELDS: readonly Field[] = ['capacity', 'available'];

/** One reading of a Worker Channel; `asOf` is the instant its request began, on our clock. */
export interface Reading {
  readonly sid: string;
  readonly uniqueName: string;
  readonly capacity: number;
  readonly available: boolean;
  readonly assignedTasks: number;
  readonly asOf: number;
}

export interface ObserveOptions {
  /** epoch ms */
  readonly at: number;
  /** Time-out of one request to TaskRouter: an unanswered write may still land within twice that. */
  readonly requestTimeoutMs: number;
  /** How long a person's edit is respected. */
  readonly respectMs: number;
}

/** What an observation found out, for the journal. */
export interface Found {
  readonly channel: string;
  readonly field: Field;
  readonly from: number | boolean;
  readonly to: number | boolean;
}

/**
 * Folds in a read. It is dropped where an own write began since the request did: it may show either
 * side of that write. A value that differs from what we knew and is not ours is a person's edit.
 */
export function observe(
  state: WorkerState,
  reading: Reading,
  options: ObserveOptions,
): { readonly state: WorkerState; readonly edits: readonly Found[] } {
  const before = state.channels[reading.uniqueName] ?? newChannel();
  if (beganSince(before, reading.asOf)) return { state, edits: [] };
  const edits: Found[] = [];
  const channel: ChannelState = {
    ...before,
    sid: reading.sid,
    observed: observedOf(reading),
    stale: false,
    intent: null,
    capacity: fieldAfter(before, reading, 'capacity', options, edits),
    available: fieldAfter(before, reading, 'available', options, edits),
    foreign: foreignAfter(before, edits, options.at),
    // An intent whose answer was lost may still land: what it wrote stays ours for a while.
    writes: recent([...before.writes, ...ownWrites(before.intent, options.at)], options.at),
  };
  return { state: withChannel(state, reading.uniqueName, channel), edits };
}

function ownWrites(intent: Intent | null, answeredAt: number): OwnWrite[] {
  const own: OwnWrite[] = [];
  if (intent === null) return own;
  for (const field of FIELDS) {
    const part = intent[field];
    if (part === null) continue;
    const echoed = intent.echoed.includes(field);
    own.push({ field, to: part.to, beganAt: intent.at, answeredAt, echoed });
  }
  return own;
}

function beganSince(channel: ChannelState, asOf: number): boolean {
  if (channel.observed !== null && channel.observed.asOf > asOf) return true;
  if (channel.intent !== null && channel.intent.at >= asOf) return true;
  return channel.writes.some((w) => w.beganAt >= asOf);
}

function fieldAfter<F extends Field>(
  before: ChannelState,
  reading: Reading,
  field: F,
  options: ObserveOptions,
  edits: Found[],
): ChannelState[F] {
  const held = before[field] as FieldState<number | boolean>;
  const known: number | boolean | undefined = before.observed?.[field];
  const now: number | boolean = reading[field];
  if (known === undefined || known === now || isOurs(before, field, now, options)) {
    return held as ChannelState[F];
  }
  edits.push({ channel: reading.uniqueName, field, from: known, to: now });
  return edited(held, now, before, options) as ChannelState[F];
}

/** Equal to either end of an unresolved intent, or to an own write that is still young. */
function isOurs(
  channel: ChannelState,
  field: Field,
  value: number | boolean,
  options: ObserveOptions,
): boolean {
  const intent = channel.intent?.[field];
  if (intent && (intent.from === value || intent.to === value)) return true;
  const youngest = options.at - 2 * options.requestTimeoutMs;
  return channel.writes.some((w) => w.field === field && w.to === value && w.answeredAt > youngest);
}

/** While nothing claims the field, a person's value is simply what it now goes back to. */
function edited<T>(
  field: FieldState<T>,
  value: T,
  channel: ChannelState,
  options: ObserveOptions,
): FieldState<T> {
  const { winner } = channel;
  const contested = isContested(channel, options.at);
  if (!field.claimed) {
    return { ...field, baseline: field.baseline === null ? null : { value }, edit: null };
  }
  const until = contested ? (field.edit?.until ?? options.at) : options.at + options.respectMs;
  const edit: Edit<T> = { value, at: options.at, until, winner };
  return { ...field, edit };
}

/**
 * Resolves the intent of our own write with TaskRouter's answer to it. The fields it wrote are
 * taken as written; where the answer shows another value someone else wrote meanwhile, and a read
 * decides. The other field is an observation like any.
 */
export function answered(
  state: WorkerState,
  reading: Reading,
  options: ObserveOptions,
): { readonly state: WorkerState; readonly edits: readonly Found[] } {
  const before = state.channels[reading.uniqueName] ?? newChannel();
  const { intent } = before;
  if (intent === null) return { state, edits: [] };
  const edits: Found[] = [];
  const own = ownWrites(intent, options.at);
  const shown = {
    ...reading,
    capacity: intent.capacity?.to ?? reading.capacity,
    available: intent.available?.to ?? reading.available,
  };
  const channel: ChannelState = {
    ...before,
    sid: reading.sid,
    observed: { ...observedOf(shown), asOf: options.at },
    stale: before.stale || own.some((w) => reading[w.field] !== w.to),
    capacity: fieldAfter(before, shown, 'capacity', options, edits),
    available: fieldAfter(before, shown, 'available', options, edits),
    foreign: foreignAfter(before, edits, options.at),
    intent: null,
    writes: recent([...before.writes, ...own], options.at),
    lastWriteAt: intent.at,
  };
  return { state: withChannel(state, reading.uniqueName, channel), edits };
}

function foreignAfter(before: ChannelState, edits: readonly Found[], at: number) {
  const now = edits.length > 0 ? [at] : [];
  return [...before.foreign.filter((t) => t > at - HOUR_MS), ...now].slice(-FOREIGN_KEPT);
}

/** More foreign edits than this within an hour: the channel is contested, and headroom stops. */
export const CONTESTED_EDITS = 6;
const FOREIGN_KEPT = CONTESTED_EDITS + 2;
const HOUR_MS = 3_600_000;

export function isContested(channel: ChannelState, at: number): boolean {
  return channel.foreign.filter((t) => t > at - HOUR_MS).length > CONTESTED_EDITS;
}

/** A write that TaskRouter certainly did not take: nothing happened, so nothing is unresolved. */
export function refusedWrite(state: WorkerState, name: string): WorkerState {
  return withChannel(state, name, { intent: null });
}

function observedOf(reading: Reading): Observed {
  return {
    capacity: reading.capacity,
    available: reading.available,
    assigned: reading.assignedTasks,
    asOf: reading.asOf,
  };
}

/** Own writes are remembered for as long as an echo or a late landing may still speak of them. */
function recent(writes: readonly OwnWrite[], at: number): readonly OwnWrite[] {
  return writes
    .filter((w) => w.answeredAt > at - STATE_LIMITS.writesMs)
    .slice(-STATE_LIMITS.writes);
}

// Folds what a read, or the answer to our own write, says about a Worker Channel into the record,
// and distinguishes a person's edit from our own writes.

import { newDetectedEdit } from './actor.ts';
import type { Actor } from './event.types.ts';
import { isBeyondSkew, isWithin } from './instants.ts';
import type {
  ChannelState,
  DetectedEdit,
  Field,
  FieldState,
  Intent,
  Observed,
  OwnWrite,
  WorkerState,
} from './state.ts';
import { channelIn, newChannel, STATE_LIMITS, withChannel } from './state.ts';

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
  /**
   * Time-out of one request to TaskRouter: an unanswered write may still land within twice that.
   */
  readonly requestTimeoutMs: number;
  /** How long a person's edit is respected. */
  readonly respectMs: number;
  /** The record when the read's request began: a channel with an event since then stays stale. */
  readonly recordAtRequest?: WorkerState;
  /** Whether headroom may not act on this channel now (paused, observed); absent: it may on all. */
  handsOff?(channel: string): boolean;
}

/** An edit that an observation found, for the journal. */
export interface FoundEdit {
  readonly channel: string;
  readonly field: Field;
  readonly from: number | boolean;
  readonly to: number | boolean;
  /** Who made it, where that is known already. */
  readonly by?: Actor;
}

/**
 * Folds in a read. It is dropped if a write of ours began after its request did: it may show either
 * side of that write. A value that differs from the known one and is not ours is a person's edit.
 */
export function observe(
  state: WorkerState,
  reading: Reading,
  options: ObserveOptions,
): { readonly state: WorkerState; readonly edits: readonly FoundEdit[] } {
  const before = channelIn(state, reading.uniqueName) ?? newChannel();
  if (writeBeganSince(before, reading.asOf, options.at)) return { state, edits: [] };
  const edits: FoundEdit[] = [];
  const { intent } = before;
  const resolved = ownWrites(intent, reading, options.at);
  const stale = changedSinceRequest(before, reading, options);
  const context = { before, reading, options };
  const channel: ChannelState = {
    ...before,
    sid: reading.sid,
    observed: observedOf(reading),
    stale,
    intent: null,
    capacity: fieldAfter('capacity', context, edits),
    available: fieldAfter('available', context, edits),
    foreign: foreignAfter(before, edits.length > 0, options.at),
    // A write whose answer was lost may still land: its value counts as ours for a while.
    writes: recent([...before.writes, ...resolved], options.at),
    lastWriteAt: intent && resolved.some((w) => w.landed) ? intent.at : before.lastWriteAt,
  };
  const detected = withDetectedEdits(before, edits, options.at);
  // This read settles earlier events, unless one arrived while it was under way.
  const settled = stale || before.tellers === undefined ? {} : { tellers: {} };
  return {
    state: withChannel(state, reading.uniqueName, { ...channel, ...detected, ...settled }),
    edits: edits.map((each) => withAuthor(each, detected)),
  };
}

function changedSinceRequest(
  before: ChannelState,
  { uniqueName }: Reading,
  { recordAtRequest }: ObserveOptions,
) {
  if (recordAtRequest === undefined || !before.stale) return false;
  return before.staleBy !== (channelIn(recordAtRequest, uniqueName)?.staleBy ?? null);
}

function ownWrites(intent: Intent | null, reading: Reading, answeredAt: number): OwnWrite[] {
  const own: OwnWrite[] = [];
  if (intent === null) return own;
  for (const field of FIELDS) {
    const part = intent[field];
    if (part === null) continue;
    const echo = intent.echoed.find((e) => e.field === field)?.event ?? null;
    const landed = reading[field] === part.to;
    own.push({ field, to: part.to, beganAt: intent.at, answeredAt, echo, landed });
  }
  return own;
}

/**
 * An instant ahead of our clock was stamped before the clock was set back, so the order is unknown
 * and it blocks nothing. Within the tolerated skew the read is dropped and repeated.
 */
function writeBeganSince(
  { observed, intent, writes }: ChannelState,
  asOf: number,
  at: number,
): boolean {
  const since = (instant: number) => instant >= asOf && !isBeyondSkew(instant, at);
  if (observed !== null && observed.asOf > asOf && since(observed.asOf)) return true;
  return (intent !== null && since(intent.at)) || writes.some((w) => since(w.beganAt));
}

/** One reading of a channel, and what was known of it before. */
interface FieldContext {
  readonly before: ChannelState;
  readonly reading: Reading;
  readonly options: ObserveOptions;
}

function fieldAfter<F extends Field>(
  field: F,
  { before, reading, options }: FieldContext,
  edits: FoundEdit[],
): ChannelState[F] {
  const held = before[field] as FieldState<number | boolean>;
  const known: number | boolean | undefined = before.observed?.[field];
  const now: number | boolean = reading[field];
  if (known === undefined || known === now || isOurs(before, field, now, options)) {
    return held as ChannelState[F];
  }
  edits.push({ channel: reading.uniqueName, field, from: known, to: now });
  const isHandsOff = options.handsOff?.(reading.uniqueName) ?? false;
  return withPersonEdit(held, now, before, { ...options, isHandsOff }) as ChannelState[F];
}

/** Equal to either end of an unresolved intent, or to a recent write of ours. */
function isOurs(
  channel: ChannelState,
  field: Field,
  value: number | boolean,
  options: ObserveOptions,
): boolean {
  const intent = channel.intent?.[field];
  if (intent && (intent.from === value || intent.to === value)) return true;
  const isYoung = (w: OwnWrite) => isWithin(w.answeredAt, options.at, 2 * options.requestTimeoutMs);
  return channel.writes.some((w) => w.field === field && w.to === value && isYoung(w));
}

/**
 * A person's value is respected for a while. If nothing claims the field any more, the value is its
 * new baseline and already in effect, so headroom lets go of the field.
 */
function withPersonEdit<T>(
  field: FieldState<T>,
  value: T,
  channel: ChannelState,
  { at, respectMs, isHandsOff }: ObserveOptions & { readonly isHandsOff: boolean },
): FieldState<T> {
  if (!field.claimed) return { baseline: null, claimed: false, edit: null, seenFree: true };
  // headroom does not act on the channel now, so the edit gets no end time.
  if (isHandsOff) return { ...field, edit: { value, at, until: null, winner: channel.winner } };
  const foreign = foreignAfter(channel, true, at);
  const contested = isContested({ foreign }, at);
  const until = contested ? (field.edit?.until ?? at) : at + respectMs;
  return { ...field, edit: { value, at, until, winner: channel.winner } };
}

/**
 * Resolves the intent of our own write with TaskRouter's answer. The fields it wrote are taken as
 * written; if the answer shows another value, somebody else wrote meanwhile, and a read decides.
 * The other field is an ordinary observation.
 */
export function resolveIntent(
  state: WorkerState,
  reading: Reading,
  options: ObserveOptions,
): { readonly state: WorkerState; readonly edits: readonly FoundEdit[] } {
  const before = channelIn(state, reading.uniqueName);
  if (before === undefined) return { state, edits: [] };
  const { intent } = before;
  // A read has already resolved it, perhaps too early: another read has to decide.
  if (intent === null) {
    return { state: withChannel(state, reading.uniqueName, { stale: true }), edits: [] };
  }
  const edits: FoundEdit[] = [];
  const shown = {
    ...reading,
    capacity: intent.capacity?.to ?? reading.capacity,
    available: intent.available?.to ?? reading.available,
  };
  const own = ownWrites(intent, shown, options.at);
  const context = { before, reading: shown, options };
  const channel: ChannelState = {
    ...before,
    sid: reading.sid,
    observed: { ...observedOf(shown), asOf: options.at },
    stale: before.stale || own.some((w) => reading[w.field] !== w.to),
    capacity: fieldAfter('capacity', context, edits),
    available: fieldAfter('available', context, edits),
    foreign: foreignAfter(before, edits.length > 0, options.at),
    intent: null,
    writes: recent([...before.writes, ...own], options.at),
    lastWriteAt: intent.at,
  };
  const detected = withDetectedEdits(before, edits, options.at);
  return {
    state: withChannel(state, reading.uniqueName, { ...channel, ...detected }),
    edits: edits.map((each) => withAuthor(each, detected)),
  };
}

type WithEdited = Pick<ChannelState, 'edited'>;

/** Remembers for each edit what identifies its author, now or later. */
function withDetectedEdits(
  before: ChannelState,
  edits: readonly FoundEdit[],
  at: number,
): WithEdited {
  if (edits.length === 0) return {};
  const found = edits.map(({ field, from, to }): [Field, DetectedEdit] => [
    field,
    newDetectedEdit(before, field, { from, to, at }),
  ]);
  return { edited: { ...before.edited, ...Object.fromEntries(found) } };
}

function withAuthor(found: FoundEdit, { edited }: WithEdited): FoundEdit {
  const by = edited?.[found.field]?.by ?? null;
  return by === null ? found : { ...found, by };
}

function foreignAfter(before: ChannelState, edited: boolean, at: number): readonly number[] {
  const now = edited ? [at] : [];
  return [...before.foreign.filter((t) => isWithin(t, at, HOUR_MS)), ...now].slice(-FOREIGN_KEPT);
}

/** More foreign edits than this within an hour: the channel is contested, and headroom stops. */
export const CONTESTED_EDITS = 6;
const FOREIGN_KEPT = CONTESTED_EDITS + 1;
const HOUR_MS = 3_600_000;

export function isContested({ foreign }: Pick<ChannelState, 'foreign'>, at: number): boolean {
  return foreign.filter((t) => isWithin(t, at, HOUR_MS)).length > CONTESTED_EDITS;
}

/** When a contested channel, if nobody edits it from now on, is no longer contested (epoch ms). */
export function contestedUntil({ foreign }: Pick<ChannelState, 'foreign'>, at: number): number {
  return (foreign.at(-CONTESTED_EDITS - 1) ?? at) + HOUR_MS;
}

/**
 * A write that TaskRouter certainly did not accept: nothing happened, so nothing is unresolved. An
 * event that was taken for its echo was about somebody else's write.
 */
export function discardIntent(state: WorkerState, name: string): WorkerState {
  const before = channelIn(state, name);
  if (before === undefined) return state;
  const stale = before.stale || (before.intent?.echoed.length ?? 0) > 0;
  return withChannel(state, name, { intent: null, stale });
}

function observedOf(reading: Reading): Observed {
  return {
    capacity: reading.capacity,
    available: reading.available,
    assigned: reading.assignedTasks,
    asOf: reading.asOf,
  };
}

/** Own writes are kept as long as an echo may arrive or the write may land late. */
function recent(writes: readonly OwnWrite[], at: number): readonly OwnWrite[] {
  return writes
    .filter((w) => isWithin(w.answeredAt, at, STATE_LIMITS.writesMs))
    .slice(-STATE_LIMITS.writes);
}

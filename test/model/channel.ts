// One Worker Channel as the model knows it from the history: its setting, what it is restored to,
// and who made which change.

import type { ReadChannel } from './history.ts';
import type { Field } from './language.ts';

export const FIELDS: readonly Field[] = ['capacity', 'available'];
export const REQUEST_MS = 10_000;
const ECHO_MS = 15_000;
/** How far TaskRouter's clock may be behind ours. */
const SKEW_MS = 5_000;
/** How long our own writes are remembered. */
const LATE_MS = 300_000;
const HOUR_MS = 3_600_000;
const MOST_EDITS = 6;

export interface Edit {
  readonly value: number | boolean;
  readonly since: number;
  /** null: made while everything was paused; in effect until the rules ask for something else. */
  readonly until: number | null;
  readonly winner: string;
  readonly mind: string | null;
}

export interface FieldKnown {
  /** The value it is restored to; null: nothing is held. */
  home: { readonly value: number | boolean } | 'unknown' | null;
  claimed: boolean;
  edit: Edit | null;
  /** Whether it was ever observed while nothing claimed it. */
  seenFree: boolean;
}

export interface Write {
  readonly id: number;
  readonly at: number;
  readonly from: Partial<Record<Field, number | boolean>>;
  readonly to: Partial<Record<Field, number | boolean>>;
  /** When its outcome became known; null: not yet. */
  knownAt: number | null;
  landed: boolean;
  /** Known long enough, by the clock of that time, that nothing is attributed to it any more. */
  old: boolean;
  /** The event of each field that has arrived: TaskRouter sends one per field. */
  readonly echoed: Map<Field, string>;
}

export interface ChannelKnown {
  is: Record<Field, number | boolean> | null;
  /** When the read that showed it began, or the answer that showed it arrived. */
  isSince: number | null;
  readonly capacity: FieldKnown;
  readonly available: FieldKnown;
  writes: Write[];
  winner: string;
  /** When an event last reported a change by an unknown author; null: it was read since. */
  staleSince: number | null;
  /** When others changed it. */
  edits: number[];
}

const free = (): FieldKnown => ({ home: null, claimed: false, edit: null, seenFree: false });

export function unknownChannel(): ChannelKnown {
  return {
    ...{ is: null, isSince: null, capacity: free(), available: free() },
    ...{ writes: [], winner: '', staleSince: null, edits: [] },
  };
}

export interface Seen {
  readonly at: number;
  readonly began: number;
  readonly paused: boolean;
  readonly respectMs: number;
}

/** A read: whatever differs from what was known, and is not ours, someone else did. */
export function read(channel: ChannelKnown, shows: ReadChannel, seen: Seen): void {
  // A future instant was recorded by a clock that has been set back since: it says nothing.
  const since = (at: number) => at >= seen.began && at <= seen.at + SKEW_MS;
  if (channel.writes.some((write) => !write.old && since(write.at))) return;
  if (channel.isSince !== null && channel.isSince > seen.began && since(channel.isSince)) return;
  notice(channel, shows, seen, FIELDS);
  channel.isSince = seen.began;
  const { staleSince } = channel;
  if (staleSince !== null && (staleSince <= seen.began || staleSince > seen.at)) {
    channel.staleSince = null;
  }
  for (const write of channel.writes.filter(({ knownAt }) => knownAt === null)) {
    write.knownAt = seen.at;
    write.landed = FIELDS.some((field) => write.to[field] === shows[field]);
  }
  grow(channel, seen.at);
}

function grow({ writes }: ChannelKnown, at: number): void {
  for (const write of writes) {
    write.old ||= write.knownAt !== null && Math.abs(at - write.knownAt) >= LATE_MS;
  }
}

export interface Changed {
  readonly sid: string;
  readonly field: Field;
  readonly happenedAt: number;
  readonly at: number;
}

/** An event of a change: an echo of our own write (one per field it set), or someone else's. */
export function changed(channel: ChannelKnown, { sid, field, happenedAt, at }: Changed): void {
  if (channel.writes.some(({ echoed }) => echoed.get(field) === sid)) return;
  const own = channel.writes.find((write) => {
    if (write.to[field] === undefined || write.echoed.has(field)) return false;
    if (happenedAt < write.at - SKEW_MS) return false;
    return write.knownAt === null || (write.landed && happenedAt <= write.knownAt + ECHO_MS);
  });
  if (own === undefined) channel.staleSince = at;
  else own.echoed.set(field, sid);
}

/** The answer to a write: what it wrote is ours; the other field is an ordinary observation. */
export function answer(channel: ChannelKnown, id: number, shows: ReadChannel, seen: Seen): void {
  const write = channel.writes.find((each) => each.id === id);
  if (write === undefined) return;
  const others = FIELDS.filter((field) => write.to[field] === undefined);
  notice(channel, shows, seen, others);
  if (channel.is !== null) channel.is = { ...channel.is, ...write.to };
  channel.isSince = seen.at;
  const other = FIELDS.some((field) => (write.to[field] ?? shows[field]) !== shows[field]);
  if (other) channel.staleSince = seen.at;
  write.knownAt = seen.at;
  write.landed = true;
  grow(channel, seen.at);
}

function notice(
  channel: ChannelKnown,
  shows: ReadChannel,
  seen: Seen,
  fields: readonly Field[],
): void {
  const before = channel.is;
  const is = { ...(before ?? { capacity: shows.capacity, available: shows.available }) };
  const theirs = fields.filter(
    (field) =>
      before !== null &&
      before[field] !== shows[field] &&
      !isOurs(channel, field, shows[field], seen.at),
  );
  for (const field of fields) is[field] = shows[field];
  if (theirs.length > 0) channel.edits.push(seen.at);
  for (const field of theirs) edited(channel, field, shows[field], seen);
  channel.is = is;
}

/** Either end of an unanswered write, or what a recent write of ours set. */
function isOurs(
  { writes }: ChannelKnown,
  field: Field,
  value: number | boolean,
  at: number,
): boolean {
  return writes.some((write) => {
    if (write.to[field] === undefined || write.old) return false;
    if (write.knownAt === null) return write.from[field] === value || write.to[field] === value;
    return write.to[field] === value && Math.abs(at - write.knownAt) < 2 * REQUEST_MS;
  });
}

function edited(channel: ChannelKnown, field: Field, value: number | boolean, seen: Seen): void {
  const known = channel[field];
  const { winner } = channel;
  if (!known.claimed) {
    // A value set while nothing claims the field is simply its value from now on.
    Object.assign(known, { home: null, edit: null, seenFree: true });
  } else if (seen.paused) {
    known.edit = { value, since: seen.at, until: null, winner, mind: null };
  } else {
    const renewed = seen.at + seen.respectMs;
    const until = isContested(channel, seen.at) ? (known.edit?.until ?? seen.at) : renewed;
    known.edit = { value, since: seen.at, until, winner, mind: null };
  }
}

/** What began before the clock was set back begins now, and lasts as long as it would have. */
export function begins(since: number, now: number): number {
  return since > now + SKEW_MS ? now : since;
}

export function isContested({ edits }: ChannelKnown, at: number): boolean {
  return edits.filter((edit) => Math.abs(at - edit) < HOUR_MS).length > MOST_EDITS;
}

/** An unanswered write that a read did not show may still land: the field stays held. */
export function mayLand({ writes }: ChannelKnown, field: Field, now: number): boolean {
  const late = ({ landed, knownAt, old }: Write) =>
    !landed && !old && Math.abs(now - (knownAt ?? now)) < LATE_MS;
  return writes.some((write) => write.to[field] !== undefined && late(write));
}

export function lastWriteAt({ writes }: ChannelKnown): number | null {
  const landed = writes.filter(({ landed }) => landed).map(({ at }) => at);
  return landed.at(-1) ?? null;
}

/** Instants at which time alone may change what this channel should be. */
export function instantsOf(channel: ChannelKnown, dwellMs: number): readonly number[] {
  const wrote = lastWriteAt(channel);
  return [
    ...FIELDS.flatMap((field) => channel[field].edit?.until ?? []),
    ...(wrote === null ? [] : [wrote + dwellMs]),
    ...channel.edits.map((edit) => edit + HOUR_MS),
  ];
}

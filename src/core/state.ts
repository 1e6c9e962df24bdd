// Everything headroom remembers about one Worker, in one record that changes by compare-and-set:
// what TaskRouter told, what headroom did about it, and in which state each rule is. Plain JSON.

import type { Actor } from './event.types.ts';
import type { Attributes } from './facts.ts';
import type { WorkerSid } from './ids.ts';
import type { JournalEntry } from './journal.types.ts';

/**
 * TaskRouter's time of an event. Of one millisecond, the Worker's version says which came later.
 */
export interface Stamp {
  readonly at: number;
  /** The Worker's version after the event, which only grows; absent where nothing told it. */
  readonly version?: number;
  /** Decides where nothing else does, so that the order in which two arrive never matters. */
  readonly sid: string;
}

/** Which Activity the Worker was in at that instant, as an event or a read told it. */
export interface ActivityReport extends Stamp {
  readonly activity: string;
  readonly name: string | null;
  /** Known from a read of the Worker; null where only the Activity itself tells. */
  readonly available: boolean | null;
  /** The Worker left this Activity and came back, of which nothing else told. */
  readonly anew?: true;
}

/** In the order in which a Reservation lives; it never goes back. */
export const RESERVATION_ORDER = ['pending', 'accepted', 'wrapping', 'ended'] as const;
export type ReservationStatus = (typeof RESERVATION_ORDER)[number];

export interface Held {
  readonly status: ReservationStatus;
  /** The Task Channel's unique name, where an event told it. */
  readonly channel: string | null;
  /** When the latest of its events happened. */
  readonly at: number;
}

/** One event that `count` may count. */
export interface Counted {
  readonly type: string;
  readonly reservation: string;
  readonly at: number;
}

/** What a Worker Channel was, by our last read or by the answer to our own write. */
export interface Observed {
  readonly capacity: number;
  readonly available: boolean;
  readonly assigned: number;
  /** Our clock: the instant the request began. */
  readonly asOf: number;
}

export interface Edit<T> {
  readonly value: T;
  readonly at: number;
  /** null: made while headroom kept its hands off, so it stands until rules change their mind. */
  readonly until: number | null;
  /** The `set` that was winning when it was made: when another wins, the edit is over. */
  readonly winner: string;
  /** What rules asked of the field then, for an edit that stands; absent until the next pass. */
  readonly mind?: string;
}

/** One field of a Worker Channel as headroom holds it. */
export interface FieldState<T> {
  /** What it goes back to. null: headroom does not hold this field. */
  readonly baseline: { readonly value: T } | 'unknown' | null;
  /** Whether a rule claimed it at the last pass. */
  readonly claimed: boolean;
  readonly edit: Edit<T> | null;
  /** Whether this store has seen it while nothing claimed it: then its value was not ours. */
  readonly seenFree: boolean;
}

/** A write that is durable before it is sent; unresolved until its answer is. */
export interface Intent {
  readonly at: number;
  readonly capacity: { readonly from: number; readonly to: number } | null;
  readonly available: { readonly from: boolean; readonly to: boolean } | null;
  /** The events that arrived before our answer did and were taken for its echo, one a field. */
  readonly echoed: readonly { readonly field: Field; readonly event: string }[];
}

export type Field = 'capacity' | 'available';

/** One field of an own write that is resolved: TaskRouter will send, or sent, one event for it. */
export interface OwnWrite {
  readonly field: Field;
  readonly to: number | boolean;
  readonly beganAt: number;
  readonly answeredAt: number;
  /** The SID of the event that was taken for its echo; null while that is still due. */
  readonly echo: string | null;
  /** False: a read did not show it. It may still land, and then its event must cost a read. */
  readonly landed: boolean;
}

/** An event of one field that was no echo of ours. */
export interface Teller {
  readonly event: string;
  /** TaskRouter's time of it. */
  readonly at: number;
  /** null: not known yet. */
  readonly by: Actor | null;
}

/** The latest edit found of one field, and who made it. Instants but `told.at` are ours. */
export interface Edited {
  readonly from: number | boolean;
  readonly to: number | boolean;
  /** When it was found; it was made after `since`, when the value before was read. */
  readonly at: number;
  readonly since: number;
  /** The event that tells of it; null: none that is known. */
  readonly told: { readonly event: string; readonly at: number } | null;
  readonly by: Actor | null;
}

export interface ChannelState {
  readonly sid: string | null;
  readonly observed: Observed | null;
  /** Something may have changed it since `observed`: read it before deciding. */
  readonly stale: boolean;
  /** The SID of the event that said so last: a read that began before it does not settle it. */
  readonly staleBy: string | null;
  /** The newest foreign event of each field that no read has settled yet. */
  readonly tellers?: Partial<Readonly<Record<Field, Teller>>>;
  readonly edited?: Partial<Readonly<Record<Field, Edited>>>;
  readonly capacity: FieldState<number>;
  readonly available: FieldState<boolean>;
  readonly intent: Intent | null;
  readonly writes: readonly OwnWrite[];
  readonly lastWriteAt: number | null;
  /** The `set` that won at the last pass, as `rule=number`; empty: none. */
  readonly winner: string;
  /** The rules that decided it at the last pass, for people; absent: none did yet. */
  readonly by?: readonly string[];
  /** When people changed it, within the last hour. */
  readonly foreign: readonly number[];
  /** What was journalled last about a write that is held back, so each episode is told once. */
  readonly refused: string | null;
  /** What observing rules would have set, as journalled last. */
  readonly shadow: string | null;
}

/**
 * Where a rule with a condition stands for this Worker. No entry means idle. Instants are epoch ms.
 * pending: it holds since `since`, not yet for long enough. claiming: since `since`.
 * keeping: its condition ended at `exitedAt`. spent: released, and has to fail once.
 */
export type RuleState = { readonly when: string } & (
  | { readonly phase: 'pending' | 'claiming' | 'spent'; readonly since: number }
  | { readonly phase: 'keeping'; readonly since: number; readonly exitedAt: number }
);

export interface WorkerState {
  readonly sid: WorkerSid;
  /** Our clock: what happened to this Worker before is not known. */
  readonly knownSince: number;
  readonly name: (Stamp & { readonly value: string }) | null;
  /** `value` null: TaskRouter's text was not a JSON object. */
  readonly attributes: (Stamp & { readonly value: Attributes | null }) | null;
  /** A listing left the attributes out: if they were known before that, they may be others now. */
  readonly hidden?: Stamp;
  /** Ascending by time, the newest last. */
  readonly activities: readonly ActivityReport[];
  readonly gone: Stamp | null;
  readonly reservations: Readonly<Record<string, Held>>;
  /** Ascending by time. */
  readonly counted: readonly Counted[];
  /** By event type: the newest instant of which an event was dropped. Absent: none ever was. */
  readonly dropped?: Readonly<Record<string, number>>;
  readonly channels: Readonly<Record<string, ChannelState>>;
  readonly rules: Readonly<Record<string, RuleState>>;
  /** Our clock: when all its Worker Channels were listed last, and when to do so again. */
  readonly listedAt: number | null;
  readonly relistAt: number | null;
  /** The edition of the Workspace's Task Channels that was known then; absent: none was. */
  readonly listedFor?: number;
  /** The whole-Worker reason journalled last, so that each episode is told once. */
  readonly told: string | null;
  /** What the journal has to be told of it yet; absent: nothing. */
  readonly untold?: readonly JournalEntry[];
  /** What the guardrails that count Workers were told; absent: they never were. */
  readonly stood?: {
    /** Where the Worker stands. */
    readonly at: readonly string[];
    /** It was given a place to close, which it may have to give back. */
    readonly holds: boolean;
  };
}

/** Bounds of one record; ARCHITECTURE.md lists them with every other limit. */
export const STATE_LIMITS = {
  reports: 64,
  /** A report older than this only matters if it began a run of one Activity. */
  reportMs: 10 * 60_000,
  /** Events of one type that rules in force count, and of one that they do not. */
  counted: 256,
  uncounted: 32,
  countedMs: 24 * 3_600_000,
  /** Longer than Twilio's longest retry (4 h), so that a late start finds its own end. */
  tombstoneMs: 5 * 3_600_000,
  reservations: 512,
  writes: 8,
  writesMs: 5 * 60_000,
} as const;

export function newWorker(sid: WorkerSid, at: number): WorkerState {
  return {
    sid,
    knownSince: at,
    name: null,
    attributes: null,
    activities: [],
    gone: null,
    reservations: {},
    counted: [],
    channels: {},
    rules: {},
    listedAt: null,
    relistAt: null,
    told: null,
  };
}

const FREE = { baseline: null, claimed: false, edit: null, seenFree: false } as const;

export function newChannel(): ChannelState {
  return {
    sid: null,
    observed: null,
    stale: true,
    staleBy: null,
    capacity: FREE,
    available: FREE,
    intent: null,
    writes: [],
    lastWriteAt: null,
    winner: '',
    foreign: [],
    refused: null,
    shadow: null,
  };
}

/** Negative: `a` came first. A total order. */
export function byTime(a: Stamp, b: Stamp): number {
  return a.at - b.at || (a.version ?? -1) - (b.version ?? -1) || bySid(a, b);
}

function bySid(a: Stamp, b: Stamp): number {
  return a.sid === b.sid ? 0 : a.sid < b.sid ? -1 : 1;
}

export function isLater(a: Stamp, b: Stamp | null): boolean {
  return b === null || byTime(a, b) > 0;
}

type Reservations = WorkerState['reservations'];
const IN_HAND = new WeakMap<Reservations, ReadonlyMap<string, number>>();

/** Counted once for what was told: one pass asks for each channel, and more than once. */
function inHand(reservations: Reservations): ReadonlyMap<string, number> {
  const known = IN_HAND.get(reservations);
  if (known !== undefined) return known;
  const counts = new Map<string, number>();
  for (const { status, channel } of Object.values(reservations)) {
    if (status !== 'accepted' || channel === null) continue;
    counts.set(channel, (counts.get(channel) ?? 0) + 1);
  }
  IN_HAND.set(reservations, counts);
  return counts;
}

/** Tasks in hand: the accepted Reservations on this Task Channel. */
export function assignedOn(state: WorkerState, channel: string): number {
  return inHand(state.reservations).get(channel) ?? 0;
}

/** The record's own entry: a Task Channel may be called `constructor`. */
export function channelIn(state: WorkerState, name: string): ChannelState | undefined {
  return Object.hasOwn(state.channels, name) ? state.channels[name] : undefined;
}

export function withChannel(
  state: WorkerState,
  name: string,
  change: Partial<ChannelState>,
): WorkerState {
  const before = channelIn(state, name) ?? newChannel();
  return { ...state, channels: { ...state.channels, [name]: { ...before, ...change } } };
}

// Everything headroom remembers about one Worker, in one record that changes by compare-and-set:
// what TaskRouter reported, what headroom did about it, and the state of each rule. Plain JSON.

import type { Actor } from './event.types.ts';
import type { Attributes } from './facts.ts';
import type { WorkerSid } from './ids.ts';
import type { JournalEntry } from './journal.types.ts';

/**
 * TaskRouter's time of an event. Within one millisecond, the Worker's version decides the order.
 */
export interface Stamp {
  readonly at: number;
  /** The Worker's version after the event, which only grows; absent if it was not reported. */
  readonly version?: number;
  /** Breaks the remaining ties, so that the order of arrival never matters. */
  readonly sid: string;
}

/** Which Activity the Worker was in at that instant, according to an event or a read. */
export interface ActivityReport extends Stamp {
  readonly activity: string;
  readonly name: string | null;
  /** From a read of the Worker; null: only the Activity itself says. */
  readonly available: boolean | null;
  /** The Worker left this Activity and came back, which no other report shows. */
  readonly anew?: true;
}

/** The life of a Reservation, in order; it never goes back. */
export const RESERVATION_ORDER = ['pending', 'accepted', 'wrapping', 'ended'] as const;
export type ReservationStatus = (typeof RESERVATION_ORDER)[number];

export interface ReservationState {
  readonly status: ReservationStatus;
  /** The Task Channel's unique name, if an event contained it. */
  readonly channel: string | null;
  /** When the latest of its events happened. */
  readonly at: number;
}

/** One event that `count` may count. */
export interface CountedEvent {
  readonly type: string;
  readonly reservation: string;
  readonly at: number;
}

/** The setting of a Worker Channel, from our last read or the answer to our own write. */
export interface Observed {
  readonly capacity: number;
  readonly available: boolean;
  readonly assigned: number;
  /** Our clock: when the read's request began, or when our write was answered. */
  readonly asOf: number;
}

export interface Edit<T> {
  readonly value: T;
  readonly at: number;
  /** null: made while headroom did not act on the channel; ends when what rules ask changes. */
  readonly until: number | null;
  /** The `set` that was winning when it was made: when another wins, the edit is over. */
  readonly winner: string;
  /** What rules asked of the field then, if `until` is null; absent until the next pass. */
  readonly mind?: string;
}

/** One field of a Worker Channel as headroom holds it. */
export interface FieldState<T> {
  /** What it goes back to. null: headroom does not hold this field. */
  readonly baseline: { readonly value: T } | 'unknown' | null;
  /** Whether a rule claimed it at the last pass. */
  readonly claimed: boolean;
  readonly edit: Edit<T> | null;
  /** Whether this store has seen it unclaimed: its value was then not ours. */
  readonly seenFree: boolean;
}

/** A write, stored before it is sent; unresolved until its answer is stored. */
export interface Intent {
  readonly at: number;
  readonly capacity: { readonly from: number; readonly to: number } | null;
  readonly available: { readonly from: boolean; readonly to: boolean } | null;
  /** The events that arrived before the answer and were taken for its echo, one per field. */
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

/** An event of one field that was not an echo of our own write. */
export interface ForeignEvent {
  readonly event: string;
  /** TaskRouter's time of the event. */
  readonly at: number;
  /** null: not known yet. */
  readonly by: Actor | null;
}

/** The latest edit found on one field, and its author. Instants are ours, except `told.at`. */
export interface DetectedEdit {
  readonly from: number | boolean;
  readonly to: number | boolean;
  /** When it was found; it was made after `since`, when the value before was read. */
  readonly at: number;
  readonly since: number;
  /** The event that reported it; null: none is known. Kept in records under this name. */
  readonly told: { readonly event: string; readonly at: number } | null;
  readonly by: Actor | null;
}

export interface ChannelState {
  readonly sid: string | null;
  readonly observed: Observed | null;
  /** Something may have changed it since `observed`: read it before deciding. */
  readonly stale: boolean;
  /** The SID of the latest such event: a read that began before it does not settle it. */
  readonly staleBy: string | null;
  /** The newest foreign event of each field that no read has settled yet. */
  readonly tellers?: Partial<Readonly<Record<Field, ForeignEvent>>>;
  readonly edited?: Partial<Readonly<Record<Field, DetectedEdit>>>;
  readonly capacity: FieldState<number>;
  readonly available: FieldState<boolean>;
  readonly intent: Intent | null;
  readonly writes: readonly OwnWrite[];
  readonly lastWriteAt: number | null;
  /** The `set` that won at the last pass, as `rule=number`; empty: none. */
  readonly winner: string;
  /** The rules that decided it at the last pass, for display; absent: none did yet. */
  readonly by?: readonly string[];
  /** When people changed it, within the last hour. */
  readonly foreign: readonly number[];
  /** What was journalled last about a held-back write, so that each episode is reported once. */
  readonly refused: string | null;
  /** What observing rules would have set, as journalled last. */
  readonly shadow: string | null;
}

/**
 * The state of a rule with a condition for this Worker. No entry means idle. Instants are epoch ms.
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
  /** A listing left the attributes out: attributes known before that may have changed. */
  readonly hidden?: Stamp;
  /** A read and an event of one second differ: until when no read can say which is newer. */
  readonly unsureUntil?: number;
  /** Ascending by time, the newest last. */
  readonly activities: readonly ActivityReport[];
  readonly gone: Stamp | null;
  readonly reservations: Readonly<Record<string, ReservationState>>;
  /** Ascending by time. */
  readonly counted: readonly CountedEvent[];
  /** By event type: the instant of the newest dropped event. Absent: none was dropped. */
  readonly dropped?: Readonly<Record<string, number>>;
  readonly channels: Readonly<Record<string, ChannelState>>;
  readonly rules: Readonly<Record<string, RuleState>>;
  /** Our clock: when all its Worker Channels were listed last, and when to do so again. */
  readonly listedAt: number | null;
  readonly relistAt: number | null;
  /** The edition of the Workspace's Task Channels known at that listing; absent: none was. */
  readonly listedFor?: number;
  /** The reason last journalled for the whole Worker, so that each episode is reported once. */
  readonly told: string | null;
  /** Journal entries still to be appended; absent: none. */
  readonly untold?: readonly JournalEntry[];
  /** What was last reported to the guardrails that count Workers; absent: nothing yet. */
  readonly stood?: {
    /** Its standing, as returned by `floorMembershipsOf`. */
    readonly at: readonly string[];
    /** It was granted a place to close, which it may have to give back. */
    readonly holds: boolean;
  };
}

/** Bounds of one record; ARCHITECTURE.md lists them with every other limit. */
export const STATE_LIMITS = {
  reports: 64,
  /** A report older than this only matters if it begins or ends a run of one Activity. */
  reportMs: 10 * 60_000,
  /** How many events are kept of a type that rules in force count, and of any other type. */
  counted: 256,
  uncounted: 32,
  countedMs: 24 * 3_600_000,
  /** Longer than Twilio's longest retry (4 h), so that a late start event finds its own end. */
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

const UNHELD = { baseline: null, claimed: false, edit: null, seenFree: false } as const;

export function newChannel(): ChannelState {
  return {
    sid: null,
    observed: null,
    stale: true,
    staleBy: null,
    capacity: UNHELD,
    available: UNHELD,
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
const ASSIGNED_CACHE = new WeakMap<Reservations, ReadonlyMap<string, number>>();

/** Counted once per set of Reservations: a pass asks for each channel, and more than once. */
function assignedByChannel(reservations: Reservations): ReadonlyMap<string, number> {
  const known = ASSIGNED_CACHE.get(reservations);
  if (known !== undefined) return known;
  const counts = new Map<string, number>();
  for (const { status, channel } of Object.values(reservations)) {
    if (status !== 'accepted' || channel === null) continue;
    counts.set(channel, (counts.get(channel) ?? 0) + 1);
  }
  ASSIGNED_CACHE.set(reservations, counts);
  return counts;
}

/** Tasks in hand: the accepted Reservations on this Task Channel. */
export function assignedOn(state: WorkerState, channel: string): number {
  return assignedByChannel(state.reservations).get(channel) ?? 0;
}

/** Own entries only: a Task Channel may be called `constructor`. */
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

// The edges as the control loop sees them. Each has its implementations in one folder, held to one
// contract suite; nothing here knows Redis, SQL, BullMQ, Express or Twilio.

import type { DeadJob } from './core/dead-job.types.ts';
import type { RoutingEvent } from './core/event.types.ts';
import type { Forward } from './core/forward.types.ts';
import type { TaskSid, WorkerSid } from './core/ids.ts';
import type {
  ActivityReading,
  ChannelReading,
  QueueReading,
  ReservationReading,
  TaskQueueReading,
  WorkerReading,
} from './readings.ts';
import type { Changes, JournalEntry, JournalPage, JournalTail, Json, Versioned } from './stored.ts';

export interface Clock {
  /** epoch ms */
  now(): number;
}

// ── Store ────────────────────────────────────────────────────────────────────────────────────

export type { Changes, JournalEntry, JournalPage, JournalTail, Json, Versioned } from './stored.ts';

/**
 * What headroom remembers. Every method rejects with `StoreDown` when the store cannot be reached,
 * within a few seconds and never by hanging.
 */
export interface Store {
  /** One Worker's record as JSON, or null. */
  loadWorker(worker: WorkerSid): Promise<Versioned<Json> | null>;
  /**
   * Compare-and-set: false, with nothing changed, unless `expected` (0: none yet) is still the
   * version.
   */
  saveWorker(worker: WorkerSid, value: Json, expected: number): Promise<boolean>;
  /** Removes the record whatever its version is. */
  removeWorker(worker: WorkerSid): Promise<void>;
  /** Records in SID order, from after `cursor` on. */
  listWorkers(
    limit: number,
    cursor?: string,
  ): Promise<{
    readonly workers: readonly { readonly sid: WorkerSid; readonly value: Json }[];
    readonly next: string | null;
  }>;

  /** Whether this event was absorbed before. An event's own time names where to look. */
  hasSeen(eventSid: string, eventAt: number): Promise<boolean>;
  /** Remembers that it was, for some hours after `eventAt`: longer than Twilio retries. */
  markSeen(eventSid: string, eventAt: number): Promise<void>;
  /** How many distinct events are remembered as absorbed. */
  countSeen(): Promise<number>;

  /**
   * When to look at this key again (epoch ms); replaces what was set before, null forgets it. The
   * pass over a key is the only one to call it, so that no later instant can hide an earlier one.
   */
  setWake(key: string, at: number | null): Promise<void>;
  /**
   * Up to `limit` keys that are due at `now`, earliest first. Each is moved to `now + leaseMs` in
   * the same step: whoever took it sets its next instant, and if it died the key comes due again.
   */
  leaseWakes(now: number, leaseMs: number, limit: number): Promise<readonly string[]>;

  /** Appends; what is older or more than is to be kept is dropped. */
  appendJournal(entries: readonly JournalEntry[]): Promise<void>;
  readJournal(query: {
    readonly limit: number;
    readonly before?: string;
    readonly worker?: string;
  }): Promise<JournalPage>;

  /** Entries that came after this cursor; null: none, only where the journal stands now. */
  readJournalAfter(after: string | null, limit: number): Promise<JournalTail>;

  /** Workers saved or removed since this cursor; null: none, only where the feed stands now. */
  readChanges(after: string | null, limit: number): Promise<Changes>;

  /** Small named documents: the last good rule set, the Workspace's directory. */
  getDocument(name: string): Promise<Versioned<Json> | null>;
  /** Compare-and-set as `saveWorker`. */
  putDocument(name: string, value: Json, expected: number): Promise<boolean>;

  /**
   * True for exactly one caller per key until `ttlMs` has passed: ticks run once across replicas.
   */
  claimOnce(key: string, ttlMs: number): Promise<boolean>;

  /**
   * Takes a place for one REST call in the budget that all replicas share and answers how long to
   * wait for it, in ms (0: now). At most `limit` places fall into any span of `windowMs`.
   */
  takeCall(limit: number, windowMs: number): Promise<number>;

  /** Resolves where something can be written now. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** The store or the queue cannot be reached. Producers answer 503; consumers wait. */
export class StoreDown extends Error {
  constructor(cause: unknown) {
    super(
      `the store cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
    this.name = 'StoreDown';
  }
}

/** The queue is as deep as it may get. To a producer that is the same as a store that is down. */
export class QueueFull extends StoreDown {
  constructor(waiting: number, most: number) {
    super(`${waiting} events are waiting; the maximum is ${most}`);
    this.name = 'QueueFull';
  }
}

// ── Queues ───────────────────────────────────────────────────────────────────────────────────

export interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
}

/** Tells a queue how a job that failed is to be tried again. */
export class RetryLater extends Error {
  /** null: the queue's own growing delay. 0 counts no attempt: the job simply comes again. */
  readonly afterMs: number | null;
  /** False: trying again cannot help; the job is kept as failed at once. */
  readonly canHeal: boolean;
  constructor(
    message: string,
    options: { afterMs: number | null; canHeal: boolean; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.name = 'RetryLater';
    this.afterMs = options.afterMs;
    this.canHeal = options.canHeal;
  }
}

/**
 * What goes first. now: somebody or something waits for it, as an event, a wake or an order. all:
 * each Worker is looked at again because what decides about all changed. restore, raise: the rate
 * is short, and what is left to write gives back, or gives more work. resync: a listing.
 */
export type PassUrgency = 'now' | 'all' | 'restore' | 'raise' | 'resync';
/** What it left over, as urgent as that is: it then comes again, behind the more urgent. */
export type PassAnswer = Promise<PassUrgency | null> | Promise<void>;

export interface Queues {
  /**
   * Resolves once the event is durable; rejects with `StoreDown` within seconds (the queue's
   * `tripMs`).
   */
  addEvent(event: RoutingEvent): Promise<void>;
  /**
   * Asks for a pass over `key`, a Worker SID. One waits at most; it is moved up where it has to be.
   */
  addPass(key: string, urgency?: PassUrgency): Promise<void>;
  /** Starts the consumers. A handler that rejects makes its job come again, later and later. */
  consume(handlers: {
    readonly event: (event: RoutingEvent) => Promise<void>;
    readonly pass: (key: string, urgency: PassUrgency) => PassAnswer;
    /** An urgent pass was asked for here while as many are in hand as may be. */
    readonly crowded?: () => void;
  }): Promise<void>;
  /** Takes no more passes here, or takes them again; those in hand go on. */
  holdPasses(isHeld: boolean): Promise<void>;
  counts(): Promise<{ readonly events: QueueCounts; readonly passes: QueueCounts }>;
  /** Resolves where something can be added now; rejects with `StoreDown`. */
  ping(): Promise<void>;
  /** The failed jobs that are kept, newest first. */
  failed(limit: number): Promise<readonly Omit<DeadJob, 'worker'>[]>;
  /** Stops taking jobs, waits for those in hand up to `graceMs`, then closes. */
  close(graceMs: number): Promise<void>;
}

type WhichDead = 'all' | { readonly queue: DeadJob['queue']; readonly id: string };
/** How many were acted on, and how many there are still: `all` takes so many in one go. */
type ActedDead = { readonly done: number; readonly left: number };

/** Every method rejects with `StoreDown`. null: there is no such dead job. */
export interface DeadJobs {
  /** Newest first. */
  page(query: { readonly limit: number; readonly cursor?: string }): Promise<{
    readonly jobs: readonly DeadJob[];
    readonly next: string | null;
  }>;
  replay(which: WhichDead): Promise<ActedDead | null>;
  discard(which: WhichDead): Promise<ActedDead | null>;
}

/** Deliveries that somebody else gets as well. */
export interface Forwards {
  /** Resolves once it is durable; rejects with `StoreDown`, or `QueueFull` where it has no room. */
  add(forward: Forward): Promise<void>;
  /** Starts the consumer. A handler that rejects makes its job come again. */
  consume(handle: (forward: Forward) => Promise<void>): void;
  counts(): Promise<QueueCounts>;
  close(graceMs: number): Promise<void>;
}

// ── TaskRouter ───────────────────────────────────────────────────────────────────────────────

export type {
  ActivityReading,
  ChannelReading,
  QueueReading,
  ReservationReading,
  TaskQueueReading,
  WorkerReading,
} from './readings.ts';

export interface ChannelChange {
  readonly capacity?: number;
  readonly available?: boolean;
}

/** What a write does, the most urgent first. */
export type WriteUrgency = 'hard' | 'lower' | 'restore' | 'raise';
/** How a write waits for its turn in the rate, and what is asked of it once that has come. */
export interface Turn {
  /** Default `lower`. */
  readonly urgency?: WriteUrgency;
  /** The Worker is in no available Activity: of one urgency, those who are go first. */
  readonly away?: boolean;
  /**
   * Asked just before the request leaves, whatever the wait was: what has to be durable by then is
   * made so here. False: it does not leave after all.
   */
  leaving?(): Promise<boolean>;
}
/**
 * What a call is for: writes go before reads, but those that give more work. `list` reads many
 * Workers or events at once, for no pass; `resync` is the read of a pass that only a listing asked
 * for, and gives way to more urgent passes.
 */
export type Urgency = WriteUrgency | 'read' | 'list' | 'resync';

/**
 * TaskRouter through the official SDK. Every call may reject with a `Failure`, or with `StoreDown`
 * where its place in the shared call budget cannot be taken; with nothing else.
 */
export interface Gateway {
  /** `onOdd` is told of each Worker that is not to be understood; absent: that fails the list. */
  workers(urgency: Urgency, onOdd?: (worker: WorkerSid) => void): AsyncIterable<WorkerReading>;
  /** Reads are for a pass that somebody waits for where nothing else is said. */
  worker(sid: WorkerSid, urgency?: Urgency): Promise<WorkerReading>;
  /** All Worker Channels of a Worker, every page. `away` as in `Turn`. */
  channels(
    worker: WorkerSid,
    urgency?: Urgency,
    away?: boolean,
  ): Promise<readonly ChannelReading[]>;
  /** One, by its SID or its Task Channel's unique name. */
  channel(worker: WorkerSid, sidOrUniqueName: string, away?: boolean): Promise<ChannelReading>;
  /**
   * Sets exactly the fields that `change` names and answers what TaskRouter then reports; null
   * where `turn.leaving` would not let it go. What that rejects with is passed on.
   */
  setChannel(
    worker: WorkerSid,
    sidOrUniqueName: string,
    change: ChannelChange,
    turn?: Turn,
  ): Promise<ChannelReading | null>;
  activities(): Promise<readonly ActivityReading[]>;
  taskChannels(): Promise<readonly { readonly sid: string; readonly uniqueName: string }[]>;
  /** The Worker's Reservations in this status. */
  reservations(worker: WorkerSid, status: string): Promise<readonly ReservationReading[]>;
  /** The unique name of the Task Channel that this Task is on. */
  taskChannelOf(task: TaskSid): Promise<string>;
  taskQueues(): Promise<readonly TaskQueueReading[]>;
  /** How it stands in one TaskQueue right now. */
  queue(sid: string): Promise<QueueReading>;
  /**
   * What happened of one type from `since` on (epoch ms), page by page, each event as the fields of
   * the delivery that told it, or should have, with `ActorType` and `ActorSid` where TaskRouter
   * says who did it. `urgency` is `resync` unless told otherwise.
   */
  pastEvents(
    type: string,
    since: number,
    urgency?: Urgency,
  ): AsyncIterable<readonly Readonly<Record<string, string>>[]>;
  close(): void;
}

export { Failure, type FailureKind } from './failure.ts';

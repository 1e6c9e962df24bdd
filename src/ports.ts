// The ports of the control loop. Each is implemented in one folder and held to one contract suite;
// nothing here knows Redis, SQL, BullMQ, Express or Twilio.

import type { DeadJob } from './core/dead-job.types.ts';
import type { RoutingEvent } from './core/event.types.ts';
import type { Forward } from './core/forward.types.ts';
import type { WorkerSid } from './core/ids.ts';
import type {
  JournalEntry,
  JournalPage,
  JournalTail,
  Json,
  RecordChanges,
  Versioned,
} from './store.types.ts';

export interface Clock {
  /** epoch ms */
  now(): number;
}

// ── Store ────────────────────────────────────────────────────────────────────────────────────

export type {
  JournalEntry,
  JournalPage,
  JournalTail,
  Json,
  RecordChanges,
  Versioned,
} from './store.types.ts';

/**
 * What headroom remembers. Every method rejects with `StoreDown` when the store cannot be reached,
 * within a few seconds and never by hanging.
 */
export interface Store {
  /** One Worker's record as JSON, or null. */
  loadWorker(worker: WorkerSid): Promise<Versioned<Json> | null>;
  /**
   * Compare-and-set: unless `expected` (0: none yet) is still the version, answers false and
   * changes nothing.
   */
  saveWorker(worker: WorkerSid, value: Json, expected: number): Promise<boolean>;
  /** Removes the record whatever its version is. */
  removeWorker(worker: WorkerSid): Promise<void>;
  /** Records in SID order, beginning after `cursor`. */
  listWorkers(
    limit: number,
    cursor?: string,
  ): Promise<{
    readonly workers: readonly { readonly sid: WorkerSid; readonly value: Json }[];
    readonly next: string | null;
  }>;

  /** Whether this event was absorbed before. `eventAt` selects where to look. */
  hasSeen(eventSid: string, eventAt: number): Promise<boolean>;
  /** Remembers it as absorbed for some hours after `eventAt`: longer than Twilio retries. */
  markSeen(eventSid: string, eventAt: number): Promise<void>;
  /** How many distinct events are remembered as absorbed. */
  countSeen(): Promise<number>;

  /**
   * When to look at this key again (epoch ms); replaces what was set before, null removes it. Only
   * the pass over a key calls this, so that no later instant can hide an earlier one.
   */
  setWake(key: string, at: number | null): Promise<void>;
  /**
   * Up to `limit` keys that are due at `now`, earliest first. Each is moved to `now + leaseMs` in
   * the same step: the taker sets its next instant, and if it dies the key comes due again.
   */
  leaseWakes(now: number, leaseMs: number, limit: number): Promise<readonly string[]>;

  /** Appends, and drops what exceeds the journal's maximum age or number. */
  appendJournal(entries: readonly JournalEntry[]): Promise<void>;
  readJournal(query: {
    readonly limit: number;
    readonly before?: string;
    readonly worker?: string;
  }): Promise<JournalPage>;

  /** Entries after this cursor; null: none, only the current cursor. */
  readJournalAfter(after: string | null, limit: number): Promise<JournalTail>;

  /** Workers saved or removed since this cursor; null: none, only the current cursor. */
  readChanges(after: string | null, limit: number): Promise<RecordChanges>;

  /** Small named documents: the last good rule set, the Workspace's directory. */
  getDocument(name: string): Promise<Versioned<Json> | null>;
  /** Compare-and-set, as in `saveWorker`. */
  putDocument(name: string, value: Json, expected: number): Promise<boolean>;

  /**
   * True for exactly one caller per key until `ttlMs` has passed: ticks run once across replicas.
   */
  claimOnce(key: string, ttlMs: number): Promise<boolean>;

  /**
   * Takes a place for one REST call in the budget that all replicas share and answers how long to
   * wait for it, in ms (0: not at all). Any span of `windowMs` contains at most `limit` places.
   */
  takeCall(limit: number, windowMs: number): Promise<number>;

  /** Resolves if the store can be written now. */
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

/** The queue has reached its maximum depth. Producers treat that like a store that is down. */
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

/** Tells the queue how to retry the job that failed with it. */
export class RetryLater extends Error {
  /** null: the queue's own growing delay. 0: the job runs again without counting an attempt. */
  readonly afterMs: number | null;
  /** False: a retry cannot help; the job is kept as failed at once. */
  readonly retryable: boolean;
  constructor(
    message: string,
    options: { afterMs: number | null; retryable: boolean; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.name = 'RetryLater';
    this.afterMs = options.afterMs;
    this.retryable = options.retryable;
  }
}

/**
 * What goes first. now: an event, a wake or an order asks for it. all: something changed that
 * concerns all Workers. restore, raise: the rate is short, and the writes that are left restore
 * baselines, or give more work. resync: a listing.
 */
export type PassUrgency = 'now' | 'all' | 'restore' | 'raise' | 'resync';
/** The urgency of the work that is left: the pass runs again, behind more urgent ones. */
export type PassResult = Promise<PassUrgency | null> | Promise<void>;

export interface Queues {
  /**
   * Resolves once the event is durable; rejects with `StoreDown` within seconds (the queue's
   * `batchTimeoutMs`).
   */
  addEvent(event: RoutingEvent): Promise<void>;
  /** Asks for a pass over `key`, a Worker's or a rule's. At most one waits; it may be moved up. */
  addPass(key: string, urgency?: PassUrgency): Promise<void>;
  /** Starts the consumers. A job whose handler rejects is retried with growing delays. */
  consume(handlers: {
    readonly event: (event: RoutingEvent) => Promise<void>;
    readonly pass: (key: string, urgency: PassUrgency) => PassResult;
    /** An urgent pass was requested here while all pass slots are taken. */
    readonly onSlotsTaken?: () => void;
  }): Promise<void>;
  /** Stops taking passes here, or takes them again; those that run continue. */
  holdPasses(isHeld: boolean): Promise<void>;
  counts(): Promise<{ readonly events: QueueCounts; readonly passes: QueueCounts }>;
  /** Resolves if a job can be added now; rejects with `StoreDown`. */
  ping(): Promise<void>;
  /** The failed jobs that are kept, newest first. */
  failed(limit: number): Promise<readonly Omit<DeadJob, 'worker'>[]>;
  /** Stops taking jobs, waits up to `graceMs` for those that run, then closes. */
  close(graceMs: number): Promise<void>;
}

type DeadJobSelection = 'all' | { readonly queue: DeadJob['queue']; readonly id: string };
/** How many were acted on, and how many are left: `all` acts on a limited number per call. */
type DeadJobsResult = { readonly done: number; readonly left: number };

/** Every method rejects with `StoreDown`. null: there is no such dead job. */
export interface DeadJobs {
  /** Newest first. */
  page(query: { readonly limit: number; readonly cursor?: string }): Promise<{
    readonly jobs: readonly DeadJob[];
    readonly next: string | null;
  }>;
  replay(which: DeadJobSelection): Promise<DeadJobsResult | null>;
  discard(which: DeadJobSelection): Promise<DeadJobsResult | null>;
}

/** Deliveries to be forwarded. */
export interface Forwards {
  /** Resolves once it is durable; rejects with `StoreDown`, or `QueueFull` if it has no room. */
  add(forward: Forward): Promise<void>;
  /** Starts the consumer. A job whose handler rejects is retried. */
  consume(handle: (forward: Forward) => Promise<void>): void;
  counts(): Promise<QueueCounts>;
  close(graceMs: number): Promise<void>;
}

// ── TaskRouter ───────────────────────────────────────────────────────────────────────────────

export { Failure, type FailureKind } from './failure.ts';

export type {
  ChannelChange,
  Gateway,
  Urgency,
  WriteOptions,
  WriteUrgency,
} from './gateway.types.ts';
export type {
  ActivityReading,
  ChannelReading,
  QueueReading,
  ReservationReading,
  TaskQueueReading,
  WorkerReading,
} from './readings.types.ts';

// Every limit of the queues in one place. Times are in milliseconds where the name says so.

import type { JobsOptions } from 'bullmq';

const DAY_S = 24 * 60 * 60;

export const LIMITS = {
  /** The most events in one trip to the store. */
  batchSize: 500,
  /** Trips under way at once on Redis, which works on one while the next is prepared. */
  redisBatches: 2,
  /** A trip without an answer by then counts as lost, and its items are rejected. */
  batchTimeoutMs: 2_500,
  /** More events waiting than this: new ones are refused. */
  queueDepth: 100_000,
  /** Deliveries waiting to be forwarded, and about how much room they may take. */
  forwardDepth: 10_000,
  forwardBytes: 64 * 1024 * 1024,
  forwardsAtOnce: 8,
  /** For our own faults; a failure of the target is no failure of the job. */
  forwardAttempts: 3,
  /** How long a measured depth counts as current. */
  depthMs: 1_000,
  /** Jobs running at once, per process. */
  eventsAtOnce: 20,
  passesAtOnce: 10,
  /** How often a failing job is attempted in all. Waits that a job asks for do not count. */
  eventAttempts: 12,
  passAttempts: 8,
  /** The queue's own delay before a retry: it doubles from the first to the last. */
  backoffFirstMs: 250,
  backoffLastMs: 30_000,
  /** The shortest wait before a job runs again, so that one that always asks cannot spin. */
  againMs: 10,
  /** Finished events that are kept. The store, not this, ensures that an event counts once. */
  keepCompleted: { age: DAY_S / 24, count: 100 },
  keepFailed: { age: 7 * DAY_S, count: 10_000 },
  /** Entries of BullMQ's own event log, which nothing here reads. */
  bullmqEvents: 1_000,
  /** A job whose process has not renewed its lock for this long is taken from it. */
  jobLockMs: 6_000,
  jobLockRenewMs: 2_000,
  stalledCheckMs: 3_000,
  /** How often a job may be taken from dead processes before it is kept as failed. */
  stalledMost: 50,
  /** The most failed jobs that one order acts on. */
  deadAtOnce: 500,
  /** The most failed jobs in one answer. */
  failedPage: 1_000,
  connectMs: 2_000,
  commandMs: 2_000,
  socketMs: 4_000,
  consumerSocketMs: 30_000,
  reconnectMs: 1_000,
  /** How long closing a connection may take beyond the grace for running jobs. */
  closeMs: 2_000,
} as const;

/** How a job is retried, and how long it is kept after it failed for good. */
export const JOB_DEFAULTS: JobsOptions = {
  removeOnFail: LIMITS.keepFailed,
  backoff: { type: 'custom' },
};

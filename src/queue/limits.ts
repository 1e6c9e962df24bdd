// Every limit of the queues in one place. Times are in milliseconds where the name says so.

import type { JobsOptions } from 'bullmq';

const DAY_S = 24 * 60 * 60;

export const LIMITS = {
  /** Most events that one trip to the store takes along. */
  tripSize: 500,
  /** Trips under way at once on Redis, which works on one while the next is put together. */
  redisTrips: 2,
  /** A trip that has no answer by then counts as lost; whoever waits for it is told so. */
  tripMs: 2_500,
  /** Events waiting beyond which new ones are refused. */
  queueDepth: 100_000,
  /** Deliveries that wait for another target, and about how much room they may take. */
  forwardDepth: 10_000,
  forwardBytes: 64 * 1024 * 1024,
  forwardsAtOnce: 8,
  /** For faults of ours; what the target does is no failure of the job. */
  forwardAttempts: 3,
  /** How long a measured depth is taken as true. */
  depthMs: 1_000,
  /** Jobs in hand at once, per process. */
  eventsAtOnce: 20,
  passesAtOnce: 10,
  /** How often a failing job is tried in all. Waits that a job asks for itself do not count. */
  eventAttempts: 12,
  passAttempts: 8,
  /** The queue's own delay before another try: it doubles from the first to the last. */
  backoffFirstMs: 250,
  backoffLastMs: 30_000,
  /** The shortest wait before a job comes again, so that one that always asks cannot spin. */
  againMs: 10,
  /** Finished events that are kept. What counts once is remembered in the store, not here. */
  keepCompleted: { age: DAY_S / 24, count: 100 },
  keepFailed: { age: 7 * DAY_S, count: 10_000 },
  /** Entries of BullMQ's own event log, which nothing here reads. */
  bullmqEvents: 1_000,
  /** A job whose process has not shown itself for this long is taken from it. */
  jobLockMs: 6_000,
  jobLockRenewMs: 2_000,
  stalledCheckMs: 3_000,
  /** How often a job may be taken from dead processes before it is kept as failed. */
  stalledMost: 50,
  /** Failed jobs that one order acts on. */
  deadAtOnce: 500,
  /** Failed jobs in one answer. */
  failedPage: 1_000,
  connectMs: 2_000,
  commandMs: 2_000,
  socketMs: 4_000,
  consumerSocketMs: 30_000,
  reconnectMs: 1_000,
  /** How long closing a connection may take on top of the grace that jobs in hand are given. */
  closeMs: 2_000,
} as const;

/** What becomes of a job that failed for good. */
export const KEPT: JobsOptions = {
  removeOnFail: LIMITS.keepFailed,
  backoff: { type: 'custom' },
};

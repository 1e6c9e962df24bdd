// One BullMQ consumer: takes jobs, runs the handler, and stops within a given time. A job whose
// process was killed comes back when its lock has run out, or at once where no other process can
// have it in hand.

import { type Job, type Queue, Worker } from 'bullmq';
import type { QueueCounts } from '../ports.ts';
import type { Backing, Listeners, QueueName } from './backing.ts';
import { within } from './group-commit.ts';
import { LIMITS } from './limits.ts';
import { attempt, backoff } from './retry.ts';

export interface Consumer {
  /** Takes no more jobs, and those in hand go on; or takes them again. */
  hold(isHeld: boolean): Promise<void>;
  /** False when jobs were still in hand after `graceMs`: they come back at the next start. */
  stop(graceMs: number): Promise<boolean>;
}

export function consumeQueue(
  backing: Backing,
  queue: QueueName,
  options: {
    readonly atOnce: number;
    /** Takes jobs only once it is held no more. */
    readonly held?: boolean;
    readonly handle: (job: Job) => Promise<unknown>;
    /** The job is out of the queue; what it answered. */
    readonly onDone?: (job: Job, answer: unknown) => void;
    /** It failed for good. */
    readonly onDead?: (job: Job) => void;
    readonly listeners: Listeners;
  },
): Consumer {
  const inHand = new Set<Promise<unknown>>();
  const run = (job: Job, token?: string) => {
    const running = attempt(job, token, () => options.handle(job));
    const done = settles(running).finally(() => inHand.delete(done));
    inHand.add(done);
    return running;
  };
  const worker = new Worker(
    backing.nameOf(queue),
    run,
    {
      ...backing.consumer,
      concurrency: options.atOnce,
      autorun: options.held !== true,
      lockDuration: LIMITS.jobLockMs,
      lockRenewTime: LIMITS.jobLockRenewMs,
      stalledInterval: LIMITS.stalledCheckMs,
      maxStalledCount: LIMITS.stalledMost,
      runRetryDelay: LIMITS.reconnectMs,
      settings: { backoffStrategy: backoff },
    },
    backing.factory,
  );
  const { onError, onJobFailed = onError } = options.listeners;
  worker.on('error', onError);
  const { onDone, onDead } = options;
  if (onDone !== undefined) worker.on('completed', (job, answer) => onDone(job, answer));
  worker.on('failed', (job, error) => {
    const which = `${queue} job ${job?.id ?? '?'}, attempt ${job?.attemptsMade ?? '?'}`;
    onJobFailed(new Error(`${which}: ${error.message}`, { cause: error }));
    if (job?.finishedOn !== undefined) onDead?.(job);
  });
  return {
    hold: (isHeld) => (isHeld ? worker.pause(true) : worker.resume()),
    async stop(graceMs) {
      await worker.pause(true);
      return await close(worker, await settles(within(graceMs, Promise.all(inHand))));
    },
  };
}

async function close(worker: Worker, done: boolean): Promise<boolean> {
  // A forced close does not wait for handlers; what they then report finds the queue closed.
  await settles(within(LIMITS.closeMs, worker.close(!done)));
  return done;
}

async function settles(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => true,
    () => false,
  );
}

/** Gives back what a dead process had in hand. Only right where no other process can have it. */
export async function takeBack(queue: Queue): Promise<void> {
  for (const job of await queue.getActive()) await job.moveToWait('0');
}

export async function countsOf(queue: Queue): Promise<QueueCounts> {
  const counts = await queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'failed');
  return {
    waiting: (counts.waiting ?? 0) + (counts.prioritized ?? 0),
    active: counts.active ?? 0,
    delayed: counts.delayed ?? 0,
    failed: counts.failed ?? 0,
  };
}

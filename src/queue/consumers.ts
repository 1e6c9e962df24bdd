// One BullMQ consumer: takes jobs, runs the handler, and stops within a given time. A job of a
// killed process returns when its lock expires, or at once if no other process can be running it.

import { type Job, type Queue, Worker } from 'bullmq';
import type { QueueCounts } from '../ports.ts';
import { withTimeout } from './group-commit.ts';
import { LIMITS } from './limits.ts';
import type { Listeners, QueueBackend, QueueName } from './queue-backend.ts';
import { attempt, backoff } from './retry.ts';

export interface Consumer {
  /** Stops taking jobs, while those that run continue; or takes them again. */
  hold(isHeld: boolean): Promise<void>;
  /** False: jobs were still running after `graceMs`; they will run again. */
  stop(graceMs: number): Promise<boolean>;
}

export function consumeQueue(
  backing: QueueBackend,
  queue: QueueName,
  options: {
    readonly atOnce: number;
    /** Takes no jobs until it is no longer held. */
    readonly held?: boolean;
    readonly handle: (job: Job) => Promise<unknown>;
    /** The job is out of the queue; `answer` is what its handler returned. */
    readonly onDone?: (job: Job, answer: unknown) => void;
    /** It failed for good. */
    readonly onDead?: (job: Job) => void;
    readonly listeners: Listeners;
  },
): Consumer {
  const runningJobs = new Set<Promise<unknown>>();
  const run = (job: Job, token?: string) => {
    const running = attempt(job, token, () => options.handle(job));
    const done = settles(running).finally(() => runningJobs.delete(done));
    runningJobs.add(done);
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
      return await close(worker, await settles(withTimeout(graceMs, Promise.all(runningJobs))));
    },
  };
}

async function close(worker: Worker, done: boolean): Promise<boolean> {
  // A forced close does not wait for handlers; what they report later finds the queue closed.
  await settles(withTimeout(LIMITS.closeMs, worker.close(!done)));
  return done;
}

async function settles(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => true,
    () => false,
  );
}

/** Returns the jobs of a dead process to the queue. Only right if no other process can run them. */
export async function requeueActive(queue: Queue): Promise<void> {
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

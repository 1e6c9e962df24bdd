// What happens to a job that failed: it is retried with growing delays, retried when it says so, or
// kept as failed at once.

import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import { RetryLater } from '../ports.ts';
import { LIMITS } from './limits.ts';

/** Doubling from the first to the last delay, each drawn from its whole span (full jitter). */
export function backoff(attemptsMade: number): number {
  const most = Math.min(
    LIMITS.backoffLastMs,
    LIMITS.backoffFirstMs * 2 ** Math.max(0, attemptsMade - 1),
  );
  return 1 + Math.floor(Math.random() * most);
}

/** Runs a job's handler and translates its failure into BullMQ's terms. */
export async function attempt(
  job: Job,
  token: string | undefined,
  handle: () => Promise<unknown>,
): Promise<unknown> {
  try {
    return await handle();
  } catch (error) {
    if (!(error instanceof RetryLater)) throw error;
    if (!error.retryable) throw new UnrecoverableError(error.message);
    if (error.afterMs === null) throw error;
    // Moved, not failed: a wait that TaskRouter asked for uses up none of the job's attempts. In
    // whole milliseconds: PostgreSQL accepts no others.
    const afterMs = Math.ceil(Math.max(error.afterMs, LIMITS.againMs));
    await job.moveToDelayed(Date.now() + afterMs, token);
    throw new DelayedError();
  }
}

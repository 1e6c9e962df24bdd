// The jobs that failed for good: listed, replayed or discarded. For a pass, a new one is requested
// instead of replaying its job, since another pass over the same key may be waiting or running.

import type { Job, Queue } from 'bullmq';
import type { DeadJob } from '../core/dead-job.types.ts';
import type { RoutingEvent } from '../core/event.types.ts';
import { type DeadJobs, type Queues, StoreDown } from '../ports.ts';
import { LIMITS } from './limits.ts';

type Name = DeadJob['queue'];
const NAMES: readonly Name[] = ['events', 'passes'];

export class BullDeadJobs implements DeadJobs {
  readonly #queues: Readonly<Record<Name, Queue>>;
  readonly #addPass: Queues['addPass'];

  constructor(queues: Readonly<Record<Name, Queue>>, addPass: Queues['addPass']) {
    this.#queues = queues;
    this.#addPass = addPass;
  }

  /** The cursor counts the jobs shown of each queue. */
  async page({ limit, cursor }: Parameters<DeadJobs['page']>[0]) {
    const [events = 0, passes = 0] = (cursor ?? '0-0').split('-').map(Number);
    const shown = { events, passes };
    const lists = await orStoreDown(
      Promise.all(NAMES.map((name) => this.#list(name, shown[name], limit))),
    );
    const jobs = lists
      .flat()
      .sort((a, b) => b.at - a.at)
      .slice(0, limit);
    for (const { queue } of jobs) shown[queue] += 1;
    const isAll = lists.flat().length <= limit;
    return { jobs, next: isAll ? null : `${shown.events}-${shown.passes}` };
  }

  replay(which: Parameters<DeadJobs['replay']>[0]) {
    return this.#each(which, async (name, job) => {
      if (name === 'events') {
        await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
        return;
      }
      await this.#addPass(keyOf(job));
      await job.remove();
    });
  }

  discard(which: Parameters<DeadJobs['discard']>[0]) {
    return this.#each(which, (_, job) => job.remove());
  }

  async #list(name: Name, from: number, limit: number): Promise<DeadJob[]> {
    // One more than asked for shows whether there are more.
    const jobs = await this.#queues[name].getFailed(from, from + limit);
    return jobs.map((job) => deadJob(name, job));
  }

  async #each(
    which: Parameters<DeadJobs['replay']>[0],
    act: (name: Name, job: Job) => Promise<void>,
  ): Promise<{ done: number; left: number } | null> {
    const found = await orStoreDown(which === 'all' ? this.#some() : this.#one(which));
    if (found === null) return null;
    const acted = await Promise.allSettled(found.map(([name, job]) => act(name, job)));
    const failed = acted.find((each) => each.status === 'rejected');
    const done = acted.filter((each) => each.status === 'fulfilled').length;
    // A job that somebody else took meanwhile is no failure; if nothing at all was done, it is.
    if (done === 0 && failed !== undefined) throw new StoreDown(failed.reason);
    const left = NAMES.map((name) => this.#queues[name].getFailedCount());
    return { done, left: (await orStoreDown(Promise.all(left))).reduce((sum, n) => sum + n, 0) };
  }

  async #one({ queue, id }: { queue: Name; id: string }): Promise<[Name, Job][] | null> {
    const job = await this.#queues[queue].getJob(id);
    return job && (await job.isFailed()) ? [[queue, job]] : null;
  }

  async #some(): Promise<[Name, Job][]> {
    const found: [Name, Job][] = [];
    for (const name of NAMES) {
      const jobs = await this.#queues[name].getFailed(0, LIMITS.deadAtOnce - 1);
      found.push(...jobs.map((job): [Name, Job] => [name, job]));
    }
    return found.slice(0, LIMITS.deadAtOnce);
  }
}

function deadJob(queue: Name, job: Job): DeadJob {
  return {
    queue,
    id: job.id ?? '',
    worker: queue === 'passes' ? keyOf(job) : workerOf(job),
    reason: job.failedReason,
    at: job.finishedOn ?? job.timestamp,
    attempts: job.attemptsMade,
  };
}

// The data was written by this folder, so its shape is known.
function keyOf(job: Job): string {
  return (job.data as { readonly key: string }).key;
}

function workerOf(job: Job): string | null {
  const event = JSON.parse((job.data as { readonly event: string }).event) as RoutingEvent;
  return event.type === 'workspace.changed' ? null : event.workerSid;
}

async function orStoreDown<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw new StoreDown(error);
  }
}

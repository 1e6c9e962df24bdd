// Requests for passes: at most one waits per key, urgent ones first. A waiting pass is moved up by
// a more urgent request, and never down.

import { randomUUID } from 'node:crypto';
import type { Job, JobsOptions, Queue } from 'bullmq';
import type { PassUrgency } from '../ports.ts';
import { GroupCommit } from './group-commit.ts';
import { JOB_DEFAULTS, LIMITS } from './limits.ts';

export interface PassData {
  readonly key: string;
}

interface PassRequest {
  readonly key: string;
  readonly urgency: PassUrgency;
}

/** As BullMQ counts: 0 goes first, equal ones in the order of arrival. */
const PRIORITY: Readonly<Record<PassUrgency, number>> = {
  ...{ now: 0, all: 5, restore: 6, raise: 7, resync: 10 },
};
/** A job's id begins with a letter for its urgency when it was added. */
const LETTER: Readonly<Record<PassUrgency, string>> = {
  ...{ now: 'n', all: 'a', restore: 'g', raise: 'm', resync: 'r' },
};

export class PassRequests {
  readonly #queue: Queue;
  readonly #requests: GroupCommit<PassRequest>;

  constructor(queue: Queue, tripsAtOnce: number) {
    this.#queue = queue;
    this.#requests = new GroupCommit((requests) => this.#store(requests), tripsAtOnce);
  }

  add(key: string, urgency: PassUrgency): Promise<void> {
    return this.#requests.add({ key, urgency });
  }

  async #store(requests: readonly PassRequest[]): Promise<void> {
    // The same key twice in one trip is one request.
    const keys = new Map<string, PassUrgency>();
    for (const { key, urgency } of requests) {
      const before = keys.get(key);
      if (before === undefined || PRIORITY[urgency] < PRIORITY[before]) keys.set(key, urgency);
    }
    const stored = await this.#queue.addBulk([...keys].map(passJob));
    await Promise.all(stored.map((job) => this.#moveUp(job)));
  }

  /** If one was waiting already, the answer has that one's id instead of the one given. */
  async #moveUp({ id = '', opts }: Job): Promise<void> {
    const priority = opts.priority ?? 0;
    if (id === opts.jobId || addedWith(id) <= priority) return;
    try {
      const waiting = await this.#queue.getJob(id);
      // Only then: a job that is moved goes behind those of the same urgency.
      if (waiting && waiting.priority > priority) await waiting.changePriority({ priority });
    } catch {
      // It has started meanwhile. Either way it will run.
    }
  }
}

function passJob([key, urgency]: readonly [string, PassUrgency]) {
  const opts: JobsOptions = {
    ...JOB_DEFAULTS,
    attempts: LIMITS.passAttempts,
    removeOnComplete: true,
    jobId: `${LETTER[urgency]}${randomUUID()}`,
    priority: PRIORITY[urgency],
    deduplication: { id: key, keepLastIfActive: true },
  };
  const data: PassData = { key };
  return { name: 'pass', data, opts };
}

/** The current urgency of this pass. */
export function urgencyOf({ priority }: Job): PassUrgency {
  const urgencies = Object.keys(PRIORITY) as PassUrgency[];
  return urgencies.find((each) => PRIORITY[each] === priority) ?? 'now';
}

function addedWith(id: string): number {
  const urgencies = Object.keys(PRIORITY) as PassUrgency[];
  const urgency = urgencies.find((each) => id.startsWith(LETTER[each]));
  return urgency === undefined ? 0 : PRIORITY[urgency];
}

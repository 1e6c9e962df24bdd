// Asking for passes: one waiting at most for each key, the urgent ones first. A pass that waits
// already is moved up when somebody asks for it more urgently, and never down.

import { randomUUID } from 'node:crypto';
import type { Job, JobsOptions, Queue } from 'bullmq';
import type { PassUrgency } from '../ports.ts';
import { GroupCommit } from './group-commit.ts';
import { KEPT, LIMITS } from './limits.ts';

export interface PassData {
  readonly key: string;
}

interface Asked {
  readonly key: string;
  readonly urgency: PassUrgency;
}

/** As BullMQ counts: 0 goes first, and each in the order of arrival. */
const PRIORITY: Readonly<Record<PassUrgency, number>> = {
  ...{ now: 0, all: 5, restore: 6, raise: 7, resync: 10 },
};
/** A job's id begins with how urgent it was when it was added. */
const LETTER: Readonly<Record<PassUrgency, string>> = {
  ...{ now: 'n', all: 'a', restore: 'g', raise: 'm', resync: 'r' },
};

export class PassRequests {
  readonly #queue: Queue;
  readonly #requests: GroupCommit<Asked>;

  constructor(queue: Queue, tripsAtOnce: number) {
    this.#queue = queue;
    this.#requests = new GroupCommit((asked) => this.#store(asked), tripsAtOnce);
  }

  add(key: string, urgency: PassUrgency): Promise<void> {
    return this.#requests.add({ key, urgency });
  }

  async #store(asked: readonly Asked[]): Promise<void> {
    // The same key twice in one trip is one request.
    const keys = new Map<string, PassUrgency>();
    for (const { key, urgency } of asked) {
      const before = keys.get(key);
      if (before === undefined || PRIORITY[urgency] < PRIORITY[before]) keys.set(key, urgency);
    }
    const stored = await this.#queue.addBulk([...keys].map(passJob));
    await Promise.all(stored.map((job) => this.#moveUp(job)));
  }

  /** Where one waited already, the answer bears that one's id instead of the one that was given. */
  async #moveUp({ id = '', opts }: Job): Promise<void> {
    const priority = opts.priority ?? 0;
    if (id === opts.jobId || addedWith(id) <= priority) return;
    try {
      const waiting = await this.#queue.getJob(id);
      // Only then: who is moved goes behind those of the same urgency.
      if (waiting && waiting.priority > priority) await waiting.changePriority({ priority });
    } catch {
      // It has begun meanwhile. That it will run is certain either way.
    }
  }
}

function passJob([key, urgency]: readonly [string, PassUrgency]) {
  const opts: JobsOptions = {
    ...KEPT,
    attempts: LIMITS.passAttempts,
    removeOnComplete: true,
    jobId: `${LETTER[urgency]}${randomUUID()}`,
    priority: PRIORITY[urgency],
    deduplication: { id: key, keepLastIfActive: true },
  };
  const data: PassData = { key };
  return { name: 'pass', data, opts };
}

/** How urgent this pass is by now. */
export function urgencyOf({ priority }: Job): PassUrgency {
  const urgencies = Object.keys(PRIORITY) as PassUrgency[];
  return urgencies.find((each) => PRIORITY[each] === priority) ?? 'now';
}

function addedWith(id: string): number {
  const urgencies = Object.keys(PRIORITY) as PassUrgency[];
  const urgency = urgencies.find((each) => id.startsWith(LETTER[each]));
  return urgency === undefined ? 0 : PRIORITY[urgency];
}

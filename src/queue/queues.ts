// The two queues, on either backing: events, each once by its SID, and passes, at most one running
// and one waiting for each key. Adding resolves only when the job is durable.

import { createHash } from 'node:crypto';
import { type Job, type JobsOptions, Queue } from 'bullmq';
import type { RoutingEvent } from '../core/event.types.ts';
import {
  type DeadJobs,
  type PassResult,
  type PassUrgency,
  type QueueCounts,
  type Queues,
  StoreDown,
} from '../ports.ts';
import { type Consumer, consumeQueue, countsOf, requeueActive } from './consumers.ts';
import { BullDeadJobs } from './dead-jobs.ts';
import { DepthGuard } from './depth.ts';
import { GroupCommit, withTimeout } from './group-commit.ts';
import { LastFailedPass } from './last-failed-pass.ts';
import { JOB_DEFAULTS, LIMITS } from './limits.ts';
import { type PassData, PassRequests, urgencyOf } from './passes.ts';
import type { Listeners, QueueBackend, QueueName } from './queue-backend.ts';

/** The two that headroom itself uses. */
type Own = Exclude<QueueName, 'forwards'>;
type Failed = Awaited<ReturnType<Queues['failed']>>[number];

/**
 * An event is stored as JSON text: PostgreSQL's jsonb rejects characters that TaskRouter may send.
 */
interface EventData {
  readonly event: string;
}

const EVENT: JobsOptions = {
  ...JOB_DEFAULTS,
  attempts: LIMITS.eventAttempts,
  removeOnComplete: LIMITS.keepCompleted,
};

export class BullQueues implements Queues {
  readonly #backing: QueueBackend;
  readonly #listeners: Listeners;
  readonly #queues: Readonly<Record<Own, Queue>>;
  readonly #depth: DepthGuard;
  readonly #events: GroupCommit<RoutingEvent>;
  readonly #passes: PassRequests;
  readonly #lastDead: LastFailedPass;
  readonly dead: DeadJobs;
  #eventConsumer: Consumer | null = null;
  #passConsumer: Consumer | null = null;
  #held = false;
  /** Passes running here. */
  #runningPasses = 0;
  #onSlotsTaken: () => void = () => undefined;

  constructor(backing: QueueBackend, listeners: Listeners, queueDepth: number = LIMITS.queueDepth) {
    this.#backing = backing;
    this.#listeners = listeners;
    this.#queues = { events: this.#open('events'), passes: this.#open('passes') };
    const { events, passes } = this.#queues;
    this.#depth = new DepthGuard(() => events.getJobCountByTypes('waiting', 'delayed'), queueDepth);
    const { concurrentBatches } = backing;
    this.#events = new GroupCommit(
      (items) => events.addBulk(items.map(eventJob)),
      concurrentBatches,
    );
    this.#passes = new PassRequests(passes, concurrentBatches);
    this.#lastDead = new LastFailedPass(passes, listeners.onError);
    this.dead = new BullDeadJobs(this.#queues, (key) => this.addPass(key));
  }

  async addEvent(event: RoutingEvent): Promise<void> {
    this.#assertUp();
    this.#depth.admit();
    await this.#events.add(event);
  }

  async addPass(key: string, urgency: PassUrgency = 'now'): Promise<void> {
    this.#assertUp();
    await this.#passes.add(key, urgency);
    if (urgency === 'now' && this.#runningPasses >= LIMITS.passesAtOnce) this.#onSlotsTaken();
  }

  async consume(handlers: {
    readonly event: (event: RoutingEvent) => Promise<void>;
    readonly pass: (key: string, urgency: PassUrgency) => PassResult;
    readonly onSlotsTaken?: () => void;
  }): Promise<void> {
    if (this.#backing.sole) {
      await requeueActive(this.#queues.events);
      await requeueActive(this.#queues.passes);
    }
    const listeners = this.#listeners;
    this.#onSlotsTaken = handlers.onSlotsTaken ?? this.#onSlotsTaken;
    // Both kinds of data were written by this class, so their shape is known.
    this.#eventConsumer = consumeQueue(this.#backing, 'events', {
      atOnce: LIMITS.eventsAtOnce,
      handle: ({ data }) => handlers.event(JSON.parse((data as EventData).event) as RoutingEvent),
      listeners,
    });
    this.#passConsumer = consumeQueue(this.#backing, 'passes', {
      atOnce: LIMITS.passesAtOnce,
      held: this.#held,
      handle: (job) =>
        this.#countRunning(handlers.pass((job.data as PassData).key, urgencyOf(job))),
      // Only now: requested while it runs, it would replace a more urgent request.
      onDone: ({ data }, left) => {
        this.#lastDead.succeeded((data as PassData).key);
        if (left === null || left === undefined) return;
        this.addPass((data as PassData).key, left as PassUrgency).catch(listeners.onError);
      },
      onDead: ({ data, id = '' }) => this.#lastDead.died((data as PassData).key, id),
      listeners,
    });
    this.#lastDead.restore();
  }

  async holdPasses(isHeld: boolean): Promise<void> {
    this.#held = isHeld;
    await this.#passConsumer?.hold(isHeld);
  }

  async counts(): Promise<{ events: QueueCounts; passes: QueueCounts }> {
    return this.#query(async ({ events, passes }) => ({
      events: await countsOf(events),
      passes: await countsOf(passes),
    }));
  }

  async ping(): Promise<void> {
    await this.#query(() => this.#backing.ping());
  }

  async failed(limit: number): Promise<Failed[]> {
    const most = Math.min(limit, LIMITS.failedPage);
    return this.#query(async ({ events, passes }) => {
      const jobs = [
        ...(await events.getFailed(0, most - 1)).map((job) => failedOf('events', job)),
        ...(await passes.getFailed(0, most - 1)).map((job) => failedOf('passes', job)),
      ];
      return jobs.sort((a, b) => b.at - a.at).slice(0, most);
    });
  }

  async close(graceMs: number): Promise<void> {
    const consumers = [this.#eventConsumer, this.#passConsumer];
    await Promise.all(consumers.map((consumer) => consumer?.stop(graceMs)));
    const { events, passes } = this.#queues;
    await withTimeout(LIMITS.closeMs, Promise.all([events.close(), passes.close()])).catch(
      this.#listeners.onError,
    );
    this.#backing.close();
  }

  #open(queue: Own): Queue {
    const { producer, factory, nameOf } = this.#backing;
    const streams = { events: { maxLen: LIMITS.bullmqEvents } };
    const opened = new Queue(nameOf(queue), { ...producer, streams }, factory);
    opened.on('error', this.#listeners.onError);
    return opened;
  }

  async #countRunning(pass: PassResult): Promise<unknown> {
    this.#runningPasses += 1;
    try {
      return await pass;
    } finally {
      this.#runningPasses -= 1;
    }
  }

  #assertUp(): void {
    if (!this.#backing.isUp()) throw new StoreDown('there is no connection');
  }

  async #query<T>(question: (queues: Readonly<Record<Own, Queue>>) => Promise<T>): Promise<T> {
    this.#assertUp();
    try {
      return await withTimeout(LIMITS.batchTimeoutMs, question(this.#queues));
    } catch (error) {
      throw new StoreDown(error);
    }
  }
}

interface NewJob {
  readonly name: string;
  readonly data: EventData;
  readonly opts: JobsOptions;
}

function eventJob(event: RoutingEvent): NewJob {
  const opts = { ...EVENT, jobId: jobIdOf(event.sid) };
  return { name: event.type, data: { event: JSON.stringify(event) }, opts };
}

/**
 * BullMQ accepts no id with a colon or of digits only. A SID is neither, but it comes from outside.
 */
function jobIdOf(eventSid: string): string {
  if (/^[A-Za-z][A-Za-z0-9]{0,63}$/.test(eventSid)) return eventSid;
  return `x${createHash('sha256').update(eventSid).digest('hex')}`;
}

function failedOf(queue: Own, job: Job): Failed {
  return {
    queue,
    id: job.id ?? '',
    reason: job.failedReason,
    at: job.finishedOn ?? job.timestamp,
    attempts: job.attemptsMade,
  };
}

// The queue of deliveries to be forwarded, apart from the two that headroom itself works on. It is
// bounded in jobs and in bytes: a target that is down for long must not fill the store.

import { Queue } from 'bullmq';
import type { Forward } from '../core/forward.types.ts';
import { type Forwards, type QueueCounts, StoreDown } from '../ports.ts';
import { type Consumer, consumeQueue, countsOf } from './consumers.ts';
import { DepthGuard } from './depth.ts';
import { GroupCommit, withTimeout } from './group-commit.ts';
import { LIMITS } from './limits.ts';
import type { Listeners, QueueBackend } from './queue-backend.ts';

interface ForwardData {
  readonly forward: Forward;
}

const NAME = 'forwards';
/** A job that is given up ends like one that succeeded; only our own faults fail it. */
const OPTIONS = {
  attempts: LIMITS.forwardAttempts,
  backoff: { type: 'custom' },
  removeOnComplete: true,
  removeOnFail: true,
};

export interface ForwardBounds {
  readonly depth: number;
  readonly bytes: number;
}
const BOUNDS: ForwardBounds = { depth: LIMITS.forwardDepth, bytes: LIMITS.forwardBytes };

export class BullForwards implements Forwards {
  readonly #backing: QueueBackend;
  readonly #listeners: Listeners;
  readonly #queue: Queue;
  readonly #depth: DepthGuard;
  readonly #commit: GroupCommit<Forward>;
  readonly #bounds: ForwardBounds;
  #meanBytes = 0;
  #consumer: Consumer | null = null;

  constructor(backing: QueueBackend, listeners: Listeners, bounds: ForwardBounds = BOUNDS) {
    this.#bounds = bounds;
    this.#backing = backing;
    this.#listeners = listeners;
    const { producer, factory, nameOf, concurrentBatches } = backing;
    const streams = { events: { maxLen: LIMITS.bullmqEvents } };
    this.#queue = new Queue(nameOf(NAME), { ...producer, streams }, factory);
    this.#queue.on('error', listeners.onError);
    this.#depth = new DepthGuard(() => this.#queue.getJobCountByTypes('waiting', 'delayed'));
    const job = (forward: Forward) => ({ name: forward.route, data: { forward }, opts: OPTIONS });
    this.#commit = new GroupCommit((all) => this.#queue.addBulk(all.map(job)), concurrentBatches);
  }

  async add(forward: Forward): Promise<void> {
    if (!this.#backing.isUp()) throw new StoreDown('there is no connection');
    const bytes = forward.body.length;
    this.#meanBytes += (bytes - this.#meanBytes) / 100;
    // Waiting deliveries are taken to be as large as recent ones, or as this one.
    const fit = this.#bounds.bytes / Math.max(1, this.#meanBytes, bytes);
    this.#depth.admit(Math.min(this.#bounds.depth, Math.ceil(fit)));
    await this.#commit.add(forward);
  }

  consume(handle: (forward: Forward) => Promise<void>): void {
    this.#consumer = consumeQueue(this.#backing, NAME, {
      atOnce: LIMITS.forwardsAtOnce,
      // Written by this class, so its shape is known.
      handle: ({ data }) => handle((data as ForwardData).forward),
      listeners: this.#listeners,
    });
  }

  async counts(): Promise<QueueCounts> {
    if (!this.#backing.isUp()) throw new StoreDown('there is no connection');
    return await withTimeout(LIMITS.batchTimeoutMs, countsOf(this.#queue)).catch(
      (error: unknown) => {
        throw new StoreDown(error);
      },
    );
  }

  async close(graceMs: number): Promise<void> {
    await this.#consumer?.stop(graceMs);
    await withTimeout(LIMITS.closeMs, this.#queue.close()).catch(this.#listeners.onError);
  }
}

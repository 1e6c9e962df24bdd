// Group commit: while the maximum number of trips to the store is under way, items gather for the
// next one. An item's promise settles with its trip, so "added" always means durable.

import { StoreDown } from '../ports.ts';
import { LIMITS } from './limits.ts';

interface Waiting<T> {
  readonly item: T;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class GroupCommit<T> {
  readonly #commit: (items: readonly T[]) => Promise<unknown>;
  readonly #atOnce: number;
  #gathered: Waiting<T>[] = [];
  #flushScheduled = false;
  #inFlight = 0;

  constructor(commit: (items: readonly T[]) => Promise<unknown>, atOnce = 1) {
    this.#commit = commit;
    this.#atOnce = atOnce;
  }

  add(item: T): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#gathered.push({ item, resolve, reject });
      this.#scheduleFlush();
    });
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled || this.#gathered.length === 0 || this.#inFlight >= this.#atOnce)
      return;
    this.#flushScheduled = true;
    // What else arrives in this turn of the event loop goes along.
    setImmediate(() => {
      this.#flushScheduled = false;
      void this.#flush(this.#gathered.splice(0, LIMITS.batchSize));
    });
  }

  async #flush(trip: readonly Waiting<T>[]): Promise<void> {
    this.#inFlight += 1;
    this.#scheduleFlush();
    try {
      await withTimeout(LIMITS.batchTimeoutMs, this.#commit(trip.map(({ item }) => item)));
      for (const { resolve } of trip) resolve();
    } catch (error) {
      // Items gathered meanwhile are rejected too: with a trip of their own, each would wait as
      // long again. What was stored all the same is stored once, by its id.
      const down = error instanceof StoreDown ? error : new StoreDown(error);
      for (const { reject } of [...trip, ...this.#gathered.splice(0)]) reject(down);
    }
    this.#inFlight -= 1;
    this.#scheduleFlush();
  }
}

/** Rejects if `promise` has not settled in time; its later outcome is ignored. */
export function withTimeout<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

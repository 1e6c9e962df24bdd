// Of the passes over one key that failed for good only the last stays listed, and none once one
// succeeded, because that one did their work. So while TaskRouter refuses everything, each Worker
// has one dead job instead of one a minute, and none when that is over.

import type { Queue } from 'bullmq';
import { LIMITS } from './limits.ts';
import type { PassData } from './passes.ts';
import type { OnError } from './queue-backend.ts';

export class LastFailedPass {
  readonly #queue: Queue;
  readonly #onError: OnError;
  /** The id of each key's dead job. */
  readonly #dead = new Map<string, string>();

  constructor(queue: Queue, onError: OnError) {
    this.#queue = queue;
    this.#onError = onError;
  }

  /** Loads those that an earlier process left, or another replica. */
  restore(): void {
    this.#restore().catch(this.#onError);
  }

  died(key: string, id: string): void {
    const before = this.#dead.get(key);
    this.#dead.set(key, id);
    if (before !== undefined && before !== id) this.#remove(before);
  }

  succeeded(key: string): void {
    const before = this.#dead.get(key);
    if (before === undefined) return;
    this.#dead.delete(key);
    this.#remove(before);
  }

  async #restore(): Promise<void> {
    const older: string[] = [];
    for (let from = 0; from < LIMITS.keepFailed.count; from += LIMITS.failedPage) {
      // Newest first.
      const jobs = await this.#queue.getFailed(from, from + LIMITS.failedPage - 1);
      for (const { id = '', data } of jobs) {
        const { key } = data as PassData;
        const last = this.#dead.get(key) ?? id;
        this.#dead.set(key, last);
        // A job that failed meanwhile moves the others on to the next page: one may appear again.
        if (last !== id) older.push(id);
      }
      if (jobs.length < LIMITS.failedPage) break;
    }
    for (const id of older) await this.#queue.remove(id);
  }

  /** It may have been replayed or discarded since; then there is nothing to remove. */
  #remove(id: string): void {
    this.#queue.remove(id).catch(this.#onError);
  }
}

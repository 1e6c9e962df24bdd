// Which Workers' records changed, in the order of their last change, for a store that one process
// holds: nobody else changes them, and none of this needs to outlive the process.

import { randomUUID } from 'node:crypto';
import type { WorkerSid } from '../core/ids.ts';
import { LIMITS } from './limits.ts';

export interface ChangePage {
  readonly sids: readonly WorkerSid[];
  readonly cursor: string;
  readonly more: boolean;
  readonly lost: boolean;
}

export class ChangeFeed {
  /** Distinguishes this process's cursors from those of an earlier one. */
  readonly #life = randomUUID().slice(0, 8);
  /** Oldest change first: a Worker that changes again moves to the end. */
  readonly #last = new Map<WorkerSid, number>();
  #number = 0;

  record(worker: WorkerSid): void {
    this.#number += 1;
    this.#last.delete(worker);
    this.#last.set(worker, this.#number);
    if (this.#last.size <= LIMITS.changesKeep) return;
    const [oldest] = this.#last.keys();
    if (oldest !== undefined) this.#last.delete(oldest);
  }

  since(after: string | null, limit: number): ChangePage {
    const now = this.#cursor(this.#number);
    if (after === null) return { sids: [], cursor: now, more: false, lost: false };
    const [life, text = ''] = after.split('-');
    const from = life === this.#life && /^\d{1,16}$/.test(text) ? Number(text) : null;
    if (from === null) return { sids: [], cursor: now, more: false, lost: true };
    const found = from === this.#number ? [] : [...this.#last].filter(([, n]) => n > from);
    const more = found.length > limit;
    const taken = found.slice(0, limit);
    const cursor = more ? this.#cursor(taken.at(-1)?.[1] ?? from) : now;
    return { sids: taken.map(([sid]) => sid), cursor, more, lost: false };
  }

  #cursor(n: number): string {
    return `${this.#life}-${n}`;
  }
}

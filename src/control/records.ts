// Workers' records, typed, over the store's compare-and-set: a change reads the record, computes
// the next one, and saves it only if nobody else did meanwhile; otherwise it starts again.

import type { WorkerSid } from '../core/ids.ts';
import { newWorker, type WorkerState } from '../core/state.ts';
import type { Json, Store } from '../ports.ts';

/** How often one change is attempted against other writers before the job is left for a retry. */
const ATTEMPTS = 40;

export interface LoadedRecord {
  readonly state: WorkerState;
  readonly version: number;
}

/** Other consumers kept winning; the job is retried. */
export class Contended extends Error {
  constructor(worker: string) {
    super(`the record of ${worker} keeps being changed by other processes`);
    this.name = 'Contended';
  }
}

export class Records {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async load(worker: WorkerSid): Promise<LoadedRecord | null> {
    const found = await this.#store.loadWorker(worker);
    return found === null ? null : { state: stateOf(found.value), version: found.version };
  }

  /** False, with nothing changed, if somebody else saved it since. */
  save(worker: WorkerSid, state: WorkerState, expected: number): Promise<boolean> {
    return this.#store.saveWorker(worker, state as unknown as Json, expected);
  }

  /**
   * Applies `next` to the newest record (or a new one, begun at `at`); may call it several times.
   * `known`: as the caller last saw it; unless somebody else changed it, that saves a read.
   */
  async change(
    worker: WorkerSid,
    at: number,
    next: (state: WorkerState) => WorkerState,
    known: LoadedRecord | null = null,
  ): Promise<LoadedRecord> {
    if (known !== null) {
      const after = next(known.state);
      const version = known.version + 1;
      // That nothing changes is only certain of the newest.
      if (after !== known.state && (await this.save(worker, after, known.version)))
        return { state: after, version };
    }
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const found = await this.load(worker);
      const before = found?.state ?? newWorker(worker, at);
      const after = next(before);
      const version = found?.version ?? 0;
      if (after === before && found !== null) return found;
      if (await this.save(worker, after, version)) return { state: after, version: version + 1 };
    }
    throw new Contended(worker);
  }

  remove(worker: WorkerSid): Promise<void> {
    return this.#store.removeWorker(worker);
  }

  /** Every Worker on record, a page at a time. */
  async *all(): AsyncGenerator<WorkerState> {
    let cursor: string | null = null;
    do {
      const page = await this.#store.listWorkers(PAGE, cursor ?? undefined);
      for (const { value } of page.workers) yield stateOf(value);
      cursor = page.next;
    } while (cursor !== null);
  }
}

const PAGE = 200;

/** The store holds only what this class saved, so its form is known. */
export function stateOf(value: Json): WorkerState {
  return value as unknown as WorkerState;
}

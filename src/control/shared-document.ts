// A named document that several replicas change: each holds a copy, and a replica whose change
// finds that another came first reads it again.

import type { Json, Store } from '../ports.ts';

/** A pass uses copies no older than this, ms. */
const FRESH_MS = 250;
/** How long after a change its passes are requested, ms, so that every replica decides by it. */
export const PROPAGATION_MS = 300;
/** How often one change is attempted against other writers. */
const ATTEMPTS = 20;

/** Lets callers within `FRESH_MS` share one read, also while it is under way. */
export class SharedRead {
  #beganAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<unknown> = Promise.resolve();

  /** Resolves when a read that began at most `FRESH_MS` ago is done; rejects if that does. */
  async run(read: () => Promise<unknown>): Promise<void> {
    if (performance.now() - this.#beganAt > FRESH_MS) {
      this.#beganAt = performance.now();
      this.#reading = read();
      this.#reading.catch(() => {
        this.#beganAt = Number.NEGATIVE_INFINITY;
      });
    }
    await this.#reading;
  }
}

export class SharedDocument<T> {
  readonly #store: Store;
  readonly #name: string;
  readonly #empty: T;
  #value: T;
  #version = 0;
  /** How often this copy was replaced: a read that began before the last time is outdated. */
  #taken = 0;
  readonly #freshness = new SharedRead();

  constructor(store: Store, name: string, empty: T) {
    this.#store = store;
    this.#name = name;
    this.#empty = empty;
    this.#value = empty;
  }

  /** The copy, as last read or changed here. */
  current(): T {
    return this.#value;
  }

  /** Reads it again if the copy is older than `FRESH_MS`. */
  async ensureFresh(): Promise<T> {
    await this.#freshness.run(() => this.refresh());
    return this.#value;
  }

  async refresh(): Promise<T> {
    const began = this.#taken;
    const kept = await this.#store.getDocument(this.#name);
    const version = kept?.version ?? 0;
    // A lower version is an outdated read, or a store that lost its data and starts anew.
    if (version > this.#version || (version < this.#version && this.#taken === began)) {
      this.#take(kept === null ? this.#empty : (kept.value as unknown as T), version);
    }
    return this.#value;
  }

  #take(value: T, version: number): void {
    this.#value = value;
    this.#version = version;
    this.#taken += 1;
  }

  /** Saves it if nobody else did since this copy was read; else false, and the copy is updated. */
  async save(value: T): Promise<boolean> {
    const expected = this.#version;
    const saved = await this.#store.putDocument(this.#name, value as unknown as Json, expected);
    if (!saved) {
      await this.refresh();
      return false;
    }
    // An overlapping read may have brought this change already, or a later one.
    if (this.#version === expected) this.#take(value, expected + 1);
    return true;
  }

  /** Applies `next` to the newest, maybe repeatedly; returning the same value changes nothing. */
  async change(next: (value: T) => T): Promise<T> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const before = this.#value;
      const after = next(before);
      // That nothing changes is only certain of the newest: others may have changed it since.
      if (after === before && (await this.refresh()) === before) return before;
      if (after !== before && (await this.save(after))) return this.#value;
    }
    throw new Error(`the document ${this.#name} keeps being changed by other processes`);
  }
}

// A named document that several replicas change: each holds a copy, and whoever changes it reads it
// anew when somebody else did first.

import type { Json, Store } from '../ports.ts';

/** A pass decides by copies no older than this, ms. */
const FRESH_MS = 250;
/** What changed is waited for this long, ms, before Workers are looked at by it on any replica. */
export const SPREAD_MS = 300;
/** How often one change is tried against other writers. */
const ATTEMPTS = 20;

/** Lets whoever asks within a moment share one read, also while that is under way. */
export class Freshness {
  #beganAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<unknown> = Promise.resolve();

  /** Resolves when a read that began at most `FRESH_MS` ago is done; rejects as it does. */
  async within(read: () => Promise<unknown>): Promise<void> {
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
  readonly #freshness = new Freshness();

  constructor(store: Store, name: string, empty: T) {
    this.#store = store;
    this.#name = name;
    this.#empty = empty;
    this.#value = empty;
  }

  /** As it was when it was read or changed here last. */
  current(): T {
    return this.#value;
  }

  /** Reads it anew if the copy is older than a moment. */
  async fresh(): Promise<T> {
    await this.#freshness.within(() => this.refresh());
    return this.#value;
  }

  async refresh(): Promise<T> {
    const began = this.#taken;
    const kept = await this.#store.getDocument(this.#name);
    const version = kept?.version ?? 0;
    // A lower version is an outdated read, or a store that lost what it held and begins anew.
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

  /** Saves it if nobody else did since this copy was read; otherwise false, and the copy is new. */
  async save(value: T): Promise<boolean> {
    const expected = this.#version;
    const saved = await this.#store.putDocument(this.#name, value as unknown as Json, expected);
    if (!saved) {
      await this.refresh();
      return false;
    }
    // A read that overlapped may have brought this change already, or one that came after it.
    if (this.#version === expected) this.#take(value, expected + 1);
    return true;
  }

  /**
   * Applies `next` to the newest; the same value back changes nothing. May call it several times.
   */
  async change(next: (value: T) => T): Promise<T> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const before = this.#value;
      const after = next(before);
      // Nothing to change is true of the newest alone: others may have changed it since.
      if (after === before && (await this.refresh()) === before) return before;
      if (after !== before && (await this.save(after))) return this.#value;
    }
    throw new Error(`the document ${this.#name} is being changed by others all the time`);
  }
}

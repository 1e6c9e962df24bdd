// Looking ahead takes long: it is done in slices, and between two of them the daemon does its other
// work.

import { setImmediate as others } from 'node:timers/promises';

/** So long the process is not left to others, ms; a single look takes far less. */
const SLICE_MS = 5;

export class Slices {
  #began = performance.now();

  /** Takes a walk to its end, step by step. */
  async walk<T>(steps: Generator<void, T, void>): Promise<T> {
    for (;;) {
      const { done, value } = steps.next();
      if (performance.now() - this.#began >= SLICE_MS) {
        await others();
        this.#began = performance.now();
      }
      if (done) return value;
    }
  }
}

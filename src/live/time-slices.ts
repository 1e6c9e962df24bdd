// Looking ahead takes long, so it is done in slices, with the daemon's other work in between.

import { setImmediate as others } from 'node:timers/promises';

/** How long a slice may take, ms; a single step takes far less. */
const SLICE_MS = 5;

export class TimeSlicer {
  #began = performance.now();

  /** Takes a walk to its end, step by step. */
  async run<T>(steps: Generator<void, T, void>): Promise<T> {
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

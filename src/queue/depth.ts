// Keeps the queue from growing without bound. The depth is measured in the background at most once
// a second, and what was added since is counted on top, so that adding an event never waits for it.

import { QueueFull } from '../ports.ts';
import { LIMITS } from './limits.ts';

export class DepthGuard {
  readonly #measure: () => Promise<number>;
  readonly #most: number;
  #depth = 0;
  #measuredAt = Number.NEGATIVE_INFINITY;

  constructor(measure: () => Promise<number>, most: number = LIMITS.queueDepth) {
    this.#measure = measure;
    this.#most = most;
  }

  /** Throws `QueueFull`, or counts one more. */
  admit(most: number = this.#most): void {
    const now = performance.now();
    if (now - this.#measuredAt > LIMITS.depthMs) {
      this.#measuredAt = now;
      void this.#refresh();
    }
    if (this.#depth >= most) throw new QueueFull(this.#depth, most);
    this.#depth += 1;
  }

  async #refresh(): Promise<void> {
    try {
      this.#depth = await this.#measure();
    } catch {
      // If the store is down, the adding itself reports it.
    }
  }
}

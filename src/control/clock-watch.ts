// Detects that the clock was set back: scheduled wakes are then too late, and only a look at every
// Worker finds what is due by the new time.

import { MAX_CLOCK_SKEW_MS } from '../core/instants.ts';

export class ClockWatch {
  /** How far the clock was ahead of a monotonic one at the last look. */
  #ahead = Number.NEGATIVE_INFINITY;
  #owed = false;

  /** Calls `lookAgain` once each time the clock was set back, and again if that rejects. */
  async check(now: number, goesOn: number, lookAgain: () => Promise<unknown>): Promise<void> {
    const ahead = now - goesOn;
    if (this.#ahead - ahead > MAX_CLOCK_SKEW_MS) this.#owed = true;
    this.#ahead = ahead;
    if (!this.#owed) return;
    await lookAgain();
    this.#owed = false;
  }
}

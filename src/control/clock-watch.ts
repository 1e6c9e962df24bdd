// Notices that the clock was set back: what is booked lies further off then than it was meant to,
// and only a look at everybody finds out what is due by the clock as it is now.

import { SKEW_MS } from '../core/instants.ts';

export class ClockWatch {
  /** By how much the clock was ahead of one that only goes on, at the last look. */
  #ahead = Number.NEGATIVE_INFINITY;
  #owed = false;

  /** Asks `lookAgain` once for each time, and again where that rejects. */
  async look(now: number, goesOn: number, lookAgain: () => Promise<unknown>): Promise<void> {
    const ahead = now - goesOn;
    if (this.#ahead - ahead > SKEW_MS) this.#owed = true;
    this.#ahead = ahead;
    if (!this.#owed) return;
    await lookAgain();
    this.#owed = false;
  }
}

// The budget of REST calls for one process, in memory, with the guarantee that the Redis script
// gives all replicas together.

import { LIMITS } from './limits.ts';

/**
 * A longer wait for a place than this means that the clock was set back: the record starts anew. At
 * a few calls an hour one place alone is far ahead, and each replica may hold one.
 */
export function longestWait(windowMs: number): number {
  return Math.max(LIMITS.callWaitMs, LIMITS.callsAhead * windowMs);
}

export class CallBudget {
  /** The instants of the last calls granted, oldest first; they may lie ahead. */
  #granted: number[] = [];

  /** How long to wait so that no span of `windowMs` holds more than `limit` calls. */
  take(limit: number, windowMs: number, now: number): number {
    const oldest = this.#granted.at(-limit);
    const latest = this.#granted.at(-1) ?? now;
    let at = Math.max(now, latest, oldest === undefined ? now : oldest + windowMs);
    // If places are short they are spaced evenly, as in the Redis script.
    if (at > now) at = Math.max(at, latest + Math.floor(windowMs / limit));
    if (at - now > longestWait(windowMs)) {
      this.#granted = [];
      at = now;
    }
    this.#granted.push(at);
    this.#granted = this.#granted.slice(-limit);
    return at - now;
  }
}

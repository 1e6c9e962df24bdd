// The budget of REST calls for one process, kept in memory: it promises what the Redis script
// promises to all replicas together.

import { LIMITS } from './limits.ts';

/**
 * A wait for a place longer than this means that the clock was set back: the record starts anew.
 * At a few calls an hour one place alone is far ahead, and each replica may hold one.
 */
export function longestWait(windowMs: number): number {
  return Math.max(LIMITS.callWaitMs, LIMITS.callsAhead * windowMs);
}

export class CallBudget {
  /** The instants of the last calls granted, oldest first; the latest may lie ahead. */
  #granted: number[] = [];

  /** How long to wait so that no span of `windowMs` holds more than `limit` calls. */
  take(limit: number, windowMs: number, now: number): number {
    const oldest = this.#granted.at(-limit);
    const latest = this.#granted.at(-1) ?? now;
    let at = Math.max(now, latest, oldest === undefined ? now : oldest + windowMs);
    // Where places are short they come evenly, as the Redis script says.
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

// Small arithmetic on instants (epoch ms) in which null means never.

/** As people and programs read an instant: UTC, to the millisecond. */
export function iso(at: number): string {
  return new Date(at).toISOString();
}

/** The earliest of those that are not null. */
export function earliest(...instants: readonly (number | null | undefined)[]): number | null {
  let best: number | null = null;
  for (const at of instants) if (at != null && (best === null || at < best)) best = at;
  return best;
}

/**
 * How far two clocks may be apart, TaskRouter's, ours or another replica's, with nothing being
 * wrong (ms).
 */
export const SKEW_MS = 5_000;

/**
 * Whether `instant` is less than `spanMs` before `at`, or after it. One that lies further ahead was
 * told by a clock that has been set back since: then nobody knows how long ago it was.
 */
export function isWithin(instant: number, at: number, spanMs: number): boolean {
  return Math.abs(at - instant) < spanMs;
}

/** Ahead of `at` by more than clocks may be apart. */
export function isAhead(instant: number, at: number): boolean {
  return instant - at > SKEW_MS;
}

/**
 * From when on the length counts of what began at `instant`: what a clock told that was set back
 * since begins now, so that the step of the clock makes it no longer.
 */
export function begunBy(instant: number, at: number): number {
  return isAhead(instant, at) ? at : instant;
}

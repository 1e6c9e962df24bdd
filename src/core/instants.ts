// Small arithmetic on instants (epoch ms) in which null means never.

/** An instant as text, for people and programs: UTC, to the millisecond. */
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
 * How far two clocks may differ (TaskRouter's, ours, another replica's) with nothing being wrong
 * (ms).
 */
export const MAX_CLOCK_SKEW_MS = 5_000;

/**
 * Whether `instant` is less than `spanMs` before or after `at`. One further ahead was stamped by a
 * clock that has since been set back, so its age is unknown.
 */
export function isWithin(instant: number, at: number, spanMs: number): boolean {
  return Math.abs(at - instant) < spanMs;
}

/** Ahead of `at` by more than clocks may differ. */
export function isBeyondSkew(instant: number, at: number): boolean {
  return instant - at > MAX_CLOCK_SKEW_MS;
}

/**
 * The instant from which a duration that began at `instant` is counted. One stamped by a clock that
 * has since been set back counts from `at`, so that the step of the clock makes it no longer.
 */
export function effectiveStart(instant: number, at: number): number {
  return isBeyondSkew(instant, at) ? at : instant;
}

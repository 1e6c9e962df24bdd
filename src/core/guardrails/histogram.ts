// Counts at ascending keys (instants, places in a line), in a value of bounded size: beyond a
// number of steps, two neighbours are merged into the later one.

export interface Histogram {
  /** Everything up to this key was dropped. */
  readonly dropped: number;
  /** Key and count, ascending by key. */
  readonly steps: readonly (readonly [number, number])[];
}

export const EMPTY_HISTOGRAM: Histogram = { dropped: 0, steps: [] };

/** Up to this many steps, every key is exact. */
const MAX_STEPS = 64;

export function increment({ dropped, steps }: Histogram, key: number, count = 1): Histogram {
  if (count === 0) return { dropped, steps };
  const i = firstFrom(steps, key);
  const found = steps[i];
  const next =
    found?.[0] === key
      ? steps.with(i, [key, found[1] + count])
      : [...steps.slice(0, i), [key, count] as const, ...steps.slice(i)];
  return { dropped, steps: next.length > MAX_STEPS ? merged(next) : next };
}

/** Removes one that was added at `key`, unless it was dropped meanwhile. */
export function decrement({ dropped, steps }: Histogram, key: number): Histogram {
  const i = firstFrom(steps, key);
  const found = steps[i];
  if (key <= dropped || found === undefined) return { dropped, steps };
  const [at, count] = found;
  return { dropped, steps: count > 1 ? steps.with(i, [at, count - 1]) : steps.toSpliced(i, 1) };
}

/** Without those up to and including `key`. */
export function dropThrough(histogram: Histogram, key: number): Histogram {
  const i = firstFrom(histogram.steps, key);
  const kept = histogram.steps.slice(histogram.steps[i]?.[0] === key ? i + 1 : i);
  // Only what was there can have been dropped, so that a clock that jumps ahead hides nothing.
  const last = histogram.steps[histogram.steps.length - kept.length - 1]?.[0];
  return last === undefined
    ? histogram
    : { dropped: Math.max(histogram.dropped, last), steps: kept };
}

/** Without those from `key` on. */
export function dropFrom({ dropped, steps }: Histogram, key: number): Histogram {
  return { dropped, steps: steps.slice(0, firstFrom(steps, key)) };
}

export function total({ steps }: Histogram): number {
  return steps.reduce((sum, [, count]) => sum + count, 0);
}

/** How many are in steps before that of `key`: those of one step count as equal. */
export function countBefore({ steps }: Histogram, key: number): number {
  return total({ dropped: 0, steps: steps.slice(0, firstFrom(steps, key)) });
}

/** How many of the step of `key` are before it, assuming that they are spread evenly. */
export function countWithinStep({ steps }: Histogram, key: number): number {
  const i = firstFrom(steps, key);
  const [end, count] = steps[i] ?? [0, 0];
  const low = steps[i - 1]?.[0] ?? 0;
  return count === 0 || end <= low ? 0 : Math.floor((count * (key - low)) / (end - low));
}

/** The key of the one at `place`, counted from 0. */
export function keyAt({ steps }: Histogram, place: number): number | null {
  let left = place;
  for (const [key, count] of steps) {
    if (left < count) return key;
    left -= count;
  }
  return null;
}

/** The index of the first step at or after `key`. */
function firstFrom(steps: Histogram['steps'], key: number): number {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle]?.[0] ?? 0) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Merges the two neighbours with the smallest sum, so that all steps stay about equally large. */
function merged(steps: Histogram['steps']): Histogram['steps'] {
  let [best, fewest] = [0, Number.POSITIVE_INFINITY];
  for (let i = 0; i + 1 < steps.length; i += 1) {
    const both = (steps[i]?.[1] ?? 0) + (steps[i + 1]?.[1] ?? 0);
    if (both < fewest) [best, fewest] = [i, both];
  }
  const key = steps[best + 1]?.[0] ?? 0;
  return [...steps.slice(0, best), [key, fewest], ...steps.slice(best + 2)];
}

// The documented order in which claims become a setting: baseline, or a person's edit in effect →
// set → add → min → max → pause. Pure arithmetic over the claims on one Worker Channel.

/** What one rule claims of one Worker Channel, ramps already resolved to numbers. */
export interface Claim {
  readonly rule: string;
  readonly priority: number;
  readonly hard: boolean;
  readonly set: number | null;
  readonly add: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly pause: boolean;
}

/** The value a field starts from; `value` null: it is not known. */
export interface FoldStart<T> {
  readonly value: T | null;
  /** A person's edit that is still respected; only hard claims fold over it. */
  readonly edited: boolean;
}

export interface Folded<T> {
  /** null: headroom has no opinion, the field stays as it is. */
  readonly value: T | null;
  /** The rules that made a difference, the decisive one last; empty: the start itself. */
  readonly by: readonly string[];
}

/** The winning `set` of all claims: highest priority; of equal ones the lower number, then name. */
export function winningSet(claims: readonly Claim[]): Claim | null {
  let best: Claim | null = null;
  for (const claim of claims) {
    if (claim.set === null) continue;
    if (best === null || beats(claim, best)) best = claim;
  }
  return best;
}

function beats(a: Claim, b: Claim): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  const [x, y] = [a.set ?? 0, b.set ?? 0];
  return x !== y ? x < y : a.rule < b.rule;
}

/**
 * Folds the capacity. `observed` is what TaskRouter reports (null: not read). If the start is not
 * known, `min` and `max` limit `observed`, and `add` does nothing: it would add to its own result.
 */
export function foldCapacity(
  start: FoldStart<number>,
  all: readonly Claim[],
  observed: number | null,
): Folded<number> {
  const claims = start.edited ? all.filter((c) => c.hard) : all;
  const set = winningSet(claims);
  const known = set?.set ?? start.value;
  const base = known ?? observed;
  if (base === null) return { value: null, by: [] };
  const by: string[] = set === null ? [] : [set.rule];
  let value = base;
  if (known !== null) value = folded(value, added(value, claims), by);
  value = folded(value, raised(value, claims), by);
  value = folded(value, lowered(value, claims), by);
  // A limit that already holds is an opinion too: it keeps the number.
  const limits = claims.some((c) => c.add === null && (c.min !== null || c.max !== null));
  const untouched = start.value === null && by.length === 0 && !limits;
  return { value: untouched ? null : Math.max(0, value), by };
}

interface Step {
  readonly value: number;
  readonly rules: readonly string[];
}

function folded(before: number, step: Step, by: string[]): number {
  if (step.value !== before) {
    for (const rule of step.rules) if (!by.includes(rule)) by.push(rule);
  }
  return step.value;
}

/** The sum of adds; a rise stops at the lowest `max` next to an `add`, which never lowers. */
function added(value: number, claims: readonly Claim[]): Step {
  const adding = claims.filter((c) => c.add !== null);
  const sum = adding.reduce((total, c) => total + (c.add ?? 0), 0);
  const ceiling = Math.min(...adding.map((c) => c.max ?? Number.POSITIVE_INFINITY));
  const floor = Math.max(...adding.map((c) => c.min ?? Number.NEGATIVE_INFINITY));
  const rules = adding.map((c) => c.rule).sort();
  if (sum > 0) return { value: Math.max(value, Math.min(value + sum, ceiling)), rules };
  if (sum < 0) return { value: Math.min(value, Math.max(value + sum, floor, 0)), rules };
  return { value, rules };
}

function raised(value: number, claims: readonly Claim[]): Step {
  const highest = strictest(claims, 'min', (a, b) => a > b);
  return limited(value, highest, Math.max);
}

function lowered(value: number, claims: readonly Claim[]): Step {
  const lowest = strictest(claims, 'max', (a, b) => a < b);
  return limited(value, lowest, Math.min);
}

interface Limit {
  readonly limit: number;
  readonly rule: string;
}

/** The strictest separate `min` or `max`; one next to an `add` only limits that add. */
function strictest(
  claims: readonly Claim[],
  key: 'min' | 'max',
  stricter: (a: number, b: number) => boolean,
): Limit | null {
  let best: Limit | null = null;
  for (const claim of claims) {
    const limit = claim[key];
    if (limit === null || claim.add !== null) continue;
    if (best === null || stricter(limit, best.limit)) best = { limit, rule: claim.rule };
  }
  return best;
}

function limited(value: number, by: Limit | null, apply: (a: number, b: number) => number): Step {
  return by === null ? { value, rules: [] } : { value: apply(value, by.limit), rules: [by.rule] };
}

/** Any pause wins; otherwise the start value. Numbers never change it. */
export function foldAvailable(start: FoldStart<boolean>, all: readonly Claim[]): Folded<boolean> {
  const claims = start.edited ? all.filter((c) => c.hard) : all;
  const pausing = claims.filter((c) => c.pause).map((c) => c.rule);
  if (pausing.length > 0) return { value: false, by: pausing.sort() };
  return { value: start.value, by: [] };
}

/**
 * The number to write. `bounds` limit only what rules ask for, never a baseline or a person's edit;
 * by themselves they never move the channel, nor reverse the direction of a move.
 */
export function withinBounds(
  { value, by }: Folded<number>,
  observed: number | null,
  bounds: readonly [number, number] | undefined,
): number | null {
  if (value === null || bounds === undefined || by.length === 0) return value;
  const limited = Math.min(Math.max(value, bounds[0]), bounds[1]);
  if (value === observed) return value;
  if (observed === null) return limited;
  return value > observed ? Math.max(observed, limited) : Math.min(observed, limited);
}

// The events that `count` counts, as a Worker's record keeps them: bounded for each type, so that a
// busy one crowds out no other, and more of those that rules in force count. What was dropped makes
// the time before it unknown, whatever rule asks for it later.

import type { Condition } from './condition/condition.ts';
import type { Rule, RuleSet } from './rules.ts';
import { type Counted, STATE_LIMITS, type WorkerState } from './state.ts';

/** The conditions that a rule is judged by. */
export function conditionsOf({ when, release }: Rule): readonly Condition[] {
  return [when?.enter, when?.exit, release?.or].flatMap((each) => each ?? []);
}

const COUNTED_BY = new WeakMap<RuleSet, ReadonlySet<string>>();

/** Worked out once a rule set: every pass asks. */
function countedBy(rules: RuleSet): ReadonlySet<string> {
  const known = COUNTED_BY.get(rules);
  if (known !== undefined) return known;
  const counts = rules.rules.flatMap(conditionsOf).flatMap(({ reads }) => reads.counts);
  const types = new Set(counts.map(({ type }) => type));
  COUNTED_BY.set(rules, types);
  return types;
}

/**
 * A Reservation counts once a type; of several reports the earliest instant is its own. Those of
 * one instant are in the order of what they are: which arrived first decides nothing.
 */
export function addCounted(counted: readonly Counted[], entry: Counted): readonly Counted[] {
  const same = counted.find((c) => c.type === entry.type && c.reservation === entry.reservation);
  if (same !== undefined && same.at <= entry.at) return counted;
  const last = counted.at(-1);
  if (last === undefined || last.at < entry.at) return [...counted, entry];
  return [...counted.filter((c) => c !== same), entry].sort(
    (a, b) => a.at - b.at || (a.reservation + a.type < b.reservation + b.type ? -1 : 1),
  );
}

type Kept = Pick<WorkerState, 'counted' | 'dropped'>;

/** Asked on every pass, so it makes nothing anew where nothing is to be dropped. */
export function pruneCounted(before: Kept, rules: RuleSet, at: number): Kept {
  const old = at - STATE_LIMITS.countedMs;
  const surplus = surplusOf(before.counted, countedBy(rules));
  const dropped = Object.entries(before.dropped ?? {});
  const [oldest] = before.counted;
  const same =
    surplus.size === 0 &&
    (oldest === undefined || oldest.at > old) &&
    dropped.every(([, to]) => to > old);
  if (same) return before;
  const counted: Counted[] = [];
  const newest = new Map(dropped.filter(([, to]) => to > old));
  for (const each of before.counted) {
    const left = surplus.get(each.type) ?? 0;
    if (left > 0) {
      surplus.set(each.type, left - 1);
      newest.set(each.type, Math.max(each.at, newest.get(each.type) ?? each.at));
    } else if (each.at > old) counted.push(each);
  }
  return { counted, dropped: Object.fromEntries(newest) };
}

/** How many of each type are too many; the oldest are, and they come first. */
function surplusOf(counted: readonly Counted[], asked: ReadonlySet<string>): Map<string, number> {
  const { counted: most, uncounted } = STATE_LIMITS;
  if (counted.length <= uncounted) return new Map();
  const all = new Map<string, number>();
  for (const { type } of counted) all.set(type, (all.get(type) ?? 0) + 1);
  return new Map(
    [...all].flatMap(([type, n]): [string, number][] => {
      const over = n - (asked.has(type) ? most : uncounted);
      return over > 0 ? [[type, over]] : [];
    }),
  );
}

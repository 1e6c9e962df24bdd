// The events that `count` counts, as kept in a Worker's record: bounded for each type, so that a
// busy one displaces no other, with a higher bound for types that rules in force count. Dropped
// events make the time before them unknown, also for a rule added later.

import type { Condition } from './condition/condition.ts';
import type { Rule, RuleSet } from './rules.ts';
import { type CountedEvent, STATE_LIMITS, type WorkerState } from './state.ts';

/** The conditions that a rule is judged by. */
export function conditionsOf({ when, release }: Rule): readonly Condition[] {
  return [when?.enter, when?.exit, release?.or].flatMap((each) => each ?? []);
}

const COUNTED_BY = new WeakMap<RuleSet, ReadonlySet<string>>();

/** Computed once per rule set, because every pass asks. */
function countedTypes(rules: RuleSet): ReadonlySet<string> {
  const known = COUNTED_BY.get(rules);
  if (known !== undefined) return known;
  const counts = rules.rules.flatMap(conditionsOf).flatMap(({ reads }) => reads.counts);
  const types = new Set(counts.map(({ type }) => type));
  COUNTED_BY.set(rules, types);
  return types;
}

/**
 * A Reservation counts once per type, at the earliest reported instant. Entries of one instant are
 * sorted by what they are, so the order of arrival does not matter.
 */
export function addCounted(
  counted: readonly CountedEvent[],
  entry: CountedEvent,
): readonly CountedEvent[] {
  const same = counted.find((c) => c.type === entry.type && c.reservation === entry.reservation);
  if (same !== undefined && same.at <= entry.at) return counted;
  const last = counted.at(-1);
  if (last === undefined || last.at < entry.at) return [...counted, entry];
  return [...counted.filter((c) => c !== same), entry].sort(
    (a, b) => a.at - b.at || (a.reservation + a.type < b.reservation + b.type ? -1 : 1),
  );
}

type CountedState = Pick<WorkerState, 'counted' | 'dropped'>;

/** Runs on every pass, so it returns the same object if nothing is to be dropped. */
export function pruneCounted(
  before: CountedState,
  rules: RuleSet | null,
  at: number,
): CountedState {
  const old = at - STATE_LIMITS.countedMs;
  const surplus = excessByType(before.counted, rules && countedTypes(rules));
  const dropped = Object.entries(before.dropped ?? {});
  const [oldest] = before.counted;
  const same =
    surplus.size === 0 &&
    (oldest === undefined || oldest.at > old) &&
    dropped.every(([, to]) => to > old);
  if (same) return before;
  const counted: CountedEvent[] = [];
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

/** How many of each type are over its bound; the oldest are dropped, and they come first. */
function excessByType(
  counted: readonly CountedEvent[],
  countable: ReadonlySet<string> | null,
): Map<string, number> {
  const { counted: most, uncounted } = STATE_LIMITS;
  if (counted.length <= uncounted) return new Map();
  const all = new Map<string, number>();
  for (const { type } of counted) all.set(type, (all.get(type) ?? 0) + 1);
  return new Map(
    [...all].flatMap(([type, n]): [string, number][] => {
      const over = n - (countable === null || countable.has(type) ? most : uncounted);
      return over > 0 ? [[type, over]] : [];
    }),
  );
}

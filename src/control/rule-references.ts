// What the rules in force name outside a Worker's own record: TaskQueues, groups, and events that
// are counted. Only these are read from TaskRouter; if there are none, there is nothing to do.

import type { Condition } from '../core/condition/condition.ts';
import { conditionsOf } from '../core/counted-events.ts';
import { isShared } from '../core/judge.ts';
import type { RuleSet } from '../core/rules.ts';

export interface RuleReferences {
  /** TaskQueues by friendly name whose statistics a condition reads. */
  readonly queues: ReadonlySet<string>;
  /** TaskQueues by friendly name whose expression defines a group. */
  readonly targets: ReadonlySet<string>;
  /** Groups of which a condition reads a fact. */
  readonly groups: ReadonlySet<string>;
  /** Groups whose load a condition reads. */
  readonly groupLoads: ReadonlySet<string>;
  /** Event types that are counted, with the longest window of each, ms. */
  readonly counts: ReadonlyMap<string, number>;
  /** Some rule has one state for all Workers. */
  readonly shared: boolean;
  /** Some condition reads a TaskQueue or a group besides a Worker's own facts. */
  readonly mixed: boolean;
}

const NOTHING: RuleReferences = {
  queues: new Set(),
  targets: new Set(),
  groups: new Set(),
  groupLoads: new Set(),
  counts: new Map(),
  shared: false,
  mixed: false,
};

export function referencesOf(rules: RuleSet | null): RuleReferences {
  if (rules === null) return NOTHING;
  const active = rules.rules.filter((rule) => (rule.mode ?? rules.defaults.mode) !== 'disabled');
  const conditions = active.flatMap(conditionsOf);
  const counts = new Map<string, number>();
  for (const { type, windowMs } of conditions.flatMap(({ reads }) => reads.counts)) {
    counts.set(type, Math.max(counts.get(type) ?? 0, windowMs));
  }
  const groups = [...rules.groups.values()];
  return {
    queues: new Set(conditions.flatMap(({ reads }) => reads.queues)),
    targets: new Set(groups.flatMap((group) => (group.kind === 'queue' ? [group.queue] : []))),
    groups: new Set(conditions.flatMap(({ reads }) => reads.groups)),
    groupLoads: new Set(conditions.flatMap(({ reads }) => reads.groupLoads)),
    counts,
    shared: active.some(isShared),
    mixed: active.some((rule) => !isShared(rule) && conditionsOf(rule).some(readsSharedFacts)),
  };
}

function readsSharedFacts({ reads }: Condition): boolean {
  return reads.queues.length + reads.groups.length > 0;
}

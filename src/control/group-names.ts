// The groups of the rules in force that a Worker is in, for views. `where` reads only the Worker's
// name and attributes, so it is evaluated once for each version of them and of the rules; what
// reads more (a TaskRouter expression, a TaskQueue) is evaluated each time.

import { isTargeted, type World } from '../core/decide.ts';
import type { Group, RuleSet } from '../core/rules.ts';
import type { WorkerState } from '../core/state.ts';

interface CachedGroups {
  /** The name and attributes that were read. */
  readonly of: string;
  readonly names: ReadonlySet<string>;
}

/** Workers kept per rule set; beyond, all are evaluated again. */
const LIMIT = 100_000;

/** Dropped with the rule set. */
const keptFor = new WeakMap<RuleSet, Map<string, CachedGroups>>();

export function groupNames(
  worker: { readonly rules: RuleSet; readonly state: WorkerState },
  world: World,
  at: number,
): readonly string[] {
  const { groups } = worker.rules;
  const isIn = ({ name }: Group) => isTargeted({ kind: 'group', name }, worker, world, at) === true;
  const kept = keptOf(worker, isIn);
  const found = [...groups.values()].filter((group) =>
    group.kind === 'where' ? kept.has(group.name) : isIn(group),
  );
  return found.map(({ name }) => name);
}

function keptOf(
  { rules, state }: { readonly rules: RuleSet; readonly state: WorkerState },
  isIn: (group: Group) => boolean,
): ReadonlySet<string> {
  const all = keptFor.get(rules) ?? new Map<string, CachedGroups>();
  keptFor.set(rules, all);
  const of = JSON.stringify([state.name?.value, state.attributes?.value]);
  const before = all.get(state.sid);
  if (before?.of === of) return before.names;
  const groups = [...rules.groups.values()].filter(({ kind }) => kind === 'where');
  const names = new Set(groups.filter(isIn).map(({ name }) => name));
  if (all.size >= LIMIT) all.clear();
  all.set(state.sid, { of, names });
  return names;
}

export function isInAny(
  names: ReadonlySet<string>,
  worker: { readonly rules: RuleSet; readonly state: WorkerState },
  world: World,
  at: number,
): boolean {
  return [...names].some((name) => isTargeted({ kind: 'group', name }, worker, world, at) === true);
}

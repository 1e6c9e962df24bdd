// Mismatches between rules and a Workspace: names that it does not have, and groups and rules that
// match nobody. Pure: the Workspace was read before (`cli/check-live.ts`).

import { readAttribute } from '../../core/condition/path.ts';
import { isTargeted, type World } from '../../core/decide.ts';
import { type Attributes, isUnknown } from '../../core/facts.ts';
import { likelyMeant } from '../../core/nearest.ts';
import type { Place, Rule, RuleSet } from '../../core/rules.ts';
import { nearestZone, zoneFor } from '../../core/schedule/zone.ts';
import type { WorkerState } from '../../core/state.ts';
import { type Finding, type FindingCode, findingAt } from './finding.ts';
import { type UsedName, usedNames } from './used-names.ts';

export interface Workspace {
  readonly workers: readonly WorkerState[];
  /** Unique names. */
  readonly taskChannels: readonly string[];
  /** Friendly names and SIDs. */
  readonly taskQueues: readonly string[];
  readonly world: World;
  /** epoch ms */
  readonly at: number;
  /** The position of a name that is used at or after this place. */
  place(name: string, from: Place): Place;
}

export function lintLive(set: RuleSet, there: Workspace): readonly Finding[] {
  const names = usedNames(set);
  const { taskChannels, taskQueues } = there;
  return [
    ...missingNames(
      { code: 'live.no_channel', what: 'Task Channel' },
      names.channels,
      taskChannels,
      there,
    ),
    ...missingNames({ code: 'live.no_queue', what: 'TaskQueue' }, names.queues, taskQueues, there),
    ...emptyGroups(set, names.groups, there),
    ...set.rules.flatMap((rule) => matchesNobody(rule, set, there)),
    ...attributesOfNobody(names.attributes, there),
    ...unnamedSchedules(names.shifts, set, there),
    ...invalidZones(names.zones, there),
  ];
}

function liveFinding(
  code: FindingCode,
  { name, rule, from }: UsedName,
  message: string,
  there: Workspace,
) {
  const rules = rule === null ? [] : [rule];
  return findingAt(code, there.place(name, from), { rules, message, witness: null });
}

/** Each name once, at the first place that uses it. */
function uniqueNames(used: readonly UsedName[]): readonly UsedName[] {
  const seen = new Map<string, UsedName>();
  for (const each of used) if (!seen.has(each.name)) seen.set(each.name, each);
  return [...seen.values()];
}

function missingNames(
  { code, what }: { readonly code: FindingCode; readonly what: string },
  used: readonly UsedName[],
  names: readonly string[],
  there: Workspace,
): readonly Finding[] {
  return uniqueNames(used)
    .filter(({ name }) => !names.includes(name))
    .map((each) => {
      const message = `the Workspace has no ${what} "${each.name}"${didYouMean(likelyMeant(each.name, names))}`;
      return liveFinding(code, each, message, there);
    });
}

function didYouMean(close: string | null): string {
  return close === null ? '' : `; the nearest is "${close}"`;
}

/** A Worker for which this is unknown may be meant, so nothing is reported. */
function isNobody(who: Rule['who'], rules: RuleSet, { workers, world, at }: Workspace): boolean {
  return workers.every((state) => isTargeted(who, { rules, state }, world, at) === false);
}

function emptyGroups(set: RuleSet, groups: readonly UsedName[], there: Workspace) {
  return uniqueNames(groups)
    .filter(({ name }) => isNobody({ kind: 'group', name }, set, there))
    .map((each) => {
      const message = `nobody is in the group "${each.name}": none of ${workerCount(there)}`;
      return liveFinding('live.empty_group', each, message, there);
    });
}

function matchesNobody(rule: Rule, set: RuleSet, there: Workspace): readonly Finding[] {
  // An empty group is reported where the group itself is.
  if (rule.who.kind === 'group' || !isNobody(rule.who, set, there)) return [];
  const { name } = rule;
  const message = `the rule "${name}" applies to nobody: none of ${workerCount(there)}`;
  return [liveFinding('live.matches_nobody', { name, rule: name, from: rule.at }, message, there)];
}

function workerCount({ workers }: Workspace): string {
  return workers.length === 1 ? '1 Worker' : `${workers.length} Workers`;
}

function attributesOfNobody(used: readonly UsedName[], there: Workspace): readonly Finding[] {
  if (there.workers.length === 0) return [];
  const known = [...new Set(there.workers.flatMap((each) => pathsOf(attributesOf(each))))];
  return uniqueNames(used)
    .filter(({ name }) => valuesOf(name, there).length === 0)
    .map((each) => {
      const close = likelyMeant(each.name, known);
      const message = `none of ${workerCount(there)} has the attribute "${each.name}"${didYouMean(close)}`;
      return liveFinding('live.no_attribute', each, message, there);
    });
}

function attributesOf(state: WorkerState): Attributes {
  return state.attributes?.value ?? {};
}

const MAX_DEPTH = 3;

function pathsOf(value: unknown, before: readonly string[] = []): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = [...before, key];
    const deeper = path.length < MAX_DEPTH ? pathsOf(inner, path) : [];
    return [path.join('.'), ...deeper];
  });
}

interface Value {
  readonly worker: WorkerState;
  readonly value: unknown;
}

function valuesOf(path: string, { workers }: Workspace): readonly Value[] {
  return workers.flatMap((worker) => {
    const value = readAttribute(attributesOf(worker), path.split('.'));
    return value === undefined ? [] : [{ worker, value }];
  });
}

/** The same value of several Workers is one finding. */
function byValue(values: readonly Value[]): ReadonlyMap<string, readonly Value[]> {
  const found = new Map<string, Value[]>();
  for (const each of values) {
    const key = JSON.stringify(each.value);
    found.set(key, [...(found.get(key) ?? []), each]);
  }
  return found;
}

function workerNames(values: readonly Value[]): string {
  const [first] = values;
  const name = first?.worker.name?.value ?? first?.worker.sid ?? '';
  return values.length === 1 ? `of ${name}` : `of ${values.length} Workers, such as ${name},`;
}

function unnamedSchedules(used: readonly UsedName[], set: RuleSet, there: Workspace) {
  return uniqueNames(used).flatMap((each) =>
    [...byValue(valuesOf(each.name, there))].flatMap(([text, values]) => {
      const [first] = values;
      const value = typeof first?.value === 'string' ? first.value : null;
      if (value !== null && set.schedules.has(value)) return [];
      const close = value === null ? null : likelyMeant(value, [...set.schedules.keys()]);
      const message = `the attribute "${each.name}" ${workerNames(values)} is ${text}, which is not the name of a schedule${didYouMean(close)}`;
      return [liveFinding('live.unnamed_schedule', each, message, there)];
    }),
  );
}

function invalidZones(used: readonly UsedName[], there: Workspace): readonly Finding[] {
  return uniqueNames(used).flatMap((each) => {
    const zone = { kind: 'worker', path: each.name.split('.') } as const;
    const values = valuesOf(each.name, there);
    const wrong = values.filter(({ worker }) => isUnknown(zoneFor(zone, attributesOf(worker))));
    return [...byValue(wrong)].map(([text, found]) => {
      const value = found[0]?.value;
      const close = typeof value === 'string' ? nearestZone(value) : null;
      const message = `the attribute "${each.name}" ${workerNames(found)} is ${text}, which is not a time zone${didYouMean(close)}`;
      return liveFinding('live.bad_zone', each, message, there);
    });
  });
}

// The names in a rule set that only a Workspace can verify, each with the rule that uses it.

import type { Condition } from '../../core/condition/condition.ts';
import { queuesRead } from '../../core/replay.ts';
import type { During, Place, Rule, RuleSet, Who } from '../../core/rules.ts';
import type { Zone } from '../../core/schedule/schedule.ts';
import { modeOf } from '../situation.ts';

export interface UsedName {
  readonly name: string;
  /** null: used outside the rules, e.g. in a guardrail. */
  readonly rule: string | null;
  /** Where to start looking for it. */
  readonly from: Place;
}

export interface UsedNames {
  readonly channels: readonly UsedName[];
  readonly queues: readonly UsedName[];
  readonly groups: readonly UsedName[];
  /** Dotted paths, as are the next two. */
  readonly attributes: readonly UsedName[];
  /** Attributes whose value names a schedule. */
  readonly shifts: readonly UsedName[];
  /** Attributes whose value is a time zone. */
  readonly zones: readonly UsedName[];
}

export function usedNames(set: RuleSet): UsedNames {
  const rules = set.rules.filter((rule) => modeOf(rule, set) !== 'disabled');
  const shared = (names: Iterable<string>): readonly UsedName[] => {
    const file = set.rules[0]?.at.file ?? '';
    return [...names].map((name) => ({ name, rule: null, from: { file, line: 1, column: 1 } }));
  };
  const each = (of: (rule: Rule) => readonly string[]): readonly UsedName[] =>
    rules.flatMap((rule) => of(rule).map((name) => ({ name, rule: rule.name, from: rule.at })));
  const { guardrails, defaults, groups } = set;
  const zones = [defaults.zone, ...zonesOf(set)];
  const paths = zones.flatMap((zone) => (zone.kind === 'worker' ? [zone.path.join('.')] : []));
  const queueGroups = [...groups.values()].flatMap((g) => (g.kind === 'queue' ? [g.queue] : []));
  const kept = guardrails.keepOpen;
  return {
    channels: [
      ...each(({ then }) => [...then.channels.keys()]),
      ...each((rule) => conditionsOf(rule, set).flatMap(({ reads }) => reads.channels)),
      ...kept.map(({ channel, at }) => ({ name: channel, rule: null, from: at })),
      ...shared([...guardrails.bounds.keys(), ...defaults.baseline.keys()]),
    ],
    queues: [...each(queuesRead), ...shared(queueGroups)],
    groups: shared(groups.keys()),
    attributes: [
      ...each((rule) => [
        ...conditionsOf(rule, set).flatMap(({ reads }) => reads.attributes),
        ...shiftsOf(rule.during),
        ...(rule.ramp?.since.kind === 'attribute' ? [rule.ramp.since.path.join('.')] : []),
      ]),
      ...shared(paths),
    ],
    shifts: each(({ during }) => shiftsOf(during)),
    zones: shared(paths),
  };
}

function zonesOf({ schedules }: RuleSet): readonly Zone[] {
  const alternatives = [...schedules.values()].flatMap((schedule) => schedule.alternatives);
  return alternatives.flatMap(({ zone }) => (zone === null ? [] : [zone]));
}

function shiftsOf(during: During | null): readonly string[] {
  if (during === null) return [];
  if (during.kind === 'attribute') return [during.path.join('.')];
  return during.kind === 'any' ? during.of.flatMap(shiftsOf) : [];
}

/** Without `opt_out`: it is fine if nobody is opted out. */
function conditionsOf({ who, when, release }: Rule, set: RuleSet): readonly Condition[] {
  const written = [when?.enter ?? null, when?.exit ?? null, release?.or ?? null];
  return [...whereOf(who, set), ...written.filter((each) => each !== null)];
}

function whereOf(who: Who, set: RuleSet): readonly Condition[] {
  switch (who.kind) {
    case 'everyone':
      return [];
    case 'where':
      return [who.where];
    case 'not':
      return whereOf(who.of, set);
    case 'any':
      return who.of.flatMap((each) => whereOf(each, set));
    case 'group': {
      const group = set.groups.get(who.name);
      return group?.kind === 'where' ? [group.where] : [];
    }
  }
}

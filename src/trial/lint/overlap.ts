// `enter` and `exit` whose thresholds overlap within a larger condition: both can hold because of
// one fact, so the rule does not enter where its author expects.

import { evaluate } from '../../core/condition/condition.ts';
import type { Rule } from '../../core/rules.ts';
import { factsOf } from '../../core/worker-facts.ts';
import { type Situation, stateOf, worldOf } from '../situation.ts';
import { dimensionOf, type Option } from './dimensions.ts';
import { FactValueCollector } from './fact-values.ts';
import { type Finding, finding, witness } from './finding.ts';
import type { Search, SituationTrial } from './search.ts';

/** Plain comparisons are checked when the rules are read, and reported as a diagnostic. */
const MORE_THAN_PLAIN = /&&|\?|!(?!=)/;

export function overlaps(rule: Rule, search: Search): readonly Finding[] {
  const { when } = rule;
  if (when === null || when.exit === null || rule.release !== null) return [];
  if (![when.enter, when.exit].some(({ text }) => MORE_THAN_PLAIN.test(text))) return [];
  const shared = sharedFacts(rule);
  if (shared.length === 0) return [];
  const { found } = search.find([rule], [], (trial) => {
    if (!bothHold(rule, trial.situation, search)) return null;
    const key = shared.find((each) => isDecisive(rule, each, trial, search));
    return key === undefined ? null : { trial, key: key.key };
  });
  if (found === null) return [];
  const value = found.trial.chosen.find((each) => each.startsWith(`${found.key} =`)) ?? found.key;
  const text = `"enter" and "exit" of the rule "${rule.name}" both hold at ${value}, so it does not enter; leave a gap between their thresholds`;
  const steps = [
    `enter ${when.enter.text}: holds`,
    `exit ${when.exit.text}: holds`,
    'so it does not enter',
  ];
  return finding('lint.overlap', [rule], text, witness(found.trial, search.set, steps));
}

interface SharedFact {
  readonly key: string;
  readonly options: readonly Option[];
}

/** Facts that both read, each with all of its values of interest. */
function sharedFacts({ when }: Rule): readonly SharedFact[] {
  if (when === null || when.exit === null) return [];
  const [enter, exit, both] = [
    new FactValueCollector(),
    new FactValueCollector(),
    new FactValueCollector(),
  ];
  enter.addCondition(when.enter);
  exit.addCondition(when.exit);
  both.addCondition(when.enter);
  both.addCondition(when.exit);
  return [...both.byKey]
    .filter(([key]) => enter.byKey.has(key) && exit.byKey.has(key))
    .map(([key, values]) => ({ key, options: dimensionOf(values).options }));
}

function bothHold(rule: Rule, s: Situation, search: Search): boolean {
  return enterHolds(rule, s, search) && holds(rule, s, search, 'exit');
}

/** Whether another value of this one fact ends `enter`: if so, this threshold overlaps. */
function isDecisive(
  rule: Rule,
  { options }: SharedFact,
  { situation }: SituationTrial,
  search: Search,
): boolean {
  return options.some((option) => {
    const other: Situation = {
      ...situation,
      attributes: structuredClone(situation.attributes),
      channels: { ...situation.channels },
      queues: { ...situation.queues },
      groups: { ...situation.groups },
      events: { ...situation.events },
    };
    option.set(other);
    return !enterHolds(rule, other, search);
  });
}

function enterHolds(rule: Rule, s: Situation, search: Search): boolean {
  return holds(rule, s, search, 'enter');
}

function holds(rule: Rule, s: Situation, search: Search, which: 'enter' | 'exit'): boolean {
  const condition = rule.when?.[which] ?? null;
  if (condition === null) return false;
  const world = worldOf(s, search.set);
  const facts = factsOf(stateOf(s, {}), world, s.at, { worker: false, channels: false });
  return evaluate(condition, facts).verdict === 'holds';
}

// Two `set`s of equal priority and different numbers that can claim one Worker's channel at once.
// The fold breaks the tie toward less work, which is rarely what both authors meant.

import type { Rule } from '../../core/rules.ts';
import { claimingStates, decideIn, modeOf } from '../situation.ts';
import { areDisjoint } from './disjoint.ts';
import { channelsNamed, numbersOf, settingOn } from './effects.ts';
import { type Finding, finding, witness } from './finding.ts';
import { LINT_LIMITS as LIMITS } from './limits.ts';
import type { Search, SituationTrial } from './search.ts';

export function ties(rules: readonly Rule[], search: Search): readonly Finding[] {
  const found: Finding[] = [];
  const reported = new Set<string>();
  let pairs = 0;
  for (const channel of channelsNamed(search.set, rules)) {
    for (const peers of byPriority(rules, channel, search)) {
      for (const [i, second] of peers.entries()) {
        for (const first of peers.slice(0, i)) {
          const key = `${first.name}\n${second.name}`;
          if (reported.has(key) || !differ(first, second, channel)) continue;
          if (areDisjoint(first, second, search.set)) continue;
          pairs += 1;
          if (pairs > LIMITS.pairs) search.stop();
          if (search.exhausted) return found;
          const tie = tieOf(first, second, channel, search);
          if (tie.length === 0) continue;
          reported.add(key);
          found.push(...tie);
        }
      }
    }
  }
  return found;
}

/** Rules that set this channel, by mode and priority. */
function byPriority(rules: readonly Rule[], channel: string, search: Search): Rule[][] {
  const groups = new Map<string, Rule[]>();
  for (const rule of rules) {
    if (setsOf(rule, channel).length === 0) continue;
    const key = `${modeOf(rule, search.set)} ${rule.priority}`;
    groups.set(key, [...(groups.get(key) ?? []), rule]);
  }
  return [...groups.values()];
}

function setsOf(rule: Rule, channel: string): readonly number[] {
  return numbersOf(rule, settingOn(rule, channel)?.set ?? null);
}

function differ(a: Rule, b: Rule, channel: string): boolean {
  return setsOf(a, channel).some((n) => setsOf(b, channel).some((m) => n !== m));
}

function tieOf(first: Rule, second: Rule, channel: string, search: Search): readonly Finding[] {
  const both = search.subset([first, second]);
  const { found } = search.find([first, second], [], (trial) => meeting(trial));
  if (found === null) return [];
  const { trial, numbers, value } = found;
  const text = `the rules "${second.name}" and "${first.name}" both set ${channel}, to ${numbers[1]} and ${numbers[0]}, with priority ${first.priority}, and can claim one Worker at once; the lower number wins, give one a higher priority`;
  const steps = [
    `${first.name} would set ${channel} to ${numbers[0]}`,
    `${second.name} would set ${channel} to ${numbers[1]}`,
    `so ${channel} is ${value}`,
  ];
  return finding('lint.tie', [second, first], text, witness(trial, search.set, steps));

  function meeting(trial: SituationTrial) {
    const { situation: s } = trial;
    const decision = decideIn(s, both, claimingStates([first, second], s.at));
    const decided = decision.channels.find((each) => each.channel === channel);
    const set = (rule: Rule) => decided?.claims.find((c) => c.rule === rule.name)?.set ?? null;
    const [a, b] = [set(first), set(second)];
    if (a === null || b === null || a === b) return null;
    return { trial, numbers: [a, b], value: Math.min(a, b) };
  }
}

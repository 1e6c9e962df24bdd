// All rules for one Worker at one instant. Only those that can apply to this Worker are judged, so
// the cost of a pass depends on the Worker's own rules, not on how many others there are.

import { type JudgeContext, judge, type RuleVerdict } from './judge.ts';
import { candidateRules, ruleIndexOf } from './rule-index.ts';
import type { Mode, Rule } from './rules.ts';
import type { WorkerState } from './state.ts';

export interface RuleSelection {
  /** The mode in which this rule runs here. */
  modeOf(rule: Rule): Mode;
  /** Whether the rule's `limit` chose this Worker; absent: limits do not apply. */
  isChosen?(rule: Rule, worker: WorkerState): boolean;
}

export interface JudgedRules {
  /** Of the rules that can apply to this Worker. */
  readonly judged: readonly RuleVerdict[];
  /** Of all rules that are not switched off; those not judged are not for this Worker. */
  readonly verdicts: readonly RuleVerdict[];
}

export function judgeAll(context: JudgeContext, world: RuleSelection): JudgedRules {
  const concern = ruleIndexOf(context.rules);
  const verdicts = concern.outside.slice();
  const judged: RuleVerdict[] = [];
  const off: Rule[] = [];
  for (const index of candidateRules(concern, context.attributes)) {
    const rule = concern.rules[index];
    if (rule === undefined) continue;
    if (world.modeOf(rule) === 'disabled') {
      off.push(rule);
      continue;
    }
    const verdict = applyLimit(judge(rule, context), context.state, world);
    verdicts[index] = verdict;
    judged.push(verdict);
  }
  if (off.length === 0) return { judged, verdicts };
  return { judged, verdicts: verdicts.filter(({ rule }) => !off.includes(rule)) };
}

/** A rule with a `limit` keeps its state for every Worker, but claims only those it chose. */
function applyLimit(verdict: RuleVerdict, state: WorkerState, world: RuleSelection): RuleVerdict {
  const { rule, claims } = verdict;
  const taken = rule.limit === null || (world.isChosen?.(rule, state) ?? true);
  return taken || !claims ? verdict : { ...verdict, claims: false, reason: 'limit.waiting' };
}

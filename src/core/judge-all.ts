// All rules for one Worker at one instant. Only those that can concern this Worker are judged, so
// that a pass costs what the Worker's own rules cost, however many others there are.

import { candidates, concernOf } from './concern.ts';
import { type JudgeContext, judge, type RuleVerdict } from './judge.ts';
import type { Mode, Rule } from './rules.ts';
import type { WorkerState } from './state.ts';

export interface Choosing {
  /** The mode in which this rule runs here. */
  modeOf(rule: Rule): Mode;
  /** Whether this Worker is among those that the rule's `limit` takes; absent: no limit acts. */
  chosen?(rule: Rule, worker: WorkerState): boolean;
}

export interface JudgedAll {
  /** Of the rules that can concern this Worker. */
  readonly judged: readonly RuleVerdict[];
  /** Of all rules that are not switched off: the others are told as not for this Worker. */
  readonly verdicts: readonly RuleVerdict[];
}

export function judgeAll(context: JudgeContext, world: Choosing): JudgedAll {
  const concern = concernOf(context.rules);
  const verdicts = concern.outside.slice();
  const judged: RuleVerdict[] = [];
  const off: Rule[] = [];
  for (const index of candidates(concern, context.attributes)) {
    const rule = concern.rules[index];
    if (rule === undefined) continue;
    if (world.modeOf(rule) === 'disabled') {
      off.push(rule);
      continue;
    }
    const verdict = limited(judge(rule, context), context.state, world);
    verdicts[index] = verdict;
    judged.push(verdict);
  }
  if (off.length === 0) return { judged, verdicts };
  return { judged, verdicts: verdicts.filter(({ rule }) => !off.includes(rule)) };
}

/** A rule with a `limit` keeps its state for everyone, and claims only those whom it took. */
function limited(verdict: RuleVerdict, state: WorkerState, world: Choosing): RuleVerdict {
  const { rule, claims } = verdict;
  const taken = rule.limit === null || (world.chosen?.(rule, state) ?? true);
  return taken || !claims ? verdict : { ...verdict, claims: false, reason: 'limit.waiting' };
}

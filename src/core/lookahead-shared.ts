// What time alone will do to the rules that have one state for all Workers. They are judged on the
// same stepped clock as the Workers, so each Worker's look ahead finds the verdict of that time.

import { evaluateDuring } from './during.ts';
import { earliest } from './instants.ts';
import { isShared, type SharedVerdict } from './judge.ts';
import type { Rule, RuleSet } from './rules.ts';
import { judgeShared, type SharedContext, type SharedStates } from './shared-rules.ts';

export interface SharedFuture {
  /** When any of them begins or stops claiming, ascending. */
  readonly changeTimes: readonly number[];
  /** null: `rule` is not one of them. */
  verdict(rule: Rule, at: number): SharedVerdict | null;
}

type Verdicts = ReadonlyMap<string, SharedVerdict>;

/** A condition that reads `now` is judged each minute; a day has 1440. */
const MAX_STEPS = 3_000;

/** Step by step, as `lookaheadOf`. */
export function* lookaheadShared(
  rules: RuleSet,
  start: SharedStates,
  context: SharedContext,
  { from, to }: { readonly from: number; readonly to: number },
): Generator<void, SharedFuture, void> {
  const judged: { readonly at: number; readonly verdicts: Verdicts }[] = [];
  const changeTimes: number[] = [];
  const shared = rules.rules.filter(isShared);
  let states = start;
  let next: number | null = shared.length === 0 ? null : from;
  for (let step = 0; next !== null && next < to && step < MAX_STEPS; step += 1) {
    const at: number = next;
    const found = judgeShared(rules, states, context, at);
    states = found.states;
    if (at > from && found.flipped.length > 0) changeTimes.push(at);
    if (differs(judged.at(-1)?.verdicts, found.verdicts)) {
      judged.push({ at, verdicts: found.verdicts });
    }
    const boundaries = shared.map((rule) => boundaryOf(rule, rules, at));
    next = earliest(found.lookAt, ...boundaries);
    if (next !== null && next <= at) next = null;
    yield;
  }
  return {
    changeTimes,
    verdict: ({ name }, at) => judged.findLast((each) => each.at <= at)?.verdicts.get(name) ?? null,
  };
}

function differs(before: Verdicts | undefined, after: Verdicts): boolean {
  return [...after].some(([name, { claims, reason }]) => {
    const was = before?.get(name);
    return was?.claims !== claims || was.reason !== reason;
  });
}

/** Each Worker's own passes schedule these; here there are no Workers, so one zone will do. */
function boundaryOf(rule: Rule, rules: RuleSet, at: number): number | null {
  const { lookAt } = evaluateDuring(rule, { rules, attributes: {}, at });
  const until = rule.until !== null && rule.until > at ? rule.until : null;
  return earliest(lookAt, until);
}

// One rule in an explanation: what it asks, why it acts or does not, and what its conditions saw.

import { type Condition, evaluate, type Trace } from '../core/condition/condition.ts';
import { fillWhy } from '../core/condition/why.ts';
import type { Facts } from '../core/facts.ts';
import { iso } from '../core/instants.ts';
import { claimOn, type RuleVerdict } from '../core/judge.ts';
import { REASONS } from '../core/reasons.ts';
import type { Rule } from '../core/rules.ts';
import { factsOf } from '../core/worker-facts.ts';
import type { ClaimExplained, ExplainInput, RuleExplained, Seen } from './explain.types.ts';
import { wallClockText } from './wall-clock.ts';

export function explainRule(verdict: RuleVerdict, input: ExplainInput): RuleExplained {
  const { rule, reason, unknown, lookAt } = verdict;
  return {
    rule: rule.name,
    place: rule.at,
    mode: input.world.modeOf(rule),
    reason,
    sentence: sentenceOf(verdict),
    unknown,
    seen: CONDITION_REASONS.has(reason) ? seenBy(verdict, factsNow(input)) : [],
    until: lookAt === null ? null : { at: iso(lookAt), wall: wallClockText(lookAt, input.rules) },
  };
}

/** A rule without `when` claims always, or for as long as its `during` lasts. */
function sentenceOf({ rule, reason }: RuleVerdict): string {
  if (reason !== 'rule.standing') return REASONS[reason];
  if (rule.during !== null) return 'it is inside its schedule and has no other condition';
  return rule.ramp === null ? REASONS[reason] : 'its ramp is running and it has no other condition';
}

/** If a condition was not reached (another Worker, another time), its verdict is irrelevant. */
const CONDITION_REASONS: ReadonlySet<string> = new Set([
  'rule.entered',
  'rule.pending',
  'rule.kept',
  'rule.latched',
  'rule.released',
  'rule.fails',
  'facts.unknown',
  'limit.waiting',
]);

export function explainClaim(
  verdict: RuleVerdict,
  channel: string,
  input: ExplainInput,
): ClaimExplained {
  const { rule } = verdict;
  const claim = claimOn(verdict, channel);
  const asks = (['set', 'add', 'min', 'max'] as const).flatMap((kind) => {
    const number = claim?.[kind] ?? null;
    return number === null ? [] : [`${kind} ${number}`];
  });
  return {
    ...explainRule(verdict, input),
    asks: claim?.pause ? [...asks, 'pause'] : asks,
    hard: rule.hard,
    priority: rule.priority,
    why: rule.why === null ? null : fillWhy(rule.why, factsNow(input)),
  };
}

export function explainDisabled(rule: Rule): RuleExplained {
  const reason = 'mode.disabled';
  const rest = { unknown: [], seen: [], until: null };
  return {
    ...{ rule: rule.name, place: rule.at, mode: 'disabled', reason },
    ...{ sentence: REASONS[reason], ...rest },
  };
}

function factsNow({ state, world, at }: ExplainInput): Facts {
  return factsOf(state, world, at, { worker: false, channels: false });
}

function seenBy({ rule, state, claims }: RuleVerdict, facts: Facts): readonly Seen[] {
  const since = state?.phase === 'claiming' || state?.phase === 'keeping' ? state.since : 0;
  return [
    ...seenIn('enter', rule.when?.enter ?? null, facts),
    ...seenIn('exit', rule.when?.exit ?? null, facts),
    // A release matters only for a claim that it can end.
    ...(claims ? seenIn('release', rule.release?.or ?? null, facts, since) : []),
  ];
}

function seenIn(
  condition: Seen['condition'],
  written: Condition | null,
  facts: Facts,
  countSince?: number,
): readonly Seen[] {
  if (written === null) return [];
  const options = countSince === undefined ? { trace: true } : { trace: true, countSince };
  const { trace } = evaluate(written, facts, options);
  return trace === undefined ? [] : parts(trace).map((part) => ({ condition, ...part }));
}

/** The smallest logical parts, in order: each has its own verdict and values. */
function parts(trace: Trace): readonly Omit<Seen, 'condition'>[] {
  if (trace.children.length > 0) return trace.children.flatMap(parts);
  const { text, verdict, values } = trace;
  return [{ text, verdict, values }];
}

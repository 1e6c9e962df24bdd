// Why a Worker Channel is as it is at an instant, in the words allowed after `because`: the
// deciding rule, a person, a guardrail, its baseline, or a reason code.

import type { ChannelDecision } from '../../core/decide.ts';
import { withinBounds } from '../../core/fold.ts';
import type { Reason } from '../../core/reasons.ts';
import type { RuleSet } from '../../core/rules.ts';
import type { SimulationStep } from '../../core/simulation.ts';
import { channelIn, type Field } from '../../core/state.ts';

export interface Because {
  /** All words that a test may use. */
  readonly words: readonly string[];
  /** The one that people see. */
  readonly main: string;
}

const GUARDRAILS: readonly Reason[] = [
  'bounds.clamped',
  'dwell.waiting',
  'keep_open.floor',
  'max_change.spent',
];

export interface FieldQuery {
  readonly worker: string;
  readonly channel: string;
  readonly field: Field;
}

export function becauseAt(step: SimulationStep, query: FieldQuery, rules: RuleSet): Because {
  const decision = step.passes.get(query.worker)?.decision;
  if (decision === undefined) return { words: [], main: 'nobody' };
  if (decision.stopped !== null) {
    return { words: [decision.stopped, 'baseline'], main: decision.stopped };
  }
  const refusal = step.refused.find(
    (each) => each.worker === query.worker && each.refusal.channel === query.channel,
  )?.refusal;
  if (refusal !== undefined) return guarded(refusal.reason);
  const each = decision.channels.find(({ channel }) => channel === query.channel);
  if (each === undefined) return { words: ['channel.absent'], main: 'channel.absent' };
  const observing = each.shadow === null ? [] : ['mode.observe'];
  const state = step.state.workers.get(query.worker);
  const now = (state && channelIn(state, query.channel)?.observed?.capacity) ?? 0;
  const limited = query.field === 'capacity' && isClamped(each, now, rules);
  const reasons = new Map(decision.verdicts.map((v) => [v.rule.name, v.reason]));
  const decided = decidedBy(each, { field: query.field, limited }, reasons);
  return { ...decided, words: [...decided.words, ...observing] };
}

function decidedBy(
  each: ChannelDecision,
  { field, limited }: { readonly field: Field; readonly limited: boolean },
  reasons: ReadonlyMap<string, Reason>,
): Because {
  const by = each.desired[field].by;
  const rule = by.at(-1);
  if (rule !== undefined) {
    // All rules that pause decide alike; of numbers, the last one folded decides.
    const rules = field === 'available' ? by : [rule];
    const words = [...rules, 'rule.claimed', ...rules.flatMap((name) => reasons.get(name) ?? [])];
    return { words: limited ? [...words, ...guarded('bounds.clamped').words] : words, main: rule };
  }
  if (each.edits[field] !== null) return { words: ['person', 'person.edit'], main: 'person' };
  return { words: ['baseline', 'baseline.restored', 'channel.unclaimed'], main: 'baseline' };
}

function isClamped(
  { channel, desired }: ChannelDecision,
  observed: number,
  { guardrails }: RuleSet,
): boolean {
  const { value } = desired.capacity;
  return withinBounds(desired.capacity, observed, guardrails.bounds.get(channel)) !== value;
}

function guarded(reason: Reason): Because {
  const main = GUARDRAILS.includes(reason) ? `guardrail (${reason})` : reason;
  return { words: GUARDRAILS.includes(reason) ? ['guardrail', reason] : [reason], main };
}

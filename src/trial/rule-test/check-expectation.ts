// Compares one expectation with what was found: whether it is met, and if not, how to say so.

import type { Change } from '../../core/plan.ts';
import { REASONS } from '../../core/reasons.ts';
import type { RuleSet } from '../../core/rules.ts';
import type { SimulationStep } from '../../core/simulation.ts';
import { type ChannelState, channelIn, type Field } from '../../core/state.ts';
import { becauseAt } from './because.ts';
import type { Expectation } from './types.ts';
import type { Expected } from './values.ts';

/** One expectation that was not met, for one Worker. */
export interface FailedExpectation {
  readonly expectation: Expectation;
  readonly worker: string;
  readonly found: string;
  readonly expected: string;
  /** What each rule that is for this Worker and channel said then. */
  readonly rules: readonly string[];
}

/** null: as expected. */
export function checkExpectation(
  expectation: Expectation,
  worker: string,
  step: SimulationStep,
  rules: RuleSet,
): FailedExpectation | null {
  const { channel, expected, because } = expectation;
  const state = step.state.workers.get(worker);
  const held = state && channelIn(state, channel);
  const wanted = `${wordsOf(expected)}${because === null ? '' : ` because ${because}`}`;
  const miss = (found: string): FailedExpectation => ({
    expectation,
    worker,
    found,
    expected: wanted,
    rules: ruleVerdictLines(step, worker, channel),
  });
  if (!held?.observed) return miss('no such channel');
  const field: Field =
    expected.kind === 'set' && expected.capacity === undefined ? 'available' : 'capacity';
  const why = becauseAt(step, { worker, channel, field }, rules);
  const met = isMet(expected, held, rules.defaults.baseline.get(channel) ?? null, why.words);
  if (met && (because === null || why.words.includes(because))) return null;
  return miss(`${showSetting(held.observed)} because ${why.main}`);
}

function isMet(
  expected: Expected,
  { observed, capacity, available }: ChannelState,
  declared: number | null,
  words: readonly string[],
): boolean {
  if (observed === null) return false;
  if (expected.kind === 'set') {
    const { capacity: number = observed.capacity, available: open = observed.available } = expected;
    return observed.capacity === number && observed.available === open;
  }
  const home = <T>(baseline: { value: T } | 'unknown' | null, now: T): T =>
    baseline === null || baseline === 'unknown' ? now : baseline.value;
  return (
    words.includes('baseline') &&
    observed.capacity === (declared ?? home(capacity.baseline, observed.capacity)) &&
    observed.available === (declared === null ? home(available.baseline, observed.available) : true)
  );
}

function wordsOf(expected: Expected): string {
  return expected.kind === 'baseline' ? 'its baseline' : showChange(expected);
}

/** `3`, `paused (capacity 3)`. */
function showSetting({ capacity, available }: Required<Change>): string {
  return available ? String(capacity) : `paused (capacity ${capacity})`;
}

export function showChange({ capacity, available }: Change): string {
  if (capacity === undefined) return available === false ? 'paused' : 'open';
  return available === false ? showSetting({ capacity, available }) : String(capacity);
}

/** Rules that are not for this Worker, or not for this channel, explain nothing. */
function ruleVerdictLines(
  step: SimulationStep,
  worker: string,
  channel: string,
): readonly string[] {
  const verdicts = step.passes.get(worker)?.decision.verdicts ?? [];
  return verdicts
    .filter(({ rule }) => rule.then.channels.has(channel) || rule.then.any !== null)
    .filter(({ reason }) => reason !== 'rule.outside_who')
    .map(({ rule, claims, reason, unknown }) => {
      const details = unknown.length === 0 ? '' : ` (${unknown.join('; ')})`;
      return `${rule.name} ${claims ? 'claims' : 'does not claim'}: ${REASONS[reason]}${details}`;
    });
}

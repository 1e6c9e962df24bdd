// Rules that can never claim: they are for nobody, the time never comes, the condition cannot hold,
// or its hold time is longer than every window it has.

import { evaluate } from '../../core/condition/condition.ts';
import type { Trace } from '../../core/condition/types.ts';
import type { Rule } from '../../core/rules.ts';
import { formatSpan } from '../../core/schedule/span.ts';
import { factsOf } from '../../core/worker-facts.ts';
import { claimingStates, decideIn, stateOf, worldOf } from '../situation.ts';
import { wallClockText } from '../wall-clock.ts';
import { dimensionsOf } from './dimensions.ts';
import { type Finding, finding, momentWitness, witness } from './finding.ts';
import { LINT_LIMITS as LIMITS } from './limits.ts';
import type { Search, SituationTrial } from './search.ts';

export function neverMatches(rule: Rule, search: Search): readonly Finding[] {
  const { set } = search;
  const name = `the rule "${rule.name}" never matches`;
  if (rule.until !== null && rule.until <= search.from) {
    const over = `its "until" was over on ${wallClockText(rule.until, set)}`;
    const shown = momentWitness(search.from, set, [`${rule.name} claims nothing any more`]);
    return finding('lint.never_matches', [rule], `${name}: ${over}`, shown);
  }
  const dims = dimensionsOf([rule], set);
  const { models, complete } = search.workerModels([rule], dims);
  if (models.length === 0) {
    if (!complete || !dims.exact) return [];
    const why = set.defaults.optOut === null ? '' : ' and is not opted out';
    const asked = dims.workers.map(({ key, options }) => `${key}: ${options.length} values tried`);
    const shown = momentWitness(search.from, set, asked);
    return finding('lint.never_matches', [rule], `${name}: no Worker fits its "who"${why}`, shown);
  }
  const tried: SituationTrial[] = [];
  const { found, complete: whole } = search.find([rule], [], (trial) => {
    if (tried.length < LIMITS.shown) tried.push(trial);
    return claims(rule, trial, search) ? trial : null;
  });
  if (found !== null) return tooLong(rule, found, search);
  const nearest = nearestMiss(rule, tried, search);
  if (nearest === null) return complete ? neverOpen(rule, search) : [];
  if (!whole || rule.when === null) return [];
  const why = `no values of the facts it reads make its "when" hold`;
  const shown = witness(nearest.trial, set, nearest.lines);
  return finding('lint.never_matches', [rule], `${name}: ${why}`, shown);
}

/** Of all situations tried, the one in which the most parts of the condition hold. */
function nearestMiss(rule: Rule, tried: readonly SituationTrial[], search: Search) {
  let best: { trial: SituationTrial; lines: readonly string[]; holding: number } | null = null;
  for (const trial of tried) {
    const lines = refutation(rule, trial, search);
    const holding = lines.filter((line) => line.endsWith(': holds')).length;
    if (best === null || holding > best.holding) best = { trial, lines, holding };
  }
  return best;
}

export function claims(rule: Rule, { situation: s }: SituationTrial, search: Search): boolean {
  const { verdicts } = decideIn(s, search.subset([rule]), claimingStates([rule], s.at));
  return verdicts[0]?.claims === true;
}

function neverOpen(rule: Rule, search: Search): readonly Finding[] {
  const { from } = search;
  const range = { from, to: from + LIMITS.farHorizonMs };
  const dims = dimensionsOf([rule], search.set);
  const { models } = search.workerModels([rule], dims);
  const opens = models.some((model) => search.windows(rule, model, range).length > 0);
  if (opens) return [];
  const until = new Date(range.to).getUTCFullYear();
  const why = `its "during" does not open again, looked up to ${until}`;
  const text = `the rule "${rule.name}" never matches: ${why}`;
  const shown = momentWitness(from, search.set, [`no window opens from here on`]);
  return finding('lint.never_matches', [rule], text, shown);
}

/** The verdict of each part of the condition in one situation, from its trace. */
function refutation(
  rule: Rule,
  { situation: s }: SituationTrial,
  search: Search,
): readonly string[] {
  if (rule.when === null) return [];
  const world = worldOf(s, search.set);
  const facts = factsOf(stateOf(s, {}), world, s.at, { worker: false, channels: false });
  const { enter, exit } = rule.when;
  const lines = (name: string, trace: Trace | undefined) =>
    trace === undefined ? [] : leaves(trace).map((each) => `${name} ${each.text}: ${each.verdict}`);
  return [
    ...lines('enter', evaluate(enter, facts, { trace: true }).trace),
    ...(exit === null ? [] : lines('exit', evaluate(exit, facts, { trace: true }).trace)),
  ];
}

function leaves(trace: Trace): readonly Trace[] {
  return trace.children.length === 0 ? [trace] : trace.children.flatMap(leaves);
}

/** It could claim if it had the time: every window ends before the hold time does. */
function tooLong(rule: Rule, trial: SituationTrial, search: Search): readonly Finding[] {
  const forMs = rule.when?.forMs ?? 0;
  if (forMs === 0 || rule.during === null) return [];
  const open = search.times.windows(rule, trial.situation.attributes, search.range);
  const longest = Math.max(...open.map(({ start, end }) => end - start));
  if (longest > forMs || open.length === 0) return [];
  const window = open.find(({ start, end }) => end - start === longest);
  const text = `the rule "${rule.name}" never claims: its "for" is ${formatSpan(forMs)}, and the longest window of its "during" lasts ${formatSpan(longest)}`;
  const steps =
    window === undefined
      ? []
      : [
          `the window opens here and closes on ${wallClockText(window.end, search.set)}`,
          `the condition would have to hold until ${wallClockText(window.start + forMs, search.set)}`,
        ];
  const at = window?.start ?? search.from;
  return finding('lint.for_too_long', [rule], text, momentWitness(at, search.set, steps));
}

// The linter across rules: what is right by itself and wrong together. A bounded search with the
// real core, the same for the same rules and the same day; it can show what it reports.

import type { Rule, RuleSet } from '../../core/rules.ts';
import { compareText } from '../../language/diagnostic.ts';
import { modeOf } from '../situation.ts';
import { type Finding, type FindingCode, findingAt } from './finding.ts';
import {
  boundaryTooLarge,
  expiredCalendars,
  outOfBounds,
  usesOnlyExpiredCalendars,
  withoutBaseline,
} from './guardrails.ts';
import { LINT_LIMITS as LIMITS } from './limits.ts';
import { loops } from './loops.ts';
import { masked } from './masked.ts';
import { neverMatches } from './never-matches.ts';
import { overlaps } from './overlap.ts';
import { Search } from './search.ts';
import { ties } from './ties.ts';

/** `at` (epoch ms): the day from which schedules are followed. */
export function lint(set: RuleSet, at: number): readonly Finding[] {
  const rules = set.rules.filter((rule) => modeOf(rule, set) !== 'disabled');
  const search = new Search(set, at);
  const over = expiredCalendars(rules, search);
  const old = new Set(
    [...set.calendars.keys()].filter((name) => over.some((f) => f.message.includes(`"${name}"`))),
  );
  const dead = new Set<Rule>();
  const found: Finding[] = [...over, ...withoutBaseline(rules, search)];
  for (const rule of rules) {
    const never = neverMatches(rule, search);
    if (never.length > 0) dead.add(rule);
    if (!usesOnlyExpiredCalendars(rule, old)) found.push(...never);
    found.push(...outOfBounds(rule, search), ...boundaryTooLarge(rule, rules, search));
  }
  const living = rules.filter((rule) => !dead.has(rule));
  for (const rule of living) found.push(...overlaps(rule, search));
  for (const rule of living) found.push(...masked(rule, living, search));
  found.push(...ties(living, search), ...loops(living, search));
  if (search.exhausted) found.push(...notFinished(rules, STOPPED_EARLY));
  const shown = inOrder(found);
  const more = found.length - shown.length;
  if (more === 0) return shown;
  const unlisted = `${more} more findings are not listed; the limit is ${LIMITS.findings} of one kind`;
  return [...shown, ...notFinished(rules, unlisted)];
}

const STOPPED_EARLY = `the linter stopped after ${LIMITS.evaluations} situations or ${LIMITS.pairs} pairs, so some rules were not compared`;

function notFinished(rules: readonly Rule[], message: string): readonly Finding[] {
  const [first] = rules;
  if (first === undefined) return [];
  return [findingAt('lint.not_finished', first.at, { rules: [], message, witness: null })];
}

function inOrder(found: readonly Finding[]): readonly Finding[] {
  const counts = new Map<FindingCode, number>();
  const sorted = [...found].sort(
    (a, b) =>
      compareText(a.file, b.file) ||
      a.line - b.line ||
      a.column - b.column ||
      compareText(a.code, b.code) ||
      compareText(a.message, b.message),
  );
  return sorted.filter(({ code }) => {
    const count = (counts.get(code) ?? 0) + 1;
    counts.set(code, count);
    return count <= LIMITS.findings;
  });
}

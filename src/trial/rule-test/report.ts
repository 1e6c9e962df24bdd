// The results of a run of the rule tests, as lines for people and as plain data for `--json`.

import { iso } from '../../core/instants.ts';
import type { Place } from '../../core/rules.ts';
import { type FailedExpectation, showChange } from './check-expectation.ts';
import { showInstant, showTime } from './clock.ts';
import type { CoverageSummary } from './coverage.ts';
import { type Outcome, passed, type Row } from './run.ts';
import type { Suite } from './suite.ts';
import type { Trial } from './types.ts';

/** More of the past than this hides more than it shows. */
const ROWS = 60;

/** `where` formats a place so that the terminal can link to it. */
export function report(
  { outcomes, covered }: Suite,
  where: (place: Place) => string,
): readonly string[] {
  const failed = outcomes.filter((outcome) => !passed(outcome));
  const lines = failed.flatMap((outcome) => [...failure(outcome, where), '']);
  const all = outcomes.length === 1 ? '1 test' : `${outcomes.length} tests`;
  const end = failed.length === 0 ? 'passed' : `${failed.length} failed`;
  return [
    ...lines,
    ...(outcomes.length === 0
      ? ['no test ran']
      : [failed.length === 0 ? `${all} ${end}` : `${all}, ${end}`]),
    ...(covered === null || outcomes.length === 0 ? [] : coverageLines(covered)),
  ];
}

function failure(outcome: Outcome, where: (place: Place) => string): readonly string[] {
  const { trial, misses, changes, restless, rows } = outcome;
  const lines = [`FAIL ${where(trial.place)} ${trial.name}`];
  for (const miss of misses) {
    lines.push(`  ${where(miss.expectation.place)}: ${missSentence(miss, trial)}`);
    lines.push(...miss.rules.map((said) => `      ${said}`));
  }
  if (changes !== null && changes.found !== changes.expected) {
    const found = `found ${changes.found}, expected ${changes.expected}`;
    lines.push(`  ${where(changes.place)}: changes: ${found}`);
  }
  for (const at of restless) {
    const time = showInstant(at, trial.zone);
    lines.push(`  ${where(trial.place)}: the rules keep undoing each other at ${time}`);
  }
  const shown = rows.slice(0, ROWS).map((row) => `    ${rowSentence(row, trial)}`);
  const more = rows.length > ROWS ? [`    … and ${rows.length - ROWS} more`] : [];
  const none = rows.length === 0 ? ['    nothing was changed'] : [];
  return [...lines, '  what happened:', ...shown, ...more, ...none];
}

/** `after 6m (2026-06-10 10:06) chat: found 3 because day-chat, expected 4`. */
function missSentence(
  { expectation, worker, found, expected }: FailedExpectation,
  trial: Trial,
): string {
  const { writtenTime, at, channel } = expectation;
  const who = hasSeveralWorkers(trial) ? `${worker} ` : '';
  return `${writtenTime} (${showInstant(at, trial.zone)}) ${who}${channel}: found ${found}, expected ${expected}`;
}

function rowSentence(row: Row, trial: Trial): string {
  const { zone, start } = trial;
  const sameDay = showInstant(row.at, zone).slice(0, 10) === showInstant(start, zone).slice(0, 10);
  const time = sameDay ? showTime(row.at, zone) : showInstant(row.at, zone);
  const who = hasSeveralWorkers(trial) ? `${row.worker} ` : '';
  const change = `${showChange(row.from)} → ${showChange(row.to)}`;
  const rule = row.rule === null ? '' : ` ${row.rule}`;
  const why = row.why === null ? '' : `: ${row.why}`;
  return `${time} ${who}${row.channel} ${change} ${row.reason}${rule}${why}`;
}

function hasSeveralWorkers({ initialState }: Trial): boolean {
  return initialState.workers.size > 1;
}

function coverageLines({ rules, branches, untouched }: CoverageSummary): readonly string[] {
  const head = `coverage: ${rules.touched} of ${rules.all} rules, ${branches.touched} of ${branches.all} branches`;
  if (untouched.length === 0) return [head];
  return [
    `${head}; no test touches`,
    ...untouched.map(({ rule, branches: missed, whole }) =>
      whole ? `  ${rule.name}` : `  ${rule.name}: ${missed.join(', ')}`,
    ),
  ];
}

/** The same as plain data; instants are ISO. */
export function reportJson({ outcomes, diagnostics, covered }: Suite) {
  const failed = outcomes.filter((outcome) => !passed(outcome)).length;
  return {
    passed: outcomes.length - failed,
    failed,
    tests: outcomes.map(outcomeJson),
    diagnostics,
    coverage: covered && {
      rules: covered.rules,
      branches: covered.branches,
      untouched: covered.untouched.map(({ rule, branches }) => ({
        rule: rule.name,
        ...rule.at,
        branches,
      })),
    },
  };
}

function outcomeJson(outcome: Outcome) {
  const { trial, misses, changes, restless, rows } = outcome;
  return {
    name: trial.name,
    ...trial.place,
    passed: passed(outcome),
    failures: misses.map(({ expectation, worker, found, expected, rules }) => ({
      ...expectation.place,
      at: iso(expectation.at),
      worker,
      channel: expectation.channel,
      found,
      expected,
      rules,
    })),
    changes: changes && { found: changes.found, expected: changes.expected, ...changes.place },
    restless: restless.map(iso),
    timeline: rows.map((row) => ({ ...row, at: iso(row.at) })),
  };
}

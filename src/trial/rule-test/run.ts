// Runs one rule test from its first instant to its last, and reports what happened and what was not
// as expected.

import { fillWhy } from '../../core/condition/why.ts';
import type { Change } from '../../core/plan.ts';
import type { Reason } from '../../core/reasons.ts';
import type { Place } from '../../core/rules.ts';
import { type SimulationState, type SimulationStep, simulateUntil } from '../../core/simulation.ts';
import { channelIn } from '../../core/state.ts';
import { factsOf } from '../../core/worker-facts.ts';
import { checkExpectation, type FailedExpectation } from './check-expectation.ts';
import type { Coverage } from './coverage.ts';
import type { Edit, Trial } from './types.ts';

/** One change of a Worker Channel, as a failing test shows it. */
export interface Row {
  readonly at: number;
  readonly worker: string;
  readonly channel: string;
  readonly from: Change;
  readonly to: Change;
  readonly reason: Reason;
  readonly rule: string | null;
  /** The rule's own sentence, filled in. */
  readonly why: string | null;
}

export interface Outcome {
  readonly trial: Trial;
  readonly misses: readonly FailedExpectation[];
  /** How many changes the channels in question had; null: not asked for. */
  readonly changes: {
    readonly found: number;
    readonly expected: number;
    readonly place: Place;
  } | null;
  /** Instants at which the rules kept writing. */
  readonly restless: readonly number[];
  readonly rows: readonly Row[];
}

export function passed({ misses, changes, restless }: Outcome): boolean {
  const counted = changes === null || changes.found === changes.expected;
  return misses.length === 0 && counted && restless.length === 0;
}

export function runTest(trial: Trial, coverage: Coverage): Outcome {
  const { simulation, initialState, end } = trial;
  const rows: Row[] = [];
  const misses: FailedExpectation[] = [];
  const restless: number[] = [];
  const due = [...trial.expectations];
  let before: SimulationState = initialState;
  let last: SimulationStep | null = null;
  const judgeUntil = (at: number) => {
    while (due[0] !== undefined && due[0].at < at && last !== null) {
      misses.push(...missesOf(trial, due.shift(), last));
    }
  };
  for (const step of simulateUntil(simulation, initialState, end)) {
    judgeUntil(step.at);
    rows.push(...editRows(trial, before, step.at), ...writeRows(trial, step));
    if (!step.quiet) restless.push(step.at);
    coverage.note(step);
    before = step.state;
    last = step;
  }
  judgeUntil(Number.POSITIVE_INFINITY);
  return { trial, misses, changes: changesIn(trial, rows), restless, rows };
}

function missesOf(
  { simulation }: Trial,
  expectation: Trial['expectations'][number] | undefined,
  step: SimulationStep,
): readonly FailedExpectation[] {
  if (expectation === undefined) return [];
  return expectation.workers.flatMap(
    (worker) => checkExpectation(expectation, worker, step, simulation.rules) ?? [],
  );
}

/** Changes made by rules; a person's edits are the test's own. */
function changesIn({ changes, expectations }: Trial, rows: readonly Row[]): Outcome['changes'] {
  if (changes === null) return null;
  const channels = new Set(expectations.map(({ channel }) => channel));
  const found = rows.filter((row) => row.reason !== EDITED && channels.has(row.channel)).length;
  return { found, expected: changes.count, place: changes.place };
}

const EDITED = 'person.edit' satisfies Reason;

function editRows({ edits }: Trial, before: SimulationState, at: number): readonly Row[] {
  return edits
    .filter((edit) => edit.at === at)
    .map((edit) => ({
      ...edit,
      from: fromOf(edit, before),
      reason: EDITED,
      rule: null,
      why: null,
    }));
}

function fromOf({ worker, channel, to }: Edit, before: SimulationState): Change {
  const state = before.workers.get(worker);
  const observed = state && channelIn(state, channel)?.observed;
  if (!observed) return {};
  return {
    ...(to.capacity === undefined ? {} : { capacity: observed.capacity }),
    ...(to.available === undefined ? {} : { available: observed.available }),
  };
}

function writeRows(trial: Trial, step: SimulationStep): readonly Row[] {
  const { at } = step;
  return step.writes.map(({ worker, write }) => {
    const { channel, from, to, reason, rule } = write;
    return {
      at,
      worker,
      channel,
      from,
      to,
      reason,
      rule,
      why: whyOf(trial, step, worker, rule),
    };
  });
}

function whyOf(
  { simulation }: Trial,
  { at, state: after, passes }: SimulationStep,
  worker: string,
  name: string | null,
): string | null {
  const state = passes.get(worker)?.state;
  const rule = simulation.rules.rules.find((each) => each.name === name);
  if (state === undefined || !rule?.why) return null;
  const facts = factsOf(state, simulation.world(at, after), at, { worker: false, channels: false });
  return fillWhy(rule.why, facts);
}

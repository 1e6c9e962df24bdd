// One pass over one Worker without I/O: decide, hold, plan, and every planned write applied by a
// TaskRouter that never fails. Rule tests, the linter and `plan` step through time with it.

import { type Decision, decide, type World } from './decide.ts';
import { prune } from './evolve.ts';
import { hold } from './hold.ts';
import { earliest } from './instants.ts';
import { resolveIntent } from './observe.ts';
import { type PlannedWrite, plan, type Refusal } from './plan.ts';
import type { RuleSet } from './rules.ts';
import { assignedOn, channelIn, type Intent, type WorkerState, withChannel } from './state.ts';

/** The outcome of one pass, before anything is written. */
export interface PassOutcome {
  readonly decision: Decision;
  /** The record after `hold`: new claims are taken, ended ones given back. */
  readonly state: WorkerState;
  /** In the order in which to write. */
  readonly writes: readonly PlannedWrite[];
  readonly refusals: readonly Refusal[];
  /** Channels that stay as they are because their baseline is unknown. */
  readonly unknownBaseline: readonly string[];
  /** When time alone may change any of this, epoch ms. */
  readonly lookAt: number | null;
}

/** A pass up to its writes. */
export function planPass(
  rules: RuleSet,
  before: WorkerState,
  world: World,
  at: number,
): PassOutcome {
  const decision = decide(rules, before, world, at);
  const taken = hold(before, decision, rules, at);
  const planned = plan(decision, taken.state, rules.guardrails, at);
  return {
    decision,
    state: prune(taken.state, rules, at),
    writes: planned.writes,
    refusals: planned.refusals,
    unknownBaseline: taken.unknownBaseline,
    lookAt: earliest(decision.lookAt, taken.lookAt, planned.lookAt),
  };
}

/** A pass whose writes have all happened. */
export function simulatePass(
  rules: RuleSet,
  before: WorkerState,
  world: World,
  at: number,
): PassOutcome {
  const outcome = planPass(rules, before, world, at);
  return {
    ...outcome,
    state: outcome.writes.reduce((s, w) => applyWrite(s, w, at), outcome.state),
  };
}

/** Applies a write as if TaskRouter accepted it at once, answered it and sent its events. */
export function applyWrite(state: WorkerState, write: PlannedWrite, at: number): WorkerState {
  const { channel, to } = write;
  const intending = withChannel(state, channel, { intent: intentOf(write, at) });
  const observed = channelIn(state, channel)?.observed;
  const reading = {
    sid: channelIn(state, channel)?.sid ?? 'WC',
    uniqueName: channel,
    capacity: to.capacity ?? observed?.capacity ?? 0,
    available: to.available ?? observed?.available ?? false,
    assignedTasks: assignedOn(state, channel),
    asOf: at,
  };
  // The answer is our own value, so `respectMs` has no effect.
  return resolveIntent(intending, reading, { at, requestTimeoutMs: 0, respectMs: 0 }).state;
}

/** The intent of a write whose events have arrived: no later event is taken for its echo. */
export function intentOf({ from, to }: PlannedWrite, at: number): Intent {
  const part = <T>(a: T | undefined, b: T | undefined) =>
    a === undefined || b === undefined ? null : { from: a, to: b };
  const capacity = part(from.capacity, to.capacity);
  const available = part(from.available, to.available);
  const echoed: Intent['echoed'][number][] = [];
  if (capacity !== null) echoed.push({ field: 'capacity', event: `capacity at ${at}` });
  if (available !== null) echoed.push({ field: 'available', event: `available at ${at}` });
  return { at, capacity, available, echoed };
}

/** After so many passes at one instant, rules are assumed to react to their own writes. */
export const MAX_PASSES = 20;

/** The outcome of one instant, once nothing is left to do. */
export interface SettledPasses extends PassOutcome {
  /** False: after `MAX_PASSES` the rules still wrote. */
  readonly quiet: boolean;
}

/** Repeats passes at one instant until one writes nothing; `writes` are those of all of them. */
export function simulateUntilQuiet(
  rules: RuleSet,
  before: WorkerState,
  world: World,
  at: number,
): SettledPasses {
  const writes: PlannedWrite[] = [];
  let last = simulatePass(rules, before, world, at);
  writes.push(...last.writes);
  for (let n = 1; n < MAX_PASSES && last.writes.length > 0; n += 1) {
    last = simulatePass(rules, last.state, world, at);
    writes.push(...last.writes);
  }
  return { ...last, quiet: last.writes.length === 0, writes };
}

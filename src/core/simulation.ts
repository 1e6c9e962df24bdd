// Steps one or several Workers through time without I/O: to every instant with an input, and to
// every one that the Workers' own passes schedule.

import { isTargeted, type World } from './decide.ts';
import { isClaimable } from './guardrails/floor-memberships.ts';
import {
  admit,
  type Floor,
  isOpen,
  type Refused,
  type Spent,
  type WorkerWrite,
} from './guardrails/guardrails.ts';
import { earliest } from './instants.ts';
import { chooseMembers, type Membership, NO_MEMBERS, toCandidate } from './limit.ts';
import type { RuleSet } from './rules.ts';
import { judgeShared, type SharedJudgement, type SharedStates } from './shared-rules.ts';
import { applyWrite, MAX_PASSES, type PassOutcome, planPass } from './simulated-pass.ts';
import type { WorkerState } from './state.ts';
import { activityOf } from './worker-facts.ts';

/** Everything that is remembered from one instant to the next. */
export interface SimulationState {
  readonly at: number;
  readonly workers: ReadonlyMap<string, WorkerState>;
  /** The Workers that each rule with a `limit` has chosen. */
  readonly members: ReadonlyMap<string, Membership>;
  readonly spent: Spent;
  /** The states of the rules that have one state for all Workers. */
  readonly shared?: SharedStates;
}

/** Something that happens at a given instant; without `apply`, only the world's facts change. */
export interface SimulationInput {
  readonly at: number;
  apply?(current: SimulationState): SimulationState;
}

export interface Simulation {
  readonly rules: RuleSet;
  world(at: number, current: SimulationState): World;
  /** In any order; those of one instant happen in the order given. */
  readonly inputs: readonly SimulationInput[];
  /** Whether `limit`, `keep_open` and `max_change` apply; they consider all Workers together. */
  readonly crossWorker: boolean;
}

/** The outcome of one instant. */
export interface SimulationStep {
  readonly at: number;
  readonly state: SimulationState;
  /** The last pass over each Worker. */
  readonly passes: ReadonlyMap<string, PassOutcome>;
  readonly writes: readonly WorkerWrite[];
  readonly refused: readonly Refused[];
  readonly lookAt: number | null;
  /** False: the rules kept writing and were stopped. */
  readonly quiet: boolean;
}

/** Every instant from the crew's own up to and including `to`, in order. */
export function* simulateUntil(
  simulation: Simulation,
  start: SimulationState,
  to: number,
): Generator<SimulationStep, SimulationState> {
  const inputs = simulation.inputs
    .filter(({ at }) => at >= start.at && at <= to)
    .sort((a, b) => a.at - b.at);
  let current = start;
  let next: number | null = start.at;
  while (next !== null && next <= to) {
    const at: number = next;
    current = { ...current, at };
    for (; inputs[0]?.at === at; inputs.shift()) current = inputs[0].apply?.(current) ?? current;
    const step = settle(simulation, current);
    current = step.state;
    yield step;
    // A look scheduled for a past instant would repeat for ever.
    const wake = step.lookAt !== null && step.lookAt > at ? step.lookAt : null;
    next = earliest(inputs[0]?.at, wake);
  }
  return current;
}

/**
 * Puts schedules and unconditional claims into effect before the first instant, as if for a long
 * time: no write is recent, and rules with a condition have not begun.
 */
export function settleInitially(simulation: Simulation, current: SimulationState): SimulationState {
  const rules = simulation.rules.rules
    .filter(({ when }) => when === null)
    .map((rule) => (rule.limit ? { ...rule, limit: { ...rule.limit, step: null } } : rule));
  const guardrails = {
    ...simulation.rules.guardrails,
    minDwellMs: 0,
    keepOpen: [],
    maxChange: null,
  };
  const standing = { ...simulation.rules, rules, guardrails };
  const after = settle({ ...simulation, rules: standing }, current).state;
  const workers = [...after.workers].map(([sid, state]) => [sid, withoutWrites(state)] as const);
  return { ...after, workers: new Map(workers), spent: [] };
}

function withoutWrites(state: WorkerState): WorkerState {
  const channels = Object.entries(state.channels).map(([name, channel]) => [
    name,
    { ...channel, lastWriteAt: null, writes: [] },
  ]);
  return { ...state, channels: Object.fromEntries(channels) };
}

/** Rounds of passes over all Workers until a round writes nothing. */
function settle(simulation: Simulation, start: SimulationState): SimulationStep {
  const writes: WorkerWrite[] = [];
  let round = passRound(simulation, start);
  writes.push(...round.writes);
  for (let n = 1; n < MAX_PASSES && round.writes.length > 0; n += 1) {
    round = passRound(simulation, round.state);
    writes.push(...round.writes);
  }
  return { ...round, writes, quiet: round.writes.length === 0 };
}

type PassRound = Omit<SimulationStep, 'quiet'>;

function passRound(given: Simulation, current: SimulationState): PassRound {
  const { at } = current;
  const { rules } = given;
  const shared = judgeShared(rules, current.shared ?? {}, given.world(at, current), at);
  const simulation = { ...given, world: withSharedVerdicts(given, shared) };
  const chosen = simulation.crossWorker
    ? chooseLimitMembers(simulation, current)
    : { members: current.members, lookAt: null };
  const before = { ...current, members: chosen.members };
  const passes = passResults(simulation, before);
  const planned = [...passes].flatMap(([worker, { writes }]) =>
    writes.map((write) => ({ worker, write })),
  );
  const admitted = simulation.crossWorker
    ? admit(rules.guardrails, planned, guardrailState(simulation, before), at)
    : { writes: planned, refused: [], state: { spent: current.spent } };
  const workers = new Map([...passes].map(([sid, { state }]) => [sid, state]));
  for (const { worker, write } of admitted.writes) {
    const state = workers.get(worker);
    if (state !== undefined) workers.set(worker, applyWrite(state, write, at));
  }
  const own = [...passes].flatMap(([worker, { refusals }]) =>
    refusals.map((refusal) => ({ worker, refusal })),
  );
  return {
    at,
    state: { ...before, workers, spent: admitted.state.spent, shared: shared.states },
    passes,
    writes: admitted.writes,
    refused: [...own, ...admitted.refused],
    lookAt: earliest(
      shared.lookAt,
      chosen.lookAt,
      ...[...passes.values()].map(({ lookAt }) => lookAt),
      ...admitted.refused.map(({ refusal }) => refusal.until),
    ),
  };
}

function withSharedVerdicts(
  { world }: Simulation,
  { verdicts }: SharedJudgement,
): Simulation['world'] {
  return (at, current) => ({
    ...world(at, current),
    shared: ({ name }) => verdicts.get(name) ?? null,
  });
}

function passResults(
  simulation: Simulation,
  current: SimulationState,
): ReadonlyMap<string, PassOutcome> {
  const world = worldOf(simulation, current);
  return new Map(
    [...current.workers].map(([sid, state]) => [
      sid,
      planPass(simulation.rules, state, world, current.at),
    ]),
  );
}

function worldOf(simulation: Simulation, current: SimulationState): World {
  const world = simulation.world(current.at, current);
  if (!simulation.crossWorker) return world;
  return {
    ...world,
    isChosen: (rule, { sid }) => current.members.get(rule.name)?.members.includes(sid) ?? false,
  };
}

/** Each rule with a `limit` considers every Worker it would claim, whomever it chose before. */
export function chooseLimitMembers(simulation: Simulation, current: SimulationState) {
  const members = new Map<string, Membership>();
  const limits = simulation.rules.rules.filter(({ limit }) => limit !== null);
  if (limits.length === 0) return { members, lookAt: null };
  const passes = passResults(simulation, current);
  const { directory } = simulation.world(current.at, current);
  let lookAt: number | null = null;
  for (const rule of limits) {
    if (rule.limit === null) continue;
    const candidates = [...passes].flatMap(([, { decision, state }]) => {
      const verdict = decision.verdicts.find((v) => v.rule.name === rule.name);
      const holds = verdict?.claims === true || verdict?.reason === 'limit.waiting';
      return holds ? (toCandidate(rule, state, directory) ?? []) : [];
    });
    const before = current.members.get(rule.name) ?? NO_MEMBERS;
    const { name, limit } = rule;
    const chosen = chooseMembers({ name, limit }, candidates, before, current.at);
    members.set(name, chosen.membership);
    lookAt = earliest(lookAt, chosen.lookAt);
  }
  return { members, lookAt };
}

export function guardrailState(simulation: Simulation, current: SimulationState) {
  const { rules } = simulation;
  const world = simulation.world(current.at, current);
  const isIncluded = (who: Parameters<typeof isTargeted>[0], state: WorkerState) =>
    isTargeted(who, { rules, state }, world, current.at) === true;
  const floors = rules.guardrails.keepOpen.map((keep): Floor => {
    const group = { kind: 'group', name: keep.group } as const;
    const members = [...current.workers].filter(([, state]) => isIncluded(group, state));
    const open = members.filter(([, state]) =>
      isOpen(state, keep.channel, activityOf(state, world.directory).available === true),
    );
    const sids = (of: typeof members) => new Set(of.map(([sid]) => sid));
    return { keep, members: sids(members), open: sids(open) };
  });
  const claimable = [...current.workers.values()].filter(
    (state) => isClaimable(rules, state, world, current.at) === true,
  ).length;
  return { floors, spent: current.spent, claimable };
}

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
  apply?(crew: SimulationState): SimulationState;
}

export interface Simulation {
  readonly rules: RuleSet;
  world(at: number, crew: SimulationState): World;
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
  course: Simulation,
  start: SimulationState,
  to: number,
): Generator<SimulationStep, SimulationState> {
  const inputs = course.inputs
    .filter(({ at }) => at >= start.at && at <= to)
    .sort((a, b) => a.at - b.at);
  let crew = start;
  let next: number | null = start.at;
  while (next !== null && next <= to) {
    const at: number = next;
    crew = { ...crew, at };
    for (; inputs[0]?.at === at; inputs.shift()) crew = inputs[0].apply?.(crew) ?? crew;
    const instant = settle(course, crew);
    crew = instant.state;
    yield instant;
    // A look scheduled for a past instant would repeat for ever.
    const wake = instant.lookAt !== null && instant.lookAt > at ? instant.lookAt : null;
    next = earliest(inputs[0]?.at, wake);
  }
  return crew;
}

/**
 * Puts schedules and unconditional claims into effect before the first instant, as if for a long
 * time: no write is recent, and rules with a condition have not begun.
 */
export function settleInitially(course: Simulation, crew: SimulationState): SimulationState {
  const rules = course.rules.rules
    .filter(({ when }) => when === null)
    .map((rule) => (rule.limit ? { ...rule, limit: { ...rule.limit, step: null } } : rule));
  const guardrails = { ...course.rules.guardrails, minDwellMs: 0, keepOpen: [], maxChange: null };
  const standing = { ...course.rules, rules, guardrails };
  const after = settle({ ...course, rules: standing }, crew).state;
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
function settle(course: Simulation, start: SimulationState): SimulationStep {
  const writes: WorkerWrite[] = [];
  let round = passRound(course, start);
  writes.push(...round.writes);
  for (let n = 1; n < MAX_PASSES && round.writes.length > 0; n += 1) {
    round = passRound(course, round.state);
    writes.push(...round.writes);
  }
  return { ...round, writes, quiet: round.writes.length === 0 };
}

type PassRound = Omit<SimulationStep, 'quiet'>;

function passRound(given: Simulation, crew: SimulationState): PassRound {
  const { at } = crew;
  const { rules } = given;
  const shared = judgeShared(rules, crew.shared ?? {}, given.world(at, crew), at);
  const course = { ...given, world: withSharedVerdicts(given, shared) };
  const chosen = course.crossWorker
    ? chooseLimitMembers(course, crew)
    : { members: crew.members, lookAt: null };
  const before = { ...crew, members: chosen.members };
  const looks = passResults(course, before);
  const planned = [...looks].flatMap(([worker, { writes }]) =>
    writes.map((write) => ({ worker, write })),
  );
  const admitted = course.crossWorker
    ? admit(rules.guardrails, planned, guardrailState(course, before), at)
    : { writes: planned, refused: [], state: { spent: crew.spent } };
  const workers = new Map([...looks].map(([sid, { state }]) => [sid, state]));
  for (const { worker, write } of admitted.writes) {
    const state = workers.get(worker);
    if (state !== undefined) workers.set(worker, applyWrite(state, write, at));
  }
  const own = [...looks].flatMap(([worker, { refusals }]) =>
    refusals.map((refusal) => ({ worker, refusal })),
  );
  return {
    at,
    state: { ...before, workers, spent: admitted.state.spent, shared: shared.states },
    passes: looks,
    writes: admitted.writes,
    refused: [...own, ...admitted.refused],
    lookAt: earliest(
      shared.lookAt,
      chosen.lookAt,
      ...[...looks.values()].map(({ lookAt }) => lookAt),
      ...admitted.refused.map(({ refusal }) => refusal.until),
    ),
  };
}

function withSharedVerdicts(
  { world }: Simulation,
  { verdicts }: SharedJudgement,
): Simulation['world'] {
  return (at, crew) => ({
    ...world(at, crew),
    shared: ({ name }) => verdicts.get(name) ?? null,
  });
}

function passResults(course: Simulation, crew: SimulationState): ReadonlyMap<string, PassOutcome> {
  const world = worldOf(course, crew);
  return new Map(
    [...crew.workers].map(([sid, state]) => [sid, planPass(course.rules, state, world, crew.at)]),
  );
}

function worldOf(course: Simulation, crew: SimulationState): World {
  const world = course.world(crew.at, crew);
  if (!course.crossWorker) return world;
  return {
    ...world,
    isChosen: (rule, { sid }) => crew.members.get(rule.name)?.members.includes(sid) ?? false,
  };
}

/** Each rule with a `limit` considers every Worker it would claim, whomever it chose before. */
export function chooseLimitMembers(course: Simulation, crew: SimulationState) {
  const members = new Map<string, Membership>();
  const limits = course.rules.rules.filter(({ limit }) => limit !== null);
  if (limits.length === 0) return { members, lookAt: null };
  const looks = passResults(course, crew);
  const { directory } = course.world(crew.at, crew);
  let lookAt: number | null = null;
  for (const rule of limits) {
    if (rule.limit === null) continue;
    const candidates = [...looks].flatMap(([, { decision, state }]) => {
      const verdict = decision.verdicts.find((v) => v.rule.name === rule.name);
      const holds = verdict?.claims === true || verdict?.reason === 'limit.waiting';
      return holds ? (toCandidate(rule, state, directory) ?? []) : [];
    });
    const before = crew.members.get(rule.name) ?? NO_MEMBERS;
    const { name, limit } = rule;
    const chosen = chooseMembers({ name, limit }, candidates, before, crew.at);
    members.set(name, chosen.membership);
    lookAt = earliest(lookAt, chosen.lookAt);
  }
  return { members, lookAt };
}

export function guardrailState(course: Simulation, crew: SimulationState) {
  const { rules } = course;
  const world = course.world(crew.at, crew);
  const meant = (who: Parameters<typeof isTargeted>[0], state: WorkerState) =>
    isTargeted(who, { rules, state }, world, crew.at) === true;
  const floors = rules.guardrails.keepOpen.map((keep): Floor => {
    const group = { kind: 'group', name: keep.group } as const;
    const members = [...crew.workers].filter(([, state]) => meant(group, state));
    const open = members.filter(([, state]) =>
      isOpen(state, keep.channel, activityOf(state, world.directory).available === true),
    );
    const sids = (of: typeof members) => new Set(of.map(([sid]) => sid));
    return { keep, members: sids(members), open: sids(open) };
  });
  const claimable = [...crew.workers.values()].filter(
    (state) => isClaimable(rules, state, world, crew.at) === true,
  ).length;
  return { floors, spent: crew.spent, claimable };
}

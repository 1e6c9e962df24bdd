// Steps one or several Workers through time without I/O: to every instant with an input, and to
// every one that the Workers' own passes schedule.

import { isMeant, type World } from './decide.ts';
import {
  admit,
  type Floor,
  isOpen,
  type Refused,
  type Spent,
  type Wanted,
} from './guardrails/guardrails.ts';
import { isClaimable } from './guardrails/stands.ts';
import { earliest } from './instants.ts';
import { candidateOf, chooseMembers, type Membership, NOBODY } from './limit.ts';
import type { RuleSet } from './rules.ts';
import { judgeShared, type SharedJudged, type SharedStates } from './shared.ts';
import type { WorkerState } from './state.ts';
import { type Look, look, MOST_PASSES, take } from './step.ts';
import { activityOf } from './view.ts';

/** Everything that is remembered from one instant to the next. */
export interface Crew {
  readonly at: number;
  readonly workers: ReadonlyMap<string, WorkerState>;
  /** The Workers that each rule with a `limit` has chosen. */
  readonly members: ReadonlyMap<string, Membership>;
  readonly spent: Spent;
  /** The states of the rules that have one state for all Workers. */
  readonly shared?: SharedStates;
}

/** Something that happens at a given instant; without `apply`, only the world's facts change. */
export interface Input {
  readonly at: number;
  apply?(crew: Crew): Crew;
}

export interface Course {
  readonly rules: RuleSet;
  world(at: number, crew: Crew): World;
  /** In any order; those of one instant happen in the order given. */
  readonly inputs: readonly Input[];
  /** Whether `limit`, `keep_open` and `max_change` apply; they consider all Workers together. */
  readonly together: boolean;
}

/** The outcome of one instant. */
export interface Instant {
  readonly at: number;
  readonly crew: Crew;
  /** The last pass over each Worker. */
  readonly looks: ReadonlyMap<string, Look>;
  readonly writes: readonly Wanted[];
  readonly refused: readonly Refused[];
  readonly lookAt: number | null;
  /** False: the rules kept writing and were stopped. */
  readonly quiet: boolean;
}

/** Every instant from the crew's own up to and including `to`, in order. */
export function* runUntil(course: Course, start: Crew, to: number): Generator<Instant, Crew> {
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
    crew = instant.crew;
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
export function settled(course: Course, crew: Crew): Crew {
  const rules = course.rules.rules
    .filter(({ when }) => when === null)
    .map((rule) => (rule.limit ? { ...rule, limit: { ...rule.limit, step: null } } : rule));
  const guardrails = { ...course.rules.guardrails, minDwellMs: 0, keepOpen: [], maxChange: null };
  const standing = { ...course.rules, rules, guardrails };
  const after = settle({ ...course, rules: standing }, crew).crew;
  const workers = [...after.workers].map(([sid, state]) => [sid, unwritten(state)] as const);
  return { ...after, workers: new Map(workers), spent: [] };
}

function unwritten(state: WorkerState): WorkerState {
  const channels = Object.entries(state.channels).map(([name, channel]) => [
    name,
    { ...channel, lastWriteAt: null, writes: [] },
  ]);
  return { ...state, channels: Object.fromEntries(channels) };
}

/** Rounds of passes over all Workers until a round writes nothing. */
function settle(course: Course, start: Crew): Instant {
  const writes: Wanted[] = [];
  let round = pass(course, start);
  writes.push(...round.writes);
  for (let n = 1; n < MOST_PASSES && round.writes.length > 0; n += 1) {
    round = pass(course, round.crew);
    writes.push(...round.writes);
  }
  return { ...round, writes, quiet: round.writes.length === 0 };
}

type Round = Omit<Instant, 'quiet'>;

function pass(given: Course, crew: Crew): Round {
  const { at } = crew;
  const { rules } = given;
  const shared = judgeShared(rules, crew.shared ?? {}, given.world(at, crew), at);
  const course = { ...given, world: sharing(given, shared) };
  const chosen = course.together ? choose(course, crew) : { members: crew.members, lookAt: null };
  const before = { ...crew, members: chosen.members };
  const looks = looksOf(course, before);
  const planned = [...looks].flatMap(([worker, { writes }]) =>
    writes.map((write) => ({ worker, write })),
  );
  const admitted = course.together
    ? admit(rules.guardrails, planned, ledgerOf(course, before), at)
    : { writes: planned, refused: [], ledger: { spent: crew.spent } };
  const workers = new Map([...looks].map(([sid, { state }]) => [sid, state]));
  for (const { worker, write } of admitted.writes) {
    const state = workers.get(worker);
    if (state !== undefined) workers.set(worker, take(state, write, at));
  }
  const own = [...looks].flatMap(([worker, { refusals }]) =>
    refusals.map((refusal) => ({ worker, refusal })),
  );
  return {
    at,
    crew: { ...before, workers, spent: admitted.ledger.spent, shared: shared.states },
    looks,
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

function sharing({ world }: Course, { verdicts }: SharedJudged): Course['world'] {
  return (at, crew) => ({
    ...world(at, crew),
    shared: ({ name }) => verdicts.get(name) ?? null,
  });
}

function looksOf(course: Course, crew: Crew): ReadonlyMap<string, Look> {
  const world = worldOf(course, crew);
  return new Map(
    [...crew.workers].map(([sid, state]) => [sid, look(course.rules, state, world, crew.at)]),
  );
}

function worldOf(course: Course, crew: Crew): World {
  const world = course.world(crew.at, crew);
  if (!course.together) return world;
  return {
    ...world,
    chosen: (rule, { sid }) => crew.members.get(rule.name)?.members.includes(sid) ?? false,
  };
}

/** Each rule with a `limit` considers every Worker it would claim, whomever it chose before. */
export function choose(course: Course, crew: Crew) {
  const members = new Map<string, Membership>();
  const limits = course.rules.rules.filter(({ limit }) => limit !== null);
  if (limits.length === 0) return { members, lookAt: null };
  const looks = looksOf(course, crew);
  const { directory } = course.world(crew.at, crew);
  let lookAt: number | null = null;
  for (const rule of limits) {
    if (rule.limit === null) continue;
    const candidates = [...looks].flatMap(([, { decision, state }]) => {
      const verdict = decision.verdicts.find((v) => v.rule.name === rule.name);
      const holds = verdict?.claims === true || verdict?.reason === 'limit.waiting';
      return holds ? (candidateOf(rule, state, directory) ?? []) : [];
    });
    const before = crew.members.get(rule.name) ?? NOBODY;
    const { name, limit } = rule;
    const chosen = chooseMembers({ name, limit }, candidates, before, crew.at);
    members.set(name, chosen.membership);
    lookAt = earliest(lookAt, chosen.lookAt);
  }
  return { members, lookAt };
}

export function ledgerOf(course: Course, crew: Crew) {
  const { rules } = course;
  const world = course.world(crew.at, crew);
  const meant = (who: Parameters<typeof isMeant>[0], state: WorkerState) =>
    isMeant(who, { rules, state }, world, crew.at) === true;
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

// Runs a rule set over past events: the core on a stepped clock, with a TaskRouter that accepts
// every write. What the past does not show is unknown, as it would be to the daemon.

import type { World } from '../core/decide.ts';
import { evolve } from '../core/evolve.ts';
import type { WorkerSid } from '../core/ids.ts';
import type { Change } from '../core/plan.ts';
import type { Reason } from '../core/reasons.ts';
import type { Rule, RuleSet } from '../core/rules.ts';
import {
  type Simulation,
  type SimulationInput,
  type SimulationState,
  type SimulationStep,
  settleInitially,
  simulateUntil,
} from '../core/simulation.ts';
import { newChannel, newWorker, type WorkerState } from '../core/state.ts';
import {
  capacityKey,
  type EventHistory,
  isChannelChange,
  type PastEvent,
} from './event-history.ts';

/** One write that would have been made. Instants are epoch ms. */
export interface BacktestChange {
  readonly at: number;
  readonly worker: WorkerSid;
  readonly friendlyName: string | null;
  readonly channel: string;
  readonly from: Change;
  readonly to: Change;
  readonly reason: Reason;
  readonly rule: string | null;
}

export interface BacktestResult {
  /** By time. */
  readonly changes: readonly BacktestChange[];
  /** Instants at which the rules kept writing, each with a Worker. */
  readonly restless: readonly { readonly at: number; readonly worker: string | null }[];
  readonly workers: number;
  /** Workers whose attributes no event contained: nothing is decided for them. */
  readonly withoutAttributes: readonly string[];
  /** Where each Worker Channel's first setting came from: the rules, an event, or a default. */
  readonly starts: { readonly declared: number; readonly told: number; readonly assumed: number };
  /** False: `limit`, `keep_open` and `max_change` did not apply. */
  readonly crossWorker: boolean;
}

export const BACKTEST_LIMITS = {
  /** Workers times instants that are stepped together: each instant looks at all Workers. */
  together: 3_000_000,
} as const;

/** The capacity that TaskRouter gives a new Worker Channel. */
const DEFAULT_CAPACITY = 1;

export function backtest(rules: RuleSet, history: EventHistory): BacktestResult {
  const usable = history.events.filter((event) => !isChannelChange(event));
  const byWorker = new Map<WorkerSid, PastEvent[]>();
  for (const event of usable) {
    const own = byWorker.get(event.workerSid);
    if (own === undefined) byWorker.set(event.workerSid, [event]);
    else own.push(event);
  }
  const starts = { declared: 0, told: 0, assumed: 0 };
  const join = workerFactory(rules, history, starts);
  const work = byWorker.size * new Set(usable.map(({ at }) => at)).size;
  const crossWorker = hasCrossWorkerLimits(rules) && work <= BACKTEST_LIMITS.together;
  const simulation = { rules, world: worldOf(rules, history), crossWorker };
  const runs = crossWorker
    ? [runOf([...byWorker.values()], simulation, join, history.to)]
    : [...byWorker.values()].map((own) => runOf([own], simulation, join, history.to));
  const states = runs.flatMap(({ states }) => states);
  return {
    changes: runs.flatMap(({ changes }) => changes).sort((a, b) => a.at - b.at),
    restless: runs.flatMap(({ restless }) => restless).sort((a, b) => a.at - b.at),
    workers: byWorker.size,
    withoutAttributes: states
      .filter(({ attributes, gone }) => !attributes?.value && gone === null)
      .map(({ sid }) => sid),
    starts,
    crossWorker,
  };
}

export function hasCrossWorkerLimits({ rules, guardrails }: RuleSet): boolean {
  const { keepOpen, maxChange } = guardrails;
  return rules.some(({ limit }) => limit !== null) || keepOpen.length > 0 || maxChange !== null;
}

/** The question is what rules would do, so an observing rule counts as enforced. */
function modeOf(rule: Rule, { defaults }: RuleSet) {
  const mode = rule.mode ?? defaults.mode ?? 'enforce';
  return mode === 'observe' ? 'enforce' : mode;
}

function worldOf(rules: RuleSet, history: EventHistory): Simulation['world'] {
  const world: World = {
    directory: history.directory,
    queue: (name) => ({ unknown: `the history has no statistics of TaskQueue "${name}"` }),
    group: (name) => ({ unknown: `the history does not cover everyone in group "${name}"` }),
    blindUntil: history.from,
    blindTo: () => history.from,
    queueTarget: (name) => history.targets.get(name) ?? null,
    blocked: () => null,
    modeOf: (rule) => modeOf(rule, rules),
  };
  return () => world;
}

type WorkerFactory = (event: PastEvent, simulation: Simulation) => WorkerState;

/** Creates a Worker from its first event, with what schedules had set by then. */
function workerFactory(
  rules: RuleSet,
  history: EventHistory,
  starts: { declared: number; told: number; assumed: number },
): WorkerFactory {
  const channels = new Set([
    ...rules.rules.flatMap(({ then }) => [...then.channels.keys()]),
    ...rules.defaults.baseline.keys(),
    ...history.events.flatMap((event) => ('channel' in event ? (event.channel ?? []) : [])),
  ]);
  const startOf = (worker: string, channel: string): number => {
    const declared = rules.defaults.baseline.get(channel);
    const reported = history.reportedCapacities.get(capacityKey(worker, channel));
    if (declared !== undefined) starts.declared += 1;
    else if (reported !== undefined) starts.told += 1;
    else starts.assumed += 1;
    return declared ?? reported ?? DEFAULT_CAPACITY;
  };
  return (event, simulation) => {
    const { workerSid: sid, at } = event;
    const fresh: WorkerState = {
      ...newWorker(sid, at),
      channels: Object.fromEntries(
        [...channels].sort().map((name) => [name, channelAt(startOf(sid, name), at)]),
      ),
      listedAt: at,
    };
    const state = { ...NO_WORKERS, at, workers: new Map([[sid, evolve(fresh, event)]]) };
    return settleInitially({ ...simulation, crossWorker: false }, state).workers.get(sid) ?? fresh;
  };
}

const NO_WORKERS: Omit<SimulationState, 'at'> = {
  workers: new Map(),
  members: new Map(),
  spent: [],
};
const FREE = { baseline: null, claimed: false, edit: null, seenFree: true } as const;

function channelAt(capacity: number, at: number) {
  const observed = { capacity, available: true, assigned: 0, asOf: at };
  return { ...newChannel(), observed, stale: false, capacity: FREE, available: FREE };
}

interface BacktestRun {
  readonly changes: readonly BacktestChange[];
  readonly restless: BacktestResult['restless'];
  readonly states: readonly WorkerState[];
}

function runOf(
  groups: readonly (readonly PastEvent[])[],
  given: Omit<Simulation, 'inputs'>,
  join: WorkerFactory,
  to: number,
): BacktestRun {
  const events = groups.length === 1 ? (groups[0] ?? []) : groups.flat();
  const alone = { ...given, inputs: [] };
  const inputs = events.map(
    (event): SimulationInput => ({
      at: event.at,
      apply(current) {
        const { workerSid: sid } = event;
        const before = current.workers.get(sid);
        const state = before === undefined ? join(event, alone) : evolve(before, event);
        return { ...current, workers: new Map(current.workers).set(sid, state) };
      },
    }),
  );
  const at = events.reduce((least, each) => Math.min(least, each.at), Number.POSITIVE_INFINITY);
  const changes: BacktestChange[] = [];
  const restless: BacktestResult['restless'][number][] = [];
  let last: SimulationStep | null = null;
  for (const step of simulateUntil({ ...given, inputs }, { ...NO_WORKERS, at }, to)) {
    changes.push(...changesAt(step));
    if (!step.quiet) {
      restless.push({ at: step.at, worker: step.writes.at(-1)?.worker ?? null });
    }
    last = step;
  }
  return { changes, restless, states: [...(last?.state.workers.values() ?? [])] };
}

function changesAt({ at, state, writes }: SimulationStep): readonly BacktestChange[] {
  return writes.map(({ worker, write: { channel, from, to, reason, rule } }) => ({
    at,
    worker: worker as WorkerSid,
    friendlyName: state.workers.get(worker)?.name?.value ?? null,
    ...{ channel, from, to, reason, rule },
  }));
}

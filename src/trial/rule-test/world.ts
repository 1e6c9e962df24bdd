// The world around the Workers of a rule test: what TaskQueues and groups say at an instant. What
// the test does not state is unknown, with a reason that says so.

import { isTargeted, type World } from '../../core/decide.ts';
import type { TargetExpression } from '../../core/expression.ts';
import type { GroupFacts, Known, QueueFacts } from '../../core/facts.ts';
import { groupFacts } from '../../core/group.ts';
import type { Mode, Rule, RuleSet } from '../../core/rules.ts';
import type { Simulation, SimulationState } from '../../core/simulation.ts';
import type { Directory } from '../../core/worker-facts.ts';
import { type Series, valueAt } from './series.ts';
import type { QueueDraft, WorldDraft } from './workers-and-world.ts';

export interface TestWorldOptions {
  readonly rules: RuleSet;
  readonly directory: Directory;
  readonly world: WorldDraft | null;
  readonly series: readonly Series[];
  readonly start: number;
  /** Whether the Workers of the test are all that there are. */
  readonly complete: boolean;
}

type Numbers = Readonly<Record<string, number | undefined>>;

export function worldOf(options: TestWorldOptions): Simulation['world'] {
  const queues = new Map(options.world?.queues.map(({ key, value }) => [key, value]));
  return (at, current) => {
    const world: World = {
      directory: options.directory,
      queue: (name) => queueFacts(name, queues.get(name), options, at),
      group: (name) => given(name, options, at) ?? counted(name, options, world, current),
      blindUntil: 0,
      queueTarget: (name): TargetExpression | null => queues.get(name)?.target ?? null,
      blocked: () => null,
      modeOf: (rule) => modeOf(rule, options.rules),
    };
    return world;
  };
}

/** What the test states about a group, minute by minute or constant; null: nothing. */
function given(
  name: string,
  { world, series, start }: TestWorldOptions,
  at: number,
): GroupFacts | null {
  const facts = world?.groups.find(({ key }) => key === name)?.value;
  const own = series.filter(({ fact }) => fact.kind === 'group' && fact.name === name);
  if (facts === undefined && own.length === 0) return null;
  const part = (key: string) => factField(`group.${name}`, key, { given: facts, own, start, at });
  return { size: part('size'), available: part('available'), load: part('load') };
}

function counted(
  name: string,
  options: TestWorldOptions,
  world: World,
  current: SimulationState,
): Known<GroupFacts> {
  const { rules, complete, directory } = options;
  if (!complete) return { unknown: `the test does not define the group "${name}"` };
  const who = { kind: 'group', name } as const;
  const members = [...current.workers.values()].filter(
    (state) => isTargeted(who, { rules, state }, world, current.at) === true,
  );
  return groupFacts(members, directory);
}

function queueFacts(
  name: string,
  given: QueueDraft | undefined,
  { series, start }: TestWorldOptions,
  at: number,
): Known<QueueFacts> {
  const own = series.filter(({ fact }) => fact.kind === 'queue' && fact.name === name);
  if (given === undefined && own.length === 0) {
    return { unknown: `the test does not define the TaskQueue "${name}"` };
  }
  const facts = given && camel(given.facts);
  const part = (key: string) => factField(`queue.${name}`, key, { given: facts, own, start, at });
  return {
    waiting: part('waiting'),
    longestWaitMs: part('longestWaitMs'),
    eligible: part('eligible'),
    availableWorkers: part('availableWorkers'),
  };
}

function camel(facts: QueueDraft['facts']): Numbers {
  const { waiting, longest_wait, eligible, available_workers } = facts;
  return {
    waiting,
    longestWaitMs: longest_wait,
    eligible,
    availableWorkers: available_workers,
  };
}

interface Given {
  readonly given: Numbers | undefined;
  readonly own: readonly Series[];
  readonly start: number;
  readonly at: number;
}

function factField(of: string, key: string, { given, own, start, at }: Given): Known<number> {
  const series = own.find(({ fact }) => 'key' in fact && fact.key === key);
  const value = series === undefined ? given?.[key] : valueAt(series, start, at);
  if (typeof value === 'number') return value;
  const said = series === undefined ? 'does not give' : 'marks as unknown';
  return { unknown: `the test ${said} ${of}'s ${key}` };
}

/**
 * A set that only observes as a whole is tested as if it were enforced; a rule's own mode is part
 * of what is tested.
 */
function modeOf(rule: Rule, { defaults }: RuleSet): Mode {
  const { mode } = defaults;
  return rule.mode ?? (mode === null || mode === 'observe' ? 'enforce' : mode);
}

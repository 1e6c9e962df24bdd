// What conditions see around the Workers in a simulated day: TaskQueues and groups, as fresh as in
// a daemon that polls statistics twice a minute.

import { type World as Around, isTargeted } from '../core/decide.ts';
import { parseTarget, type TargetExpression } from '../core/expression.ts';
import type { GroupFacts, QueueFacts } from '../core/facts.ts';
import { groupFacts } from '../core/group.ts';
import type { Rule, RuleSet } from '../core/rules.ts';
import { judgeShared, type SharedJudgement } from '../core/shared-rules.ts';
import type { WorkerState } from '../core/state.ts';
import { queueStatistics } from '../emulator/world/statistics.ts';
import type { World } from '../emulator/world/world.ts';

/** The daemon's default maximum age of statistics. */
const POLL_MS = 30_000;

export class DayFacts {
  readonly world: Around;
  readonly #world: World;
  readonly #rules: RuleSet;
  readonly #states: ReadonlyMap<string, WorkerState>;
  /**
   * Rules that read the Worker as well as queues or groups: a change there concerns all Workers.
   */
  readonly #readers: readonly Rule[];
  /** TaskQueues that a condition reads; only these are polled, as in the daemon. */
  readonly #polled: ReadonlySet<string>;
  readonly #queues = new Map<string, QueueFacts>();
  readonly #groups = new Map<string, GroupFacts>();
  #lastSeen = '';
  #shared: SharedJudgement | null = null;

  constructor(world: World, rules: RuleSet, states: ReadonlyMap<string, WorkerState>) {
    this.#world = world;
    this.#rules = rules;
    this.#states = states;
    this.#readers = rules.rules.filter(
      (rule) =>
        rule.when?.perWorker === true &&
        readsOf(rule).some(({ queues, groups }) => queues.length + groups.length > 0),
    );
    this.#polled = new Set(rules.rules.flatMap(readsOf).flatMap(({ queues }) => queues));
    this.world = this.#createWorld();
  }

  nextAt(): number {
    return this.#world.now() + POLL_MS;
  }

  /** Refreshes the figures. True: a rule may now decide differently for some Worker. */
  refresh(): boolean {
    for (const { sid, friendlyName } of this.#world.space.queues.values()) {
      if (!this.#polled.has(friendlyName)) continue;
      const { tasks_by_status: tasks, ...rest } = queueStatistics(this.#world.space, sid, null);
      this.#queues.set(friendlyName, {
        waiting: tasks.pending + tasks.reserved,
        longestWaitMs: rest.longest_task_waiting_age * 1_000,
        eligible: rest.total_eligible_workers,
        availableWorkers: rest.total_available_workers,
      });
    }
    this.#groups.clear();
    const said = JSON.stringify(this.#readers.map((rule) => this.#seenBy(rule)));
    const news = said !== this.#lastSeen;
    this.#lastSeen = said;
    return this.judge() || news;
  }

  /** Judges the rules that have one state for all Workers. True: one of them flipped. */
  judge(): boolean {
    const states = this.#shared?.states ?? {};
    const before = this.#shared;
    this.#shared = judgeShared(this.#rules, states, this.world, this.#world.now());
    return before === null || this.#shared.flipped.length > 0;
  }

  /** When time alone may change the state of one of these rules. */
  get judgeAt(): number | null {
    return this.#shared?.lookAt ?? null;
  }

  #seenBy(rule: Rule): unknown {
    return readsOf(rule).map(({ queues, groups }) => [
      queues.map((name) => this.#queues.get(name)),
      groups.map((name) => this.#group(name)),
    ]);
  }

  #createWorld(): Around {
    const { space } = this.#world;
    return {
      directory: {
        activities: Object.fromEntries(
          [...space.activities.values()].map(({ sid, friendlyName: name, available }) => [
            sid,
            { name, available },
          ]),
        ),
      },
      queue: (name) => this.#queues.get(name) ?? { unknown: `there is no TaskQueue "${name}"` },
      group: (name) => this.#group(name),
      blindUntil: 0,
      queueTarget: (name) => targetOf(this.#world, name),
      blocked: () => null,
      shared: ({ name }) => this.#shared?.verdicts.get(name) ?? null,
      modeOf: (rule) => rule.mode ?? this.#rules.defaults.mode ?? 'enforce',
    };
  }

  #group(name: string): GroupFacts {
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const at = this.#world.now();
    const who = { kind: 'group', name } as const;
    const members = [...this.#states.values()].filter(
      (state) => isTargeted(who, { rules: this.#rules, state }, this.world, at) === true,
    );
    const facts = groupFacts(members, this.world.directory);
    this.#groups.set(name, facts);
    return facts;
  }
}

function readsOf({ when, release }: Rule) {
  return [when?.enter, when?.exit, release?.or].flatMap((each) => each?.reads ?? []);
}

function targetOf({ space }: World, name: string): TargetExpression | null {
  const queue = [...space.queues.values()].find(({ friendlyName }) => friendlyName === name);
  const parsed = queue === undefined ? null : parseTarget(queue.targetWorkers);
  return parsed?.ok ? parsed.expression : null;
}

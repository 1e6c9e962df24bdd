// The control loop for one daemon: the rules in force, the world they are decided in, the journal,
// and the resyncs, tied to the store, the queues and TaskRouter.

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Contested } from '../control/contested.ts';
import { CONTROL_LIMITS } from '../control/deps.ts';
import { DirectoryKeeper } from '../control/directory.ts';
import { Drift } from '../control/drift.ts';
import { Guard } from '../control/guard.ts';
import { Members } from '../control/members.ts';
import { type ModeContext, modeNotes, modeOf } from '../control/mode.ts';
import { Orders } from '../control/orders.ts';
import { type Pause, Pauses } from '../control/pauses.ts';
import { Records } from '../control/records.ts';
import {
  type ResyncDeps,
  ResyncRunner,
  type ResyncRunnerDeps,
  requestAllPasses,
} from '../control/resync.ts';
import { Rollout, rolloutNotes } from '../control/rollout.ts';
import { RulesKeeper, type RulesStatus } from '../control/rules-keeper.ts';
import { PROPAGATION_MS } from '../control/shared-document.ts';
import type { World } from '../core/decide.ts';
import type { RuleSet } from '../core/rules.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { type Clock, Failure, type Gateway, type Queues, type Store } from '../ports.ts';
import type { Budget } from '../taskrouter/budget.ts';
import type { ServiceOptions } from './options.ts';
import { type WiredFacts, wireFacts } from './wire-facts.ts';
import { recordEntries } from './wire-journal.ts';

export interface ControlParts {
  readonly options: ServiceOptions;
  readonly clock: Clock;
  readonly store: Store;
  readonly queues: Pick<Queues, 'addPass' | 'holdPasses'>;
  readonly gateway: Gateway;
  readonly budget: Pick<Budget, 'waiting'>;
  readonly metrics: Metrics;
}

export interface Control {
  readonly deps: ResyncDeps;
  readonly rules: RulesKeeper;
  readonly rollout: Rollout;
  readonly resyncs: ResyncRunner;
  readonly facts: WiredFacts;
  readonly drift: Drift;
  readonly members: Members;
  readonly guard: Guard;
  readonly contested: Contested;
  readonly pauses: Pauses;
  readonly orders: Orders;
  readonly where: ModeContext;
  /** epoch ms */
  readonly startedAt: number;
  /** What people should know about how the rules run here. */
  notes(): readonly string[];
  /** Something that all Workers depend on changed in the Workspace. */
  workspaceChanged(what: string): Promise<void>;
  /** Before a pass: no copy that it decides by is older than `FRESH_MS`. */
  ensureFresh(): Promise<void>;
  /** Requests a pass over every Worker on record. */
  reevaluateAll(): Promise<unknown>;
}

export function wireControl(parts: ControlParts): Control {
  const { options, clock, store, queues, gateway } = parts;
  const where = modeContextOf(options);
  const startedAt = clock.now();
  // Only Redis is shared by several processes.
  const alone = options.config.redisUrl === null;
  const records = new Records(store);
  const directory = new DirectoryKeeper(store, gateway);
  const reevaluateAll = async () => {
    await facts.keeper.rulesChanged();
    await members.rulesChanged();
    return await requestAllPasses({ records, queues, directory });
  };
  const rollout = new Rollout({
    ...{ store, id: randomUUID(), now: () => clock.now() },
    alone,
  });
  const rules = wireRules(parts, { where, rollout, lookAgain: reevaluateAll });
  const pauses = new Pauses(store, () => clock.now());
  const world = worldOf(directory, rules, { where, pauses }, () => ({ ...facts, members }));
  const inForce = { rules: () => rules.active(), world: () => world };
  const facts = wireFacts(parts, {
    ...{ records, directory, alone, reevaluateAll, ...inForce },
    drift: () => drift,
    ensureFresh: async () =>
      void (await Promise.all([rules.ensureFresh(), directory.ensureFresh(), resyncs.refresh()])),
    allWorkersListed: () => resyncs.state().last !== null,
    requestFullResync: () => resyncs.request(true),
  });
  const commonDeps = { store, records, queues, clock, ...inForce };
  const members = new Members(commonDeps);
  const groupSizes = { records, listed: () => resyncs.hasSucceeded() };
  const guard = new Guard({ ...commonDeps, groupSizes });
  const contested = new Contested(store, records, clock);
  const deps: ResyncDeps = {
    ...commonDeps,
    gateway,
    callsWaiting: () => parts.budget.waiting(),
    directory,
    journal: {
      async append(entries) {
        // First what may be noted twice: once the journal has the entries, they do not come again.
        await contested.note(entries);
        await recordEntries(entries, parts);
      },
    },
    observing: () => where.observeAll,
    ...{ pauses, members, guard, groups: facts.keeper },
    limits: { ...CONTROL_LIMITS, resyncMs: options.config.resyncMs },
  };
  const drift = wireDrift(parts, deps, alone);
  const resyncs = wireResyncs(parts, { ...deps, alone });
  return {
    ...{ deps, rules, rollout, resyncs, facts, drift, members, guard, contested, pauses },
    ...{ where, startedAt },
    orders: createOrders(parts, deps, pauses),
    notes: () => controlNotes({ rules, rollout, where, facts }),
    async ensureFresh() {
      const here = [rules.ensureFresh(), pauses.ensureFresh(), directory.ensureFresh()];
      await Promise.all([facts.keeper.ensureFresh(), ...here]);
    },
    reevaluateAll,
    workspaceChanged: (what) =>
      what.startsWith('task-queue.')
        ? facts.keeper.queuesChanged()
        : workspaceChanged({ directory, rollout, resyncs, reevaluateAll }),
  };
}

function modeContextOf({ identity, config }: ServiceOptions): ModeContext {
  return {
    live: identity.baseUrl === null && !identity.emulated,
    observeAll: config.mode === 'observe',
  };
}

function wireResyncs({ options: { log } }: ControlParts, deps: ResyncRunnerDeps): ResyncRunner {
  return new ResyncRunner(deps, {
    info: (text) => log.info({}, text),
    error: (err, text) => log.error({ err }, text),
  });
}

function createOrders({ options: { log } }: ControlParts, control: ResyncDeps, pauses: Pauses) {
  return new Orders({
    ...{ control, pauses },
    onError: (err) => log.error({ err }, 'passes for all Workers could not be requested'),
  });
}

function wireDrift(
  { options: { identity, log }, gateway }: ControlParts,
  control: ResyncDeps,
  alone: boolean,
): Drift {
  return new Drift({
    ...{ control, gateway, alone, workspaceSid: identity.workspaceSid },
    onError: (err) => log.error({ err }, 'the drift check failed'),
    log: { info: (t: string) => log.info({}, t), warn: (t: string) => log.warn({}, t) },
  });
}

function controlNotes({
  rules,
  rollout,
  where,
  facts,
}: Pick<Control, 'rules' | 'rollout' | 'where' | 'facts'>): readonly string[] {
  const active = rules.active();
  const ofRules = active === null ? [] : [...modeNotes(active, where), ...facts.notes()];
  return [...rules.notes(), ...rolloutNotes(rollout.view(active?.id ?? null)), ...ofRules];
}

async function workspaceChanged(
  here: Pick<Control, 'rollout' | 'resyncs' | 'reevaluateAll'> & {
    readonly directory: DirectoryKeeper;
  },
): Promise<void> {
  try {
    await here.directory.refresh();
    if (!here.rollout.alone) await delay(PROPAGATION_MS);
    await here.reevaluateAll();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    // A resync reads the same, and is repeated for as long as TaskRouter is unavailable.
    await here.resyncs.request();
  }
}

function wireRules(
  { options, clock, store, queues }: ControlParts,
  more: {
    readonly where: ModeContext;
    readonly rollout: Rollout;
    lookAgain(): Promise<unknown>;
  },
): RulesKeeper {
  const { where, rollout, lookAgain } = more;
  const { log } = options;
  return new RulesKeeper({
    store,
    source: options.rules,
    rollout,
    now: () => clock.now(),
    async onActive(set) {
      log.info({ set: set.id, rules: set.rules.length }, `rules in force: ${namesOf(set)}`);
      for (const note of modeNotes(set, where)) log.warn({ set: set.id }, note);
      await lookAgain();
    },
    onWaiting: ({ id }) =>
      log.info({ set: id }, `set ${id} takes effect when every replica holds it`),
    onRefused: (faults, inForce) => logRefusedRules(faults, inForce, log),
    onError: (err) => log.error({ err }, 'the rules could not be reloaded'),
    holdPasses: (isHeld) => queues.holdPasses(isHeld),
  });
}

/** Exported for its test: a folder's faults, each by its severity, and their consequence. */
export function logRefusedRules(
  faults: RulesStatus['faults'],
  inForce: Pick<RuleSet, 'id'> | null,
  log: Pick<Log, 'error' | 'warn'>,
): void {
  for (const f of faults) {
    const level = f.severity === 'error' ? 'error' : 'warn';
    log[level]({}, `rules: ${f.file}:${f.line}:${f.column}: ${f.message}`);
  }
  const stays = inForce === null ? NO_RULES : `set ${inForce.id} stays in force`;
  log.error({}, `the rules folder has problems: ${stays}`);
}

const NO_RULES = 'there are no valid rules, so events are received and nothing is written';

function worldOf(
  directory: DirectoryKeeper,
  rules: RulesKeeper,
  { where, pauses }: { readonly where: ModeContext; readonly pauses: Pauses },
  facts: () => WiredFacts & { readonly members: Members },
): World {
  // Under observe all decide as they would without it; a pass then does not act.
  const deciding = { ...where, observeAll: false };
  return {
    get directory() {
      return directory.current();
    },
    queue: (name) => facts().keeper.queue(name),
    group: (name) => facts().keeper.group(name),
    blindUntil: 0,
    blindTo: (type) => facts().coverage.blindTo(type),
    catchingUp: () => facts().catchingUp(),
    queueTarget: (name) => facts().keeper.queueTarget(name),
    shared: (rule) => facts().keeper.sharedVerdict(rule),
    blocked: (rule) => pausedRule(pauses.forRule(rule.name)),
    isChosen: (rule, worker) => facts().members.has(rule, worker),
    modeOf: (rule) => modeOf(rule, rules.active(), deciding),
  };
}

function pausedRule(pause: Pause | null) {
  if (pause === null) return null;
  return { reason: 'rule.paused', why: `paused by ${pause.by}: ${pause.reason}` } as const;
}

function namesOf(rules: RuleSet): string {
  const names = rules.rules.map((r) => r.name);
  const more = names.length > 8 ? ` and ${names.length - 8} more` : '';
  return `${names.slice(0, 8).join(', ')}${more} (set ${rules.id})`;
}

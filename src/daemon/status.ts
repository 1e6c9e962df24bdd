// What `GET /api/v1/status` answers: the state of the daemon, on one page that people can act on.

import type { Config } from '../config.ts';
import type { Contested, ContestedView } from '../control/contested.ts';
import type { DriftState } from '../control/drift.ts';
import type { ReadingView } from '../control/facts.ts';
import type { Guard } from '../control/guard.ts';
import type { GuardView } from '../control/guard-view.ts';
import type { LimitView, Members } from '../control/members.ts';
import { type ModeContext, modeOf } from '../control/mode.ts';
import { type Pause, type PauseView, pauseView } from '../control/pauses.ts';
import type { ResyncState } from '../control/resync.ts';
import type { RolloutView } from '../control/rollout.ts';
import type { RulesStatus } from '../control/rules-keeper.ts';
import type { Mode, RuleSet } from '../core/rules.ts';
import type { QueueCounts } from '../ports.ts';
import type { Backend } from './backends.ts';
import type { Forwarding, ForwardView } from './wire-forward.ts';

export interface StatusView {
  readonly version: string;
  /** `emulated`, `https://taskrouter.twilio.com`, or the URL of another TaskRouter. */
  readonly taskrouter: string;
  /** Whether every rule only observes. */
  readonly observing: boolean;
  /** What people paused, the widest scope first. */
  readonly paused: readonly PauseView[];
  readonly store: string;
  /** ISO instant of the start. */
  readonly since: string;
  readonly rules: {
    readonly id: string | null;
    readonly count: number;
    readonly from: RulesStatus['from'];
    readonly lastReloadOk: boolean;
    /** Live replicas, and how many of them have the set in force in their own folder. */
    readonly replicas: number;
    readonly holding: number;
    /** Replicas whose folder has faults: they hold up any new set. */
    readonly broken: number;
    /** Sets that replicas hold and that wait for the others. */
    readonly waiting: readonly { readonly id: string; readonly holding: number }[];
    readonly modes: Readonly<Record<Mode, number>>;
    readonly faults: RulesStatus['faults'];
  };
  /** Rules with a `limit`: how many Workers they have chosen, of how many they may choose. */
  readonly limits: readonly (LimitView & { readonly rule: string })[];
  /** The guardrails that count Workers; null: there are none. */
  readonly guardrails: GuardView | null;
  /** Worker Channels that others change so often that headroom stopped writing them. */
  readonly contested: readonly ContestedView[];
  readonly events: {
    /** Distinct events absorbed within the time that they are remembered. */
    readonly distinct: number;
    /** Deliveries since the start, by their answer and its reason. */
    readonly deliveries: Readonly<Record<string, number>>;
  };
  readonly queues: {
    readonly events: QueueCounts;
    readonly passes: QueueCounts;
    readonly failed: readonly {
      readonly queue: string;
      readonly id: string;
      readonly reason: string;
      readonly at: number;
      readonly attempts: number;
    }[];
  };
  readonly workers: {
    /** At the last resync. */
    readonly listed: number | null;
    readonly lastResync: string | null;
    readonly resyncFault: string | null;
  };
  /** Changes at TaskRouter that were not delivered. */
  readonly drift: {
    /** ISO instant of the last look at the event history; null: not yet. */
    readonly lastLook: string | null;
    /** Changes found this way, since the store was created. */
    readonly lost: number;
    readonly fault: string | null;
  };
  /** The statistics of TaskQueues that rules read, and how old they are. */
  readonly statistics: readonly ReadingView[];
  /** Where each delivery is forwarded; null: nowhere. */
  readonly forward: ForwardView | null;
  readonly calls: { readonly rate: string; readonly waiting: number };
  /** Sentences that people should know: that samples only observe, that events may be missing… */
  readonly notes: readonly string[];
}

export interface StatusSources {
  readonly version: string;
  readonly taskrouter: string;
  readonly observing: boolean;
  readonly pauses: readonly Pause[];
  readonly backend: Backend;
  readonly startedAt: number;
  readonly rules: RulesStatus;
  readonly rollout: RolloutView;
  readonly active: RuleSet | null;
  readonly where: ModeContext;
  readonly members: Pick<Members, 'view' | 'ensureFresh'>;
  readonly guard: Pick<Guard, 'view' | 'ensureFresh'>;
  readonly contested: Pick<Contested, 'view'>;
  /** By outcome, since the start. */
  readonly deliveries: Readonly<Record<string, number>>;
  readonly sync: ResyncState;
  readonly config: Pick<Config, 'rate'>;
  readonly drift: DriftState;
  readonly statistics: readonly ReadingView[];
  readonly forwarding: Forwarding | null;
  readonly waitingCalls: number;
  readonly notes: readonly string[];
}

const FAILED_SHOWN = 20;

export async function buildStatus(from: StatusSources): Promise<StatusView> {
  const { store, queues } = from.backend;
  const [distinct, counts, failed, forward] = await Promise.all([
    store.countSeen(),
    queues.counts(),
    queues.failed(FAILED_SHOWN),
    from.forwarding?.view() ?? null,
  ]);
  const { sync, rules, rollout } = from;
  const [contested] = await Promise.all([
    from.contested.view(),
    from.members.ensureFresh(),
    from.guard.ensureFresh(),
  ]);
  return {
    version: from.version,
    taskrouter: from.taskrouter,
    observing: from.observing,
    paused: from.pauses.map(pauseView),
    store: from.backend.describe,
    since: new Date(from.startedAt).toISOString(),
    rules: {
      id: rules.id,
      count: rules.rules,
      from: rules.from,
      lastReloadOk: rules.lastReloadOk,
      replicas: rollout.replicas,
      holding: rollout.holding(rules.id),
      broken: rollout.broken,
      waiting: rollout.waiting,
      modes: modesOf(from.active, from.where),
      faults: rules.faults,
    },
    limits: limitsOf(from),
    guardrails: from.guard.view(),
    contested,
    events: { distinct, deliveries: { ...from.deliveries } },
    queues: { ...counts, failed },
    workers: {
      listed: sync.listed,
      lastResync: sync.last === null ? null : new Date(sync.last).toISOString(),
      resyncFault: sync.fault,
    },
    drift: {
      lastLook: from.drift.lookedAt === null ? null : new Date(from.drift.lookedAt).toISOString(),
      lost: from.drift.lost,
      fault: from.drift.fault,
    },
    statistics: from.statistics,
    forward,
    calls: {
      rate: `${from.config.rate.limit} in ${from.config.rate.windowMs} ms`,
      waiting: from.waitingCalls,
    },
    notes: [...from.notes, ...contestedNote(contested)],
  };
}

const CONTESTED_NAMED = 3;

/** Somebody else's program sets the same channels: only people can end that. */
function contestedNote(contested: readonly ContestedView[]): readonly string[] {
  const names = contested.slice(0, CONTESTED_NAMED).map((c) => `${c.channel} of ${c.worker}`);
  const more = contested.length > names.length ? ', …' : '';
  if (names.length === 0) return [];
  const what = contested.length === 1 ? 'Worker Channel is' : 'Worker Channels are';
  return [
    `${contested.length} ${what} contested and not written, because somebody else keeps changing them: ${names.join(', ')}${more}`,
  ];
}

function limitsOf({ active, members }: StatusSources): StatusView['limits'] {
  return (active?.rules ?? []).flatMap((rule) => {
    const view = members.view(rule);
    return view === null ? [] : [{ rule: rule.name, ...view }];
  });
}

function modesOf(active: RuleSet | null, where: ModeContext): Record<Mode, number> {
  const modes: Record<Mode, number> = { enforce: 0, observe: 0, disabled: 0 };
  if (active === null) return modes;
  for (const rule of active.rules) modes[modeOf(rule, active, where)] += 1;
  return modes;
}

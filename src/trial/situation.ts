// One imagined situation: a Worker, an instant, and the facts around it, in the form in which the
// core decides. The linter tries many of them; none comes from TaskRouter.

import { type Decision, decide, type World } from '../core/decide.ts';
import type { GroupFacts, QueueFacts } from '../core/facts.ts';
import type { WorkerSid } from '../core/ids.ts';
import type { Rule, RuleSet } from '../core/rules.ts';
import {
  type ChannelState,
  type CountedEvent,
  newChannel,
  newWorker,
  type ReservationState,
  type RuleState,
  type WorkerState,
} from '../core/state.ts';

export interface ChannelSetting {
  readonly capacity: number;
  readonly available: boolean;
  readonly assigned: number;
}

/** Filled in step by step while situations are enumerated. */
export interface Situation {
  at: number;
  sid: string;
  name: string;
  attributes: Record<string, unknown>;
  activity: { name: string; available: boolean; since: number };
  channels: Record<string, ChannelSetting>;
  queues: Record<string, QueueFacts>;
  groups: Record<string, GroupFacts>;
  /** How many events of each type happened a moment ago. */
  events: Record<string, number>;
}

export const IDLE_QUEUE: QueueFacts = {
  waiting: 0,
  longestWaitMs: 0,
  eligible: 1,
  availableWorkers: 1,
};
export const IDLE_GROUP: GroupFacts = { size: 1, available: 1, load: 0 };

const WORKER = `WK${'0'.repeat(32)}`;
const DAY_MS = 86_400_000;

/** An available Worker with nothing in hand, and nothing known about queues and groups. */
export function newSituation(at: number, channels: Record<string, ChannelSetting>): Situation {
  return {
    at,
    sid: WORKER,
    name: 'a Worker',
    attributes: {},
    activity: { name: 'Available', available: true, since: at - DAY_MS },
    channels: { ...channels },
    queues: {},
    groups: {},
    events: {},
  };
}

const FREE = { baseline: null, claimed: false, edit: null, seenFree: true } as const;

function channelState(now: ChannelSetting, at: number): ChannelState {
  const { capacity, available, assigned } = now;
  const observed = { capacity, available, assigned, asOf: at };
  return { ...newChannel(), stale: false, observed, capacity: FREE, available: FREE };
}

export function stateOf(s: Situation, rules: Readonly<Record<string, RuleState>>): WorkerState {
  const long = s.at - 400 * DAY_MS;
  const counted: CountedEvent[] = [];
  for (const [type, n] of Object.entries(s.events)) {
    for (let i = 0; i < n; i += 1) counted.push({ type, reservation: `${type} ${i}`, at: s.at });
  }
  const reservations: Record<string, ReservationState> = {};
  for (const [channel, { assigned }] of Object.entries(s.channels)) {
    for (let i = 0; i < assigned; i += 1) {
      reservations[`${channel} ${i}`] = { status: 'accepted', channel, at: long };
    }
  }
  const { name, available, since } = s.activity;
  return {
    ...newWorker(s.sid as WorkerSid, long),
    name: { at: long, sid: '', value: s.name },
    attributes: { at: long, sid: '', value: s.attributes },
    activities: [{ at: since, sid: '', activity: name, name, available }],
    reservations,
    counted,
    channels: Object.fromEntries(
      Object.entries(s.channels).map(([channel, now]) => [channel, channelState(now, s.at)]),
    ),
    rules,
    listedAt: long,
  };
}

/** The attribute that stands for a TaskQueue's expression matching this Worker. */
export function inQueue(queue: string): string {
  return `in TaskQueue ${queue}`;
}

export function worldOf(s: Situation, rules: RuleSet): World {
  const unknown = (what: string) => ({ unknown: `${what} is not known` });
  return {
    directory: { activities: {} },
    queue: (name) => s.queues[name] ?? unknown(`the TaskQueue "${name}"`),
    group: (name) => s.groups[name] ?? unknown(`the group "${name}"`),
    blindUntil: 0,
    queueTarget: (queue) => ({
      text: inQueue(queue),
      root: {
        kind: 'compare',
        op: '==',
        left: { kind: 'path', path: [inQueue(queue)] },
        right: { kind: 'constant', value: true },
      },
      warnings: [],
    }),
    blocked: () => null,
    modeOf: (rule) => modeOf(rule, rules),
  };
}

export function modeOf(rule: Rule, rules: RuleSet) {
  return rule.mode ?? rules.defaults.mode ?? 'enforce';
}

/** Each rule's condition has been as it is now for as long as its hold time requires. */
export function claimingStates(rules: readonly Rule[], at: number): Record<string, RuleState> {
  const states: Record<string, RuleState> = {};
  for (const { name, when } of rules) {
    if (when === null) continue;
    states[name] = { when: when.id, phase: 'pending', since: at - when.forMs };
  }
  return states;
}

/** What the core decides by these rules in this situation. */
export function decideIn(
  s: Situation,
  rules: RuleSet,
  states: Readonly<Record<string, RuleState>>,
): Decision {
  return decide(rules, stateOf(s, states), worldOf(s, rules), s.at);
}

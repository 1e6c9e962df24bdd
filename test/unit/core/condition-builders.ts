// Facts with only what a test says; everything else is unknown, with a reason.

import {
  type Compiled,
  type Condition,
  compileCondition,
} from '../../../src/core/condition/condition.ts';
import type {
  ActivityFacts,
  ChannelFacts,
  Facts,
  GroupFacts,
  Known,
  QueueFacts,
} from '../../../src/core/facts.ts';

export const NOW = Date.parse('2026-06-10T10:00:00Z');

export interface Given {
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly worker?: Facts['worker'];
  readonly activity?: Partial<ActivityFacts>;
  readonly channels?: Readonly<Record<string, Partial<ChannelFacts>>>;
  readonly queues?: Readonly<Record<string, Partial<QueueFacts>>>;
  readonly groups?: Readonly<Record<string, Partial<GroupFacts>>>;
  readonly counts?: Readonly<Record<string, number>>;
}

export function facts(given: Given = {}): Facts {
  const channels = new Map(
    Object.entries(given.channels ?? {}).map(([name, differs]) => [
      name,
      { capacity: 1, available: true, assigned: 0, load: 0, ...differs },
    ]),
  );
  const queue = { waiting: 0, longestWaitMs: 0, eligible: 0, availableWorkers: 0 };
  const group = { size: 0, available: 0, load: 0 };
  return {
    at: NOW,
    worker: given.worker ?? {
      sid: 'WK1',
      friendlyName: 'Ann',
      attributes: given.attributes ?? {},
    },
    activity: {
      name: 'Available',
      available: true,
      since: NOW - 600_000,
      availableSince: NOW - 600_000,
      ...given.activity,
    },
    channels: given.channels ? channels : { unknown: 'the Worker Channels were not read' },
    channel: (name) => channels.get(name) ?? { unknown: `no Worker Channel "${name}"` },
    queue: (name) => known(queue, given.queues?.[name], `no statistics of "${name}"`),
    group: (name) => known(group, given.groups?.[name], `nothing known of group "${name}"`),
    count: (type, windowMs, since) =>
      given.counts?.[`${type} ${windowMs}${since === undefined ? '' : ` since ${since}`}`] ?? {
        unknown: `events of ${type} may have been missed`,
      },
  };
}

function known<T>(empty: T, differs: Partial<T> | undefined, unknown: string): Known<T> {
  return differs === undefined ? { unknown } : { ...empty, ...differs };
}

export function compiled(text: string, scope: 'when' | 'where' = 'when'): Condition {
  const result: Compiled = compileCondition(text, scope);
  if (!result.ok) throw new Error(result.errors.map((error) => error.message).join('\n'));
  return result.condition;
}

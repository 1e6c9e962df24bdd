/**
 * What the keys of an expression refer to: bare Worker attributes in a TaskQueue, bare Task
 * attributes in a Workflow filter, both with their prefix in a Workflow target.
 */
import type { Lookup } from '../expression/evaluate.ts';
import { compileExpression, dig } from '../expression/evaluate.ts';
import type { Path, Value } from '../expression/parse.ts';
import { availablePercentage } from './capacity.ts';
import type { Task, Worker } from './model.ts';
import type { Space } from './space.ts';

/** Bare keys, and the `worker.` prefix that Twilio's own samples use in the same place. */
export function workerLookup(space: Space, worker: Worker): Lookup {
  return (path) => {
    const bare = path[0] === 'worker' && path.length > 1 ? path.slice(1) : path;
    return workerValue(space, worker, bare);
  };
}

export function taskLookup(task: Task): Lookup {
  return (path) => taskValue(task, path[0] === 'task' && path.length > 1 ? path.slice(1) : path);
}

export function targetLookup(space: Space, task: Task, worker: Worker): Lookup {
  return (path) => {
    if (path[0] === 'task') return taskValue(task, path.slice(1));
    return path[0] === 'worker' ? workerValue(space, worker, path.slice(1)) : null;
  };
}

/** The Workers that match an expression over Worker attributes, in order of creation. */
export function matchingWorkers(space: Space, expression: string): Worker[] {
  const { predicate } = compileExpression(expression);
  return [...space.workers.values()].filter((worker) => predicate(workerLookup(space, worker)));
}

const queueWorkersCache = new WeakMap<Space, Map<string, { version: string; workers: Worker[] }>>();
const REMEMBERED_MAX = 1_000;
const ACTIVITY = ['activity_sid', 'activity_name'];

/**
 * The same, cached until what the expression reads of Workers changes: attributes, or Activities
 * too.
 */
export function queueWorkers(space: Space, expression: string): readonly Worker[] {
  const { roots } = compileExpression(expression);
  if (roots.has('worker') || roots.has('channel')) return matchingWorkers(space, expression);
  const cache = queueWorkersCache.get(space) ?? new Map();
  queueWorkersCache.set(space, cache);
  const moves = ACTIVITY.some((root) => roots.has(root)) ? space.activityVersion : 0;
  const version = `${space.workersVersion} ${moves}`;
  const known = cache.get(expression);
  if (known?.version === version) return known.workers;
  if (cache.size >= REMEMBERED_MAX) cache.clear();
  const workers = matchingWorkers(space, expression);
  cache.set(expression, { version, workers });
  return workers;
}

function workerValue(space: Space, worker: Worker, path: Path): Value {
  if (path.length === 1) {
    switch (path[0]) {
      case 'sid':
        return worker.sid;
      case 'friendly_name':
        return worker.friendlyName;
      case 'activity_sid':
        return worker.activitySid;
      case 'activity_name':
        return space.activityOf(worker).friendlyName;
    }
  }
  if (path[0] === 'channel' && path.length === 3) return channelValue(worker, path);
  return dig(worker.parsed, path);
}

function channelValue(worker: Worker, [, name, field]: Path): Value {
  for (const channel of worker.channels.values()) {
    if (channel.taskChannelUniqueName !== name) continue;
    switch (field) {
      case 'configured_capacity':
        return channel.configuredCapacity;
      case 'assigned_tasks':
        return channel.accepted.size;
      case 'available_capacity_percentage':
        return availablePercentage(channel.open.size, channel.configuredCapacity);
      case 'available':
        return channel.available;
    }
  }
  return null;
}

function taskValue(task: Task, path: Path): Value {
  if (path.length === 1 && path[0] === 'sid') return task.sid;
  if (path.length === 1 && path[0] === 'priority') return task.priority;
  return dig(task.parsed, path);
}

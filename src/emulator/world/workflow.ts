/**
 * A Task's way through its Workflow: the first filter that matches, its targets one after another
 * as their timeouts pass, then the default filter, then the end.
 */
import { compileExpression } from '../expression/evaluate.ts';
import type { Task, Workflow } from './model.ts';
import { taskFields } from './payload.ts';
import { invalid } from './refusal.ts';
import { closeReservations } from './reservations.ts';
import { matchingWorkers, taskLookup } from './scope.ts';
import type { Space } from './space.ts';
import { endTask, enqueueTask, recordTaskEvent, touchTask } from './task-state.ts';
import { checkExpression } from './validation.ts';

export interface Target {
  readonly queue: string;
  readonly expression: string | null;
  readonly priority: number | null;
  readonly timeoutSeconds: number | null;
  readonly skipIf: string | null;
  readonly knownWorker: string | null;
}

export interface Filter {
  readonly expression: string | null;
  readonly targets: readonly Target[];
}

/** The filters in order; the default filter, which has no expression, is the last. */
export function parseConfiguration(text: string): Filter[] {
  const routing = field(parse(text), 'task_routing');
  const filters = list(field(routing, 'filters')).map((filter) => ({
    expression: checkExpression('Configuration', string(filter, 'expression') ?? '1==1'),
    targets: list(field(filter, 'targets')).map(readTarget),
  }));
  const fallback = field(routing, 'default_filter');
  if (fallback === undefined) return filters;
  return [...filters, { expression: null, targets: [readTarget(fallback)] }];
}

function readTarget(target: unknown): Target {
  const queue = string(target, 'queue');
  if (queue === null) throw invalid('Configuration: every target needs a queue');
  const expression = string(target, 'expression');
  if (expression !== null) checkExpression('Configuration', expression);
  return {
    queue,
    expression,
    priority: number(target, 'priority'),
    timeoutSeconds: number(target, 'timeout'),
    skipIf: string(target, 'skip_if'),
    knownWorker: string(target, 'known_worker_sid') ?? string(target, 'known_agent_sid'),
  };
}

export function enterWorkflow(space: Space, task: Task, workflow: Workflow): void {
  recordWorkflowEvent(space, task, 'workflow.entered');
  const filters = parseConfiguration(workflow.configuration);
  const index = filters.findIndex(
    ({ expression }) =>
      expression === null || compileExpression(expression).predicate(taskLookup(task)),
  );
  enterTarget(space, task, { filters, filter: index, target: 0 });
}

interface Step {
  readonly filters: readonly Filter[];
  readonly filter: number;
  readonly target: number;
}

function enterTarget(space: Space, task: Task, { filters, filter, target }: Step): void {
  const next = filters[filter]?.targets[target];
  if (next === undefined) {
    leaveFilter(space, task, { filters, filter, target });
    return;
  }
  // A queue deleted since the Workflow was saved is skipped as well.
  if (!space.queues.has(next.queue) || (next.skipIf !== null && skips(space, next))) {
    recordWorkflowEvent(space, task, 'workflow.skipped');
    enterTarget(space, task, { filters, filter, target: target + 1 });
    return;
  }
  const since = space.now();
  const route = {
    filter,
    target,
    expression: next.expression,
    knownWorker: next.knownWorker,
    since,
  };
  task.route = route;
  if (next.priority !== null) task.priority = next.priority;
  recordWorkflowEvent(space, task, 'workflow.target-matched');
  enterQueue(space, task, next.queue);
  if (next.timeoutSeconds === null) return;
  space.engine.scheduler.at(since + next.timeoutSeconds * 1000, () => {
    if (task.route !== route || task.status !== 'pending') return;
    recordTaskEvent(space, task, 'task-queue.timeout');
    enterTarget(space, task, { filters, filter, target: target + 1 });
  });
}

/** Out of targets: on to the default filter unless this was it; otherwise the Task is canceled. */
function leaveFilter(space: Space, task: Task, { filters, filter }: Step): void {
  const last = filters.length - 1;
  if (last >= 0 && filters[last]?.expression === null && filter !== last) {
    enterTarget(space, task, { filters, filter: last, target: 0 });
    return;
  }
  recordWorkflowEvent(space, task, 'workflow.timeout');
  endTask(space, task, 'canceled', 'hit end of workflow');
  recordTaskEvent(space, task, 'task.canceled');
  closeReservations(space, task, 'canceled');
}

/** Puts a Task into a TaskQueue, where it waits for a Worker. */
export function enterQueue(space: Space, task: Task, queueSid: string): void {
  const queue = space.queues.get(queueSid);
  if (queue === undefined) throw invalid(`TaskQueue ${queueSid} does not exist`);
  const moved = task.taskQueueSid !== null && task.taskQueueSid !== queueSid;
  task.taskQueueSid = queueSid;
  task.queueEnteredAt = space.now();
  touchTask(space, task);
  if (moved) recordTaskEvent(space, task, 'task-queue.moved');
  recordTaskEvent(
    space,
    task,
    'task-queue.entered',
    `Task entered TaskQueue ${queue.friendlyName}`,
  );
  enqueueTask(space, task);
}

function skips(space: Space, target: Target): boolean {
  const queue = space.queues.get(target.queue);
  const workers = matchingWorkers(space, queue?.targetWorkers ?? '1==1');
  const available = workers.filter((worker) => space.activityOf(worker).available).length;
  const { predicate } = compileExpression(target.skipIf ?? '1==2');
  return predicate((path) => (path.join('.') === 'workers.available' ? available : null));
}

function recordWorkflowEvent(space: Space, task: Task, type: string): void {
  space.engine.record(space.workspace, {
    type,
    resourceType: 'workflow',
    resourceSid: task.workflowSid ?? '',
    description: `Task ${task.sid} ${type}`,
    payload: () => taskFields(space, task),
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalid('Configuration is not valid JSON');
  }
}

function field(from: unknown, name: string): unknown {
  if (from === null || typeof from !== 'object' || !Object.hasOwn(from, name)) return undefined;
  return (from as Record<string, unknown>)[name];
}

function list(from: unknown): unknown[] {
  return Array.isArray(from) ? from : [];
}

function string(from: unknown, name: string): string | null {
  const found = field(from, name);
  return typeof found === 'string' && found !== '' ? found : null;
}

function number(from: unknown, name: string): number | null {
  const found = field(from, name);
  return found === undefined || found === null || Number.isNaN(Number(found))
    ? null
    : Number(found);
}

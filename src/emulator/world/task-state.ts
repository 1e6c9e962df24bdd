/** The changes to a Task that Tasks, Workflows and Reservations share. */
import { compileExpression } from '../expression/evaluate.ts';
import type { Task, TaskStatus } from './model.ts';
import { taskFields } from './payload.ts';
import type { Space } from './space.ts';

/**
 * Ended Tasks and their Reservations are forgotten after a quarter of an hour, as TaskRouter purges
 * them.
 */
const FORGET_AFTER_MS = 15 * 60_000;

export function touchTask(space: Space, task: Task): void {
  task.version += 1;
  task.dateUpdated = space.now();
}

/** Puts a Task in line for a Worker, or moves it to its new place there. */
export function enqueueTask(space: Space, task: Task): void {
  const lifo =
    task.taskQueueSid !== null && space.queues.get(task.taskQueueSid)?.taskOrder === 'LIFO';
  space.waiting.add(task, { group: groupOf(task), lifo });
  space.routingWanted = true;
}

/** Tasks with the same needs share a group; one that depends on its own attributes gets its own. */
function groupOf(task: Task): string {
  const expression = task.route?.expression ?? '';
  const own =
    task.routingTarget !== null ||
    (task.route?.knownWorker ?? null) !== null ||
    (expression !== '' && compileExpression(expression).roots.has('task'));
  return own ? task.sid : `${task.taskQueueSid}|${task.taskChannelSid}|${expression}`;
}

export function endTask(
  space: Space,
  task: Task,
  status: Extract<TaskStatus, 'completed' | 'canceled'>,
  reason: string | null,
): void {
  task.status = status;
  task.reason = reason;
  task.endedAt = space.now();
  space.waiting.delete(task.sid);
  touchTask(space, task);
  space.engine.scheduler.at(space.now() + FORGET_AFTER_MS, () => purgeTask(space, task));
}

export function purgeTask(space: Space, task: Task): void {
  for (const sid of task.reservations) space.reservations.delete(sid);
  space.tasks.delete(task.sid);
  space.waiting.delete(task.sid);
}

export function recordTaskEvent(
  space: Space,
  task: Task,
  type: string,
  description?: string,
): void {
  space.engine.record(space.workspace, {
    type,
    resourceType: 'task',
    resourceSid: task.sid,
    description: description ?? `Task ${task.sid} ${type.slice(type.indexOf('.') + 1)}`,
    payload: () => taskFields(space, task),
  });
}

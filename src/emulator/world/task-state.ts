/** The changes of a Task that both Tasks and Reservations make. Leaf functions: they call no other module's. */
import type { Task, TaskStatus } from './model.ts';
import { taskFields } from './payload.ts';
import type { Space } from './space.ts';

/** Ended Tasks and their Reservations are forgotten a quarter of an hour later, as TaskRouter purges them. */
const FORGET_AFTER_MS = 15 * 60_000;

export function touchTask(space: Space, task: Task): void {
  task.version += 1;
  task.dateUpdated = space.now();
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
  space.engine.agenda.at(space.now() + FORGET_AFTER_MS, () => forgetTask(space, task));
}

export function forgetTask(space: Space, task: Task): void {
  for (const sid of task.reservations) space.reservations.delete(sid);
  space.tasks.delete(task.sid);
  space.waiting.delete(task.sid);
}

export function tellTask(space: Space, task: Task, type: string, description?: string): void {
  space.engine.record(space.workspace, {
    type,
    resourceType: 'task',
    resourceSid: task.sid,
    description: description ?? `Task ${task.sid} ${type.slice(type.indexOf('.') + 1)}`,
    payload: taskFields(space, task),
  });
}

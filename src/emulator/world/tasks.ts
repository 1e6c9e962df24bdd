/**
 * Tasks: created into a Workflow, a TaskQueue or directly for a Worker; changed, completed,
 * canceled, deleted.
 */

import type { Task } from './model.ts';
import { invalid } from './refusal.ts';
import { closeReservations, wrapReservation } from './reservations.ts';
import type { Space } from './space.ts';
import { endTask, enqueueTask, purgeTask, recordTaskEvent, touchTask } from './task-state.ts';
import { parseAttributes } from './validation.ts';
import { enterQueue, enterWorkflow } from './workflow.ts';

const TIMEOUT_SECONDS = 86_400;
const TIMEOUT_MAX_SECONDS = 1_209_600;

export interface NewTask {
  readonly attributes?: string | undefined;
  readonly taskChannel?: string | undefined;
  readonly workflowSid?: string | undefined;
  readonly taskQueueSid?: string | undefined;
  readonly routingTarget?: string | undefined;
  readonly ignoreCapacity?: boolean | undefined;
  readonly priority?: number | undefined;
  readonly timeout?: number | undefined;
  readonly virtualStartTime?: number | undefined;
}

export interface TaskPatch {
  readonly attributes?: string | undefined;
  readonly status?: string | undefined;
  readonly reason?: string | undefined;
  readonly priority?: number | undefined;
  readonly taskChannel?: string | undefined;
  readonly virtualStartTime?: number | undefined;
}

export function createTask(space: Space, input: NewTask): Task {
  const attributes = input.attributes ?? '{}';
  const parsed = parseAttributes(attributes);
  const channel = space.findTaskChannel(input.taskChannel ?? 'default');
  if (channel === null) throw invalid(`TaskChannel ${input.taskChannel} does not exist`);
  const routingTarget = input.routingTarget ?? null;
  if (routingTarget !== null && !space.workers.has(routingTarget))
    throw invalid(`RoutingTarget ${routingTarget} does not exist`);
  const workflowSid = chooseWorkflow(space, input);
  if (input.taskQueueSid !== undefined && !space.queues.has(input.taskQueueSid))
    throw invalid(`TaskQueue ${input.taskQueueSid} does not exist`);
  const made = space.newResource(space.engine.sids.next('WT'));
  const task: Task = {
    ...made,
    attributes,
    parsed,
    status: 'pending',
    priority: checkPriority(input.priority ?? 0),
    reason: null,
    timeout: checkTimeout(input.timeout ?? TIMEOUT_SECONDS),
    taskChannelSid: channel.sid,
    workflowSid,
    taskQueueSid: null,
    queueEnteredAt: made.dateCreated,
    virtualStartTime: input.virtualStartTime ?? made.dateCreated,
    ignoreCapacity: input.ignoreCapacity ?? routingTarget !== null,
    routingTarget,
    version: 0,
    route: null,
    reservations: new Set(),
    refusedBy: new Set(),
    endedAt: null,
  };
  space.tasks.set(task.sid, task);
  const first = space.engine.doubts.taskCreatedOrder === 'first';
  if (first) recordTaskEvent(space, task, 'task.created');
  space.engine.scheduler.at(made.dateCreated + task.timeout * 1000, () => expire(space, task));
  send(space, task, input.taskQueueSid);
  if (!first) recordTaskEvent(space, task, 'task.created');
  return task;
}

export function updateTask(space: Space, task: Task, patch: TaskPatch): void {
  const parsed = patch.attributes === undefined ? null : parseAttributes(patch.attributes);
  const channel = patch.taskChannel === undefined ? null : space.taskChannel(patch.taskChannel);
  if (patch.priority !== undefined) checkPriority(patch.priority);
  if (patch.status !== undefined) checkMove(space, task, patch.status);
  if (parsed !== null && patch.attributes !== undefined) {
    task.attributes = patch.attributes;
    task.parsed = parsed;
  }
  task.priority = patch.priority ?? task.priority;
  task.virtualStartTime = patch.virtualStartTime ?? task.virtualStartTime;
  task.taskChannelSid = channel?.sid ?? task.taskChannelSid;
  const { status, reason, ...rest } = patch;
  if (Object.values(rest).some((value) => value !== undefined)) {
    touchTask(space, task);
    if (space.waiting.has(task.sid)) enqueueTask(space, task);
    recordTaskEvent(space, task, 'task.updated');
  }
  if (status !== undefined) moveTask(space, task, status, reason ?? null);
}

export function deleteTask(space: Space, task: Task): void {
  if (task.endedAt === null) {
    endTask(space, task, 'canceled', 'deleted');
    closeReservations(space, task, 'canceled');
  }
  recordTaskEvent(space, task, 'task.deleted');
  purgeTask(space, task);
}

function moveTask(space: Space, task: Task, status: string, reason: string | null): void {
  switch (status) {
    case 'canceled':
    case 'completed':
      endTask(space, task, status, reason);
      recordTaskEvent(space, task, `task.${status}`);
      closeReservations(space, task, status);
      return;
    case 'wrapping':
      for (const reservation of space.reservationsOf(task))
        if (reservation.status === 'accepted') wrapReservation(space, reservation);
      return;
  }
}

/** The message names Task, Workspace and account, as TaskRouter's does. */
function checkMove(space: Space, task: Task, status: string): void {
  const from: Record<string, readonly string[]> = {
    canceled: ['pending', 'reserved'],
    completed: ['assigned', 'wrapping'],
    wrapping: ['assigned'],
  };
  const allowed = from[status];
  const where = `in workspace ${space.workspace.sid} and account ${space.engine.accountSid}`;
  if (allowed === undefined) throw invalid(`Invalid AssignmentStatus '${status}'`);
  if (!allowed.includes(task.status))
    throw invalid(
      `Cannot move task ${task.sid} ${where} to ${status}: it is ${task.status}, not ${allowed.join(' or ')}`,
    );
}

function send(space: Space, task: Task, queueSid: string | undefined): void {
  const workflow = task.workflowSid === null ? undefined : space.workflows.get(task.workflowSid);
  if (task.routingTarget !== null) {
    enqueueTask(space, task);
    if (queueSid !== undefined) enterQueue(space, task, queueSid);
  } else if (queueSid !== undefined) enterQueue(space, task, queueSid);
  else if (workflow !== undefined) enterWorkflow(space, task, workflow);
}

function chooseWorkflow(space: Space, input: NewTask): string | null {
  if (input.workflowSid !== undefined) {
    if (!space.workflows.has(input.workflowSid))
      throw invalid(`Workflow ${input.workflowSid} does not exist`);
    return input.workflowSid;
  }
  const only = space.workflows.size === 1 ? [...space.workflows.keys()][0] : undefined;
  if (only !== undefined) return only;
  if (input.taskQueueSid !== undefined || input.routingTarget !== undefined) return null;
  throw invalid('WorkflowSid is required');
}

function expire(space: Space, task: Task): void {
  if (task.status !== 'pending' && task.status !== 'reserved') return;
  moveTask(space, task, 'canceled', 'Task TTL Exceeded');
}

function checkPriority(priority: number): number {
  if (Number.isInteger(priority) && priority >= 0 && priority <= 2 ** 31 - 1) return priority;
  throw invalid('Invalid Priority: it must be a whole number between 0 and 2147483647');
}

function checkTimeout(seconds: number): number {
  if (Number.isInteger(seconds) && seconds > 0 && seconds <= TIMEOUT_MAX_SECONDS) return seconds;
  throw invalid(`Invalid Timeout: it must be between 1 and ${TIMEOUT_MAX_SECONDS} seconds`);
}

/** TaskQueues and Workflows: where Tasks wait, and how they get there. */

import type { Payload, TaskQueue, Workflow } from './model.ts';
import { operatingUnit } from './payload.ts';
import { invalid } from './refusal.ts';
import type { Space } from './space.ts';
import { recordStructureEvent } from './structure-events.ts';
import { enqueueTask } from './task-state.ts';
import { checkExpression, validateName } from './validation.ts';
import { parseConfiguration } from './workflow.ts';

export type QueuePatch = Partial<
  Pick<
    TaskQueue,
    | 'friendlyName'
    | 'targetWorkers'
    | 'maxReservedWorkers'
    | 'taskOrder'
    | 'reservationActivitySid'
    | 'assignmentActivitySid'
  >
>;

export function createQueue(space: Space, input: QueuePatch & { friendlyName: string }): TaskQueue {
  checkQueue(space, input);
  const queue: TaskQueue = {
    targetWorkers: '1==1',
    maxReservedWorkers: 1,
    taskOrder: 'FIFO',
    reservationActivitySid: null,
    assignmentActivitySid: null,
    ...input,
    ...space.newResource(space.stableSid('WQ', input.friendlyName)),
  };
  space.queues.set(queue.sid, queue);
  const fields = { ...queueFields(queue), operating_unit_sid: operatingUnit(space) };
  recordStructureEvent(space, 'task-queue.created', queue.sid, fields);
  return queue;
}

export function updateQueue(space: Space, queue: TaskQueue, patch: QueuePatch): void {
  checkQueue(space, { friendlyName: queue.friendlyName, ...patch });
  const changed = patch.targetWorkers !== undefined && patch.targetWorkers !== queue.targetWorkers;
  Object.assign(queue, patch, { dateUpdated: space.now() });
  for (const task of space.tasks.values())
    if (task.taskQueueSid === queue.sid && space.waiting.has(task.sid)) enqueueTask(space, task);
  space.reroute();
  if (changed)
    recordStructureEvent(space, 'task-queue.expression.updated', queue.sid, queueFields(queue));
}

export function deleteQueue(space: Space, queue: TaskQueue): void {
  for (const task of space.tasks.values())
    if (task.taskQueueSid === queue.sid && task.endedAt === null)
      throw invalid(`TaskQueue ${queue.sid} has Tasks and cannot be deleted`);
  space.queues.delete(queue.sid);
  recordStructureEvent(space, 'task-queue.deleted', queue.sid, queueFields(queue));
}

export type WorkflowPatch = Partial<
  Pick<
    Workflow,
    | 'friendlyName'
    | 'configuration'
    | 'taskReservationTimeout'
    | 'assignmentCallbackUrl'
    | 'fallbackAssignmentCallbackUrl'
  >
>;

export function createWorkflow(
  space: Space,
  input: WorkflowPatch & { friendlyName: string; configuration: string },
): Workflow {
  checkWorkflow(space, input);
  const workflow: Workflow = {
    taskReservationTimeout: 120,
    assignmentCallbackUrl: null,
    fallbackAssignmentCallbackUrl: null,
    ...input,
    ...space.newResource(space.stableSid('WW', input.friendlyName)),
  };
  space.workflows.set(workflow.sid, workflow);
  recordStructureEvent(space, 'workflow.created', workflow.sid, workflowFields(workflow));
  return workflow;
}

export function updateWorkflow(space: Space, workflow: Workflow, patch: WorkflowPatch): void {
  checkWorkflow(space, { ...workflow, ...patch });
  Object.assign(workflow, patch, { dateUpdated: space.now() });
  recordStructureEvent(space, 'workflow.updated', workflow.sid, workflowFields(workflow));
}

export function deleteWorkflow(space: Space, workflow: Workflow): void {
  for (const task of space.tasks.values())
    if (task.workflowSid === workflow.sid && task.endedAt === null)
      throw invalid(`Workflow ${workflow.sid} has Tasks and cannot be deleted`);
  space.workflows.delete(workflow.sid);
  recordStructureEvent(space, 'workflow.deleted', workflow.sid, workflowFields(workflow));
}

function checkQueue(space: Space, input: QueuePatch & { friendlyName: string }): void {
  validateName('FriendlyName', input.friendlyName);
  if (input.targetWorkers !== undefined) checkExpression('TargetWorkers', input.targetWorkers);
  const max = input.maxReservedWorkers ?? 1;
  if (!Number.isInteger(max) || max < 1 || max > 50)
    throw invalid('Invalid MaxReservedWorkers: it must be between 1 and 50');
  for (const sid of [input.reservationActivitySid, input.assignmentActivitySid])
    if (sid != null && !space.activities.has(sid)) throw invalid(`Activity ${sid} does not exist`);
}

function checkWorkflow(space: Space, input: WorkflowPatch & { configuration: string }): void {
  validateName('FriendlyName', input.friendlyName ?? '');
  for (const { targets } of parseConfiguration(input.configuration))
    for (const { queue } of targets)
      if (!space.queues.has(queue)) throw invalid(`TaskQueue ${queue} does not exist`);
}

function queueFields(queue: TaskQueue): Payload {
  return {
    task_queue_sid: queue.sid,
    task_queue_name: queue.friendlyName,
    task_queue_target_expression: queue.targetWorkers,
  };
}

function workflowFields(workflow: Workflow): Payload {
  return { workflow_sid: workflow.sid, workflow_name: workflow.friendlyName };
}

/**
 * The fields of an event's payload, in snake_case groups that callbacks, Event Streams and the
 * Events list are all built from.
 */
import { availablePercentage } from './capacity.ts';
import type { Payload, Reservation, Task, Worker, WorkerChannel } from './model.ts';
import type { Space } from './space.ts';

export function workerFields(space: Space, worker: Worker): Payload {
  return {
    worker_sid: worker.sid,
    worker_name: worker.friendlyName,
    worker_attributes: worker.attributes,
    worker_activity_sid: worker.activitySid,
    worker_activity_name: space.activityOf(worker).friendlyName,
    worker_version: worker.version,
    operating_unit_sid: operatingUnit(space),
  };
}

export function workerChannelFields(
  channel: WorkerChannel,
  previousCapacity: number,
  unit: 'percent' | 'tasks',
): Payload {
  const { configuredCapacity, open } = channel;
  return {
    worker_channel_available: channel.available,
    worker_channel_available_capacity:
      unit === 'percent'
        ? availablePercentage(open.size, configuredCapacity)
        : Math.max(0, configuredCapacity - open.size),
    worker_channel_previous_capacity: previousCapacity,
    worker_channel_capacity: channel.configuredCapacity,
    worker_channel_task_count: channel.accepted.size,
    task_channel_sid: channel.taskChannelSid,
    task_channel_unique_name: channel.taskChannelUniqueName,
  };
}

export function taskFields(space: Space, task: Task): Payload {
  const queue = task.taskQueueSid === null ? undefined : space.queues.get(task.taskQueueSid);
  const workflow = task.workflowSid === null ? undefined : space.workflows.get(task.workflowSid);
  const channel = space.taskChannels.get(task.taskChannelSid);
  return {
    task_sid: task.sid,
    task_attributes: task.attributes,
    task_age: Math.floor((space.now() - task.dateCreated) / 1000),
    task_priority: task.priority,
    task_assignment_status: task.status,
    task_canceled_reason: task.status === 'canceled' ? task.reason : null,
    task_completed_reason: task.status === 'completed' ? task.reason : null,
    task_version: task.version,
    task_channel_sid: task.taskChannelSid,
    task_channel_unique_name: channel?.uniqueName ?? null,
    task_ignore_capacity: task.ignoreCapacity,
    task_routing_target: task.routingTarget,
    task_date_created: seconds(task.dateCreated),
    task_virtual_start_time: seconds(task.virtualStartTime),
    task_queue_entered_date: task.taskQueueSid === null ? null : seconds(task.queueEnteredAt),
    task_queue_sid: task.taskQueueSid,
    task_queue_name: queue?.friendlyName ?? null,
    task_queue_target_expression: queue?.targetWorkers ?? null,
    workflow_sid: task.workflowSid,
    workflow_name: workflow?.friendlyName ?? null,
  };
}

export function reservationFields(space: Space, reservation: Reservation): Payload {
  const worker = space.workers.get(reservation.workerSid);
  const task = space.tasks.get(reservation.taskSid);
  const channel = worker && task ? worker.channels.get(task.taskChannelSid) : undefined;
  return {
    ...(task ? taskFields(space, task) : {}),
    ...(worker ? workerFields(space, worker) : {}),
    reservation_sid: reservation.sid,
    reservation_version: reservation.version,
    reservation_status: reservation.status,
    reservation_timeout: reservation.timeoutSeconds,
    worker_channel_capacity: channel?.configuredCapacity ?? null,
    worker_channel_consumed_capacity: channel?.open.size ?? null,
  };
}

export function operatingUnit(space: Space): string {
  return `OU${space.engine.accountSid.slice(2)}`;
}

function seconds(at: number): number {
  return Math.floor(at / 1000);
}

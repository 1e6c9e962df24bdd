/** Workers, Tasks, Reservations and events as TaskRouter returns them. */
import { callbackFields } from '../world/callback-fields.ts';
import type { EventRecord, Reservation, Task, Worker } from '../world/model.ts';
import type { Space } from '../world/space.ts';
import { iso, urlsOf } from './views.ts';

/**
 * `channels` and `worker_channels` are the same URL; all statistics links but `worker_statistics`
 * point to the whole collection.
 */
export function workerView(base: string, space: Space, worker: Worker) {
  const url = urlsOf(base, space);
  const own = (path = '') => url(`/Workers/${worker.sid}${path}`);
  const activity = space.activityOf(worker);
  return {
    account_sid: space.engine.accountSid,
    activity_name: activity.friendlyName,
    activity_sid: activity.sid,
    attributes: worker.attributes,
    available: activity.available,
    date_created: iso(worker.dateCreated),
    date_status_changed: iso(worker.dateStatusChanged),
    date_updated: iso(worker.dateUpdated),
    friendly_name: worker.friendlyName,
    sid: worker.sid,
    workspace_sid: space.workspace.sid,
    url: own(),
    links: {
      channels: own('/Channels'),
      activity: url(`/Activities/${activity.sid}`),
      workspace: url(),
      statistics: url('/Workers/Statistics'),
      real_time_statistics: url('/Workers/RealTimeStatistics'),
      cumulative_statistics: url('/Workers/CumulativeStatistics'),
      worker_statistics: own('/Statistics'),
      worker_channels: own('/Channels'),
      reservations: own('/Reservations'),
    },
  };
}

export function taskView(base: string, space: Space, task: Task) {
  const url = urlsOf(base, space);
  const queue = task.taskQueueSid === null ? undefined : space.queues.get(task.taskQueueSid);
  const workflow = task.workflowSid === null ? undefined : space.workflows.get(task.workflowSid);
  return {
    account_sid: space.engine.accountSid,
    age: Math.max(0, Math.floor((space.now() - task.dateCreated) / 1000)),
    assignment_status: task.status,
    attributes: task.attributes,
    addons: '{}',
    date_created: iso(task.dateCreated),
    date_updated: iso(task.dateUpdated),
    task_queue_entered_date: task.taskQueueSid === null ? null : iso(task.queueEnteredAt),
    priority: task.priority,
    reason: task.reason,
    sid: task.sid,
    task_queue_sid: task.taskQueueSid,
    task_queue_friendly_name: queue?.friendlyName ?? null,
    task_channel_sid: task.taskChannelSid,
    task_channel_unique_name: space.taskChannels.get(task.taskChannelSid)?.uniqueName ?? null,
    timeout: task.timeout,
    workflow_sid: task.workflowSid,
    workflow_friendly_name: workflow?.friendlyName ?? null,
    workspace_sid: space.workspace.sid,
    virtual_start_time: iso(task.virtualStartTime),
    ignore_capacity: task.ignoreCapacity,
    routing_target: task.routingTarget,
    url: url(`/Tasks/${task.sid}`),
    links: {
      task_queue: task.taskQueueSid === null ? null : url(`/TaskQueues/${task.taskQueueSid}`),
      workflow: task.workflowSid === null ? null : url(`/Workflows/${task.workflowSid}`),
      workspace: url(),
      reservations: url(`/Tasks/${task.sid}/Reservations`),
    },
  };
}

/** `under` is the collection it was requested from: a Task's or a Worker's. */
export function reservationView(
  base: string,
  space: Space,
  { reservation, under }: { reservation: Reservation; under: 'Tasks' | 'Workers' },
) {
  const url = urlsOf(base, space);
  const owner = under === 'Tasks' ? reservation.taskSid : reservation.workerSid;
  return {
    account_sid: space.engine.accountSid,
    date_created: iso(reservation.dateCreated),
    date_updated: iso(reservation.dateUpdated),
    reservation_status: reservation.status,
    sid: reservation.sid,
    task_sid: reservation.taskSid,
    worker_name: space.workers.get(reservation.workerSid)?.friendlyName ?? null,
    worker_sid: reservation.workerSid,
    workspace_sid: space.workspace.sid,
    url: url(`/${under}/${owner}/Reservations/${reservation.sid}`),
    links: {
      task: url(`/Tasks/${reservation.taskSid}`),
      worker: url(`/Workers/${reservation.workerSid}`),
      workspace: url(),
    },
  };
}

const FOLDERS: Readonly<Record<string, string>> = {
  worker: 'Workers',
  task: 'Tasks',
  activity: 'Activities',
  workflow: 'Workflows',
  'task-queue': 'TaskQueues',
  'task-channel': 'TaskChannels',
};

/** The Events list includes who made a change and from where; callbacks do not. */
export function eventView(base: string, space: Space, event: EventRecord) {
  const url = urlsOf(base, space);
  const { by } = event;
  return {
    account_sid: space.engine.accountSid,
    actor_sid: by.sid,
    actor_type: by.type,
    actor_url:
      by.type === 'workspace' ? url() : by.type === 'worker' ? url(`/Workers/${by.sid}`) : null,
    description: event.description,
    event_data: {
      ...Object.fromEntries(callbackFields(event).map(([name, value]) => [name, String(value)])),
      workspace_name: event.workspaceName,
      workspace_sid: event.workspaceSid,
    },
    event_date: iso(event.at),
    event_date_ms: event.at,
    event_type: event.type,
    resource_sid: event.resourceSid,
    resource_type: event.resourceType,
    resource_url: resourceUrl(url, event),
    sid: event.sid,
    source: 'twilio',
    source_ip_address: by.sourceIp,
    workspace_sid: event.workspaceSid,
    url: url(`/Events/${event.sid}`),
  };
}

function resourceUrl(url: (path?: string) => string, event: EventRecord): string {
  if (event.resourceType === 'reservation')
    return url(`/Tasks/${String(event.payload.task_sid)}/Reservations/${event.resourceSid}`);
  const folder = FOLDERS[event.resourceType];
  return folder === undefined ? url() : url(`/${folder}/${event.resourceSid}`);
}

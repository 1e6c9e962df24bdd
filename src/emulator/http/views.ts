/**
 * The set-up of a Workspace as TaskRouter returns it: exact field names, ISO dates in whole
 * seconds, absolute links.
 */

import { availablePercentage } from '../world/capacity.ts';
import type { Activity, TaskChannel, TaskQueue, WorkerChannel, Workflow } from '../world/model.ts';
import type { Space } from '../world/space.ts';

export function iso(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** URLs below one Workspace, at the emulator's public address. */
export function urlsOf(base: string, space: Space) {
  const root = `${base}/v1/Workspaces/${space.workspace.sid}`;
  return (path = '') => `${root}${path}`;
}

function common(space: Space, item: { dateCreated: number; dateUpdated: number; sid: string }) {
  return {
    account_sid: space.engine.accountSid,
    date_created: iso(item.dateCreated),
    date_updated: iso(item.dateUpdated),
    sid: item.sid,
  };
}

export function workspaceView(base: string, space: Space) {
  const { workspace } = space;
  const url = urlsOf(base, space);
  return {
    ...common(space, workspace),
    friendly_name: workspace.friendlyName,
    event_callback_url: workspace.eventCallbackUrl,
    events_filter: workspace.eventsFilter,
    default_activity_sid: workspace.defaultActivitySid,
    default_activity_name: space.activity(workspace.defaultActivitySid).friendlyName,
    timeout_activity_sid: workspace.timeoutActivitySid,
    timeout_activity_name: space.activity(workspace.timeoutActivitySid).friendlyName,
    multi_task_enabled: workspace.multiTaskEnabled,
    prioritize_queue_order: workspace.prioritizeQueueOrder,
    url: url(),
    links: {
      activities: url('/Activities'),
      statistics: url('/Statistics'),
      real_time_statistics: url('/RealTimeStatistics'),
      cumulative_statistics: url('/CumulativeStatistics'),
      task_queues: url('/TaskQueues'),
      tasks: url('/Tasks'),
      workers: url('/Workers'),
      workflows: url('/Workflows'),
      task_channels: url('/TaskChannels'),
      events: url('/Events'),
    },
  };
}

export function activityView(base: string, space: Space, activity: Activity) {
  const url = urlsOf(base, space);
  return {
    ...common(space, activity),
    available: activity.available,
    friendly_name: activity.friendlyName,
    workspace_sid: space.workspace.sid,
    url: url(`/Activities/${activity.sid}`),
    links: { workspace: url() },
  };
}

export function taskChannelView(base: string, space: Space, channel: TaskChannel) {
  const url = urlsOf(base, space);
  return {
    ...common(space, channel),
    friendly_name: channel.friendlyName,
    unique_name: channel.uniqueName,
    workspace_sid: space.workspace.sid,
    channel_optimized_routing: channel.channelOptimizedRouting,
    url: url(`/TaskChannels/${channel.sid}`),
    links: { workspace: url() },
  };
}

export function queueView(base: string, space: Space, queue: TaskQueue) {
  const url = urlsOf(base, space);
  const own = (path: string) => url(`/TaskQueues/${queue.sid}${path}`);
  const name = (sid: string | null) =>
    sid === null ? null : (space.activities.get(sid)?.friendlyName ?? null);
  const activity = (sid: string | null) => (sid === null ? null : url(`/Activities/${sid}`));
  return {
    ...common(space, queue),
    assignment_activity_sid: queue.assignmentActivitySid,
    assignment_activity_name: name(queue.assignmentActivitySid),
    reservation_activity_sid: queue.reservationActivitySid,
    reservation_activity_name: name(queue.reservationActivitySid),
    friendly_name: queue.friendlyName,
    max_reserved_workers: queue.maxReservedWorkers,
    target_workers: queue.targetWorkers,
    task_order: queue.taskOrder,
    workspace_sid: space.workspace.sid,
    url: own(''),
    links: {
      assignment_activity: activity(queue.assignmentActivitySid),
      reservation_activity: activity(queue.reservationActivitySid),
      workspace: url(),
      statistics: own('/Statistics'),
      real_time_statistics: own('/RealTimeStatistics'),
      cumulative_statistics: own('/CumulativeStatistics'),
      list_statistics: url('/TaskQueues/Statistics'),
      bulk_real_time_statistics: url('/TaskQueues/RealTimeStatistics'),
    },
  };
}

export function workflowView(base: string, space: Space, workflow: Workflow) {
  const own = (path = '') => urlsOf(base, space)(`/Workflows/${workflow.sid}${path}`);
  return {
    ...common(space, workflow),
    friendly_name: workflow.friendlyName,
    configuration: workflow.configuration,
    document_content_type: 'application/json',
    assignment_callback_url: workflow.assignmentCallbackUrl,
    fallback_assignment_callback_url: workflow.fallbackAssignmentCallbackUrl,
    task_reservation_timeout: workflow.taskReservationTimeout,
    workspace_sid: space.workspace.sid,
    url: own(),
    links: {
      statistics: own('/Statistics'),
      real_time_statistics: own('/RealTimeStatistics'),
      cumulative_statistics: own('/CumulativeStatistics'),
    },
  };
}

/** The URL ends in the Worker Channel's SID even if it was requested by name. */
export function workerChannelView(base: string, space: Space, channel: WorkerChannel) {
  return {
    ...common(space, channel),
    assigned_tasks: channel.accepted.size,
    available: channel.available,
    available_capacity_percentage: availablePercentage(
      channel.open.size,
      channel.configuredCapacity,
    ),
    configured_capacity: channel.configuredCapacity,
    task_channel_sid: channel.taskChannelSid,
    task_channel_unique_name: channel.taskChannelUniqueName,
    worker_sid: channel.workerSid,
    workspace_sid: space.workspace.sid,
    url: urlsOf(base, space)(`/Workers/${channel.workerSid}/Channels/${channel.sid}`),
  };
}

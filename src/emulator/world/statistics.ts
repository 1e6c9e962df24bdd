/**
 * The figures of TaskRouter's statistics: real-time ones from the current state, cumulative ones
 * from the events of a span of time.
 */
import type { Activity, EventRecord, Task, Worker } from './model.ts';
import { queueWorkers } from './scope.ts';
import type { Space } from './space.ts';

export interface ActivityCount {
  readonly sid: string;
  readonly friendly_name: string;
  readonly workers: number;
}

export function activityStatistics(space: Space, workers: readonly Worker[]): ActivityCount[] {
  const counts = new Map<string, number>();
  for (const { activitySid } of workers)
    counts.set(activitySid, (counts.get(activitySid) ?? 0) + 1);
  return [...space.activities.values()].map((activity) => ({
    sid: activity.sid,
    friendly_name: activity.friendlyName,
    workers: counts.get(activity.sid) ?? 0,
  }));
}

/** Of the Tasks that `belongs` picks; ended ones are never counted. */
export function taskStatistics(space: Space, belongs: (task: Task) => boolean) {
  const tasks = [...space.tasks.values()].filter((task) => task.endedAt === null && belongs(task));
  const byStatus = { pending: 0, reserved: 0, assigned: 0, wrapping: 0 };
  const byPriority: Record<string, number> = {};
  for (const task of tasks) {
    if (task.status in byStatus) byStatus[task.status as keyof typeof byStatus] += 1;
    byPriority[task.priority] = (byPriority[task.priority] ?? 0) + 1;
  }
  const waiting = tasks.filter(({ status }) => status === 'pending' || status === 'reserved');
  const oldest = least(waiting, (task) => task.dateCreated);
  const longestHere = least(waiting, (task) => task.queueEnteredAt);
  return {
    longest_task_waiting_age: oldest ? age(space, oldest.dateCreated) : 0,
    longest_task_waiting_sid: oldest?.sid ?? null,
    longest_relative_task_age_in_queue: longestHere ? age(space, longestHere.queueEnteredAt) : 0,
    longest_relative_task_sid_in_queue: longestHere?.sid ?? null,
    tasks_by_priority: byPriority,
    tasks_by_status: byStatus,
    total_tasks: tasks.length,
  };
}

/** `total_available_workers` considers the Activity alone, not Worker Channels. */
export function queueStatistics(space: Space, queueSid: string, channelSid: string | null) {
  const workers = queueWorkers(space, space.queue(queueSid).targetWorkers);
  const available = workers.filter((worker) => space.activityOf(worker).available);
  return {
    ...taskStatistics(
      space,
      (task) =>
        task.taskQueueSid === queueSid &&
        (channelSid === null || task.taskChannelSid === channelSid),
    ),
    activity_statistics: activityStatistics(space, workers),
    total_available_workers: available.length,
    total_eligible_workers: workers.length,
  };
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

export function eventsIn(space: Space, span: Span): EventRecord[] {
  return space.engine.events.filter(
    (event) =>
      event.workspaceSid === space.workspace.sid && event.at >= span.start && event.at <= span.end,
  );
}

export function reservationCounts(events: readonly EventRecord[]) {
  return {
    reservations_created: count(events, 'reservation.created'),
    reservations_accepted: count(events, 'reservation.accepted'),
    reservations_rejected: count(events, 'reservation.rejected'),
    reservations_timed_out: count(events, 'reservation.timeout'),
    reservations_canceled: count(events, 'reservation.canceled'),
    reservations_rescinded: count(events, 'reservation.rescinded'),
  };
}

/** What Workspace, TaskQueue and Workflow share; `split` holds the thresholds in seconds. */
export function flowStatistics(events: readonly EventRecord[], split: readonly number[]) {
  const accepted = events.filter(({ type }) => type === 'reservation.accepted');
  const canceled = events.filter(({ type }) => type === 'task.canceled');
  const untilAccepted = accepted.map((event) => waited(event, 'task_date_created'));
  const untilCanceled = canceled.map((event) => waited(event, 'task_date_created'));
  const inQueue = accepted.map((event) => waited(event, 'task_queue_entered_date'));
  const splits = split.map((seconds) => {
    const side = (holds: (wait: number) => boolean) => ({
      tasks_canceled: untilCanceled.filter(holds).length,
      reservations_accepted: untilAccepted.filter(holds).length,
    });
    return [
      String(seconds),
      { above: side((wait) => wait > seconds), below: side((wait) => wait <= seconds) },
    ];
  });
  return {
    ...reservationCounts(events),
    avg_task_acceptance_time: spread(untilAccepted).avg,
    split_by_wait_time: splits.length === 0 ? null : Object.fromEntries(splits),
    wait_duration_until_accepted: spread(untilAccepted),
    wait_duration_until_canceled: spread(untilCanceled),
    wait_duration_in_queue_until_accepted: spread(inQueue),
    tasks_canceled: canceled.length,
    tasks_completed: count(events, 'task.completed'),
    tasks_created: count(events, 'task.created'),
    tasks_deleted: count(events, 'task.deleted'),
    tasks_entered: count(events, 'task-queue.entered'),
    tasks_moved: count(events, 'task-queue.moved'),
    tasks_timed_out_in_workflow: count(events, 'workflow.timeout'),
  };
}

/** Time in each Activity: spells that ended within the span, and current ones. */
export function activityDurations(
  space: Space,
  workers: readonly Worker[],
  { events, span }: { events: readonly EventRecord[]; span: Span },
) {
  const lengths = new Map<string, number[]>();
  const add = (sid: string, seconds: number) =>
    lengths.set(sid, [...(lengths.get(sid) ?? []), Math.max(0, Math.floor(seconds))]);
  const wanted = new Set(workers.map(({ sid }) => sid));
  for (const { type, payload, at } of events) {
    if (type !== 'worker.activity.update' || !wanted.has(String(payload.worker_sid))) continue;
    const lasted = Number(payload.worker_time_in_previous_activity_ms);
    add(
      String(payload.worker_previous_activity_sid),
      (at - Math.max(at - lasted, span.start)) / 1000,
    );
  }
  for (const worker of workers)
    if (worker.dateStatusChanged <= span.end)
      add(worker.activitySid, (span.end - Math.max(worker.dateStatusChanged, span.start)) / 1000);
  return [...space.activities.values()].map((activity: Activity) => ({
    sid: activity.sid,
    friendly_name: activity.friendlyName,
    ...spread(lengths.get(activity.sid) ?? []),
  }));
}

function waited(event: EventRecord, since: string): number {
  const from = event.payload[since];
  return Math.max(0, Math.floor(event.at / 1000) - Number(from ?? 0));
}

function spread(values: readonly number[]) {
  const total = values.reduce((sum, value) => sum + value, 0);
  return {
    avg: values.length === 0 ? 0 : Math.floor(total / values.length),
    min: values.length === 0 ? 0 : Math.min(...values),
    max: values.length === 0 ? 0 : Math.max(...values),
    total,
  };
}

function count(events: readonly EventRecord[], type: string): number {
  return events.filter((event) => event.type === type).length;
}

function least<T>(items: readonly T[], key: (item: T) => number): T | undefined {
  return items.reduce<T | undefined>(
    (best, item) => (best === undefined || key(item) < key(best) ? item : best),
    undefined,
  );
}

function age(space: Space, since: number): number {
  return Math.max(0, Math.floor((space.now() - since) / 1000));
}

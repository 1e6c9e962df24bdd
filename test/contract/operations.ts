// Every operation of TaskRouter as one call of the official SDK, by the name in Twilio's own
// description, in an order in which each finds what it needs. What a call creates is kept for those
// after it.

import type twilio from 'twilio';
import type { WorkspaceContext } from 'twilio/lib/rest/taskrouter/v1/workspace.js';

export type TaskRouter = ReturnType<typeof twilio>['taskrouter']['v1'];
export type Space = WorkspaceContext;

const KINDS = {
  ...{ activity: 'WA', taskChannel: 'TC', queue: 'WQ', workflow: 'WW', worker: 'WK' },
  ...{ channel: 'WC', task: 'WT', spareTask: 'WT', reservation: 'WR', event: 'EV' },
} as const;
export type Kind = keyof typeof KINDS;
export type Sids = Record<Kind, string>;

/** Valid SIDs of nothing that exists. */
export const NOWHERE = Object.fromEntries(
  Object.entries(KINDS).map(([kind, prefix]) => [kind, prefix + '0'.repeat(32)]),
) as Sids;

export interface Operation {
  readonly name: string;
  /** The resource that it is called on; null: the Workspace itself. */
  readonly of: Kind | null;
  readonly call: (space: Space, sids: Sids) => Promise<unknown>;
  /** The resource whose SID its response contains; of a list, the first. */
  readonly keeps?: Kind;
}

const flow = (queue: string) =>
  JSON.stringify({ task_routing: { filters: [], default_filter: { queue } } });

const makes = (
  name: string,
  keeps: Kind,
  call: Operation['call'],
  of: Kind | null = null,
): Operation => ({ name, of, call, keeps });
const asks = (name: string, of: Kind | null, call: Operation['call']): Operation => ({
  name,
  of,
  call,
});

export const CREATIONS: readonly Operation[] = [
  makes('CreateActivity', 'activity', (w) =>
    w.activities.create({ friendlyName: 'At the desk', available: true }),
  ),
  makes('CreateTaskChannel', 'taskChannel', (w) =>
    w.taskChannels.create({ friendlyName: 'Letters', uniqueName: 'letters' }),
  ),
  makes('CreateTaskQueue', 'queue', (w) =>
    w.taskQueues.create({ friendlyName: 'Letters', targetWorkers: 'skills HAS "letters"' }),
  ),
  makes('CreateWorkflow', 'workflow', (w, s) =>
    w.workflows.create({ friendlyName: 'All of it', configuration: flow(s.queue) }),
  ),
  makes('CreateWorker', 'worker', (w, s) =>
    w.workers.create({
      friendlyName: 'Ana',
      attributes: '{"skills":["letters"]}',
      activitySid: s.activity,
    }),
  ),
  makes('CreateTask', 'task', (w, s) =>
    w.tasks.create({ taskChannel: 'letters', workflowSid: s.workflow, attributes: '{"n":1}' }),
  ),
  makes('CreateTask', 'spareTask', (w, s) =>
    w.tasks.create({ taskChannel: 'letters', workflowSid: s.workflow, attributes: '{"n":2}' }),
  ),
];

/** Reads alone, for any Workspace. Lists come first, so that the rest finds something. */
export const READS: readonly Operation[] = [
  makes('ListActivity', 'activity', (w) => w.activities.list({ limit: 1 })),
  makes('ListTaskChannel', 'taskChannel', (w) => w.taskChannels.list({ limit: 20 })),
  makes('ListTaskQueue', 'queue', (w) => w.taskQueues.list({ limit: 1 })),
  makes('ListWorkflow', 'workflow', (w) => w.workflows.list({ limit: 1 })),
  makes('ListWorker', 'worker', (w) => w.workers.list({ limit: 1 })),
  makes('ListTask', 'task', (w) => w.tasks.list({ limit: 1 })),
  makes('ListEvent', 'event', (w) => w.events.list({ limit: 1 })),
  makes(
    'ListWorkerChannel',
    'channel',
    (w, s) => w.workers(s.worker).workerChannels.list({ limit: 20 }),
    'worker',
  ),
  asks('ListWorkerReservation', 'worker', (w, s) =>
    w.workers(s.worker).reservations.list({ limit: 1 }),
  ),
  makes(
    'ListTaskReservation',
    'reservation',
    (w, s) => w.tasks(s.task).reservations.list({ limit: 1 }),
    'task',
  ),
  asks('FetchWorkspace', null, (w) => w.fetch()),
  asks('FetchActivity', 'activity', (w, s) => w.activities(s.activity).fetch()),
  asks('FetchTaskChannel', 'taskChannel', (w, s) => w.taskChannels(s.taskChannel).fetch()),
  asks('FetchTaskQueue', 'queue', (w, s) => w.taskQueues(s.queue).fetch()),
  asks('FetchWorkflow', 'workflow', (w, s) => w.workflows(s.workflow).fetch()),
  asks('FetchWorker', 'worker', (w, s) => w.workers(s.worker).fetch()),
  asks('FetchWorkerChannel', 'channel', (w, s) =>
    w.workers(s.worker).workerChannels(s.channel).fetch(),
  ),
  asks('FetchTask', 'task', (w, s) => w.tasks(s.task).fetch()),
  asks('FetchTaskReservation', 'reservation', (w, s) =>
    w.tasks(s.task).reservations(s.reservation).fetch(),
  ),
  asks('FetchWorkerReservation', 'reservation', async (w, s) => {
    const { workerSid } = await w
      .tasks(s.task)
      .reservations(s.reservation)
      .fetch()
      .catch(() => ({ workerSid: s.worker }));
    return w.workers(workerSid).reservations(s.reservation).fetch();
  }),
  asks('FetchEvent', 'event', (w, s) => w.events(s.event).fetch()),
  asks('FetchWorkspaceStatistics', null, (w) => w.statistics().fetch({ minutes: 60 })),
  asks('FetchWorkspaceRealTimeStatistics', null, (w) => w.realTimeStatistics().fetch()),
  asks('FetchWorkspaceCumulativeStatistics', null, (w) =>
    w.cumulativeStatistics().fetch({ splitByWaitTime: '5,60' }),
  ),
  asks('FetchWorkerStatistics', null, (w) => w.workers.statistics().fetch()),
  asks('FetchWorkersRealTimeStatistics', null, (w) => w.workers.realTimeStatistics().fetch()),
  asks('FetchWorkersCumulativeStatistics', null, (w) => w.workers.cumulativeStatistics().fetch()),
  asks('FetchWorkerInstanceStatistics', 'worker', (w, s) =>
    w.workers(s.worker).statistics().fetch(),
  ),
  asks('ListTaskQueuesStatistics', null, (w) => w.taskQueues.statistics.list({ limit: 1 })),
  asks('CreateTaskQueueBulkRealTimeStatistics', null, (w, s) =>
    w.taskQueues.bulkRealTimeStatistics.create({ TaskQueueSids: [s.queue] }),
  ),
  asks('FetchTaskQueueStatistics', 'queue', (w, s) => w.taskQueues(s.queue).statistics().fetch()),
  asks('FetchTaskQueueRealTimeStatistics', 'queue', (w, s) =>
    w.taskQueues(s.queue).realTimeStatistics().fetch(),
  ),
  asks('FetchTaskQueueCumulativeStatistics', 'queue', (w, s) =>
    w.taskQueues(s.queue).cumulativeStatistics().fetch(),
  ),
  asks('FetchWorkflowStatistics', 'workflow', (w, s) =>
    w.workflows(s.workflow).statistics().fetch(),
  ),
  asks('FetchWorkflowRealTimeStatistics', 'workflow', (w, s) =>
    w.workflows(s.workflow).realTimeStatistics().fetch(),
  ),
  asks('FetchWorkflowCumulativeStatistics', 'workflow', (w, s) =>
    w.workflows(s.workflow).cumulativeStatistics().fetch(),
  ),
];

export const CHANGES: readonly Operation[] = [
  asks('UpdateWorkspace', null, (w) => w.update({ multiTaskEnabled: true })),
  asks('UpdateActivity', 'activity', (w, s) =>
    w.activities(s.activity).update({ friendlyName: 'At work' }),
  ),
  asks('UpdateTaskChannel', 'taskChannel', (w, s) =>
    w.taskChannels(s.taskChannel).update({ friendlyName: 'Post' }),
  ),
  asks('UpdateTaskQueue', 'queue', (w, s) =>
    w.taskQueues(s.queue).update({ maxReservedWorkers: 2 }),
  ),
  asks('UpdateWorkflow', 'workflow', (w, s) =>
    w.workflows(s.workflow).update({ taskReservationTimeout: 60 }),
  ),
  asks('UpdateTask', 'task', (w, s) => w.tasks(s.task).update({ priority: 3 })),
  asks('UpdateWorkerChannel', 'channel', (w, s) =>
    w.workers(s.worker).workerChannels(s.channel).update({ capacity: 2, available: true }),
  ),
  asks('UpdateTaskReservation', 'reservation', (w, s) =>
    w.tasks(s.task).reservations(s.reservation).update({ reservationStatus: 'accepted' }),
  ),
  asks('UpdateWorkerReservation', 'reservation', (w, s) =>
    w.workers(s.worker).reservations(s.reservation).update({ reservationStatus: 'completed' }),
  ),
  asks('UpdateWorker', 'worker', async (w, s) => {
    const [offline] = await w.activities.list({ available: 'false', limit: 1 });
    return w
      .workers(s.worker)
      .update({ activitySid: offline?.sid ?? '', rejectPendingReservations: true });
  }),
];

export const DELETIONS: readonly Operation[] = [
  asks('DeleteTask', 'spareTask', (w, s) => w.tasks(s.spareTask).remove()),
  asks('DeleteWorkflow', 'workflow', (w, s) => w.workflows(s.workflow).remove()),
  asks('DeleteTaskQueue', 'queue', (w, s) => w.taskQueues(s.queue).remove()),
  asks('DeleteWorker', 'worker', (w, s) => w.workers(s.worker).remove()),
  asks('DeleteTaskChannel', 'taskChannel', (w, s) => w.taskChannels(s.taskChannel).remove()),
  asks('DeleteActivity', 'activity', (w, s) => w.activities(s.activity).remove()),
];

/** The operations of a Workspace's life; the contract itself creates, lists and deletes it. */
export const LIFE: readonly Operation[] = [...CREATIONS, ...READS, ...CHANGES, ...DELETIONS];
export const DRIVEN: ReadonlySet<string> = new Set([
  ...['CreateWorkspace', 'ListWorkspace', 'DeleteWorkspace'],
  ...LIFE.map(({ name }) => name),
]);

/**
 * Statistics of the Workspace, its Workers, TaskQueues and Workflows: real-time, cumulative, and
 * both together.
 */
import type { EventRecord, TaskQueue, Worker } from '../../world/model.ts';
import { invalid } from '../../world/refusal.ts';
import { queueWorkers } from '../../world/scope.ts';
import type { Space } from '../../world/space.ts';
import {
  activityDurations,
  activityStatistics,
  eventsIn,
  flowStatistics,
  queueStatistics,
  reservationCounts,
  type Span,
  taskStatistics,
} from '../../world/statistics.ts';
import { type ApiContext, type Call, ok, type Params } from '../api.ts';
import { list } from '../paging.ts';
import { type Route, route } from '../router.ts';
import { iso } from '../views.ts';

const MINUTES = 15;
const BULK_MAX = 50;

const W = '/v1/Workspaces/:workspace';
const FLOW_OF_WORKSPACE = ['wait_duration_in_queue_until_accepted', 'tasks_entered'];
const FLOW_OF_QUEUE = ['tasks_created', 'tasks_timed_out_in_workflow'];
const FLOW_OF_WORKFLOW = ['wait_duration_in_queue_until_accepted', 'tasks_created'];

export const statisticsRoutes: Route[] = [
  route('GET', `${W}/Statistics`, (call, site) => both(call, site, workspaceParts(call, site))),
  ...flat(W, workspaceParts),
  route('GET', `${W}/Workers/Statistics`, (call, site) =>
    both(call, site, workersParts(call, site)),
  ),
  ...flat(`${W}/Workers`, workersParts),
  route('GET', `${W}/Workers/:worker/Statistics`, (call, site) => {
    const space = call.space(site);
    const worker = space.worker(call.param('worker'));
    const { cumulative } = peopleParts(call, space, [worker]);
    return ok({ ...identity(call, site), worker_sid: worker.sid, cumulative });
  }),
  route('GET', `${W}/TaskQueues/:queue/Statistics`, (call, site) =>
    both(call, site, queueParts(call, site)),
  ),
  ...flat(`${W}/TaskQueues/:queue`, queueParts),
  route('GET', `${W}/TaskQueues/Statistics`, listQueueStatistics),
  route('POST', `${W}/TaskQueues/RealTimeStatistics`, bulkQueueStatistics),
  route('GET', `${W}/Workflows/:workflow/Statistics`, (call, site) =>
    both(call, site, workflowParts(call, site)),
  ),
  ...flat(`${W}/Workflows/:workflow`, workflowParts),
];

interface Parts {
  readonly ids?: Record<string, string>;
  readonly realtime: object;
  readonly cumulative: object;
}

function flat(path: string, parts: (call: Call, site: ApiContext) => Parts): Route[] {
  return [
    route('GET', `${path}/RealTimeStatistics`, (call, site) => {
      const { ids, realtime } = parts(call, site);
      return ok({ ...identity(call, site), ...ids, ...realtime });
    }),
    route('GET', `${path}/CumulativeStatistics`, (call, site) => {
      const { ids, cumulative } = parts(call, site);
      return ok({ ...identity(call, site), ...ids, ...cumulative });
    }),
  ];
}

function both(call: Call, site: ApiContext, { ids, realtime, cumulative }: Parts) {
  return ok({ ...identity(call, site), ...ids, realtime, cumulative });
}

function identity(call: Call, site: ApiContext) {
  const space = call.space(site);
  return {
    account_sid: space.engine.accountSid,
    workspace_sid: space.workspace.sid,
    url: `${site.base()}${call.path}`,
  };
}

function workspaceParts(call: Call, site: ApiContext): Parts {
  const space = call.space(site);
  const channel = channelOf(space, call.query);
  const workers = [...space.workers.values()];
  return {
    realtime: {
      ...omit(
        taskStatistics(space, (task) => channel === null || task.taskChannelSid === channel),
        RELATIVE,
      ),
      activity_statistics: activityStatistics(space, workers),
      total_workers: workers.length,
    },
    cumulative: flow(call, space, FLOW_OF_WORKSPACE, () => true),
  };
}

/** Reported for TaskQueues only, and not by the bulk request. */
const RELATIVE = ['longest_relative_task_age_in_queue', 'longest_relative_task_sid_in_queue'];

function queueParts(call: Call, site: ApiContext, sid = call.param('queue')): Parts {
  const space = call.space(site);
  const queue = space.queue(sid);
  return {
    ids: { task_queue_sid: queue.sid },
    realtime: queueStatistics(space, queue.sid, channelOf(space, call.query)),
    cumulative: flow(
      call,
      space,
      FLOW_OF_QUEUE,
      ({ payload }) => payload.task_queue_sid === queue.sid,
    ),
  };
}

function workflowParts(call: Call, site: ApiContext): Parts {
  const space = call.space(site);
  const workflow = space.workflow(call.param('workflow'));
  const channel = channelOf(space, call.query);
  return {
    ids: { workflow_sid: workflow.sid },
    realtime: omit(
      taskStatistics(
        space,
        (task) =>
          task.workflowSid === workflow.sid &&
          (channel === null || task.taskChannelSid === channel),
      ),
      RELATIVE,
    ),
    cumulative: flow(
      call,
      space,
      FLOW_OF_WORKFLOW,
      ({ payload }) => payload.workflow_sid === workflow.sid,
    ),
  };
}

function workersParts(call: Call, site: ApiContext): Parts {
  const space = call.space(site);
  return peopleParts(call, space, chosenWorkers(space, call.query));
}

function peopleParts(call: Call, space: Space, workers: readonly Worker[]): Parts {
  const span = spanOf(space, call.query);
  const channel = channelOf(space, call.query);
  const wanted = new Set(workers.map(({ sid }) => sid));
  const events = eventsIn(space, span).filter(({ payload }) =>
    wanted.has(String(payload.worker_sid)),
  );
  const onChannel = events.filter(
    ({ payload }) => channel === null || payload.task_channel_sid === channel,
  );
  return {
    realtime: {
      total_workers: workers.length,
      activity_statistics: activityStatistics(space, workers),
    },
    cumulative: {
      ...reservationCounts(onChannel),
      activity_durations: activityDurations(space, workers, { events, span }),
      ...times(span),
    },
  };
}

function listQueueStatistics(call: Call, site: ApiContext) {
  const space = call.space(site);
  const name = call.query.text('FriendlyName');
  const items = [...space.queues.values()].filter(
    (queue) => name === undefined || queue.friendlyName === name,
  );
  const view = (queue: TaskQueue) => {
    const { ids, ...parts } = queueParts(call, site, queue.sid);
    const { account_sid, workspace_sid } = identity(call, site);
    return { account_sid, workspace_sid, ...ids, ...parts };
  };
  return list(call, site, { key: 'task_queues_statistics', items, view });
}

/**
 * Twilio does not publish the name of the list in the request; any list in it is read as TaskQueue
 * SIDs.
 */
function bulkQueueStatistics(call: Call, site: ApiContext) {
  const space = call.space(site);
  call.checkJson();
  const sids = queueSids(call.json);
  if (sids.length > BULK_MAX) throw invalid(`At most ${BULK_MAX} TaskQueue SIDs are allowed`);
  const data = sids.map((sid) => ({
    task_queue_sid: space.queue(sid).sid,
    ...omit(queueStatistics(space, sid, null), RELATIVE),
  }));
  return ok({
    ...identity(call, site),
    task_queue_data: data,
    task_queue_response_count: data.length,
  });
}

function queueSids(json: unknown): string[] {
  const lists: unknown[] = Array.isArray(json)
    ? [json]
    : Object.values((json ?? {}) as Record<string, unknown>);
  const found = lists.find((value) => Array.isArray(value));
  return Array.isArray(found) ? found.map(String) : [];
}

function flow(
  call: Call,
  space: Space,
  left: readonly string[],
  belongs: (event: EventRecord) => boolean,
) {
  const span = spanOf(space, call.query);
  const channel = channelOf(space, call.query);
  const events = eventsIn(space, span).filter(
    (event) => belongs(event) && (channel === null || event.payload.task_channel_sid === channel),
  );
  const split = (call.query.text('SplitByWaitTime') ?? '')
    .split(',')
    .filter((part) => /^\d+$/.test(part.trim()))
    .map(Number);
  return { ...omit(flowStatistics(events, split), left), ...times(span) };
}

function spanOf(space: Space, query: Params): Span {
  const end = query.date('EndDate') ?? space.now();
  const start = query.date('StartDate') ?? end - (query.int('Minutes') ?? MINUTES) * 60_000;
  return { start, end };
}

function times({ start, end }: Span) {
  return { start_time: iso(start), end_time: iso(end) };
}

function channelOf(space: Space, query: Params): string | null {
  const key = query.text('TaskChannel');
  return key === undefined ? null : space.taskChannel(key).sid;
}

function chosenWorkers(space: Space, query: Params): readonly Worker[] {
  const name = query.text('FriendlyName');
  const sid = query.text('TaskQueueSid');
  const queueName = query.text('TaskQueueName');
  const queue = [...space.queues.values()].find(
    (entry) => entry.sid === sid || entry.friendlyName === queueName,
  );
  const workers = queue ? queueWorkers(space, queue.targetWorkers) : [...space.workers.values()];
  return workers.filter((worker) => name === undefined || worker.friendlyName === name);
}

function omit(from: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(from).filter(([name]) => !names.includes(name)));
}

/** `/TaskQueues` and `/Workflows`. */
import { compileExpression, dig } from '../../expression/evaluate.ts';
import type { TaskQueue } from '../../world/model.ts';
import {
  createQueue,
  createWorkflow,
  deleteQueue,
  deleteWorkflow,
  updateQueue,
  updateWorkflow,
} from '../../world/queues.ts';
import { invalid } from '../../world/refusal.ts';
import { queueWorkers } from '../../world/scope.ts';
import type { Space } from '../../world/space.ts';
import { parseAttributes } from '../../world/validation.ts';
import { type Call, created, noContent, ok, withoutUndefined } from '../api.ts';
import { list } from '../paging.ts';
import { type Route, route } from '../router.ts';
import { queueView, workflowView } from '../views.ts';

const queues: Route[] = [
  route('GET', '/v1/Workspaces/:workspace/TaskQueues', (call, site) => {
    const space = call.space(site);
    const items = ordered(chosen(call, space), call.query.text('Ordering'));
    const view = (queue: TaskQueue) => queueView(site.base(), space, queue);
    return list(call, site, { key: 'task_queues', items, view });
  }),
  route('POST', '/v1/Workspaces/:workspace/TaskQueues', (call, site) => {
    const space = call.space(site);
    const friendlyName = call.form.required('FriendlyName');
    const queue = createQueue(space, { ...queuePatch(call), friendlyName });
    return created(queueView(site.base(), space, queue));
  }),
  route('GET', '/v1/Workspaces/:workspace/TaskQueues/:sid', (call, site) => {
    const space = call.space(site);
    return ok(queueView(site.base(), space, space.queue(call.param('sid'))));
  }),
  route('POST', '/v1/Workspaces/:workspace/TaskQueues/:sid', (call, site) => {
    const space = call.space(site);
    const queue = space.queue(call.param('sid'));
    updateQueue(space, queue, queuePatch(call));
    return ok(queueView(site.base(), space, queue));
  }),
  route('DELETE', '/v1/Workspaces/:workspace/TaskQueues/:sid', (call, site) => {
    const space = call.space(site);
    deleteQueue(space, space.queue(call.param('sid')));
    return noContent();
  }),
];

const workflows: Route[] = [
  route('GET', '/v1/Workspaces/:workspace/Workflows', (call, site) => {
    const space = call.space(site);
    const name = call.query.text('FriendlyName');
    const items = [...space.workflows.values()].filter(
      (workflow) => name === undefined || workflow.friendlyName === name,
    );
    const view = (workflow: (typeof items)[number]) => workflowView(site.base(), space, workflow);
    return list(call, site, { key: 'workflows', items, view });
  }),
  route('POST', '/v1/Workspaces/:workspace/Workflows', (call, site) => {
    const space = call.space(site);
    const friendlyName = call.form.required('FriendlyName');
    const configuration = call.form.required('Configuration');
    const workflow = createWorkflow(space, { ...workflowPatch(call), friendlyName, configuration });
    return created(workflowView(site.base(), space, workflow));
  }),
  route('GET', '/v1/Workspaces/:workspace/Workflows/:sid', (call, site) => {
    const space = call.space(site);
    return ok(workflowView(site.base(), space, space.workflow(call.param('sid'))));
  }),
  route('POST', '/v1/Workspaces/:workspace/Workflows/:sid', (call, site) => {
    const space = call.space(site);
    const workflow = space.workflow(call.param('sid'));
    updateWorkflow(space, workflow, workflowPatch(call));
    return ok(workflowView(site.base(), space, workflow));
  }),
  route('DELETE', '/v1/Workspaces/:workspace/Workflows/:sid', (call, site) => {
    const space = call.space(site);
    deleteWorkflow(space, space.workflow(call.param('sid')));
    return noContent();
  }),
];

export const queueRoutes: Route[] = [...queues, ...workflows];

function queuePatch(call: Call) {
  return withoutUndefined({
    friendlyName: call.form.text('FriendlyName'),
    targetWorkers: call.form.text('TargetWorkers'),
    maxReservedWorkers: call.form.int('MaxReservedWorkers'),
    taskOrder: call.form.oneOf('TaskOrder', ['FIFO', 'LIFO']),
    reservationActivitySid: call.form.text('ReservationActivitySid'),
    assignmentActivitySid: call.form.text('AssignmentActivitySid'),
  });
}

function workflowPatch(call: Call) {
  return withoutUndefined({
    friendlyName: call.form.text('FriendlyName'),
    configuration: call.form.text('Configuration'),
    taskReservationTimeout: call.form.int('TaskReservationTimeout'),
    assignmentCallbackUrl: call.form.text('AssignmentCallbackUrl'),
    fallbackAssignmentCallbackUrl: call.form.text('FallbackAssignmentCallbackUrl'),
  });
}

/** `WorkerSid` and `EvaluateWorkerAttributes` select the queues that such a Worker matches. */
function chosen(call: Call, space: Space): TaskQueue[] {
  const name = call.query.text('FriendlyName');
  const workerSid = call.query.text('WorkerSid');
  const attributes = call.query.text('EvaluateWorkerAttributes');
  if (attributes !== undefined && attributes.trim() === '')
    throw invalid('EvaluateWorkerAttributes must be a JSON object');
  const parsed = attributes === undefined ? null : parseAttributes(attributes);
  return [...space.queues.values()].filter(
    (queue) =>
      (name === undefined || queue.friendlyName === name) &&
      (workerSid === undefined ||
        queueWorkers(space, queue.targetWorkers).some(({ sid }) => sid === workerSid)) &&
      (parsed === null ||
        compileExpression(queue.targetWorkers).predicate((path) => dig(parsed, path))),
  );
}

function ordered(queues: TaskQueue[], ordering: string | undefined): TaskQueue[] {
  const [attribute, direction] = (ordering ?? '').split(':');
  if (attribute !== 'DateUpdated') return queues;
  const sign = direction === 'desc' ? -1 : 1;
  return queues.sort((a, b) => sign * (a.dateUpdated - b.dateUpdated || a.seq - b.seq));
}

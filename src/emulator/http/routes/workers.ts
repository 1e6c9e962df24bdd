/** `/Workers` and each Worker's `/Channels`. */
import { compileExpression } from '../../expression/evaluate.ts';
import { parseCapacity } from '../../world/capacity.ts';
import type { Worker } from '../../world/model.ts';
import { workerLookup } from '../../world/scope.ts';
import type { Space } from '../../world/space.ts';
import { checkExpression } from '../../world/validation.ts';
import { updateWorkerChannel } from '../../world/worker-channels.ts';
import { createWorker, deleteWorker, updateWorker } from '../../world/workers.ts';
import { type Call, created, etag, noContent, ok, type Params } from '../api.ts';
import { list } from '../paging.ts';
import { type Route, route } from '../router.ts';
import { workerChannelView } from '../views.ts';
import { workerView } from '../work-views.ts';
import { isAvailable } from './workspaces.ts';

export const workerRoutes: Route[] = [
  route('GET', '/v1/Workspaces/:workspace/Workers', (call, site) => {
    const space = call.space(site);
    const items = ordered(chosen(space, call.query), call.query.text('Ordering'));
    const hidden = space.engine.doubts.listAttributes === 'null' ? { attributes: null } : {};
    const view = (worker: Worker) => ({ ...workerView(site.base(), space, worker), ...hidden });
    const headers = etag(space.workersVersion);
    return list(call, site, { key: 'workers', items, view, headers });
  }),
  route('POST', '/v1/Workspaces/:workspace/Workers', (call, site) => {
    const space = call.space(site);
    const worker = createWorker(space, {
      friendlyName: call.form.required('FriendlyName'),
      attributes: call.form.text('Attributes'),
      activitySid: call.form.text('ActivitySid'),
    });
    return created(workerView(site.base(), space, worker), etag(worker.version));
  }),
  route('GET', '/v1/Workspaces/:workspace/Workers/:worker', (call, site) => {
    const space = call.space(site);
    const worker = space.worker(call.param('worker'));
    return ok(workerView(site.base(), space, worker), etag(worker.version));
  }),
  route('POST', '/v1/Workspaces/:workspace/Workers/:worker', (call, site) => {
    const space = call.space(site);
    const worker = space.worker(call.param('worker'));
    call.checkVersion(worker.version);
    updateWorker(space, worker, {
      friendlyName: call.form.text('FriendlyName'),
      attributes: call.form.text('Attributes'),
      activitySid: call.form.text('ActivitySid'),
      rejectPendingReservations: call.form.bool('RejectPendingReservations'),
    });
    return ok(workerView(site.base(), space, worker), etag(worker.version));
  }),
  route('DELETE', '/v1/Workspaces/:workspace/Workers/:worker', (call, site) => {
    const space = call.space(site);
    const worker = space.worker(call.param('worker'));
    call.checkVersion(worker.version);
    deleteWorker(space, worker);
    return noContent();
  }),
  route('GET', '/v1/Workspaces/:workspace/Workers/:worker/Channels', (call, site) => {
    const space = call.space(site);
    const items = [...space.worker(call.param('worker')).channels.values()];
    const view = (channel: (typeof items)[number]) =>
      workerChannelView(site.base(), space, channel);
    return list(call, site, { key: 'channels', items, view });
  }),
  route('GET', '/v1/Workspaces/:workspace/Workers/:worker/Channels/:sid', (call, site) => {
    const space = call.space(site);
    return ok(workerChannelView(site.base(), space, channelOf(call, space)));
  }),
  route('POST', '/v1/Workspaces/:workspace/Workers/:worker/Channels/:sid', (call, site) => {
    const space = call.space(site);
    const channel = channelOf(call, space);
    const capacity = call.form.text('Capacity');
    updateWorkerChannel(space, channel, {
      capacity:
        capacity === undefined
          ? undefined
          : parseCapacity(capacity, space.engine.doubts.capacityAboveMax),
      available: call.form.bool('Available'),
    });
    return ok(workerChannelView(site.base(), space, channel));
  }),
];

function channelOf(call: Call, space: Space) {
  return space.workerChannel(space.worker(call.param('worker')), call.param('sid'));
}

function chosen(space: Space, query: Params): Worker[] {
  const tests: ((worker: Worker) => boolean)[] = [];
  const add = (name: string, test: (value: string, worker: Worker) => boolean) => {
    const value = query.text(name);
    if (value !== undefined) tests.push((worker) => test(value, worker));
  };
  const matching = (expression: string): ((worker: Worker) => boolean) => {
    const { predicate } = compileExpression(expression);
    return (worker) => predicate(workerLookup(space, worker));
  };
  add('ActivityName', (name, worker) => space.activityOf(worker).friendlyName === name);
  add('ActivitySid', (sid, worker) => worker.activitySid === sid);
  add('Available', (text, worker) => space.activityOf(worker).available === isAvailable(text));
  add('FriendlyName', (name, worker) => worker.friendlyName === name);
  const expression = query.text('TargetWorkersExpression');
  if (expression !== undefined)
    tests.push(matching(checkExpression('TargetWorkersExpression', expression)));
  const queueSid = query.text('TaskQueueSid');
  const queueName = query.text('TaskQueueName');
  if (queueSid !== undefined || queueName !== undefined) {
    const queue = [...space.queues.values()].find(
      ({ sid, friendlyName }) => sid === queueSid || friendlyName === queueName,
    );
    tests.push(queue === undefined ? () => false : matching(queue.targetWorkers));
  }
  return [...space.workers.values()].filter((worker) => tests.every((test) => test(worker)));
}

function ordered(workers: Worker[], ordering: string | undefined): Worker[] {
  const [attribute, direction] = (ordering ?? '').split(':');
  if (attribute !== 'DateStatusChanged') return workers;
  const sign = direction === 'desc' ? -1 : 1;
  return workers.sort(
    (a, b) => sign * (a.dateStatusChanged - b.dateStatusChanged || a.seq - b.seq),
  );
}

/** `/Tasks`, and Reservations under a Task and under a Worker. */
import { compileExpression } from '../../expression/evaluate.ts';
import type { Reservation, Task } from '../../world/model.ts';
import { invalid, notFound } from '../../world/refusal.ts';
import {
  acceptReservation,
  cancelReservation,
  completeReservation,
  rejectReservation,
  wrapReservation,
} from '../../world/reservations.ts';
import { taskLookup } from '../../world/scope.ts';
import type { Space } from '../../world/space.ts';
import { createTask, deleteTask, updateTask } from '../../world/tasks.ts';
import { checkExpression } from '../../world/validation.ts';
import { moveWorker } from '../../world/workers.ts';
import {
  type Answer,
  type ApiContext,
  type Call,
  created,
  etag,
  noContent,
  ok,
  type Params,
} from '../api.ts';
import { list } from '../paging.ts';
import { type Route, route } from '../router.ts';
import { reservationView, taskView } from '../work-views.ts';

type Under = 'Tasks' | 'Workers';

const tasks: Route[] = [
  route('GET', '/v1/Workspaces/:workspace/Tasks', (call, site) => {
    const space = call.space(site);
    const items = ordered(chosen(space, call.query), call.query.text('Ordering'));
    const view = (task: Task) => taskView(site.base(), space, task);
    return list(call, site, { key: 'tasks', items, view, headers: etag(items.length) });
  }),
  route('POST', '/v1/Workspaces/:workspace/Tasks', (call, site) => {
    const space = call.space(site);
    const task = createTask(space, {
      attributes: call.form.text('Attributes'),
      taskChannel: call.form.text('TaskChannel'),
      workflowSid: call.form.text('WorkflowSid'),
      taskQueueSid: call.form.text('TaskQueueSid'),
      routingTarget: call.form.text('RoutingTarget'),
      ignoreCapacity: call.form.bool('IgnoreCapacity'),
      priority: call.form.int('Priority'),
      timeout: call.form.int('Timeout'),
      virtualStartTime: call.form.date('VirtualStartTime'),
    });
    return created(taskView(site.base(), space, task), etag(task.version));
  }),
  route('GET', '/v1/Workspaces/:workspace/Tasks/:task', (call, site) => {
    const space = call.space(site);
    const task = space.task(call.param('task'));
    return ok(taskView(site.base(), space, task), etag(task.version));
  }),
  route('POST', '/v1/Workspaces/:workspace/Tasks/:task', (call, site) => {
    const space = call.space(site);
    const task = space.task(call.param('task'));
    call.checkVersion(task.version);
    updateTask(space, task, {
      attributes: call.form.text('Attributes'),
      status: call.form.text('AssignmentStatus'),
      reason: call.form.text('Reason'),
      priority: call.form.int('Priority'),
      taskChannel: call.form.text('TaskChannel'),
      virtualStartTime: call.form.date('VirtualStartTime'),
    });
    return ok(taskView(site.base(), space, task), etag(task.version));
  }),
  route('DELETE', '/v1/Workspaces/:workspace/Tasks/:task', (call, site) => {
    const space = call.space(site);
    const task = space.task(call.param('task'));
    call.checkVersion(task.version);
    deleteTask(space, task);
    return noContent();
  }),
];

const reservations: Route[] = (['Tasks', 'Workers'] as const).flatMap((under) => {
  const path = `/v1/Workspaces/:workspace/${under}/:owner/Reservations`;
  return [
    route('GET', path, (call, site) => listReservations(call, site, under)),
    route('GET', `${path}/:sid`, (call, site) => {
      const reservation = reservationOf(call, call.space(site), under);
      return answer(call, site, { reservation, under });
    }),
    route('POST', `${path}/:sid`, (call, site) => {
      const space = call.space(site);
      const reservation = reservationOf(call, space, under);
      call.checkVersion(reservation.version);
      updateReservation(call, space, reservation);
      return answer(call, site, { reservation, under });
    }),
  ];
});

export const taskRoutes: Route[] = [...tasks, ...reservations];

function answer(
  call: Call,
  site: ApiContext,
  shown: { reservation: Reservation; under: Under },
): Answer {
  const body = reservationView(site.base(), call.space(site), shown);
  return ok(body, etag(shown.reservation.version));
}

function listReservations(call: Call, site: ApiContext, under: Under): Answer {
  const space = call.space(site);
  const status = call.query.text('ReservationStatus');
  const workerSid = call.query.text('WorkerSid');
  const owner = ownerOf(call, space, under);
  const items = [...space.reservations.values()].filter(
    (reservation) =>
      (under === 'Tasks' ? reservation.taskSid : reservation.workerSid) === owner &&
      (status === undefined || reservation.status === status) &&
      (workerSid === undefined || reservation.workerSid === workerSid),
  );
  const view = (reservation: Reservation) =>
    reservationView(site.base(), space, { reservation, under });
  return list(call, site, { key: 'reservations', items, view, headers: etag(items.length) });
}

function ownerOf(call: Call, space: Space, under: Under): string {
  const sid = call.param('owner');
  return under === 'Tasks' ? space.task(sid).sid : space.worker(sid).sid;
}

function reservationOf(call: Call, space: Space, under: Under): Reservation {
  const owner = ownerOf(call, space, under);
  const reservation = space.reservation(call.param('sid'));
  if ((under === 'Tasks' ? reservation.taskSid : reservation.workerSid) !== owner)
    throw notFound(call.path);
  return reservation;
}

/**
 * Instructions that place a phone call are treated as if it had been answered: `reject` rejects,
 * every other one accepts.
 */
function updateReservation(call: Call, space: Space, reservation: Reservation): void {
  const instruction = call.form.text('Instruction');
  const status =
    call.form.text('ReservationStatus') ??
    (instruction === undefined ? undefined : instruction === 'reject' ? 'rejected' : 'accepted');
  if (status === undefined) return;
  const move = MOVES[status];
  if (move === undefined) throw invalid(`Invalid ReservationStatus '${status}'`);
  move(space, reservation);
  if (status === 'rejected') afterReject(call, space, reservation);
}

const MOVES: Readonly<Record<string, (space: Space, reservation: Reservation) => void>> = {
  accepted: acceptReservation,
  rejected: rejectReservation,
  wrapping: wrapReservation,
  completed: completeReservation,
  canceled: cancelReservation,
};

function afterReject(call: Call, space: Space, reservation: Reservation): void {
  const activity = call.form.text('WorkerActivitySid');
  if (activity === undefined) return;
  const worker = space.worker(reservation.workerSid);
  if (worker.activitySid !== space.activity(activity).sid) moveWorker(space, worker, activity);
}

function chosen(space: Space, query: Params): Task[] {
  const statuses = query.all('AssignmentStatus').flatMap((value) => value.split(','));
  const priority = query.int('Priority');
  const expression = query.text('EvaluateTaskAttributes');
  const matches =
    expression === undefined
      ? null
      : compileExpression(checkExpression('EvaluateTaskAttributes', expression)).predicate;
  const is = (name: string, value: string | null | undefined) =>
    query.text(name) === undefined || query.text(name) === value;
  return [...space.tasks.values()].filter(
    (task) =>
      (statuses.length === 0 || statuses.includes(task.status)) &&
      (priority === undefined || task.priority === priority) &&
      is('WorkflowSid', task.workflowSid) &&
      is('WorkflowName', space.workflows.get(task.workflowSid ?? '')?.friendlyName) &&
      is('TaskQueueSid', task.taskQueueSid) &&
      is('TaskQueueName', space.queues.get(task.taskQueueSid ?? '')?.friendlyName) &&
      is('RoutingTarget', task.routingTarget) &&
      (query.bool('HasAddons') !== true || false) &&
      (matches === null || matches(taskLookup(task))),
  );
}

/** `Priority:desc,DateCreated:asc`; ties are in order of creation. */
function ordered(items: Task[], ordering = 'DateCreated:asc'): Task[] {
  const keys = ordering.split(',').map((part) => {
    const [attribute, direction] = part.split(':');
    return { attribute: attribute?.trim(), sign: direction?.trim() === 'desc' ? -1 : 1 };
  });
  const compare = (a: Task, b: Task) => {
    for (const { attribute, sign } of keys) {
      const difference =
        attribute === 'Priority'
          ? a.priority - b.priority
          : attribute === 'VirtualStartTime'
            ? a.virtualStartTime - b.virtualStartTime
            : attribute === 'DateCreated'
              ? a.dateCreated - b.dateCreated || a.seq - b.seq
              : 0;
      if (difference !== 0) return sign * difference;
    }
    return a.seq - b.seq;
  };
  return items.sort(compare);
}

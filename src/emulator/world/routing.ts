/**
 * Who gets which Task: the oldest of the highest priority first, to the matching Worker who has
 * waited longest on that channel. A Worker is eligible when their Activity and Worker Channel are
 * available and fewer Reservations are open than the configured capacity.
 */
import { compileExpression, dig } from '../expression/evaluate.ts';
import type { Reservation, Task, Worker, WorkerChannel } from './model.ts';
import { createReservation, isOpen, readsCounts, timeOutReservation } from './reservations.ts';
import { queueWorkers, targetLookup } from './scope.ts';
import type { Space } from './space.ts';
import { moveWorker } from './workers.ts';

const RESERVATION_TIMEOUT_SECONDS = 120;

/** Offers waiting Tasks until no more can be placed. */
export function routeTasks(space: Space): void {
  const { waiting } = space;
  while (space.routingWanted) {
    const freed = space.takeFreed();
    if (freed === null || readsCounts(space)) waiting.unmatched.clear();
    const passedOver = new Set<string>();
    for (const { task, group } of waiting.inOrder(passedOver)) {
      // A group that found no Worker before can only match those who have gained room since.
      const among = waiting.unmatched.has(group) ? workersOf(space, task, freed) : null;
      if (offer(space, task, among) || task.status !== 'pending') continue;
      // Workers already asked are left out, so only a Task with no open offer speaks for its group.
      waiting.unmatched.add(group);
      passedOver.add(group);
    }
  }
}

function workersOf(
  space: Space,
  task: Task,
  freed: ReadonlySet<WorkerChannel> | null,
): readonly Worker[] {
  const found: Worker[] = [];
  for (const { workerSid, taskChannelSid } of freed ?? []) {
    const worker = space.workers.get(workerSid);
    if (worker !== undefined && taskChannelSid === task.taskChannelSid) found.push(worker);
  }
  return found;
}

/** True when a Worker was found. */
function offer(space: Space, task: Task, among: readonly Worker[] | null): boolean {
  if (among?.length === 0) return false;
  const open = space.reservationsOf(task).filter(isOpen);
  const room = maxReserved(space, task) - open.length;
  const chosen = candidates(space, task, { open, among }).slice(0, Math.max(0, room));
  for (const worker of chosen) reserve(space, task, worker);
  return chosen.length > 0;
}

/** Reserves a Worker for a Task, however that Worker was chosen. */
export function reserve(space: Space, task: Task, worker: Worker): Reservation {
  const timeoutSeconds =
    space.workflows.get(task.workflowSid ?? '')?.taskReservationTimeout ??
    RESERVATION_TIMEOUT_SECONDS;
  const reservation = createReservation(space, { task, worker, timeoutSeconds });
  const open = space.reservationsOf(task).filter(isOpen).length;
  if (open >= maxReserved(space, task)) space.waiting.delete(task.sid);
  space.engine.scheduler.at(space.now() + timeoutSeconds * 1000, () => expire(space, reservation));
  return reservation;
}

/** A Worker who lets a Reservation time out is moved to the timeout Activity. */
function expire(space: Space, reservation: Reservation): void {
  if (reservation.status !== 'pending') return;
  timeOutReservation(space, reservation);
  const worker = space.workers.get(reservation.workerSid);
  const { timeoutActivitySid } = space.workspace;
  if (worker !== undefined && worker.activitySid !== timeoutActivitySid)
    moveWorker(space, worker, timeoutActivitySid);
}

/** Runs for every group of waiting Tasks after every change, so it checks before it allocates. */
function candidates(
  space: Space,
  task: Task,
  { open, among }: { open: readonly Reservation[]; among: readonly Worker[] | null },
): Worker[] {
  const found: { worker: Worker; channel: WorkerChannel }[] = [];
  for (const worker of among ?? pool(space, task)) {
    const channel = worker.channels.get(task.taskChannelSid);
    if (channel === undefined || !isFree(space, task, { worker, channel })) continue;
    if (open.some((reservation) => reservation.workerSid === worker.sid)) continue;
    if (among === null || pool(space, task).includes(worker)) found.push({ worker, channel });
  }
  return found
    .sort(
      (a, b) =>
        Number(task.refusedBy.has(a.worker.sid)) - Number(task.refusedBy.has(b.worker.sid)) ||
        a.channel.lastReservedAt - b.channel.lastReservedAt ||
        a.worker.dateStatusChanged - b.worker.dateStatusChanged ||
        a.worker.seq - b.worker.seq,
    )
    .map(({ worker }) => worker);
}

function pool(space: Space, task: Task): readonly Worker[] {
  if (task.routingTarget !== null) {
    const target = space.workers.get(task.routingTarget);
    return target === undefined ? [] : [target];
  }
  const queue = task.taskQueueSid === null ? undefined : space.queues.get(task.taskQueueSid);
  if (queue === undefined) return [];
  const workers = queueWorkers(space, queue.targetWorkers);
  const expression = task.route?.expression ?? null;
  const known = knownWorker(task);
  if (expression === null && known === null) return workers;
  const matches = expression === null ? null : compileExpression(expression).predicate;
  return workers.filter(
    (worker) =>
      (known === null || worker.sid === known) &&
      (matches === null || matches(targetLookup(space, task, worker))),
  );
}

/** `known_worker_sid` names the task attribute that holds the Worker's SID, or is that SID. */
function knownWorker(task: Task): string | null {
  const known = task.route?.knownWorker ?? null;
  if (known === null || !known.startsWith('task.')) return known;
  const value = dig(task.parsed, known.split('.').slice(1));
  return typeof value === 'string' ? value : null;
}

function isFree(
  space: Space,
  task: Task,
  { worker, channel }: { worker: Worker; channel: WorkerChannel },
): boolean {
  if (task.ignoreCapacity && task.routingTarget !== null) return true;
  return (
    channel.open.size < channel.configuredCapacity &&
    channel.available &&
    space.activityOf(worker).available
  );
}

function maxReserved(space: Space, task: Task): number {
  if (task.routingTarget !== null || task.taskQueueSid === null) return 1;
  return space.queues.get(task.taskQueueSid)?.maxReservedWorkers ?? 1;
}

/**
 * A Reservation's life: pending → accepted → wrapping → completed, or rejected, timed out,
 * canceled, rescinded. The Worker Channel's counts follow it, and the Task's status follows its
 * Reservations.
 */
import type { Reservation, ReservationStatus, Task, Worker } from './model.ts';
import { reservationFields } from './payload.ts';
import { invalid } from './refusal.ts';
import type { Space } from './space.ts';
import { endTask, enqueueTask, recordTaskEvent, touchTask } from './task-state.ts';

const EVENTS: Partial<Record<ReservationStatus, string>> = { wrapping: 'wrapup' };
const OPEN: ReadonlySet<ReservationStatus> = new Set(['pending', 'accepted', 'wrapping']);

export function isOpen(reservation: Reservation): boolean {
  return OPEN.has(reservation.status);
}

export function createReservation(
  space: Space,
  { task, worker, timeoutSeconds }: { task: Task; worker: Worker; timeoutSeconds: number },
): Reservation {
  const channel = space.workerChannel(worker, space.taskChannel(task.taskChannelSid).uniqueName);
  const reservation: Reservation = {
    ...space.newResource(space.engine.sids.next('WR')),
    taskSid: task.sid,
    workerSid: worker.sid,
    workerChannelSid: channel.sid,
    timeoutSeconds,
    status: 'pending',
    version: 0,
  };
  space.reservations.set(reservation.sid, reservation);
  task.reservations.add(reservation.sid);
  channel.open.add(reservation.sid);
  channel.lastReservedAt = space.now();
  if (task.status === 'pending') {
    task.status = 'reserved';
    touchTask(space, task);
  }
  recordEvent(space, reservation);
  return reservation;
}

export function acceptReservation(space: Space, reservation: Reservation): void {
  const task = space.task(reservation.taskSid);
  expectStatus(reservation, ['pending'], 'accepted');
  space.waiting.delete(task.sid);
  task.status = 'assigned';
  touchTask(space, task);
  setStatus(space, reservation, 'accepted');
  for (const other of space.reservationsOf(task))
    if (other.status === 'pending') setStatus(space, other, 'rescinded');
}

export function rejectReservation(space: Space, reservation: Reservation): void {
  expectStatus(reservation, ['pending'], 'rejected');
  returnToQueue(space, reservation, 'rejected');
}

/**
 * The caller moves the Worker to the Workspace's timeout Activity: this only ends the Reservation.
 */
export function timeOutReservation(space: Space, reservation: Reservation): void {
  expectStatus(reservation, ['pending'], 'timeout');
  returnToQueue(space, reservation, 'timeout');
}

/** Withdrawn by the system or with its Task; an accepted one gives its Task back to the queue. */
export function cancelReservation(space: Space, reservation: Reservation): void {
  if (isOpen(reservation)) returnToQueue(space, reservation, 'canceled');
}

export function wrapReservation(space: Space, reservation: Reservation): void {
  expectStatus(reservation, ['accepted'], 'wrapping');
  const task = space.task(reservation.taskSid);
  if (task.status === 'assigned') {
    task.status = 'wrapping';
    touchTask(space, task);
    recordTaskEvent(space, task, 'task.wrapup');
  }
  setStatus(space, reservation, 'wrapping');
}

export function completeReservation(space: Space, reservation: Reservation): void {
  expectStatus(reservation, ['accepted', 'wrapping'], 'completed');
  const task = space.task(reservation.taskSid);
  const others = space.reservationsOf(task).filter((other) => other !== reservation);
  if (!others.some(isOpen)) {
    endTask(space, task, 'completed', task.reason);
    recordTaskEvent(space, task, 'task.completed');
  }
  setStatus(space, reservation, 'completed');
}

/** Ends the Reservations still open on a Task that has ended. */
export function closeReservations(space: Space, task: Task, status: 'completed' | 'canceled') {
  for (const reservation of space.reservationsOf(task)) {
    if (!isOpen(reservation)) continue;
    const done = status === 'completed' && reservation.status !== 'pending';
    setStatus(space, reservation, done ? 'completed' : 'canceled');
  }
}

function returnToQueue(space: Space, reservation: Reservation, status: ReservationStatus): void {
  const task = space.task(reservation.taskSid);
  if (status !== 'canceled') task.refusedBy.add(reservation.workerSid);
  setStatus(space, reservation, status);
  if (task.endedAt !== null) return;
  const open = space.reservationsOf(task).filter(isOpen);
  if (open.length === 0) {
    task.status = 'pending';
    touchTask(space, task);
  }
  // A Task that other Workers were offered too may be offered to one more in place of this one.
  if (open.every((other) => other.status === 'pending')) enqueueTask(space, task);
}

function setStatus(space: Space, reservation: Reservation, status: ReservationStatus): void {
  reservation.status = status;
  reservation.version += 1;
  reservation.dateUpdated = space.now();
  const channels = space.workers.get(reservation.workerSid)?.channels.values() ?? [];
  for (const channel of channels) {
    if (channel.sid !== reservation.workerChannelSid) continue;
    if (!OPEN.has(status)) {
      channel.open.delete(reservation.sid);
      space.rerouteTo(channel);
    }
    if (status === 'accepted') channel.accepted.add(reservation.sid);
    else channel.accepted.delete(reservation.sid);
  }
  // Accepting and wrapping free no capacity; they matter only where an expression reads the counts.
  if (readsCounts(space)) space.routingWanted = true;
  recordEvent(space, reservation);
}

/** Whether a TaskQueue or a target matches Workers by more than attributes and Activity. */
export function readsCounts({ queues, workflows }: Space): boolean {
  for (const { targetWorkers } of queues.values()) if (targetWorkers.includes('.')) return true;
  for (const { configuration } of workflows.values())
    if (/channel|worker\./i.test(configuration)) return true;
  return false;
}

function recordEvent(space: Space, reservation: Reservation): void {
  const verb =
    reservation.status === 'pending'
      ? 'created'
      : (EVENTS[reservation.status] ?? reservation.status);
  space.engine.record(space.workspace, {
    type: `reservation.${verb}`,
    resourceType: 'reservation',
    resourceSid: reservation.sid,
    description: `Reservation ${reservation.sid} ${verb}`,
    payload: () => reservationFields(space, reservation),
  });
}

function expectStatus(
  reservation: Reservation,
  allowed: readonly ReservationStatus[],
  wanted: ReservationStatus,
): void {
  if (allowed.includes(reservation.status)) return;
  throw invalid(
    `Reservation ${reservation.sid} is ${reservation.status} and cannot become ${wanted}`,
  );
}

/**
 * Workers: created with one Worker Channel for each Task Channel, changed, moved between Activities
 * and deleted. Every change raises the Worker's version, which is its ETag.
 */

import type { JsonObject, Worker } from './model.ts';
import { workerFields } from './payload.ts';
import { invalid } from './refusal.ts';
import { cancelReservation, rejectReservation } from './reservations.ts';
import type { Space } from './space.ts';
import { parseAttributes, validateName } from './validation.ts';
import { addWorkerChannel } from './worker-channels.ts';

export interface NewWorker {
  readonly friendlyName: string;
  readonly attributes?: string | undefined;
  readonly activitySid?: string | undefined;
}

export interface WorkerPatch {
  readonly friendlyName?: string | undefined;
  readonly attributes?: string | undefined;
  readonly activitySid?: string | undefined;
  readonly rejectPendingReservations?: boolean | undefined;
}

export function createWorker(space: Space, input: NewWorker): Worker {
  const friendlyName = requireUniqueName(
    space,
    validateName('FriendlyName', input.friendlyName),
    null,
  );
  const parsed = parseAttributes(input.attributes ?? '{}');
  const activity = requireActivity(space, input.activitySid ?? space.workspace.defaultActivitySid);
  const worker: Worker = {
    ...space.newResource(space.stableSid('WK', friendlyName.toLowerCase())),
    friendlyName,
    attributes: input.attributes ?? '{}',
    parsed,
    activitySid: activity,
    dateStatusChanged: space.now(),
    version: 0,
    channels: new Map(),
  };
  space.workers.set(worker.sid, worker);
  for (const channel of space.taskChannels.values()) addWorkerChannel(space, worker, channel);
  workersChanged(space);
  recordEvent(space, worker, 'worker.created', `Worker ${friendlyName} created`);
  return worker;
}

export function updateWorker(space: Space, worker: Worker, patch: WorkerPatch): void {
  const name =
    patch.friendlyName === undefined
      ? worker.friendlyName
      : requireUniqueName(space, validateName('FriendlyName', patch.friendlyName), worker);
  const parsed = patch.attributes === undefined ? worker.parsed : parseAttributes(patch.attributes);
  const activitySid = requireActivity(space, patch.activitySid ?? worker.activitySid);
  if (patch.rejectPendingReservations && space.activity(activitySid).available)
    throw invalid('RejectPendingReservations can only be used with an unavailable Activity');
  if (name !== worker.friendlyName) rename(space, worker, name);
  if (patch.attributes !== undefined && patch.attributes !== worker.attributes)
    setAttributes(space, worker, patch.attributes, parsed);
  if (activitySid !== worker.activitySid) moveWorker(space, worker, activitySid);
  if (patch.rejectPendingReservations)
    for (const reservation of pendingOf(space, worker)) rejectReservation(space, reservation);
}

/** Moves a Worker to another Activity; the event reports how long the previous one lasted. */
export function moveWorker(space: Space, worker: Worker, activitySid: string): void {
  const previous = space.activityOf(worker);
  const lasted = space.now() - worker.dateStatusChanged;
  worker.activitySid = activitySid;
  worker.dateStatusChanged = space.now();
  touch(space, worker);
  space.activityVersion += 1;
  space.reroute();
  const activity = space.activityOf(worker);
  space.engine.record(space.workspace, {
    type: 'worker.activity.update',
    resourceType: 'worker',
    resourceSid: worker.sid,
    description: `Worker ${worker.friendlyName} updated to ${activity.friendlyName} Activity`,
    payload: () => ({
      ...workerFields(space, worker),
      worker_previous_activity_sid: previous.sid,
      worker_previous_activity_name: previous.friendlyName,
      worker_time_in_previous_activity: Math.floor(lasted / 1000),
      worker_time_in_previous_activity_ms: lasted,
    }),
  });
}

export function deleteWorker(space: Space, worker: Worker): void {
  for (const channel of worker.channels.values())
    for (const sid of [...channel.open]) cancelReservation(space, space.reservation(sid));
  recordEvent(space, worker, 'worker.deleted', `Worker ${worker.friendlyName} deleted`);
  space.workers.delete(worker.sid);
  workersChanged(space);
}

export function touch(space: Space, worker: Worker): void {
  worker.version += 1;
  worker.dateUpdated = space.now();
}

function rename(space: Space, worker: Worker, name: string): void {
  worker.friendlyName = name;
  touch(space, worker);
  workersChanged(space);
}

function setAttributes(space: Space, worker: Worker, attributes: string, parsed: JsonObject): void {
  worker.attributes = attributes;
  worker.parsed = parsed;
  touch(space, worker);
  workersChanged(space);
  const what = `Worker ${worker.friendlyName} attributes updated`;
  recordEvent(space, worker, 'worker.attributes.update', what);
}

function workersChanged(space: Space): void {
  space.workersVersion += 1;
  space.reroute();
}

function pendingOf(space: Space, worker: Worker) {
  return [...worker.channels.values()]
    .flatMap((channel) => [...channel.open])
    .map((sid) => space.reservation(sid))
    .filter((reservation) => reservation.status === 'pending');
}

/** Friendly names are unique in a Workspace, ignoring case. */
function requireUniqueName(space: Space, name: string, self: Worker | null): string {
  for (const other of space.workers.values())
    if (other !== self && other.friendlyName.toLowerCase() === name.toLowerCase())
      throw invalid('Worker with the same friendly name already exists');
  return name;
}

function requireActivity(space: Space, sid: string): string {
  if (!space.activities.has(sid)) throw invalid(`Activity ${sid} does not exist`);
  return sid;
}

function recordEvent(space: Space, worker: Worker, type: string, description: string): void {
  space.engine.record(space.workspace, {
    type,
    resourceType: 'worker',
    resourceSid: worker.sid,
    description,
    payload: () => workerFields(space, worker),
  });
}

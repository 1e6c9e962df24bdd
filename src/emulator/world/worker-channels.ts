/**
 * Worker Channels: one Worker's setting on one Task Channel. An event is sent only if the value
 * changed; capacity and availability each have their own.
 */
import { checkCapacity } from './capacity.ts';
import type { TaskChannel, Worker, WorkerChannel } from './model.ts';
import { workerChannelFields, workerFields } from './payload.ts';
import { cancelReservation } from './reservations.ts';
import type { Space } from './space.ts';

export interface ChannelPatch {
  readonly capacity?: number | undefined;
  readonly available?: boolean | undefined;
}

/** A new Worker Channel takes one Task at a time and is available. */
export function addWorkerChannel(space: Space, worker: Worker, channel: TaskChannel): void {
  worker.channels.set(channel.sid, {
    ...space.newResource(space.stableSid('WC', worker.sid, channel.uniqueName)),
    workerSid: worker.sid,
    taskChannelSid: channel.sid,
    taskChannelUniqueName: channel.uniqueName,
    configuredCapacity: 1,
    available: true,
    open: new Set(),
    accepted: new Set(),
    lastReservedAt: 0,
  });
}

export function updateWorkerChannel(
  space: Space,
  channel: WorkerChannel,
  patch: ChannelPatch,
): void {
  const worker = space.worker(channel.workerSid);
  const previousCapacity = channel.configuredCapacity;
  const { doubts } = space.engine;
  const capacity = checkCapacity(patch.capacity ?? previousCapacity, doubts.capacityAboveMax);
  const available = patch.available ?? channel.available;
  const isReported = doubts.noOpUpdates === 'told';
  const capacityChanged =
    capacity !== channel.configuredCapacity || (isReported && patch.capacity !== undefined);
  const availabilityChanged =
    available !== channel.available || (isReported && patch.available !== undefined);
  if (!capacityChanged && !availabilityChanged) return;
  channel.configuredCapacity = capacity;
  channel.available = available;
  channel.dateUpdated = space.now();
  if (doubts.channelWriteVersion === 'raised') worker.version += 1;
  worker.dateUpdated = space.now();
  space.rerouteTo(channel);
  const resource =
    doubts.channelEventResource === 'worker'
      ? { resourceType: 'worker', resourceSid: worker.sid }
      : { resourceType: 'worker-channel', resourceSid: channel.sid };
  const record = (type: string, description: string) =>
    space.engine.record(space.workspace, {
      type,
      ...resource,
      description,
      payload: () => ({
        ...workerFields(space, worker),
        ...workerChannelFields(channel, previousCapacity, doubts.availableCapacityUnit),
      }),
    });
  const what = `Worker ${worker.friendlyName} channel ${channel.taskChannelUniqueName}`;
  if (capacityChanged) record('worker.capacity.update', `${what} capacity updated`);
  if (availabilityChanged)
    record('worker.channel.availability.update', `${what} availability updated`);
  if (!available && doubts.pauseWithdrawsPending === 'yes') withdrawPending(space, channel);
}

function withdrawPending(space: Space, channel: WorkerChannel): void {
  for (const sid of [...channel.open]) {
    const reservation = space.reservation(sid);
    if (reservation.status === 'pending') cancelReservation(space, reservation);
  }
}

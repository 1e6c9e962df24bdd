/**
 * Worker Channels: one Worker's setting on one Task Channel. A change is told only if the value
 * changed: capacity and availability each have an event of their own.
 */
import { checkCapacity } from './capacity.ts';
import type { TaskChannel, Worker, WorkerChannel } from './model.ts';
import { workerChannelFields, workerFields } from './payload.ts';
import type { Space } from './space.ts';

export interface ChannelPatch {
  readonly capacity?: number | undefined;
  readonly available?: boolean | undefined;
}

/** A new Worker Channel takes one Task at a time and is available. */
export function addWorkerChannel(space: Space, worker: Worker, channel: TaskChannel): void {
  worker.channels.set(channel.sid, {
    ...space.made(space.lasting('WC', worker.sid, channel.uniqueName)),
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
  const capacity = checkCapacity(patch.capacity ?? previousCapacity);
  const available = patch.available ?? channel.available;
  const capacityChanged = capacity !== channel.configuredCapacity;
  const availabilityChanged = available !== channel.available;
  if (!capacityChanged && !availabilityChanged) return;
  channel.configuredCapacity = capacity;
  channel.available = available;
  channel.dateUpdated = space.now();
  worker.version += 1;
  worker.dateUpdated = space.now();
  space.routingWanted = true;
  const tell = (type: string, description: string) =>
    space.engine.record(space, {
      type,
      resourceType: 'worker',
      resourceSid: worker.sid,
      description,
      payload: {
        ...workerFields(space, worker),
        ...workerChannelFields(channel, previousCapacity),
      },
    });
  const what = `Worker ${worker.friendlyName} channel ${channel.taskChannelUniqueName}`;
  if (capacityChanged) tell('worker.capacity.update', `${what} capacity updated`);
  if (availabilityChanged)
    tell('worker.channel.availability.update', `${what} availability updated`);
}

// The emulator's Workers as the core's records and readings: what a listing of the Workspace would
// have returned, taken straight from the engine.

import type { WorkerSid } from '../core/ids.ts';
import type { Reading } from '../core/observe.ts';
import { newChannel, newWorker, type WorkerState } from '../core/state.ts';
import type { Worker } from '../emulator/world/model.ts';
import type { World } from '../emulator/world/world.ts';

/** As if headroom had known this Worker for a long time and never changed it. */
export function recordOf(world: World, worker: Worker): WorkerState {
  const stamp = { at: worker.dateStatusChanged, sid: 'read' };
  const { friendlyName, available } = world.space.activityOf(worker);
  return {
    ...newWorker(worker.sid as WorkerSid, 0),
    name: { ...stamp, value: worker.friendlyName },
    attributes: { ...stamp, value: worker.parsed },
    activities: [{ ...stamp, activity: worker.activitySid, name: friendlyName, available }],
    channels: Object.fromEntries(
      readingsOf(worker, world.now()).map((reading) => [
        reading.uniqueName,
        {
          ...newChannel(),
          sid: reading.sid,
          observed: {
            capacity: reading.capacity,
            available: reading.available,
            assigned: reading.assignedTasks,
            asOf: reading.asOf,
          },
          stale: false,
          capacity: FREE,
          available: FREE,
        },
      ]),
    ),
    listedAt: world.now(),
  };
}

const FREE = { baseline: null, claimed: false, edit: null, seenFree: true } as const;

/** TaskRouter's readings of all Worker Channels, or of one. */
export function readingsOf(worker: Worker, asOf: number, only?: string): readonly Reading[] {
  return [...worker.channels.values()]
    .filter(({ sid }) => only === undefined || sid === only)
    .map((channel) => ({
      sid: channel.sid,
      uniqueName: channel.taskChannelUniqueName,
      capacity: channel.configuredCapacity,
      available: channel.available,
      assignedTasks: channel.accepted.size,
      asOf,
    }));
}

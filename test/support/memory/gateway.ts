// TaskRouter without HTTP: calls the emulator's world directly, returns what the SDK's gateway
// returns, and is held to the same contract. Tests make calls fail before or after their effect.

import type { ActivitySid, ReservationSid, TaskSid, WorkerSid } from '../../../src/core/ids.ts';
import { callbackParams } from '../../../src/emulator/delivery/callback-params.ts';
import { availablePercentage } from '../../../src/emulator/world/capacity.ts';
import { Engine } from '../../../src/emulator/world/engine.ts';
import type { WorkerChannel } from '../../../src/emulator/world/model.ts';
import { Refusal } from '../../../src/emulator/world/refusal.ts';
import { queueStatistics } from '../../../src/emulator/world/statistics.ts';
import { createWorkspace } from '../../../src/emulator/world/workspaces.ts';
import { World } from '../../../src/emulator/world/world.ts';
import {
  type ChannelReading,
  Failure,
  type Gateway,
  type Urgency,
  type WriteOptions,
} from '../../../src/ports.ts';

export function newWorld(now: () => number = Date.now): World {
  const engine = new Engine({ seed: 1, now });
  const space = engine.run(() => createWorkspace(engine, { friendlyName: 'In memory' }));
  return new World(engine, space);
}

/** One call in flight: what is asked, and its effect at TaskRouter. */
export interface Call<T> {
  readonly what: 'read' | 'write';
  readonly path: string;
  readonly effect: () => T;
}

/** Carries one call out; by default it simply succeeds. */
export type Carry = <T>(call: Call<T>) => Promise<T>;

const happen: Carry = async (call) => call.effect();

export function memoryGateway(
  world: World,
  options: {
    readonly now?: () => number;
    readonly carry?: Carry;
    /** Waits for a write's turn. */
    readonly turn?: (turn: WriteOptions) => Promise<void>;
  } = {},
): Gateway {
  const now = options.now ?? Date.now;
  const carry = options.carry ?? happen;
  const { space } = world;

  async function ask<T>(what: Call<T>['what'], path: string, effect: () => T) {
    const asOf = now();
    try {
      return { found: await carry({ what, path, effect }), asOf };
    } catch (error) {
      throw error instanceof Refusal ? failureOf(error) : error;
    }
  }
  const read = async <T>(path: string, effect: () => T): Promise<T> =>
    (await ask('read', path, effect)).found;
  const channelsOf = (worker: WorkerSid) => [...space.worker(worker).channels.values()];

  return {
    async *workers(_urgency: Urgency) {
      const hidden = world.doubts.listAttributes === 'null' ? { attributes: null } : {};
      yield* await read('Workers', () =>
        world.workers().map((w) => ({ ...workerReading(world, w.sid), ...hidden })),
      );
    },
    worker: (sid) => read(`Workers/${sid}`, () => workerReading(world, sid)),
    async channels(worker) {
      const path = `Workers/${worker}/Channels`;
      const { found, asOf } = await ask('read', path, () => channelsOf(worker).map(copy));
      return found.map((each) => channelReading(each, asOf));
    },
    async channel(worker, name) {
      const path = `Workers/${worker}/Channels/${name}`;
      const { found, asOf } = await ask('read', path, () => copy(world.channel(worker, name)));
      return channelReading(found, asOf);
    },
    async setChannel(worker, name, change, turn) {
      await options.turn?.(turn ?? {});
      if ((await turn?.beforeSend?.()) === false) return null;
      const path = `Workers/${worker}/Channels/${name}`;
      const { found, asOf } = await ask('write', path, () =>
        copy(world.editChannel(worker, name, change, { actor: 'headroom' })),
      );
      return channelReading(found, asOf);
    },
    activities: () =>
      read('Activities', () =>
        [...space.activities.values()].map(({ sid, friendlyName, available }) => ({
          ...{ sid: sid as ActivitySid, friendlyName, available },
        })),
      ),
    taskChannels: () =>
      read('TaskChannels', () =>
        [...space.taskChannels.values()].map(({ sid, uniqueName }) => ({ sid, uniqueName })),
      ),
    reservations: (worker, status) =>
      read(`Workers/${worker}/Reservations`, () =>
        world
          .reservations()
          .filter((each) => each.workerSid === worker && each.status === status)
          .map(({ sid, taskSid }) => ({
            ...{ sid: sid as ReservationSid, taskSid: taskSid as TaskSid, status },
          })),
      ),
    taskChannelOf: (task) =>
      read(`Tasks/${task}`, () => space.taskChannel(world.task(task).taskChannelSid).uniqueName),
    taskQueues: () =>
      read('TaskQueues', () =>
        [...space.queues.values()].map(({ sid, friendlyName, targetWorkers }) => ({
          ...{ sid, friendlyName, targetWorkers },
        })),
      ),
    async queue(sid) {
      const { found, asOf } = await ask('read', `TaskQueues/${sid}/RealTimeStatistics`, () =>
        queueStatistics(space, world.queue(sid).sid, null),
      );
      const byStatus = found.tasks_by_status as Record<string, number>;
      return {
        waiting: (byStatus.pending ?? 0) + (byStatus.reserved ?? 0),
        longestWaitMs: found.longest_task_waiting_age * 1000,
        eligible: found.total_eligible_workers,
        availableWorkers: found.total_available_workers,
        asOf,
      };
    },
    async *pastEvents(type, since) {
      yield await read('Events', () =>
        world
          .events(type)
          .filter((event) => event.at >= since)
          .map((event) => ({
            ...callbackParams(event, space.engine.accountSid, world.doubts),
            ...{ ActorType: event.by.type, ActorSid: event.by.sid },
          })),
      );
    },
    close() {},
  };
}

/** A snapshot of the answer, which later changes do not affect. */
function copy(channel: WorkerChannel) {
  const { sid, taskChannelSid, taskChannelUniqueName, configuredCapacity, available } = channel;
  return {
    ...{ sid, taskChannelSid, taskChannelUniqueName, configuredCapacity, available },
    ...{ open: channel.open.size, accepted: channel.accepted.size },
  };
}

function channelReading(found: ReturnType<typeof copy>, asOf: number): ChannelReading {
  return {
    sid: found.sid,
    taskChannelSid: found.taskChannelSid,
    uniqueName: found.taskChannelUniqueName,
    capacity: found.configuredCapacity,
    available: found.available,
    assignedTasks: found.accepted,
    availableCapacityPercentage: availablePercentage(found.open, found.configuredCapacity),
    asOf,
  };
}

function workerReading(world: World, sid: string) {
  const worker = world.space.worker(sid);
  const activity = world.space.activityOf(worker);
  // TaskRouter returns instants in whole seconds.
  const seconds = (at: number) => Math.floor(at / 1000) * 1000;
  return {
    sid: worker.sid as WorkerSid,
    friendlyName: worker.friendlyName,
    attributes: worker.attributes,
    activitySid: worker.activitySid as ActivitySid,
    activityName: activity.friendlyName,
    available: activity.available,
    statusChangedAt: seconds(worker.dateStatusChanged),
    updatedAt: seconds(worker.dateUpdated),
  };
}

function failureOf({ status, code, message }: Refusal): Failure {
  const kind = status === 404 ? 'gone' : 'invalid';
  return new Failure(kind, message, { status, code });
}

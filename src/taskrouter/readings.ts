// What the SDK read, checked and converted to our types. Every field that headroom relies on is
// checked: an answer of another form is a `Failure`, never a partly wrong reading.

import type { ActivityInstance } from 'twilio/lib/rest/taskrouter/v1/workspace/activity.js';
import type { EventInstance } from 'twilio/lib/rest/taskrouter/v1/workspace/event.js';
import type { TaskInstance } from 'twilio/lib/rest/taskrouter/v1/workspace/task.js';
import type { TaskChannelInstance } from 'twilio/lib/rest/taskrouter/v1/workspace/taskChannel.js';
import type { TaskQueueRealTimeStatisticsInstance } from 'twilio/lib/rest/taskrouter/v1/workspace/taskQueue/taskQueueRealTimeStatistics.js';
import type { TaskQueueInstance } from 'twilio/lib/rest/taskrouter/v1/workspace/taskQueue.js';
import type { ReservationInstance } from 'twilio/lib/rest/taskrouter/v1/workspace/worker/reservation.js';
import type { WorkerChannelInstance } from 'twilio/lib/rest/taskrouter/v1/workspace/worker/workerChannel.js';
import type { WorkerInstance } from 'twilio/lib/rest/taskrouter/v1/workspace/worker.js';
import { type DeliveryFields, deliveryFields } from '../core/delivery-fields.ts';
import { isSid, type Sid, type WorkerSid } from '../core/ids.ts';
import {
  type ActivityReading,
  type ChannelReading,
  Failure,
  type QueueReading,
  type ReservationReading,
  type TaskQueueReading,
  type WorkerReading,
} from '../ports.ts';

/** The Workers of a page that can be parsed; `onOdd` is called with the SID of every other one. */
export function workerReadings(
  found: readonly WorkerInstance[],
  onInvalid?: (worker: WorkerSid) => void,
): readonly WorkerReading[] {
  return found.flatMap((each) => {
    try {
      return [workerReading(each)];
    } catch (error) {
      if (onInvalid === undefined || !(error instanceof Failure) || !isSid('WK', each.sid))
        throw error;
      onInvalid(each.sid);
      return [];
    }
  });
}

export function workerReading(found: WorkerInstance): WorkerReading {
  const read = reader('Worker', found);
  return {
    sid: read.sid('WK', 'sid'),
    friendlyName: read.text('friendlyName'),
    // A list may leave them out; text that is not JSON makes the Worker unknown, and nothing else.
    attributes: typeof found.attributes === 'string' ? found.attributes : null,
    activitySid: read.sid('WA', 'activitySid'),
    activityName: read.text('activityName'),
    available: read.flag('available'),
    statusChangedAt: read.instant('dateStatusChanged'),
    updatedAt: read.instant('dateUpdated'),
  };
}

/** `asOf`: the instant the request began, epoch ms. */
export function channelReading(
  found: WorkerChannelInstance,
  worker: WorkerSid,
  asOf: number,
): ChannelReading {
  const read = reader('Worker Channel', found);
  if (read.text('workerSid') !== worker) throw read.unexpected('workerSid');
  return {
    sid: read.text('sid'),
    taskChannelSid: read.text('taskChannelSid'),
    uniqueName: read.text('taskChannelUniqueName'),
    capacity: read.count('configuredCapacity'),
    available: read.flag('available'),
    assignedTasks: read.count('assignedTasks'),
    availableCapacityPercentage: read.count('availableCapacityPercentage'),
    asOf,
  };
}

export function activityReading(found: ActivityInstance): ActivityReading {
  const read = reader('Activity', found);
  return {
    sid: read.sid('WA', 'sid'),
    friendlyName: read.text('friendlyName'),
    available: read.flag('available'),
  };
}

export function taskChannelReading(found: TaskChannelInstance): {
  readonly sid: string;
  readonly uniqueName: string;
} {
  const read = reader('Task Channel', found);
  return { sid: read.text('sid'), uniqueName: read.text('uniqueName') };
}

export function reservationReading(found: ReservationInstance): ReservationReading {
  const read = reader('Reservation', found);
  return {
    sid: read.sid('WR', 'sid'),
    taskSid: read.sid('WT', 'taskSid'),
    status: read.text('reservationStatus'),
  };
}

export function channelOfTask(found: TaskInstance): string {
  return reader('Task', found).text('taskChannelUniqueName');
}

export function taskQueueReading(found: TaskQueueInstance): TaskQueueReading {
  const read = reader('TaskQueue', found);
  return {
    sid: read.sid('WQ', 'sid'),
    friendlyName: read.text('friendlyName'),
    targetWorkers: read.text('targetWorkers'),
  };
}

/**
 * A Task reserved for a Worker still waits: it is not accepted, and TaskRouter's own longest wait
 * goes on. Without it the number would fall with every offer and rise with every rejection.
 */
export function queueReading(
  found: TaskQueueRealTimeStatisticsInstance,
  asOf: number,
): QueueReading {
  const read = reader("TaskQueue's statistics", found);
  const byStatus = reader("TaskQueue's statistics", Object(found.tasksByStatus));
  return {
    waiting: byStatus.count('pending') + byStatus.count('reserved'),
    longestWaitMs: read.count('longestTaskWaitingAge') * 1000,
    eligible: read.count('totalEligibleWorkers'),
    availableWorkers: read.count('totalAvailableWorkers'),
    asOf,
  };
}

/** An event of the history as the form fields of its delivery, which are named differently. */
export function deliveryOf(found: EventInstance): DeliveryFields {
  const read = reader('past event', found);
  return {
    ...deliveryFields(Object(found.eventData)),
    EventType: read.text('eventType'),
    Sid: read.sid('EV', 'sid'),
    WorkspaceSid: read.text('workspaceSid'),
    ResourceSid: read.text('resourceSid'),
    ResourceType: read.text('resourceType'),
    TimestampMs: String(read.count('eventDateMs')),
    // The actor is optional: not every event is caused by somebody.
    ...(found.actorType && { ActorType: found.actorType }),
    ...(found.actorSid && { ActorSid: found.actorSid }),
  };
}

/** Reads fields of one resource; each throws unless the field is of the form that we expect. */
function reader(what: string, found: object) {
  const field = (name: string): unknown => Reflect.get(found, name);
  const unexpected = (name: string) => {
    const value = JSON.stringify(field(name))?.slice(0, 60);
    return new Failure('unavailable', `TaskRouter sent a ${what} whose ${name} is ${value}`);
  };
  return {
    unexpected,
    text(name: string): string {
      const value = field(name);
      if (typeof value === 'string' && value !== '') return value;
      throw unexpected(name);
    },
    sid<Kind extends string>(prefix: Kind, name: string): Sid<Kind> {
      const value = field(name);
      if (isSid(prefix, value)) return value;
      throw unexpected(name);
    },
    flag(name: string): boolean {
      const value = field(name);
      if (typeof value === 'boolean') return value;
      throw unexpected(name);
    },
    count(name: string): number {
      const value = field(name);
      if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
      throw unexpected(name);
    },
    /** epoch ms; null if TaskRouter sent none. */
    instant(name: string): number | null {
      const value = field(name);
      if (value === null || value === undefined) return null;
      if (value instanceof Date) return value.getTime();
      throw unexpected(name);
    },
  };
}

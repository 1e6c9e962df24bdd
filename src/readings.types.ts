// The types of what the gateway reads from TaskRouter; other files import them from `ports.ts`.

import type { ActivitySid, ReservationSid, TaskSid, WorkerSid } from './core/ids.ts';

export interface WorkerReading {
  readonly sid: WorkerSid;
  readonly friendlyName: string;
  /** The JSON text; null if a list left it out. */
  readonly attributes: string | null;
  readonly activitySid: ActivitySid;
  readonly activityName: string;
  readonly available: boolean;
  /** epoch ms, TaskRouter's clock, whole seconds. */
  readonly statusChangedAt: number | null;
  readonly updatedAt: number | null;
}

export interface ChannelReading {
  readonly sid: string;
  readonly taskChannelSid: string;
  readonly uniqueName: string;
  readonly capacity: number;
  readonly available: boolean;
  readonly assignedTasks: number;
  readonly availableCapacityPercentage: number;
  /** Our clock, epoch ms: the instant the request began. Later changes may be missing. */
  readonly asOf: number;
}

export interface ActivityReading {
  readonly sid: ActivitySid;
  readonly friendlyName: string;
  readonly available: boolean;
}

export interface ReservationReading {
  readonly sid: ReservationSid;
  readonly taskSid: TaskSid;
  readonly status: string;
}

export interface TaskQueueReading {
  readonly sid: string;
  readonly friendlyName: string;
  /** The expression that selects its Workers. */
  readonly targetWorkers: string;
}

export interface QueueReading {
  /** Tasks not yet accepted: pending ones, and those reserved for a Worker. */
  readonly waiting: number;
  readonly longestWaitMs: number;
  readonly eligible: number;
  readonly availableWorkers: number;
  /** Our clock, epoch ms: the instant the request began. */
  readonly asOf: number;
}

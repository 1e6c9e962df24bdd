/**
 * What a TaskRouter Workspace is made of. Entities are plain mutable records; only the functions
 * of this folder change them, and everything time-like is epoch milliseconds.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/**
 * `seq` is the order of creation across the whole emulator: lists are sorted by it, page tokens
 * resume at it.
 */
interface Resource {
  readonly sid: string;
  readonly seq: number;
  readonly dateCreated: number;
  dateUpdated: number;
}

export interface Workspace extends Resource {
  friendlyName: string;
  eventCallbackUrl: string;
  eventsFilter: string | null;
  defaultActivitySid: string;
  timeoutActivitySid: string;
  multiTaskEnabled: boolean;
  prioritizeQueueOrder: 'FIFO' | 'LIFO';
}

export interface Activity extends Resource {
  friendlyName: string;
  readonly available: boolean;
}

export interface TaskChannel extends Resource {
  friendlyName: string;
  readonly uniqueName: string;
  channelOptimizedRouting: boolean;
}

export interface TaskQueue extends Resource {
  friendlyName: string;
  targetWorkers: string;
  maxReservedWorkers: number;
  taskOrder: 'FIFO' | 'LIFO';
  reservationActivitySid: string | null;
  assignmentActivitySid: string | null;
}

export interface Workflow extends Resource {
  friendlyName: string;
  configuration: string;
  taskReservationTimeout: number;
  assignmentCallbackUrl: string | null;
  fallbackAssignmentCallbackUrl: string | null;
}

export interface WorkerChannel extends Resource {
  readonly workerSid: string;
  readonly taskChannelSid: string;
  readonly taskChannelUniqueName: string;
  configuredCapacity: number;
  available: boolean;
  /** Reservations that count against the capacity: pending, accepted or wrapping. */
  readonly open: Set<string>;
  /** The part of `open` that is accepted: what `assigned_tasks` shows. */
  readonly accepted: Set<string>;
  lastReservedAt: number;
}

export interface Worker extends Resource {
  friendlyName: string;
  attributes: string;
  parsed: JsonObject;
  activitySid: string;
  dateStatusChanged: number;
  version: number;
  /** By the Task Channel's SID. */
  readonly channels: Map<string, WorkerChannel>;
}

export type TaskStatus =
  | 'pending'
  | 'reserved'
  | 'assigned'
  | 'canceled'
  | 'completed'
  | 'wrapping';

export interface Task extends Resource {
  attributes: string;
  parsed: JsonObject;
  status: TaskStatus;
  priority: number;
  reason: string | null;
  readonly timeout: number;
  taskChannelSid: string;
  readonly workflowSid: string | null;
  taskQueueSid: string | null;
  queueEnteredAt: number;
  virtualStartTime: number;
  readonly ignoreCapacity: boolean;
  readonly routingTarget: string | null;
  version: number;
  /** Where the Task is in its Workflow: the filter, the target in it, and that target's terms. */
  route: TaskRoute | null;
  readonly reservations: Set<string>;
  /** Workers who rejected it or let it time out: others are asked first. */
  readonly refusedBy: Set<string>;
  /** When it ended; ended Tasks are forgotten a while later. */
  endedAt: number | null;
}

export interface TaskRoute {
  readonly filter: number;
  readonly target: number;
  /**
   * The target's own expression, over `task.` and `worker.`; none means any Worker of the queue.
   */
  readonly expression: string | null;
  readonly knownWorker: string | null;
  readonly since: number;
}

export type ReservationStatus =
  | 'pending'
  | 'accepted'
  | 'rejected'
  | 'timeout'
  | 'canceled'
  | 'rescinded'
  | 'wrapping'
  | 'completed';

export interface Reservation extends Resource {
  readonly taskSid: string;
  readonly workerSid: string;
  readonly workerChannelSid: string;
  readonly timeoutSeconds: number;
  status: ReservationStatus;
  version: number;
}

/** Who made a change: the Events list includes it, callbacks do not. */
export interface Actor {
  readonly type: string;
  readonly sid: string;
  readonly sourceIp: string | null;
}

export type PayloadValue = string | number | boolean | null;
export type Payload = Readonly<Record<string, PayloadValue>>;

/**
 * One thing that happened. `payload` is snake_case; callbacks, streams and the Events list derive
 * from it.
 */
export interface EventRecord {
  readonly sid: string;
  readonly seq: number;
  readonly at: number;
  readonly type: string;
  readonly workspaceSid: string;
  readonly workspaceName: string;
  readonly resourceType: string;
  readonly resourceSid: string;
  readonly description: string;
  readonly payload: Payload;
  readonly by: Actor;
}

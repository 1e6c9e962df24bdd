// The port to TaskRouter: what the control loop reads and writes there, and how urgent a call is.

import type { TaskSid, WorkerSid } from './core/ids.ts';
import type {
  ActivityReading,
  ChannelReading,
  QueueReading,
  ReservationReading,
  TaskQueueReading,
  WorkerReading,
} from './readings.types.ts';

export interface ChannelChange {
  readonly capacity?: number;
  readonly available?: boolean;
}

/** What a write does, most urgent first. */
export type WriteUrgency = 'hard' | 'lower' | 'restore' | 'raise';
/** How a write waits for its turn in the rate, and what is called when that comes. */
export interface WriteOptions {
  /** Default `lower`. */
  readonly urgency?: WriteUrgency;
  /** The Worker's Activity is not available: of equal urgency, other Workers go first. */
  readonly away?: boolean;
  /**
   * Called just before the request is sent, however long it waited, to store what has to be durable
   * by then. False: it is not sent after all.
   */
  beforeSend?(): Promise<boolean>;
}
/**
 * What a call is for: writes go before reads, except those that give more work. `list` reads many
 * Workers or events at once, for no pass; `resync` is a read of a pass that only a listing
 * requested, and gives way to more urgent passes.
 */
export type Urgency = WriteUrgency | 'read' | 'list' | 'resync';

/**
 * TaskRouter through the official SDK. Every call may reject with a `Failure`, or with `StoreDown`
 * if its place in the shared call budget cannot be taken; with nothing else.
 */
export interface Gateway {
  /** `onOdd` is called for each Worker that cannot be parsed; without it, the list fails. */
  workers(urgency: Urgency, onOdd?: (worker: WorkerSid) => void): AsyncIterable<WorkerReading>;
  /** `urgency` is `read` by default. */
  worker(sid: WorkerSid, urgency?: Urgency): Promise<WorkerReading>;
  /** All Worker Channels of a Worker, every page. `away` as in `WriteOptions`. */
  channels(
    worker: WorkerSid,
    urgency?: Urgency,
    away?: boolean,
  ): Promise<readonly ChannelReading[]>;
  /** One Worker Channel, by its SID or its Task Channel's unique name. */
  channel(worker: WorkerSid, sidOrUniqueName: string, away?: boolean): Promise<ChannelReading>;
  /**
   * Sets exactly the fields in `change` and answers what TaskRouter then reports; null if
   * `options.beforeSend` answered false. If that rejects, so does this.
   */
  setChannel(
    worker: WorkerSid,
    sidOrUniqueName: string,
    change: ChannelChange,
    options?: WriteOptions,
  ): Promise<ChannelReading | null>;
  activities(): Promise<readonly ActivityReading[]>;
  taskChannels(): Promise<readonly { readonly sid: string; readonly uniqueName: string }[]>;
  /** The Worker's Reservations in this status. */
  reservations(worker: WorkerSid, status: string): Promise<readonly ReservationReading[]>;
  /** The unique name of this Task's Task Channel. */
  taskChannelOf(task: TaskSid): Promise<string>;
  taskQueues(): Promise<readonly TaskQueueReading[]>;
  /** The current statistics of one TaskQueue. */
  queue(sid: string): Promise<QueueReading>;
  /**
   * The events of one type from `since` on (epoch ms), page by page, each as the fields of the
   * delivery that reported it, or should have, with `ActorType` and `ActorSid` if TaskRouter says
   * who caused it. `urgency` is `list` by default.
   */
  pastEvents(
    type: string,
    since: number,
    urgency?: Urgency,
  ): AsyncIterable<readonly Readonly<Record<string, string>>[]>;
  close(): void;
}

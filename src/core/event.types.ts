// A TaskRouter event, typed: the form in which it is queued and folded into a Worker's record. Only
// what headroom reads is kept; everything else in a delivery is dropped.

import type { ActivitySid, EventSid, ReservationSid, TaskSid, WorkerSid } from './ids.ts';

/** Who made a change, according to TaskRouter's event history, e.g. `user` and that user's SID. */
export interface Actor {
  readonly type: string;
  readonly sid: string;
}

interface EventBase {
  /** `EV…`: the same delivery sent twice carries the same one. */
  readonly sid: EventSid;
  /** TaskRouter's own time of the event, epoch ms. */
  readonly at: number;
}

/** What an event says about a Worker; null if the delivery did not contain it. */
export interface WorkerSnapshot {
  readonly workerSid: WorkerSid;
  readonly workerName: string | null;
  /** The attributes as the JSON text that TaskRouter sent. */
  readonly attributes: string | null;
  readonly activitySid: ActivitySid | null;
  readonly activityName: string | null;
  /** The Worker's version at that time, which only grows; absent if the delivery had none. */
  readonly version?: number;
}

export type WorkerEventType =
  | 'worker.created'
  | 'worker.deleted'
  | 'worker.activity.update'
  | 'worker.attributes.update';
export type ChannelEventType = 'worker.capacity.update' | 'worker.channel.availability.update';
export type ReservationEventType =
  | 'reservation.created'
  | 'reservation.accepted'
  | 'reservation.rejected'
  | 'reservation.timeout'
  | 'reservation.canceled'
  | 'reservation.rescinded'
  | 'reservation.completed'
  | 'reservation.wrapup'
  | 'reservation.failed';

export type WorkerEvent = EventBase & WorkerSnapshot & { readonly type: WorkerEventType };
/** A Worker Channel was changed. The new number is not in it: it has to be read. */
export type ChannelEvent = EventBase &
  WorkerSnapshot & {
    readonly type: ChannelEventType;
    readonly channel: string;
    /** Who did it; only the event history says, a delivery does not. */
    readonly by?: Actor;
  };
export type ReservationEvent = EventBase &
  WorkerSnapshot & {
    readonly type: ReservationEventType;
    readonly reservationSid: ReservationSid;
    readonly taskSid: TaskSid | null;
    readonly channel: string | null;
  };
/** Something in the Workspace that rules may depend on changed: its directory is read again. */
export type WorkspaceEvent = EventBase & {
  readonly type: 'workspace.changed';
  readonly what: string;
};

export type RoutingEvent = WorkerEvent | ChannelEvent | ReservationEvent | WorkspaceEvent;

/** A genuine delivery that headroom has no use for, with the sentence that says why. */
export interface IgnoredEvent {
  readonly ignored: 'type.unknown' | 'type.unused' | 'field.missing' | 'workspace.other';
  readonly detail: string;
}

// First step of the path: the fields of one verified delivery become a typed event, or the reason
// why headroom has no use for it. Pure and total: every input has a result. Unknown parameters are
// ignored, and only own properties are read.

import type { DeliveryFields } from './delivery-fields.ts';
import type {
  Actor,
  ChannelEventType,
  IgnoredEvent,
  ReservationEventType,
  RoutingEvent,
  WorkerEventType,
  WorkerSnapshot,
} from './event.types.ts';
import { unreachable } from './exhaustive.ts';
import { type EventSid, isSid } from './ids.ts';

type Use =
  | { readonly as: 'worker'; readonly type: WorkerEventType }
  | { readonly as: 'channel'; readonly type: ChannelEventType }
  | { readonly as: 'reservation'; readonly type: ReservationEventType }
  | { readonly as: 'workspace' }
  | { readonly as: 'nothing' };

export const RESERVATION_EVENTS: readonly ReservationEventType[] = [
  'reservation.created',
  'reservation.accepted',
  'reservation.rejected',
  'reservation.timeout',
  'reservation.canceled',
  'reservation.rescinded',
  'reservation.completed',
  'reservation.wrapup',
  'reservation.failed',
];

/** Every event type that TaskRouter documents, and what it becomes here. */
const USES: ReadonlyMap<string, Use> = new Map<string, Use>([
  ...(
    [
      'worker.created',
      'worker.deleted',
      'worker.activity.update',
      'worker.attributes.update',
    ] as const
  ).map((type): [string, Use] => [type, { as: 'worker', type }]),
  ...(['worker.capacity.update', 'worker.channel.availability.update'] as const).map(
    (type): [string, Use] => [type, { as: 'channel', type }],
  ),
  ...RESERVATION_EVENTS.map((type): [string, Use] => [type, { as: 'reservation', type }]),
  ...[
    'activity.created activity.updated activity.deleted',
    'task-channel.created task-channel.updated task-channel.deleted',
    'task-queue.created task-queue.deleted task-queue.expression.updated',
    'workspace.created workspace.updated workspace.deleted',
  ].flatMap((types) => types.split(' ').map((type): [string, Use] => [type, { as: 'workspace' }])),
  ...[
    'task.created task.updated task.canceled task.wrapup task.completed task.deleted',
    'task.system-deleted task.transfer-initiated task.transfer-attempt-failed',
    'task.transfer-failed task.transfer-canceled task.transfer-completed',
    'task-queue.entered task-queue.timeout task-queue.moved',
    'workflow.created workflow.updated workflow.deleted',
    'workflow.target-matched workflow.entered workflow.timeout workflow.skipped',
    // Only Event Streams has this one.
    'workflow.rejected',
  ].flatMap((types) => types.split(' ').map((type): [string, Use] => [type, { as: 'nothing' }])),
]);

/** The largest instant that a Date can hold, epoch ms. */
const MAX_INSTANT = 8.64e15;

/**
 * Reads one delivery for the Workspace `workspaceSid`. The values are those of the form, unchanged.
 */
export function parseEvent(
  fields: DeliveryFields,
  workspaceSid: string,
): RoutingEvent | IgnoredEvent {
  const type = text(fields, 'EventType');
  if (type === null) return missing('EventType', 'this delivery');
  const use = USES.get(type);
  if (use === undefined)
    return ignored('type.unknown', `the event type ${show(type)} is not known`);
  if (use.as === 'nothing') return ignored('type.unused', `headroom makes no use of ${type}`);

  const workspace = text(fields, 'WorkspaceSid');
  if (workspace === null) return missing('WorkspaceSid', type);
  if (workspace !== workspaceSid) {
    return ignored('workspace.other', `${type} is of Workspace ${show(workspace)}`);
  }
  const at = instantField(fields);
  if (at === null) return missing('TimestampMs or Timestamp', type);

  switch (use.as) {
    case 'worker':
      return withWorker(fields, type, (part) => ({
        ...common(fields, type, at, part.workerSid),
        ...part,
        type: use.type,
      }));
    case 'channel':
      return withWorker(fields, type, (part) => {
        const channel = text(fields, 'TaskChannelUniqueName');
        if (channel === null) return missing('TaskChannelUniqueName', type);
        const key = `${part.workerSid}-${channel}`;
        const by = actorIn(fields);
        const event = { ...common(fields, type, at, key), ...part, type: use.type, channel };
        return by === null ? event : { ...event, by };
      });
    case 'reservation':
      return withWorker(fields, type, (part) => reservation(fields, use.type, at, part));
    case 'workspace': {
      const key = text(fields, 'ResourceSid') ?? workspace;
      return { ...common(fields, type, at, key), type: 'workspace.changed', what: type };
    }
    default:
      return unreachable(use);
  }
}

/** Who did it, if the fields are those of the event history. */
function actorIn(fields: DeliveryFields): Actor | null {
  const [type, sid] = [text(fields, 'ActorType'), text(fields, 'ActorSid')];
  return type === null || sid === null ? null : { type: type.toLowerCase(), sid };
}

function reservation(
  fields: DeliveryFields,
  type: ReservationEventType,
  at: number,
  part: WorkerSnapshot,
): RoutingEvent | IgnoredEvent {
  const reservationSid = text(fields, 'ReservationSid') ?? resource(fields, 'reservation');
  if (!isSid('WR', reservationSid)) return missing('ReservationSid', type);
  const task = text(fields, 'TaskSid');
  return {
    ...common(fields, type, at, reservationSid),
    ...part,
    type,
    reservationSid,
    taskSid: isSid('WT', task) ? task : null,
    channel: text(fields, 'TaskChannelUniqueName'),
  };
}

function withWorker(
  fields: DeliveryFields,
  type: string,
  build: (part: WorkerSnapshot) => RoutingEvent | IgnoredEvent,
): RoutingEvent | IgnoredEvent {
  const workerSid = text(fields, 'WorkerSid') ?? resource(fields, 'worker');
  // `reservation.failed` is documented to come without its Worker: it is then ignored.
  if (!isSid('WK', workerSid)) return missing('WorkerSid', type);
  const activitySid = text(fields, 'WorkerActivitySid');
  const version = count(text(fields, 'WorkerVersion'), 1);
  return build({
    ...(version !== null && { version }),
    workerSid,
    workerName: text(fields, 'WorkerName'),
    attributes: text(fields, 'WorkerAttributes'),
    activitySid: isSid('WA', activitySid) ? activitySid : null,
    activityName: text(fields, 'WorkerActivityName'),
  });
}

function common(fields: DeliveryFields, type: string, at: number, key: string) {
  return { sid: eventSid(fields, type, at, key), at };
}

/**
 * The delivery's `Sid`. Every captured delivery has one, but no page promises it, so a missing one
 * is composed of what identifies the event: its type, its subject and its instant. The same
 * delivery sent again gets the same one. No other field would do better. The pattern is what the
 * queue allows: no ':' and not digits alone.
 */
function eventSid(fields: DeliveryFields, type: string, at: number, key: string): EventSid {
  const sid = text(fields, 'Sid');
  if (sid !== null && /^(?!\d+$)[A-Za-z0-9_-]{1,64}$/.test(sid)) return sid as EventSid;
  const plain = key.slice(0, 160).replaceAll(/[^A-Za-z0-9_$.-]/g, '_');
  return `none-${type}-${plain}-${at}` as EventSid;
}

/** TaskRouter's time of the event, epoch ms: the exact one, else the one in whole seconds. */
function instantField(fields: DeliveryFields): number | null {
  return count(text(fields, 'TimestampMs'), 1) ?? count(text(fields, 'Timestamp'), 1000);
}

function count(value: string | null, unitMs: number): number | null {
  if (value === null || !/^\d{1,16}$/.test(value)) return null;
  const ms = Number(value) * unitMs;
  return ms > 0 && ms <= MAX_INSTANT ? ms : null;
}

/** `ResourceSid`, if the resource is of this type; deliveries differ in the type's letter case. */
function resource(fields: DeliveryFields, type: string): string | null {
  const found = text(fields, 'ResourceType');
  return found?.toLowerCase() === type ? text(fields, 'ResourceSid') : null;
}

/** An own field's value; null where it is absent or empty. */
function text(fields: DeliveryFields, name: string): string | null {
  const value: unknown = Object.hasOwn(fields, name) ? fields[name] : null;
  return typeof value === 'string' && value !== '' ? value : null;
}

function ignored(reason: IgnoredEvent['ignored'], detail: string): IgnoredEvent {
  return { ignored: reason, detail };
}

function missing(field: string, type: string): IgnoredEvent {
  return ignored('field.missing', `${type} carries no valid ${field}`);
}

/** Quotes foreign text for a sentence of ours, cut if it is long. */
function show(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
}

// The past, as deliveries show it: typed events in order, each once, and what else can be learnt
// from them (which Activities are available, whom TaskQueues are for). What cannot be used is
// counted.

import type { DeliveryFields } from '../core/delivery-fields.ts';
import { parseEvent } from '../core/event.ts';
import type { RoutingEvent } from '../core/event.types.ts';
import { parseTarget, type TargetExpression } from '../core/expression.ts';
import type { Directory } from '../core/worker-facts.ts';

/** One event of a Worker. */
export type PastEvent = Exclude<RoutingEvent, { readonly type: 'workspace.changed' }>;

export interface EventHistory {
  /** Ascending; never empty. */
  readonly events: readonly PastEvent[];
  readonly from: number;
  readonly to: number;
  readonly directory: Directory;
  /** Activities of which it is not known whether they are available, by name. */
  readonly unknownActivities: readonly string[];
  readonly targets: ReadonlyMap<string, TargetExpression>;
  /** The first configured capacity found in events, by Worker SID and channel. */
  readonly reportedCapacities: ReadonlyMap<string, number>;
  /** How many events report a change of a Worker Channel, without its new value. */
  readonly channelChanges: number;
  readonly skipped: {
    readonly unused: number;
    readonly elsewhere: number;
    /** One sentence each. */
    readonly incomplete: readonly string[];
  };
}

export interface KnownWorkspace {
  readonly workspaceSid: string;
  /** As TaskRouter has them now; null: only from events and `available`. */
  readonly activities: Directory['activities'] | null;
  /** Names of the available Activities, then no other is; null: not given. */
  readonly available: readonly string[] | null;
  readonly targets: ReadonlyMap<string, string>;
  /** The end; null: the last event. */
  readonly to: number | null;
}

export const capacityKey = (worker: string, channel: string) => `${worker} ${channel}`;

/** null: it contains no event of a Worker. */
export function buildHistory(
  deliveries: readonly DeliveryFields[],
  known: KnownWorkspace,
): EventHistory | null {
  const events = new Map<string, PastEvent>();
  const reported = new Map<string, { readonly at: number; readonly capacity: number }>();
  const texts = new Map<string, string>();
  const left = { unused: 0, elsewhere: 0, incomplete: [] as string[] };
  const changes = new Set<string>();
  for (const fields of deliveries) {
    const event = parseEvent(fields, known.workspaceSid);
    if ('ignored' in event) {
      if (event.ignored === 'workspace.other') left.elsewhere += 1;
      else if (event.ignored === 'field.missing') left.incomplete.push(event.detail);
      else left.unused += 1;
      continue;
    }
    if (event.type === 'workspace.changed') {
      left.unused += 1;
      continue;
    }
    if (isChannelChange(event)) changes.add(event.sid);
    events.set(event.sid, event);
    collectKnowledge(fields, event, reported, texts);
  }
  const sorted = [...events.values()].sort(
    (a, b) => a.at - b.at || (a.version ?? -1) - (b.version ?? -1) || (a.sid < b.sid ? -1 : 1),
  );
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return null;
  const activities = activitiesOf(sorted, known);
  return {
    events: sorted,
    from: first.at,
    to: Math.max(known.to ?? last.at, last.at),
    directory: { activities },
    unknownActivities: unknownIn(sorted, activities),
    targets: parsed(new Map([...texts, ...known.targets])),
    reportedCapacities: new Map([...reported].map(([key, { capacity }]) => [key, capacity])),
    channelChanges: changes.size,
    skipped: left,
  };
}

export function isChannelChange({ type }: PastEvent): boolean {
  return type === 'worker.capacity.update' || type === 'worker.channel.availability.update';
}

function collectKnowledge(
  fields: DeliveryFields,
  event: PastEvent,
  reported: Map<string, { readonly at: number; readonly capacity: number }>,
  texts: Map<string, string>,
): void {
  const { TaskQueueName: queue, TaskQueueTargetExpression: text } = fields;
  if (queue && text !== undefined) texts.set(queue, text);
  const { WorkerChannelCapacity: capacity = '' } = fields;
  if (!('channel' in event) || event.channel === null || !/^\d+$/.test(capacity)) return;
  const key = capacityKey(event.workerSid, event.channel);
  const before = reported.get(key);
  if (before === undefined || event.at < before.at) {
    reported.set(key, { at: event.at, capacity: Number(capacity) });
  }
}

/** An offer shows an available Activity: TaskRouter offers Tasks only to Workers in one. */
function activitiesOf(
  events: readonly PastEvent[],
  known: KnownWorkspace,
): Directory['activities'] {
  const found: Record<string, { name: string; available: boolean }> = { ...known.activities };
  if (known.activities !== null) return found;
  for (const { type, activitySid, activityName } of events) {
    if (activitySid === null || activityName === null) continue;
    if (known.available !== null) {
      found[activitySid] = {
        name: activityName,
        available: known.available.includes(activityName),
      };
    } else if (type === 'reservation.created') {
      found[activitySid] = { name: activityName, available: true };
    }
  }
  return found;
}

function unknownIn(
  events: readonly PastEvent[],
  activities: Directory['activities'],
): readonly string[] {
  const names = events.flatMap(({ activitySid, activityName }) =>
    activitySid === null || Object.hasOwn(activities, activitySid)
      ? []
      : [activityName ?? activitySid],
  );
  return [...new Set(names)].sort();
}

function parsed(texts: ReadonlyMap<string, string>): ReadonlyMap<string, TargetExpression> {
  const targets = new Map<string, TargetExpression>();
  for (const [queue, text] of texts) {
    const found = parseTarget(text);
    if (found.ok) targets.set(queue, found.expression);
  }
  return targets;
}

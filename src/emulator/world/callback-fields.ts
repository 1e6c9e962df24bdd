/**
 * The part of an event's payload that a callback carries. Null fields are left out, as is the new
 * capacity on a Worker Channel's events: a listener has to read the Worker Channel again.
 */
import type { EventRecord, PayloadValue } from './model.ts';

const CHANNEL_EVENTS = new Set(['worker.capacity.update', 'worker.channel.availability.update']);
const UNSENT = new Set(['reservation_status', 'reservation_timeout', 'task_routing_target']);

export function callbackFields(event: EventRecord): [name: string, value: PayloadValue][] {
  return Object.entries(event.payload).filter(
    ([name, value]) =>
      value !== null &&
      !UNSENT.has(name) &&
      !(name === 'worker_channel_capacity' && CHANNEL_EVENTS.has(event.type)),
  );
}

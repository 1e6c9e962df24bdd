// Converts one CloudEvent of Event Streams into the fields of the callback for the same event. Pure
// and total. The envelope has its own id; what counts is TaskRouter's SID (`EV…`), which both
// inputs carry, so that an event delivered by both is one event.

import { type DeliveryFields, deliveryFields } from './delivery-fields.ts';
import { isSid } from './ids.ts';

const TASKROUTER = 'com.twilio.taskrouter.';

/** Types that the callback spells differently. */
const CALLBACK_TYPES: ReadonlyMap<string, string> = new Map([
  ['task-queue.expression-updated', 'task-queue.expression.updated'],
]);

/** null: not a CloudEvent. An event of another product keeps only its full type. */
export function fieldsOfCloudEvent(value: unknown): DeliveryFields | null {
  const type = part(value, 'type');
  if (typeof type !== 'string' || type === '') return null;
  if (!type.startsWith(TASKROUTER)) return { EventType: type };
  const short = type.slice(TASKROUTER.length);
  const data = part(value, 'data');
  const payload = part(data, 'payload');
  const sid = [part(payload, 'sid'), part(data, 'sid')].find((each) => isSid('EV', each));
  const times = [part(payload, 'timestamp'), part(data, 'timestamp'), part(value, 'time')];
  const at = times.map(instantField).find((each) => each !== null);
  return {
    ...(typeof payload === 'object' && payload !== null ? deliveryFields(payload) : {}),
    EventType: CALLBACK_TYPES.get(short) ?? short,
    // Without a SID, `eventSid` composes one, as for a callback.
    Sid: sid ?? '',
    TimestampMs: at === undefined ? '' : String(at),
  };
}

function part(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}

/** epoch ms */
function instantField(value: unknown): number | null {
  const at = typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : 0;
  return at > 0 ? at : null;
}

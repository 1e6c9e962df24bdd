/** An event as the form parameters of a callback: PascalCase names and string values only. */

import type { Doubts } from '../trouble/doubts.ts';
import { callbackFields } from '../world/callback-fields.ts';
import type { EventRecord, PayloadValue } from '../world/model.ts';

export function callbackParams(
  event: EventRecord,
  accountSid: string,
  doubts: Doubts,
): Record<string, string> {
  const params: Record<string, string> = {
    EventType: event.type,
    AccountSid: accountSid,
    WorkspaceSid: event.workspaceSid,
    WorkspaceName: event.workspaceName,
    EventDescription: event.description,
    ResourceType:
      doubts.resourceTypeCase === 'lower' ? event.resourceType : pascal(event.resourceType),
    ResourceSid: event.resourceSid,
    Timestamp: String(Math.floor(event.at / 1000)),
    TimestampMs: String(event.at),
    Sid: event.sid,
  };
  for (const [name, value] of callbackFields(event)) {
    params[pascal(name)] = show(name, value, doubts);
  }
  return params;
}

/** `null` or an empty filter passes every event. */
export function passesFilter(filter: string | null, type: string): boolean {
  const wanted = (filter ?? '').split(',').map((part) => part.trim());
  return wanted.every((part) => part === '') || wanted.includes(type);
}

/** Payload field names: a few dozen, converted for every event. */
const PASCAL = new Map<string, string>();

function pascal(name: string): string {
  const known = PASCAL.get(name);
  if (known !== undefined) return known;
  const made = name.replace(/(?:^|[_-])([a-z])/g, (_, letter: string) => letter.toUpperCase());
  PASCAL.set(name, made);
  return made;
}

function show(name: string, value: PayloadValue, doubts: Doubts): string {
  if (name === 'worker_channel_available' && doubts.channelAvailableForm === '1')
    return value === true ? '1' : '0';
  return String(value);
}

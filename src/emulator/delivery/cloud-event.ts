/**
 * An event as Event Streams sends it: TaskRouter's event in a CloudEvents envelope, with numbers as
 * numbers.
 */
import { createHash } from 'node:crypto';
import type { EventRecord, PayloadValue } from '../world/model.ts';

const PREFIX = 'com.twilio.taskrouter.';

export interface CloudEvent {
  readonly specversion: '1.0';
  readonly type: string;
  readonly source: string;
  readonly id: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly dataschema: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The callback's `task-queue.expression.updated` has a hyphen here. */
export function cloudEventType(type: string): string {
  return PREFIX + type.replace('expression.updated', 'expression-updated');
}

export function cloudEvent(
  event: EventRecord,
  { accountSid, schemaVersion }: { accountSid: string; schemaVersion: number },
): CloudEvent {
  const time = new Date(event.at).toISOString();
  return {
    specversion: '1.0',
    type: cloudEventType(event.type),
    source: `/${accountSid}/TaskRouter/${event.workspaceSid}`,
    id: `EZ${createHash('sha256').update(event.sid).digest('hex').slice(0, 32)}`,
    time,
    datacontenttype: 'application/json',
    dataschema: `https://events-schemas.twilio.com/TaskRouter.WDSEvent/${schemaVersion}`,
    data: {
      sid: event.sid,
      name: pascal(event.type),
      account_sid: accountSid,
      account_friendly_name: null,
      parent_account_sid: null,
      parent_friendly_name: null,
      timestamp: time,
      level: 'ACCOUNT',
      group: event.resourceType,
      product_name: 'TaskRouter',
      publisher: event.workspaceName,
      publisher_metadata: null,
      payload_type: 'application/json',
      payload: {
        sid: event.sid,
        eventtype: event.type,
        account_sid: accountSid,
        timestamp: time,
        workspace_sid: event.workspaceSid,
        workspace_name: event.workspaceName,
        event_description: event.description,
        resource_type: event.resourceType,
        resource_sid: event.resourceSid,
        ...Object.fromEntries(
          Object.entries(event.payload).map(([name, value]) => [name, streamed(name, value)]),
        ),
      },
    },
  };
}

/** Event Streams represents the channel's availability as an integer. */
function streamed(name: string, value: PayloadValue): PayloadValue {
  return name === 'worker_channel_available' ? Number(value) : value;
}

function pascal(type: string): string {
  return type.replace(/(?:^|[.\-_])([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

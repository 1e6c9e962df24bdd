/**
 * The emulator's own routes, outside TaskRouter's API and without credentials: what it is, which
 * calls came in, which events went out.
 */
import type { DeliveryRecord } from '../delivery/callbacks.ts';
import type { World } from '../world/world.ts';
import { type Answer, type Call, ok } from './api.ts';
import type { CallRecord } from './records.ts';
import { errorAnswer } from './rest.ts';

export interface Controlled {
  readonly world: World;
  readonly url: () => string;
  readonly calls: () => CallRecord[];
  readonly deliveries: () => DeliveryRecord[];
}

export function control(served: Controlled, call: Call): Answer | null {
  if (call.path !== '/emulator' && !call.path.startsWith('/emulator/')) return null;
  switch (`${call.method} ${call.path}`) {
    case 'GET /emulator':
      return ok(summary(served));
    case 'GET /emulator/calls':
      return ok({ calls: newest(call, served.calls().filter(callFilter(call))) });
    case 'GET /emulator/deliveries':
      return ok({ deliveries: newest(call, served.deliveries().filter(deliveryFilter(call))) });
    default:
      return errorAnswer(404, 20404, `The emulator has no ${call.method} ${call.path}`);
  }
}

function summary({ world, url, calls, deliveries }: Controlled) {
  const { space } = world;
  const sent = deliveries();
  return {
    name: 'TaskRouter emulator',
    url: url(),
    account_sid: world.engine.accountSid,
    workspace_sid: space.workspace.sid,
    workspace: space.workspace.friendlyName,
    event_callback_url: space.workspace.eventCallbackUrl,
    now: new Date(world.now()).toISOString(),
    started: new Date(world.engine.startedAt).toISOString(),
    workers: space.workers.size,
    workers_available: world.workers().filter((worker) => space.activityOf(worker).available)
      .length,
    tasks_open: world.tasks().filter((task) => task.endedAt === null).length,
    events: world.engine.events.length,
    calls: calls().length,
    deliveries: {
      waiting: sent.filter(({ state }) => state === 'waiting').length,
      delivered: sent.filter(({ state }) => state === 'delivered').length,
      failed: sent.filter(({ state }) => state === 'failed').length,
      dropped: sent.filter(({ state }) => state === 'dropped').length,
    },
  };
}

/** `method` exactly, `path` as a part of it, `since` in epoch milliseconds. */
function callFilter(call: Call): (record: CallRecord) => boolean {
  const method = call.query.text('method')?.toUpperCase();
  const path = call.query.text('path');
  const since = call.query.int('since') ?? 0;
  return (record) =>
    (method === undefined || record.method === method) &&
    (path === undefined || record.path.includes(path)) &&
    record.at >= since;
}

function deliveryFilter(call: Call): (record: DeliveryRecord) => boolean {
  const type = call.query.text('type');
  const state = call.query.text('state');
  return (record) =>
    (type === undefined || record.eventType === type) &&
    (state === undefined || record.state === state);
}

/** `limit` keeps the newest. */
function newest<T>(call: Call, records: T[]): T[] {
  const limit = call.query.int('limit');
  return limit === undefined || limit <= 0 ? records : records.slice(-limit);
}

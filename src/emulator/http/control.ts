/**
 * The emulator's own routes, outside TaskRouter's API and without credentials: its state, the calls
 * it received, the events it sent, and the faults to inject.
 */
import type { DeliveryRecord } from '../delivery/callbacks.ts';
import type { StreamRecord } from '../delivery/streams.ts';
import { DOUBTS, validateDoubts } from '../trouble/doubts.ts';
import type { Fault } from '../trouble/faults.ts';
import { invalid, notFound, Refusal } from '../world/refusal.ts';
import type { World } from '../world/world.ts';
import { type Answer, type Call, created, noContent, ok } from './api.ts';
import type { CallRecord } from './records.ts';
import { errorAnswer } from './rest.ts';

export interface ControlContext {
  readonly world: World;
  readonly url: () => string;
  readonly calls: () => CallRecord[];
  readonly deliveries: () => DeliveryRecord[];
  readonly streamed: () => StreamRecord[];
}

/** The largest skew either way: a year. */
const SKEW_MAX_MS = 365 * 24 * 3_600_000;

type ControlRoute = (served: ControlContext, call: Call) => Answer;

const ROUTES: Readonly<Record<string, ControlRoute>> = {
  'GET /emulator': (served) => ok(summary(served)),
  'GET /emulator/calls': (served, call) =>
    ok({ calls: newest(call, served.calls().filter(callFilter(call))) }),
  'GET /emulator/deliveries': (served, call) =>
    ok({ deliveries: newest(call, served.deliveries().filter(deliveryFilter(call))) }),
  'GET /emulator/streamed': (served, call) => ok({ streamed: newest(call, served.streamed()) }),
  'GET /emulator/faults': ({ world }) => ok({ faults: world.faults.all() }),
  'POST /emulator/faults': ({ world }, call) => created(world.faults.add(object(call) as Fault)),
  'DELETE /emulator/faults': ({ world }) => {
    world.faults.clear();
    return noContent();
  },
  'GET /emulator/doubts': ({ world }) => ok({ doubts: world.doubts, settings: DOUBTS }),
  'POST /emulator/doubts': ({ world }, call) => {
    Object.assign(world.doubts, validateDoubts(object(call)));
    return ok({ doubts: world.doubts });
  },
  'POST /emulator/clock': ({ world }, call) => {
    const { skew_ms: skew } = object(call) as { skew_ms?: unknown };
    if (typeof skew !== 'number' || Math.abs(skew) > SKEW_MAX_MS)
      throw invalid(
        `'skew_ms' is ${JSON.stringify(skew) ?? 'missing'}: expected a number of milliseconds, at most ${SKEW_MAX_MS} either way`,
      );
    world.skewClock(skew);
    return ok({ now: new Date(world.now()).toISOString() });
  },
};

/** Null for a path that is not one of the emulator's own. */
export function control(served: ControlContext, call: Call): Answer | null {
  if (call.path !== '/emulator' && !call.path.startsWith('/emulator/')) return null;
  try {
    const fault = /^\/emulator\/faults\/(\d+)$/.exec(call.path)?.[1];
    if (fault !== undefined && call.method === 'DELETE') {
      if (!served.world.faults.remove(Number(fault))) throw notFound(call.path);
      return noContent();
    }
    const found = ROUTES[`${call.method} ${call.path}`];
    if (found === undefined) throw unknown(call);
    return found(served, call);
  } catch (error) {
    if (error instanceof Refusal) return errorAnswer(error.status, error.code, error.message);
    throw error;
  }
}

/** Names the routes that exist. */
function unknown({ method, path }: Call): Refusal {
  const methods = Object.keys(ROUTES)
    .map((key) => key.split(' '))
    .filter(([, known]) => known === path)
    .map(([known]) => known);
  if (methods.length > 0)
    return new Refusal(405, 20004, `${path} takes ${methods.join(' and ')}, not ${method}`);
  const all = Object.keys(ROUTES).join(', ');
  return new Refusal(
    404,
    20404,
    `There is no ${method} ${path}. The emulator's own routes: ${all}`,
  );
}

function object(call: Call): object {
  call.checkJson();
  if (call.json === null || typeof call.json !== 'object' || Array.isArray(call.json))
    throw invalid('A JSON object is expected, with Content-Type application/json');
  return call.json;
}

function summary({ world, url, calls, deliveries }: ControlContext) {
  const { space } = world;
  const sent = deliveries();
  const count = (state: DeliveryRecord['state']) =>
    sent.filter((record) => record.state === state).length;
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
      waiting: count('waiting'),
      delivered: count('delivered'),
      failed: count('failed'),
      dropped: count('dropped'),
    },
    faults: world.faults.all(),
    doubts: world.doubts,
  };
}

/** `method` matches exactly, `path` a part of it, `since` is epoch milliseconds. */
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

import twilio from 'twilio';
import { afterEach, expect, it } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/emulator.ts';
import { receiver as startReceiver } from './emulator-receiver.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function receiver(...answers: (number | null)[]) {
  const started = await startReceiver(...answers);
  closers.push(started.close);
  return started;
}

async function emulator(eventCallbackUrl?: string): Promise<Emulator> {
  const started = await startEmulator();
  closers.push(() => started.stop());
  if (eventCallbackUrl !== undefined) started.world.setEventCallbackUrl(eventCallbackUrl);
  await started.delivered();
  return started;
}

it('sends a signed form that the SDK verifies, without the fragment', async () => {
  const { received, url } = await receiver();
  const { world, authToken, accountSid, workspaceSid, delivered, deliveries } = await emulator();
  const ana = world.createWorker({ friendlyName: 'Ana', attributes: { team: 'café & co' } });
  world.setEventCallbackUrl(`${url}/hook?a=1#rc=2`, 'worker.activity.update');
  world.setActivity(ana, 'Available');
  await delivered();
  const [event, ...rest] = received;
  expect(rest).toEqual([]);
  expect(event?.url).toBe('/hook?a=1');
  expect(event?.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/);
  const signature = String(event?.headers['x-twilio-signature']);
  const params = event?.params ?? {};
  expect(twilio.validateRequest(authToken, signature, `${url}/hook?a=1`, params)).toBe(true);
  expect(twilio.validateRequest(authToken, signature, `${url}/hook?a=1#rc=2`, params)).toBe(false);
  expect(params).toEqual({
    EventType: 'worker.activity.update',
    AccountSid: accountSid,
    WorkspaceSid: workspaceSid,
    WorkspaceName: 'Emulated Workspace',
    EventDescription: 'Worker Ana updated to Available Activity',
    ResourceType: 'worker',
    ResourceSid: ana.sid,
    Timestamp: expect.stringMatching(/^\d{10}$/),
    TimestampMs: expect.stringMatching(/^\d{13}$/),
    Sid: expect.stringMatching(/^EV[0-9a-f]{32}$/),
    WorkerSid: ana.sid,
    WorkerName: 'Ana',
    WorkerAttributes: '{"team":"café & co"}',
    WorkerActivitySid: world.activity('Available').sid,
    WorkerActivityName: 'Available',
    WorkerVersion: '1',
    OperatingUnitSid: expect.stringMatching(/^OU[0-9a-f]{32}$/),
    WorkerPreviousActivitySid: world.activity('Offline').sid,
    WorkerPreviousActivityName: 'Offline',
    WorkerTimeInPreviousActivity: expect.stringMatching(/^\d+$/),
    WorkerTimeInPreviousActivityMs: expect.stringMatching(/^\d+$/),
  });
  expect(deliveries().at(-1)).toMatchObject({
    eventType: 'worker.activity.update',
    url: `${url}/hook?a=1`,
    params,
    signature,
    state: 'delivered',
    status: 204,
    attempts: 1,
  });
});

it('omits the new capacity from capacity events, but not from reservation events', async () => {
  const { received, url } = await receiver();
  const { world, delivered } = await emulator();
  world.createQueue('All');
  world.createWorker({ friendlyName: 'Ana', activity: 'Available' });
  world.setEventCallbackUrl(url, 'worker.capacity.update,reservation.created');
  world.editChannel('Ana', 'chat', { capacity: 3 });
  await delivered();
  world.createTask({ channel: 'chat', queue: 'All', attributes: { topic: 'x' } });
  await delivered();
  const [capacity, reservation] = received.map(({ params }) => params);
  expect(capacity).toMatchObject({
    EventType: 'worker.capacity.update',
    WorkerChannelAvailable: 'true',
    WorkerChannelAvailableCapacity: '100',
    WorkerChannelPreviousCapacity: '1',
    WorkerChannelTaskCount: '0',
    TaskChannelUniqueName: 'chat',
    TaskChannelSid: expect.stringMatching(/^TC/),
  });
  expect(capacity).not.toHaveProperty('WorkerChannelCapacity');
  expect(capacity).not.toHaveProperty('WorkerChannelSid');
  expect(Object.keys(reservation ?? {}).sort()).toEqual(
    [
      'EventType ResourceType ResourceSid Sid AccountSid WorkspaceSid WorkspaceName',
      'EventDescription Timestamp TimestampMs TaskSid TaskPriority TaskAge TaskAssignmentStatus',
      'TaskAttributes TaskVersion TaskChannelUniqueName TaskChannelSid TaskIgnoreCapacity',
      'TaskQueueEnteredDate TaskDateCreated TaskVirtualStartTime TaskQueueName TaskQueueSid',
      'TaskQueueTargetExpression ReservationSid ReservationVersion WorkerSid WorkerName',
      'WorkerVersion WorkerActivityName WorkerActivitySid WorkerAttributes OperatingUnitSid',
      'WorkerChannelConsumedCapacity WorkerChannelCapacity',
    ]
      .join(' ')
      .split(' ')
      .sort(),
  );
  expect(reservation).toMatchObject({ ResourceType: 'reservation', WorkerChannelCapacity: '3' });
});

it('does not retry an answer by default', async () => {
  const { received, url } = await receiver(500);
  const { deliveries } = await emulator(url);
  expect(received).toHaveLength(1);
  expect(deliveries()).toMatchObject([{ state: 'failed', status: 500, attempts: 1 }]);
});

it('retries as the overrides say, with a header that says so', async () => {
  const { received, url } = await receiver(503, 400);
  const { deliveries } = await emulator(`${url}#rc=5&rp=all`);
  expect(deliveries()).toMatchObject([{ state: 'delivered', status: 204, attempts: 3 }]);
  const tokens = received.map(({ headers }) => headers['i-twilio-idempotency-token']);
  expect(tokens[0]).toBeUndefined();
  expect(tokens[1]).toMatch(/^[0-9a-f-]{36}$/);
  expect(tokens[2]).toBe(tokens[1]);
  expect(new Set(received.map(({ body }) => body)).size).toBe(1);
});

it('tries a refused connection once more by default', async () => {
  const { url } = await receiver();
  await closers.pop()?.();
  const { deliveries } = await emulator(url);
  expect(deliveries()).toMatchObject([{ state: 'failed', status: null, attempts: 2 }]);
});

it('gives up on a response that does not arrive in time', async () => {
  const { url } = await receiver(null);
  const { deliveries } = await emulator(`${url}#rt=100`);
  expect(deliveries()).toMatchObject([{ state: 'failed', attempts: 1, error: 'read timeout' }]);
});

it('is not held up by a receiver that never responds, and stops at once', async () => {
  const { url } = await receiver(...Array<null>(100).fill(null));
  const started = await startEmulator({ eventCallbackUrl: url });
  for (let i = 0; i < 50; i += 1) started.world.createWorker({ friendlyName: `Worker ${i}` });
  expect(started.world.workers()).toHaveLength(50);
  await started.stop();
  // Those under way were cut off; had it waited for them, they would have timed out.
  const ended = started.deliveries().map(({ state, error }) => `${state}: ${error}`);
  expect([...new Set(ended)].sort()).toEqual([
    'failed: The operation was aborted',
    'waiting: null',
  ]);
});

it('drops, duplicates, delays and reorders on request', async () => {
  const { received, url, has } = await receiver();
  const { world, deliveries } = await emulator();
  const ana = world.createWorker({ friendlyName: 'Ana' });
  world.setEventCallbackUrl(url, 'worker.capacity.update');
  world.doubts.eventOrder = 'in-turn';
  const capacities = async (count: number) => {
    await has(count);
    return received.splice(0).map(({ params }) => params.WorkerChannelPreviousCapacity);
  };
  const set = (capacity: number) => world.editChannel(ana, 'chat', { capacity });
  world.faults.add({ kind: 'drop', type: 'worker.capacity.*', next: 1 });
  set(2);
  world.faults.add({ kind: 'double', next: 1 });
  set(3);
  expect(await capacities(2)).toEqual(['2', '2']);
  expect(new Set(deliveries().map(({ eventSid }) => eventSid)).size).toBe(1);
  world.faults.add({ kind: 'reorder', next: 1 });
  set(4);
  set(5);
  expect(await capacities(2)).toEqual(['4', '3']);
  world.faults.add({ kind: 'delay', ms: 100, next: 1 });
  set(6);
  set(7);
  expect(await capacities(2)).toEqual(['6', '5']);
  world.faults.add({ kind: 'reorder', next: 1 });
  set(8);
  expect(await capacities(1)).toEqual(['7']);
});

it('behaves as each doubt is set', async () => {
  const { received, url } = await receiver();
  const { world, delivered } = await emulator();
  const ana = world.createWorker({ friendlyName: 'Ana' });
  world.editChannel(ana, 'chat', { capacity: 4 });
  world.setEventCallbackUrl(url, 'worker.channel.availability.update');
  Object.assign(world.doubts, {
    channelAvailableForm: '1',
    availableCapacityUnit: 'tasks',
    channelEventResource: 'channel',
    resourceTypeCase: 'capitalized',
  });
  world.editChannel(ana, 'chat', { available: false });
  world.doubts.eventOrder = 'mixed';
  await delivered();
  expect(received.map(({ params }) => params)).toMatchObject([
    {
      WorkerChannelAvailable: '0',
      WorkerChannelAvailableCapacity: '4',
      ResourceType: 'WorkerChannel',
      ResourceSid: world.channel(ana, 'chat').sid,
    },
  ]);
});

it('reports once that callbacks are not accepted, and once that they are again', async () => {
  const { url } = await receiver(500, 500, 500, 204, 204);
  const lines: string[] = [];
  const started = await startEmulator({ log: (line) => lines.push(line) });
  closers.push(() => started.stop());
  started.world.doubts.eventOrder = 'in-turn';
  started.world.setEventCallbackUrl(url);
  for (const friendlyName of ['A', 'B', 'C', 'D']) started.world.createWorker({ friendlyName });
  await started.delivered();
  expect(lines).toEqual([
    `event callbacks are not taken by ${url}: 500`,
    `event callbacks are taken by ${url} again`,
  ]);
});

import twilio from 'twilio';
import { afterEach, describe, expect, it } from 'vitest';
import { startEmulator } from '../../src/emulator/emulator.ts';
import { receiver as startReceiver } from './emulator-receiver.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const CAPACITY = 'com.twilio.taskrouter.worker.capacity.update';

/** A subscription to capacity events, created through the SDK as at Twilio. */
async function streaming(batch: boolean, ...answers: (number | null)[]) {
  const receiver = await startReceiver(...answers);
  closers.push(receiver.close);
  let now = Date.parse('2026-06-10T10:00:00Z');
  const emulator = await startEmulator({ now: () => now });
  closers.push(() => emulator.stop());
  const client = twilio(emulator.accountSid, emulator.authToken);
  client.events.baseUrl = emulator.url;
  const sink = await client.events.v1.sinks.create({
    description: 'Test',
    sinkType: 'webhook',
    sinkConfiguration: {
      destination: `${receiver.url}/in?a=1`,
      method: 'POST',
      batch_events: batch,
    },
  });
  const subscription = await client.events.v1.subscriptions.create({
    description: 'Test',
    sinkSid: sink.sid,
    types: [{ type: CAPACITY, schema_version: 4 }],
  });
  const { world } = emulator;
  const ana = world.createWorker({ friendlyName: 'Ana' });
  return {
    ...receiver,
    emulator,
    world,
    ana,
    client,
    sink,
    subscription,
    set: (capacity: number) => world.editChannel(ana, 'chat', { capacity }),
    /** Lets emulated time pass at once. */
    pass: (ms: number) => {
      now += ms;
      world.advance();
    },
    /** Waits, on the real clock, until the result of the last attempt is known. */
    settled: (state: string) =>
      expect.poll(() => emulator.streamed().at(-1)?.state, { interval: 5 }).toBe(state),
  };
}

describe('Event Streams', () => {
  it('send one CloudEvent, signed over its body', async () => {
    const { received, has, set, emulator, url, ana } = await streaming(false);
    set(3);
    await has(1);
    const [delivery] = received;
    const body = delivery?.body ?? '';
    const full = url + delivery?.url;
    expect(delivery?.url).toMatch(/^\/in\?a=1&bodySHA256=[0-9a-f]{64}$/);
    const signature = String(delivery?.headers['x-twilio-signature']);
    const { validateRequestWithBody } = twilio;
    expect(validateRequestWithBody(emulator.authToken, signature, full, body)).toBe(true);
    expect(validateRequestWithBody(emulator.authToken, signature, full, `${body} `)).toBe(false);
    expect(JSON.parse(body)).toEqual({
      specversion: '1.0',
      type: CAPACITY,
      source: expect.any(String),
      id: expect.stringMatching(/^EZ[0-9a-f]{32}$/),
      time: '2026-06-10T10:00:00.000Z',
      datacontenttype: 'application/json',
      dataschema: 'https://events-schemas.twilio.com/TaskRouter.WDSEvent/4',
      data: expect.objectContaining({
        sid: expect.stringMatching(/^EV/),
        name: 'WorkerCapacityUpdate',
        product_name: 'TaskRouter',
        payload_type: 'application/json',
        payload: expect.objectContaining({
          eventtype: 'worker.capacity.update',
          worker_sid: ana.sid,
          worker_channel_available: 1,
          worker_channel_capacity: 3,
          worker_channel_previous_capacity: 1,
        }),
      }),
    });
  });

  it('send an array when batched', async () => {
    const { received, has, set, pass } = await streaming(true);
    set(2);
    set(3);
    pass(200);
    await has(1);
    const batch = JSON.parse(received[0]?.body ?? '') as { type: string }[];
    expect(batch.map(({ type }) => type)).toEqual([CAPACITY, CAPACITY]);
  });

  it('retry 5xx and 429 with growing delays until one is accepted', async () => {
    const { received, has, set, pass, settled } = await streaming(false, 503, 429, 204);
    const comeAfter = (ms: number) => () => {
      pass(ms);
      return received.length;
    };
    set(3);
    await has(1);
    await expect.poll(comeAfter(500), { interval: 5 }).toBe(2);
    await expect.poll(comeAfter(1_000), { interval: 5 }).toBe(3);
    await settled('delivered');
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
  });

  it('discard on any other 4xx', async () => {
    const { received, set, settled } = await streaming(false, 403);
    set(3);
    await settled('discarded');
    expect(received).toHaveLength(1);
  });

  it('give up after four hours', async () => {
    const { emulator, set, pass, received } = await streaming(false, ...Array(500).fill(500));
    set(3);
    const state = () => {
      pass(5 * 60_000);
      return emulator.streamed()[0]?.state;
    };
    await expect.poll(state, { interval: 2, timeout: 20_000 }).toBe('failed');
    expect(received.length).toBeGreaterThan(10);
    expect(received.length).toBeLessThan(60);
  });

  it('are created and deleted as at Twilio', async () => {
    const { client, sink, subscription, has, received } = await streaming(false);
    const { sinks, subscriptions } = client.events.v1;
    expect(sink).toMatchObject({ status: 'active', sinkType: 'webhook' });
    expect((await sinks.list()).map(({ sid }) => sid)).toEqual([sink.sid]);
    await expect(
      subscriptions.create({ description: 'Second', sinkSid: sink.sid, types: [] }),
    ).rejects.toMatchObject({ message: `Sink ${sink.sid} is in use` });
    await expect(sinks(sink.sid).remove()).rejects.toMatchObject({ status: 400 });
    const events = subscriptions(subscription.sid).subscribedEvents;
    await events.create({ type: 'com.twilio.taskrouter.worker.created' });
    expect((await events.list()).map(({ type, schemaVersion }) => [type, schemaVersion])).toEqual([
      [CAPACITY, 4],
      ['com.twilio.taskrouter.worker.created', 4],
    ]);
    await sinks(sink.sid).sinkTest.create();
    await has(1);
    expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({ specversion: '1.0' });
    expect(await subscriptions(subscription.sid).remove()).toBe(true);
    expect(await sinks(sink.sid).remove()).toBe(true);
  });
});

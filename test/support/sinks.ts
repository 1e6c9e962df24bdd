// Event Streams of the emulator, set up through the SDK as they would be at Twilio.

import twilio from 'twilio';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { waitFor } from './wait.ts';

const TYPES = [
  'worker.created worker.deleted worker.activity.update worker.attributes.update',
  'worker.capacity.update worker.channel.availability.update',
  'reservation.created reservation.accepted reservation.rejected reservation.timeout',
  'reservation.canceled reservation.rescinded reservation.completed reservation.wrapup',
  'reservation.failed task.created task.completed task-queue.created task-queue.entered',
  'task-queue.expression-updated task-queue.deleted',
].flatMap((types) => types.split(' ').map((type) => `com.twilio.taskrouter.${type}`));

/** A sink that sends every TaskRouter event to `destination`, one by one or in batches. */
export async function sinkTo(
  emulator: Emulator,
  destination: string,
  options: { readonly batch: boolean },
): Promise<void> {
  const client = twilio(emulator.accountSid, emulator.authToken);
  client.events.baseUrl = emulator.url;
  const sink = await client.events.v1.sinks.create({
    description: 'headroom',
    sinkType: 'webhook',
    sinkConfiguration: { destination, method: 'POST', batch_events: options.batch },
  });
  await client.events.v1.subscriptions.create({
    description: 'headroom',
    sinkSid: sink.sid,
    types: TYPES.map((type) => ({ type, schema_version: 4 })),
  });
}

/** Resolves when each of these events (`EV…`) was delivered by a sink. */
export async function streamed(emulator: Emulator, sids: readonly string[]): Promise<void> {
  await waitFor('the sinks have delivered', () => {
    const done = emulator.streamed().filter(({ state }) => state === 'delivered');
    const bodies = done.map(({ body }) => body).join();
    return sids.every((sid) => bodies.includes(sid));
  });
}

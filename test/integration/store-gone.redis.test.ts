// The daemon on a Redis that goes away and comes back: deliveries are refused with 503 meanwhile,
// never lost after a 204, and everything recovers by itself.

import { afterEach, expect, it } from 'vitest';
import { type OwnRedis, ownRedis } from '../support/redis.ts';
import { type Rig, startRig } from '../support/rig.ts';
import { waitFor } from '../support/wait.ts';

const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce }
rules:
  - { name: three, who: everyone, when: activity.available, then: { chat: 3 } }
`;

let redis: OwnRedis | null = null;
let rig: Rig | null = null;
afterEach(async () => {
  await rig?.stop();
  await redis?.remove();
});

it('with the store stopped the receiver answers 503 and recovers by itself', async () => {
  const server = await ownRedis('--appendonly', 'yes', '--appendfsync', 'always');
  redis = server;
  const daemon = await startRig({
    rules: { 'rules.yaml': RULES },
    env: { REDIS_URL: server.url, HEADROOM_KEY_PREFIX: 'gone' },
    callbacks: false,
    world: ({ world }) => world.createWorker({ friendlyName: 'Ana', attributes: {} }),
  });
  rig = daemon;
  const { world } = daemon.emulator;
  const worker = world.setActivity('Ana', 'Available');
  const fields = {
    EventType: 'worker.activity.update',
    Sid: `EV${'b'.repeat(32)}`,
    WorkspaceSid: daemon.emulator.workspaceSid,
    TimestampMs: String(Date.now()),
    WorkerSid: worker.sid,
    WorkerActivitySid: world.activity('Available').sid,
    WorkerActivityName: 'Available',
    WorkerAttributes: '{}',
  };
  await server.stop();
  const ready = () => fetch(`${daemon.service.url}/readyz`).then((r) => r.status);
  const began = performance.now();
  expect(await daemon.deliver(fields)).toBe(503);
  // Twilio waits 15 s at most; a receiver that hangs is worse than one that refuses.
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(await ready()).toBe(503);
  expect(await fetch(`${daemon.service.url}/healthz`).then((r) => r.status)).toBe(200);
  await server.start();
  await waitFor('it takes deliveries again', async () => (await daemon.deliver(fields)) === 204);
  await waitFor('the write', () => world.channel('Ana', 'chat').configuredCapacity === 3);
  expect(await ready()).toBe(200);
  await daemon.quiet();
  expect(daemon.posts()).toHaveLength(1);
});

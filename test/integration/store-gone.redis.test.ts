// The daemon on a Redis that goes away and comes back: deliveries are refused with 503 meanwhile,
// never lost after a 204, and everything recovers by itself.

import { afterEach, expect, it } from 'vitest';
import {
  type OwnRedis,
  ownRedis,
  type RedisProxy,
  startRedisProxy,
  withRedis,
} from '../support/redis.ts';
import { type Rig, startRig } from '../support/rig.ts';
import { waitFor } from '../support/wait.ts';

const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce }
rules:
  - { name: three, who: everyone, when: activity.available, then: { chat: 3 } }
`;

let redis: OwnRedis | null = null;
let second: OwnRedis | null = null;
let address: RedisProxy | null = null;
let rig: Rig | null = null;
afterEach(async () => {
  await rig?.stop();
  address?.close();
  await redis?.remove();
  await second?.remove();
});

const COUNTED = `version: 1
defaults: { timezone: UTC, mode: enforce, baseline: { chat: 1 } }
guardrails: { max_change: { workers: 100%, per: 5m } }
rules:
  - { name: three, who: everyone, when: activity.available, then: { chat: 3 } }
`;

it('a store that comes back empty is filled again, and the daemon continues', async () => {
  const server = await ownRedis('--appendonly', 'no', '--save', '');
  redis = server;
  const daemon = await startRig({
    rules: { 'rules.yaml': COUNTED },
    env: { REDIS_URL: server.url, HEADROOM_KEY_PREFIX: 'empty' },
    world: ({ world }) => {
      for (const name of ['Ana', 'Bo']) world.createWorker({ friendlyName: name, attributes: {} });
    },
  });
  rig = daemon;
  const { world } = daemon.emulator;
  const capacity = (name: string) => world.channel(name, 'chat').configuredCapacity;
  world.setActivity('Ana', 'Available');
  await waitFor('Ana has three', () => capacity('Ana') === 3);
  await daemon.quiet();
  await server.stop();
  await server.start();
  world.setActivity('Bo', 'Available');
  await waitFor('Bo has three', () => capacity('Bo') === 3);
  world.setActivity('Ana', 'Offline');
  await waitFor('Ana is back at one', () => capacity('Ana') === 1);
  await daemon.quiet();
  const listed = async () => (await daemon.service.status()).workers;
  await waitFor('everybody is listed again', async () => (await listed()).listed === 2);
});

it('while the store is stopped the receiver answers 503, and it recovers by itself', async () => {
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
  // Answered although the store stays away: a receiver that hangs is worse than one that refuses.
  expect(await daemon.deliver(fields)).toBe(503);
  expect(await ready()).toBe(503);
  expect(await fetch(`${daemon.service.url}/healthz`).then((r) => r.status)).toBe(200);
  await server.start();
  await waitFor('it takes deliveries again', async () => (await daemon.deliver(fields)) === 204);
  await waitFor('the write', () => world.channel('Ana', 'chat').configuredCapacity === 3);
  expect(await ready()).toBe(200);
  await daemon.quiet();
  expect(daemon.posts()).toHaveLength(1);
});

it('34: deliveries refused meanwhile and never retried are made up for by a resync', async () => {
  const server = await ownRedis('--appendonly', 'yes', '--appendfsync', 'always');
  redis = server;
  const daemon = await startRig({
    rules: { 'rules.yaml': RULES },
    env: { REDIS_URL: server.url, HEADROOM_KEY_PREFIX: 'refused' },
    callbacks: false,
    world: ({ world }) => world.createWorker({ friendlyName: 'Ana', attributes: {} }),
  });
  rig = daemon;
  const { world } = daemon.emulator;
  await daemon.quiet();
  await server.stop();
  const { sid } = world.setActivity('Ana', 'Available');
  const fields = {
    EventType: 'worker.activity.update',
    Sid: `EV${'c'.repeat(32)}`,
    WorkspaceSid: daemon.emulator.workspaceSid,
    TimestampMs: String(Date.now()),
    WorkerSid: sid,
  };
  expect(await daemon.deliver(fields)).toBe(503);
  await server.start();
  await waitFor('the write', () => world.channel('Ana', 'chat').configuredCapacity === 3, 40_000);
});

it('a failover behind one address is followed, though the old primary lives on', async () => {
  const [first, next] = [await ownRedis('--save', ''), await ownRedis('--save', '')];
  const place = await startRedisProxy(first.url);
  [redis, second, address] = [first, next, place];
  const follow = (url: string, whom: string) =>
    withRedis(url, (server) => server.replicaof('127.0.0.1', new URL(whom).port));
  await follow(next.url, first.url);
  const linked = () => withRedis(next.url, (server) => server.info('replication'));
  await waitFor('it follows', async () => (await linked()).includes('master_link_status:up'));
  const daemon = await startRig({
    rules: { 'rules.yaml': RULES },
    env: { REDIS_URL: place.url, HEADROOM_KEY_PREFIX: 'failover' },
    world: ({ world }) => world.createWorker({ friendlyName: 'Ana', attributes: {} }),
  });
  rig = daemon;
  const { world } = daemon.emulator;
  const three = () => world.channel('Ana', 'chat').configuredCapacity === 3;
  await daemon.quiet();
  await withRedis(next.url, (server) => server.replicaof('NO', 'ONE'));
  await follow(first.url, next.url);
  const ready = () => fetch(`${daemon.service.url}/readyz`).then((r) => r.status);
  await waitFor('it is told that nothing can be stored', async () => (await ready()) === 503);
  place.point(next.url);
  await waitFor('it can store again', async () => (await ready()) === 200);
  world.setActivity('Ana', 'Available');
  await waitFor('an event of now is absorbed and acted on', three);
});

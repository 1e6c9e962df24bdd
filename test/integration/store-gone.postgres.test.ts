// The daemon on a PostgreSQL that goes away and comes back, as in a server restart: every
// connection ends, none is accepted meanwhile, deliveries are refused with 503 and nothing is lost.

import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterEach, expect, it } from 'vitest';
import { testDatabaseUrl } from '../support/postgres.ts';
import { type Rig, startRig } from '../support/rig.ts';
import { waitFor } from '../support/wait.ts';

const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce }
rules:
  - { name: three, who: everyone, when: activity.available, then: { chat: 3 } }
`;

/** A database of the test's own: others on the server are not affected. */
const name = `gone_${randomUUID().slice(0, 8)}`;
const own = new URL(testDatabaseUrl());
own.pathname = `/${name}`;
let rig: Rig | null = null;

async function onServer(...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: testDatabaseUrl() });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

afterEach(async () => {
  await onServer(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
  await rig?.stop();
  await onServer(`DROP DATABASE ${name} WITH (FORCE)`);
});

it('while the server is down the receiver answers 503, and it recovers by itself', async () => {
  await onServer(`CREATE DATABASE ${name}`);
  const daemon = await startRig({
    rules: { 'rules.yaml': RULES },
    env: { DATABASE_URL: own.href },
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
  await onServer(
    `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`,
  );
  const ready = () => fetch(`${daemon.service.url}/readyz`).then((r) => r.status);
  expect(await daemon.deliver(fields)).toBe(503);
  expect(await ready()).toBe(503);
  expect(await fetch(`${daemon.service.url}/healthz`).then((r) => r.status)).toBe(200);
  await onServer(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
  await waitFor('it takes deliveries again', async () => (await daemon.deliver(fields)) === 204);
  await waitFor('the write', () => world.channel('Ana', 'chat').configuredCapacity === 3);
  await waitFor('it is ready', async () => (await ready()) === 200);
  await daemon.quiet();
  expect(daemon.posts()).toHaveLength(1);
});

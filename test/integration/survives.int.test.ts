// What must outlast the daemon's own process: it is killed between event and write, and started
// again. On the embedded default, and on Redis where TEST_REDIS_URL names one.

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import twilio from 'twilio';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StatusView } from '../../src/daemon/status.ts';
import { type Emulator, startEmulator } from '../../src/emulator/emulator.ts';
import { type Child, type Children, compileFor } from '../support/children.ts';
import { prepare } from '../support/embedded.ts';
import { postsOf } from '../support/rig.ts';
import { waitFor } from '../support/wait.ts';

const RULES = `version: 1
defaults: { timezone: Europe/London, mode: enforce }
rules:
  - name: open-for-three
    who: everyone
    when: activity.available
    then: { chat: 3 }
`;

let children: Children;
let emulator: Emulator;
let dir: string;
let settings: Record<string, string>;
const running: Child[] = [];

beforeAll(() => {
  children = compileFor('src/main.ts');
});
afterAll(() => children.remove());

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'headroom-kill-'));
  await prepare(join(dir, 'data'));
  await writeFile(join(dir, 'rules.yaml'), RULES);
  emulator = await startEmulator({ floor: 'none' });
  emulator.world.createWorker({ friendlyName: 'Ana', attributes: {} });
  const redis = process.env.TEST_REDIS_URL;
  settings = {
    TWILIO_ACCOUNT_SID: emulator.accountSid,
    TWILIO_AUTH_TOKEN: emulator.authToken,
    TWILIO_WORKSPACE_SID: emulator.workspaceSid,
    TASKROUTER_BASE_URL: emulator.url,
    HEADROOM_RULES: dir,
    HEADROOM_DATA: join(dir, 'data'),
    HEADROOM_PORT: '0',
    ...(redis === undefined
      ? {}
      : { REDIS_URL: redis, HEADROOM_KEY_PREFIX: `kill-${randomUUID().slice(0, 8)}` }),
  };
});

afterEach(async () => {
  for (const child of running.splice(0)) await child.kill('SIGKILL');
  await emulator.stop();
  await rm(dir, { recursive: true, force: true });
});

/** Starts the daemon as its own process and returns where it listens. */
async function daemon(): Promise<{ child: Child; url: string }> {
  const child = children.start('headroom.mjs', settings);
  running.push(child);
  const line = await child.says('headroom listens on');
  const url = /headroom listens on (http:\/\/[\d.]+:\d+)/.exec(line)?.[1] ?? '';
  return { child, url };
}

async function deliver(url: string, fields: Record<string, string>): Promise<number> {
  const webhook = `${url}/webhooks/taskrouter`;
  const signature = twilio.getExpectedTwilioSignature(emulator.authToken, webhook, fields);
  const response = await fetch(webhook, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': signature,
    },
    body: new URLSearchParams(fields),
  });
  return response.status;
}

/** What TaskRouter sends when Ana becomes available. */
function available(): Record<string, string> {
  const { world } = emulator;
  const worker = world.setActivity('Ana', 'Available');
  return {
    EventType: 'worker.activity.update',
    Sid: `EV${randomUUID().replaceAll('-', '')}`,
    AccountSid: emulator.accountSid,
    WorkspaceSid: emulator.workspaceSid,
    TimestampMs: String(Date.now()),
    WorkerSid: worker.sid,
    WorkerName: 'Ana',
    WorkerAttributes: '{}',
    WorkerActivitySid: world.activity('Available').sid,
    WorkerActivityName: 'Available',
  };
}

describe('killed between event and write, then started again', () => {
  it('the write happens once if it was never sent', async () => {
    const first = await daemon();
    await first.child.says('resync: 1 Workers listed');
    const fields = available();
    // Every call fails without effect, so the write cannot have happened before the kill.
    emulator.world.faults.add({ kind: 'server-error', when: 'before' });
    expect(await deliver(first.url, fields)).toBe(204);
    await first.child.kill('SIGKILL');
    emulator.world.faults.clear();
    expect(postsOf(emulator).filter((p) => p.status === 200)).toEqual([]);
    const second = await daemon();
    await waitFor('the write', () => capacity() === 3);
    await settled(second.url);
    expect(postsOf(emulator).filter((p) => p.status === 200)).toHaveLength(1);
  });

  it('the write happens once if its response was lost with the process', async () => {
    const first = await daemon();
    await first.child.says('resync: 1 Workers listed');
    const fields = available();
    emulator.world.faults.add({
      kind: 'timeout',
      when: 'after',
      method: 'POST',
      path: '/Channels/',
    });
    expect(await deliver(first.url, fields)).toBe(204);
    await waitFor('the effect', () => capacity() === 3);
    await first.child.kill('SIGKILL');
    emulator.world.faults.clear();
    await settled((await daemon()).url);
    expect(capacity()).toBe(3);
    expect(postsOf(emulator)).toHaveLength(1);
  });
});

function capacity(): number {
  return emulator.world.channel('Ana', 'chat').configuredCapacity;
}

/** Three times in a row, because a pass that just ended may have asked for another. */
async function settled(url: string): Promise<void> {
  let still = 0;
  await waitFor('everything is absorbed and looked at', async () => {
    const answer = await fetch(`${url}/api/v1/status`);
    const { queues, workers } = (await answer.json()) as StatusView;
    const left = [queues.events, queues.passes].map((q) => q.waiting + q.active + q.delayed);
    still = workers.lastResync !== null && left.every((n) => n === 0) ? still + 1 : 0;
    return still >= 3;
  });
}

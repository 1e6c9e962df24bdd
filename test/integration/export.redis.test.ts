// `headroom export` and `headroom import` on Redis: from a daemon under one prefix to a store under
// another, and not beside live replicas.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.ts';
import type { Backup } from '../../src/core/backup.ts';
import { ownPrefix, removeKeys, testRedisUrl } from '../support/redis.ts';
import { type Rig, startRig } from '../support/rig.ts';

const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce }
rules:
  - { name: three, who: everyone, then: { chat: 3 } }
`;

let rig: Rig;
let dir: string;
let here: string;
let there: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'headroom-export-'));
  [here, there] = [ownPrefix(), ownPrefix()];
  rig = await startRig({
    rules: { 'rules.yaml': RULES },
    env: { HEADROOM_KEY_PREFIX: here },
    world: ({ world }) => {
      world.createWorker({ friendlyName: 'Ana', attributes: {} });
      world.createWorker({ friendlyName: 'Ben', attributes: {} });
    },
  });
});
afterEach(async () => {
  await rig.stop();
  for (const prefix of [here, there]) await removeKeys(testRedisUrl(), prefix);
  await rm(dir, { recursive: true, force: true });
});

const chat = (name: string) => rig.emulator.world.channel(name, 'chat').configuredCapacity;

async function headroom(args: readonly string[], prefix: string) {
  const [out, err]: [string[], string[]] = [[], []];
  const { emulator } = rig;
  const env = {
    TWILIO_ACCOUNT_SID: emulator.accountSid,
    TWILIO_AUTH_TOKEN: emulator.authToken,
    TWILIO_WORKSPACE_SID: emulator.workspaceSid,
    TASKROUTER_BASE_URL: emulator.url,
    PUBLIC_URL: 'https://headroom.example',
    HEADROOM_URL: rig.service.url,
    HEADROOM_RULES: rig.rulesDir,
    REDIS_URL: testRedisUrl(),
    HEADROOM_KEY_PREFIX: prefix,
  };
  const io = { env, out: (l: string) => out.push(l), err: (l: string) => err.push(l) };
  const exit = await run(args, io);
  return { exit, out: out.join('\n'), err: err.join('\n') };
}

describe('37: headroom export and import on Redis', () => {
  it("one daemon's data comes back under another prefix, baselines included", async () => {
    const file = join(dir, 'kept.json');
    expect(await headroom(['export', '--out', file], here)).toMatchObject({ exit: 0, err: '' });
    await rig.stopDaemon();
    expect([chat('Ana'), chat('Ben')]).toEqual([3, 3]);
    expect(await headroom(['import', file], there)).toMatchObject({ exit: 0, err: '' });

    const kept = JSON.parse((await headroom(['export', '--direct'], here)).out) as Backup;
    const again = JSON.parse((await headroom(['export', '--direct'], there)).out) as Backup;
    expect({ ...again, at: '' }).toEqual({ ...kept, at: '' });
    expect(again.workers.map(({ channels }) => channels[0]?.capacity?.baseline)).toEqual([1, 1]);
    // Without the imported baselines there would be nothing to restore.
    expect(await headroom(['release', '--direct', '--all'], there)).toMatchObject({ exit: 0 });
    expect([chat('Ana'), chat('Ben')]).toEqual([1, 1]);
  });

  it('refuses a store with live replicas, and one that is not empty', async () => {
    const file = join(dir, 'kept.json');
    expect((await headroom(['export', '--out', file], here)).exit).toBe(0);
    expect(await headroom(['import', file, '--force'], here)).toEqual({
      exit: 1,
      out: '',
      err: '1 daemon running on this store; stop all daemons first. Nothing was changed.',
    });
    await rig.replica();
    const two = await headroom(['import', file, '--force'], here);
    expect(two).toMatchObject({
      exit: 1,
      err: expect.stringMatching(/^2 daemons running on this store/),
    });

    expect((await headroom(['import', file], there)).exit).toBe(0);
    const full = await headroom(['import', file], there);
    expect(full.exit).toBe(3);
    expect(full.err).toMatch(
      /^The store is not empty, it holds rule set \w+, Workers; --force replaces/,
    );
  });
});

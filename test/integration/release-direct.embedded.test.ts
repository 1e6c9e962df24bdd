// `headroom release --direct`: the daemon is dead, and what it held is restored nevertheless, from
// its data folder, or from declared baselines if that was lost.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { prepare } from '../support/embedded.ts';
import { type Rig, startRig } from '../support/rig.ts';

const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce }
guardrails: { min_dwell: 10m }
rules:
  - name: open-for-three
    who: everyone
    when: activity.available
    then: { chat: 3, sms: pause }
`;

let rig: Rig | null = null;
let folder: string | null = null;
afterEach(async () => {
  await rig?.stop();
  if (folder !== null) await rm(folder, { recursive: true, force: true });
  rig = null;
  folder = null;
});

/** Two Workers for whom the rule claims. */
async function start(rules: string): Promise<Rig> {
  rig = await startRig({
    rules: { 'rules.yaml': rules },
    world: ({ world }) => {
      world.createWorker({ friendlyName: 'Ana', attributes: {} });
      world.createWorker({ friendlyName: 'Ben', attributes: {} });
    },
  });
  for (const name of ['Ana', 'Ben']) rig.emulator.world.setActivity(name, 'Available');
  await rig.quiet();
  expect([chat(rig, 'Ana'), chat(rig, 'Ben')]).toEqual([3, 3]);
  return rig;
}

const chat = (rig: Rig, name: string) =>
  rig.emulator.world.channel(name, 'chat').configuredCapacity;
const sms = (rig: Rig, name: string) => rig.emulator.world.channel(name, 'sms').available;

async function direct(rig: Rig, args: readonly string[], data?: string) {
  const [out, err]: [string[], string[]] = [[], []];
  const { emulator } = rig;
  const env = {
    TWILIO_ACCOUNT_SID: emulator.accountSid,
    TWILIO_AUTH_TOKEN: emulator.authToken,
    TWILIO_WORKSPACE_SID: emulator.workspaceSid,
    TASKROUTER_BASE_URL: emulator.url,
    PUBLIC_URL: 'https://headroom.example',
    HEADROOM_RULES: rig.rulesDir,
    HEADROOM_DATA: data ?? rig.service.backend.describe.replace('PGlite in ', ''),
    USER: 'dana',
  };
  const io = { env, out: (l: string) => out.push(l), err: (l: string) => err.push(l) };
  const exit = await run(['release', '--direct', ...args], io);
  return { exit, out: out.join('\n'), err: err.join('\n') };
}

describe('22: release --direct', () => {
  it('refuses while the daemon holds the data folder, then restores everything', async () => {
    const rig = await start(RULES);
    const held = await direct(rig, ['--all']);
    expect(held).toMatchObject({ exit: 1, out: '' });
    expect(held.err).toMatch(/is in use by process .* omit --direct\.$/);
    await rig.stopDaemon();
    expect(await direct(rig, ['--all'])).toEqual({
      exit: 0,
      out: '4 Worker Channels are restored to their baselines',
      err: '',
    });
    for (const name of ['Ana', 'Ben']) expect([chat(rig, name), sms(rig, name)]).toEqual([1, true]);
    // The pause is stored: the daemon that starts again leaves everything alone.
    const posts = rig.posts().length;
    await rig.restart();
    await rig.quiet();
    expect(rig.posts()).toHaveLength(posts);
    expect((await rig.service.status()).paused).toMatchObject([{ by: 'dana', released: true }]);
  });

  it('of one Worker Channel, by friendly name, leaves the others alone', async () => {
    const rig = await start(RULES);
    await rig.stopDaemon();
    expect(await direct(rig, ['Ana', '--channel', 'chat'])).toMatchObject({ exit: 0, err: '' });
    expect([chat(rig, 'Ana'), sms(rig, 'Ana'), chat(rig, 'Ben')]).toEqual([1, false, 3]);
    expect(await direct(rig, ['Anna'])).toMatchObject({
      exit: 1,
      err: 'No Worker "Anna" is known.',
    });
  });

  it('without a readable rule set, restores what the records hold, but for edits', async () => {
    const rig = await start(RULES);
    rig.emulator.world.editChannel('Ben', 'chat', { capacity: 5 }, { actor: 'Sam' });
    await rig.quiet();
    const { store } = rig.service.backend;
    const kept = await store.getDocument('rules');
    const files = [{ name: 'rules.yaml', text: `${RULES}later: 1\n` }];
    await store.putDocument('rules', { id: 'later', files }, kept?.version ?? 0);
    await rig.writeRules({ 'rules.yaml': 'version: 1\nrules: many\n' });
    await rig.stopDaemon();
    expect(await direct(rig, ['--all'])).toMatchObject({
      exit: 0,
      out: expect.stringMatching(/^3 Worker Channels are restored to their baselines\n/),
      err: '',
    });
    expect([chat(rig, 'Ana'), chat(rig, 'Ben')]).toEqual([1, 5]);
    for (const name of ['Ana', 'Ben']) expect(sms(rig, name)).toBe(true);
  });

  it('with the store lost, uses declared baselines', async () => {
    const declared = 'mode: enforce, baseline: { chat: 2, sms: 1 }';
    const rig = await start(RULES.replace('mode: enforce', declared));
    await rig.stopDaemon();
    folder = await mkdtemp(join(tmpdir(), 'headroom-lost-'));
    await prepare(folder);
    expect(await direct(rig, ['--all'], folder)).toMatchObject({ exit: 0, err: '' });
    for (const name of ['Ana', 'Ben']) expect([chat(rig, name), sms(rig, name)]).toEqual([2, true]);
  });
});

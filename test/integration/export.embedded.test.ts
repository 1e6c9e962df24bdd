// `headroom export` and `headroom import`: a daemon's data is saved, and another store knows it
// again. On the embedded default, as from a terminal.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.ts';
import type { Backup } from '../../src/core/backup.ts';
import { prepare } from '../support/embedded.ts';
import { type Rig, startRig } from '../support/rig.ts';
import { waitFor } from '../support/wait.ts';

const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce }
rules:
  - name: open-for-three
    who: everyone
    when: activity.available
    then: { chat: 3, sms: pause }
`;

let rig: Rig;
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'headroom-export-'));
  rig = await startRig({
    rules: { 'rules.yaml': RULES },
    world: ({ world }) => {
      world.createWorker({ friendlyName: 'Ana', attributes: {} });
      world.createWorker({ friendlyName: 'Ben', attributes: {} });
    },
  });
  for (const name of ['Ana', 'Ben']) rig.emulator.world.setActivity(name, 'Available');
  await rig.quiet();
});
afterEach(async () => {
  await rig.stop();
  await rm(dir, { recursive: true, force: true });
});

const dataOf = () => rig.service.backend.describe.replace('PGlite in ', '');

async function headroom(args: readonly string[], more: Record<string, string> = {}) {
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
    HEADROOM_DATA: dataOf(),
    USER: 'dana',
    ...more,
  };
  const io = { env, out: (l: string) => out.push(l), err: (l: string) => err.push(l) };
  const exit = await run(args, io);
  return { exit, out: out.join('\n'), err: err.join('\n') };
}

/** A person's edit and a pause, so that there is something of each kind. */
async function lived(): Promise<void> {
  const { world } = rig.emulator;
  world.editChannel('Ana', 'chat', { capacity: 2 });
  await waitFor('the edit', async () => {
    const { out } = await headroom(['export']);
    return (JSON.parse(out) as Backup).workers.some(({ channels }) =>
      channels.some(({ capacity }) => capacity?.edit?.value === 2),
    );
  });
  const paused = await headroom(['pause', 'Ben', '--channel', 'sms', '--reason', 'a trial']);
  expect(paused.exit).toBe(0);
}

describe('37: headroom export and import', () => {
  it('saves what the daemon knows, and a fresh store continues from it', async () => {
    await lived();
    const file = join(dir, 'kept.json');
    const exported = await headroom(['export', '--out', file]);
    expect(exported).toMatchObject({ exit: 0, err: '' });
    expect(exported.out).toMatch(
      /^written: .* \(rule set \w+ in 1 file, 1 pause, 4 held Worker Channels of 2 Workers\)$/,
    );
    const kept = JSON.parse(await readFile(file, 'utf8')) as Backup;
    expect(kept).toMatchObject({ format: 'headroom-export', version: 1 });
    expect(kept.rules?.files).toEqual([{ name: 'rules.yaml', text: RULES }]);
    expect(kept.pauses).toMatchObject([{ channel: 'sms', reason: 'a trial', by: 'dana' }]);
    const ana = kept.workers.find(({ friendlyName }) => friendlyName === 'Ana');
    expect(ana?.channels).toMatchObject([
      { channel: 'chat', capacity: { baseline: 1, claimed: true, edit: { value: 2 } } },
      { channel: 'sms', capacity: null, available: { baseline: true, claimed: true, edit: null } },
    ]);

    await rig.stopDaemon();
    const data = join(dir, 'data');
    await prepare(data);
    const fresh = { HEADROOM_DATA: data };
    const tried = await headroom(['import', file, '--dry-run'], fresh);
    expect(tried).toMatchObject({ exit: 0, err: '' });
    expect(tried.out).toContain('rules in force: none → ');
    expect(tried.out).toContain('  Ana chat capacity: not held → baseline 1, edit 2 until ');
    expect(tried.out).toContain('would change: 6');
    const brought = await headroom(['import', file], fresh);
    expect(brought).toMatchObject({ exit: 0, err: '' });
    expect(brought.out).toContain('changed: 6');

    const again = await headroom(['export', '--direct'], fresh);
    expect(again).toMatchObject({ exit: 0, err: '' });
    const { at: _then, ...before } = kept;
    const { at: _now, ...after } = JSON.parse(again.out) as Backup;
    expect(after).toEqual(before);

    // Known again means restored as well: Ana's edit is a person's and stays.
    const released = await headroom(['release', '--direct', '--all'], fresh);
    expect(released).toMatchObject({ exit: 0, err: '' });
    const { world } = rig.emulator;
    const chat = (name: string) => world.channel(name, 'chat').configuredCapacity;
    expect([chat('Ana'), chat('Ben')]).toEqual([2, 1]);
    for (const name of ['Ana', 'Ben']) expect(world.channel(name, 'sms').available).toBe(true);
  });

  it('refuses beside a live daemon, and to overwrite data without --force', async () => {
    const file = join(dir, 'kept.json');
    expect((await headroom(['export', '--out', file])).exit).toBe(0);
    const beside = await headroom(['import', file]);
    expect(beside).toMatchObject({ exit: 1, out: '' });
    expect(beside.err).toMatch(/is in use by process .*An import needs it alone\.$/);
    expect((await headroom(['import', '/nowhere.json'])).err).toBe(
      '/nowhere.json: there is no such file',
    );
    const direct = await headroom(['export', '--direct']);
    expect(direct).toMatchObject({ exit: 1, out: '' });
    expect(direct.err).toMatch(/omit --direct\.$/);

    await rig.stopDaemon();
    const kept = JSON.parse(await readFile(file, 'utf8')) as Backup;
    const other = join(dir, 'other.json');
    await writeFile(other, JSON.stringify(kept).replace('"baseline":1', '"baseline":4'));
    const full = await headroom(['import', other, '--json']);
    expect(full.exit).toBe(3);
    expect(full.err).toMatch(
      /^The store is not empty, it holds rule set \w+, Workers; --force replaces/,
    );
    expect(JSON.parse(full.out)).toMatchObject({
      changes: [expect.stringMatching(/^\w+ chat capacity: baseline 1 → baseline 4$/)],
      written: false,
    });
    const forced = await headroom(['import', other, '--force', '--json']);
    expect([forced.exit, JSON.parse(forced.out).written]).toEqual([0, true]);
    const after = JSON.parse((await headroom(['export', '--direct'])).out) as Backup;
    expect(JSON.stringify(after.workers)).toContain('"baseline":4');
    // Nothing is left to do, and it says so.
    const twice = await headroom(['import', other, '--force']);
    expect(twice.out).toContain('nothing to change');
  });

  it('reports each mistake of a file with its place, without touching a store', async () => {
    const file = join(dir, 'kept.json');
    expect((await headroom(['export', '--out', file])).exit).toBe(0);
    const text = await readFile(file, 'utf8');
    const wrong = async (content: string) => {
      await writeFile(file, content);
      const { exit, err } = await headroom(['import', file]);
      return [exit, err.replaceAll(`${file}: `, '')];
    };
    expect(await wrong('{')).toEqual([3, expect.stringMatching(/^not valid JSON \(/)]);
    expect(await wrong('{"format":"headroom"}')).toEqual([
      3,
      'format is "headroom", expected "headroom-export"',
    ]);
    expect(await wrong(text.replace('"version": 1', '"version": 2'))).toEqual([
      3,
      'version is 2, expected 1',
    ]);
    expect(
      await wrong(
        text.replace('"baseline": 1', '"baseline": "one"').replace('"pauses"', '"pausse"'),
      ),
    ).toEqual([
      3,
      [
        'pauses is missing',
        'workers[0].channels[0].capacity.baseline is "one", expected a number',
        'pausse is not a field; did you mean "pauses"?',
      ].join('\n'),
    ]);
    expect(await wrong(text.replace('chat: 3', 'chat: 4'))).toEqual([
      3,
      expect.stringMatching(/^rules\.id is "\w+", expected "\w+" for these files/),
    ]);
    expect(await wrong(text.replace('when: activity', 'wenn: activity'))).toEqual([
      3,
      expect.stringContaining('error: '),
    ]);
    expect((await headroom(['import', join(dir, 'none.json')])).exit).toBe(1);
    await rig.stopDaemon();
    const other = `WS${'0'.repeat(32)}`;
    const elsewhere = await wrong(text.replace(/WS[0-9a-f]{32}/, other));
    expect(elsewhere).toEqual([
      2,
      expect.stringContaining(`workspace is "${other}", expected "WS`),
    ]);
    expect(await headroom(['export'], { HEADROOM_URL: 'http://127.0.0.1:9' })).toMatchObject({
      exit: 1,
      err: expect.stringContaining('no daemon answered at'),
    });
  });
});

// `headroom check --live` against the emulator: names that the Workspace lacks, and conditions that
// no Worker meets, each with its place.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { type Emulator, startEmulator } from '../../src/emulator/emulator.ts';

let dir: string;
let emulator: Emulator;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'headroom-check-live-'));
  emulator = await startEmulator({ floor: 'none' });
  const { world } = emulator;
  world.createQueue('Support', 'team == "support"');
  world.createWorker({
    friendlyName: 'Ann',
    attributes: { team: 'support', shift: 'day', zone: 'Europe/London' },
  });
  world.createWorker({
    friendlyName: 'Ben',
    attributes: { team: 'sales', shift: 'dya', zone: 'Europe/Londn' },
  });
});
afterEach(async () => {
  await emulator.stop();
  await rm(dir, { recursive: true, force: true });
});

async function check(rules: string, more: Record<string, string> = {}) {
  await writeFile(join(dir, 'rules.yaml'), rules);
  const out: string[] = [];
  const err: string[] = [];
  const env = {
    TWILIO_ACCOUNT_SID: emulator.accountSid,
    TWILIO_AUTH_TOKEN: emulator.authToken,
    TWILIO_WORKSPACE_SID: emulator.workspaceSid,
    TASKROUTER_BASE_URL: emulator.url,
    HEADROOM_RATE: '200/s',
    ...more,
  };
  const io = { env, out: (l: string) => out.push(l), err: (l: string) => err.push(l) };
  return { exit: await run(['check', dir, '--live', '--json'], io), out, err };
}

const GOOD = `version: 1
defaults: { timezone: worker.zone, baseline: { chat: 1 } }
groups:
  support: { where: 'worker.team == "support"' }
schedules:
  day: { days: mon-fri, hours: "09:00-17:00" }
rules:
  - { name: lift, who: support, during: day, when: 'queue("Support").waiting >= 5', then: { chat: 2 } }
`;

const BAD = `version: 1
defaults: { timezone: worker.zone, baseline: { chat: 1 }, opt_out: worker.headroom == "off" }
groups:
  nobody: { where: 'worker.team == "legal"' }
schedules:
  day: { days: mon-fri, hours: "09:00-17:00" }
rules:
  - name: lift
    who: { where: 'worker.taem == "support"' }
    during: worker.shift
    when: queue("Suport").waiting >= 5
    then: { chta: 2 }
`;

it('reports unknown names and conditions that no Worker meets, with their places', async () => {
  const { exit, out, err } = await check(BAD);
  expect([exit, err]).toEqual([3, []]);
  const { findings } = JSON.parse(out.join('\n')) as {
    findings: { code: string; file: string; line: number; column: number; message: string }[];
  };
  const live = findings.filter(({ code }) => code.startsWith('live.'));
  expect(live.map(({ code, line, column, message }) => [code, line, column, message])).toEqual([
    ['live.no_channel', 12, 13, 'the Workspace has no Task Channel "chta"; the nearest is "chat"'],
    ['live.no_queue', 11, 18, 'the Workspace has no TaskQueue "Suport"; the nearest is "Support"'],
    ['live.empty_group', 4, 3, 'nobody is in the group "nobody": none of 2 Workers'],
    ['live.matches_nobody', 8, 11, 'the rule "lift" applies to nobody: none of 2 Workers'],
    [
      'live.no_attribute',
      9,
      27,
      'none of 2 Workers has the attribute "taem"; the nearest is "team"',
    ],
    [
      'live.unnamed_schedule',
      10,
      20,
      'the attribute "shift" of Ben is "dya", which is not the name of a schedule; the nearest is "day"',
    ],
    [
      'live.bad_zone',
      2,
      30,
      'the attribute "zone" of Ben is "Europe/Londn", which is not a time zone; the nearest is "Europe/London"',
    ],
  ]);
  const asked = new Set(emulator.calls().map(({ method }) => method));
  expect(asked).toEqual(new Set(['GET']));
});

it('reports no unknown name if all exist, only the invalid zone', async () => {
  const { out } = await check(GOOD);
  const { findings } = JSON.parse(out.join('\n')) as { findings: { code: string }[] };
  const live = findings.filter(({ code }) => code.startsWith('live.'));
  expect(live.map(({ code }) => code)).toEqual(['live.bad_zone']);
});

it('says which credentials are missing, and that TaskRouter could not be asked', async () => {
  expect(await check(GOOD, { TWILIO_AUTH_TOKEN: '', TWILIO_WORKSPACE_SID: '' })).toEqual({
    exit: 2,
    out: [],
    err: [
      'check --live needs TWILIO_AUTH_TOKEN, which is not set',
      'check --live needs TWILIO_WORKSPACE_SID, which is not set',
    ],
  });
  expect(await check(GOOD, { TWILIO_AUTH_TOKEN: '0'.repeat(32) })).toMatchObject({
    exit: 1,
    err: [expect.stringContaining('TaskRouter could not be read: ')],
  });
});

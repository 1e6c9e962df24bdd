// `headroom explain` on files alone, from the command line: what it prints, and the exit code.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { run } from '../../src/cli/program.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headroom-explain-'));
  await writeFile(
    join(folder, 'rules.yaml'),
    'version: 1\ndefaults: { timezone: Europe/London }\nschedules: { day: { hours: "09:00-17:00" } }\nrules:\n  - { name: day, who: everyone, during: day, then: { chat: 3 } }\n',
  );
  await writeFile(
    join(folder, 'ann.json'),
    '{ "attributes": {}, "channels": { "chat": { "capacity": 1 }, "voice": { "capacity": 1 } } }',
  );
});
afterEach(() => rm(folder, { recursive: true }));

async function explain(...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const io = {
    env: { HEADROOM_RULES: folder },
    out: (l: string) => out.push(l),
    err: (l: string) => err.push(l),
  };
  return { exit: await run(['explain', ...args], io), out, err };
}
const worker = () => ['--worker', join(folder, 'ann.json')];

it('reads --at in the zone of the rules', async () => {
  const { exit, out } = await explain(...worker(), '--at', '2026-06-10T09:00', '--channel', 'chat');
  expect(exit).toBe(0);
  expect(out).toContain('chat: 3, open (rule.claimed: one or more rules claim it)');
  expect((await explain(...worker(), '--at', '2026-06-10T08:59')).out).toContain(
    'chat: 1, open (channel.unclaimed: no rule claims it, and headroom leaves it alone)',
  );
});

it('prints JSON', async () => {
  const { out } = await explain(...worker(), '--at', '2026-06-10T08:00:00Z', '--json');
  expect(JSON.parse(out.join('\n'))).toMatchObject({
    at: '2026-06-10T08:00:00.000Z',
    channels: [
      { channel: 'chat', result: { capacity: 3, available: true } },
      { channel: 'voice', told: { reason: 'channel.unclaimed' } },
    ],
    next: { lookAt: '2026-06-10T16:00:00.000Z' },
  });
});

it('says what is missing or wrong: 2 for wrong usage, 1 for an unusable file', async () => {
  expect(await explain()).toMatchObject({
    exit: 2,
    err: [
      expect.stringMatching(/^WORKER is missing: .*headroom explain "Ana Silva".*--worker FILE/),
    ],
  });
  expect(await explain(...worker(), '--at', 'soon')).toMatchObject({
    exit: 2,
    err: ['--at is "soon": expected an instant such as 2026-06-10T09:00.'],
  });
  expect(await explain(...worker(), '--channel', 'caht')).toMatchObject({
    exit: 2,
    err: ['--channel is "caht": the Worker has no such Worker Channel; it has chat, voice.'],
  });
  const none = join(folder, 'none.json');
  expect(await explain('--worker', none)).toMatchObject({ exit: 1 });
  await writeFile(join(folder, 'bad.json'), '{ "channels": {} }');
  expect(await explain('--worker', join(folder, 'bad.json'))).toEqual({
    exit: 1,
    out: [],
    err: [`${join(folder, 'bad.json')}: attributes is missing`],
  });
  await writeFile(join(folder, 'rules.yaml'), 'version: 2\n');
  expect(await explain(...worker())).toMatchObject({ exit: 1, out: [] });
});

it('accepts a capacity alone for a Worker Channel, as rule tests do', async () => {
  await writeFile(join(folder, 'short.json'), '{ "attributes": {}, "channels": { "chat": 2 } }');
  const short = join(folder, 'short.json');
  const { exit, out } = await explain('--worker', short, '--at', '2026-06-10T08:59');
  expect(exit).toBe(0);
  expect(out).toContain(
    'chat: 2, open (channel.unclaimed: no rule claims it, and headroom leaves it alone)',
  );
  expect(out).toContain('  TaskRouter has 2, open, 0 assigned');
});

it('says where attributes belong', async () => {
  const file = join(folder, 'flat.json');
  await writeFile(
    file,
    '{ "team": "support", "activty": {}, "attributes": {}, "channels": { "chat": -1 } }',
  );
  expect(await explain('--worker', file)).toMatchObject({
    exit: 1,
    err: [
      `${file}: team is not a field; what rules call worker.… belongs under "attributes"`,
      `${file}: activty is not a field; did you mean "activity"?`,
      `${file}: channels.chat is -1, expected a whole number from 0`,
    ],
  });
});

it('says that a rule without a condition claims because of its schedule', async () => {
  const { out } = await explain(...worker(), '--at', '2026-06-10T09:00', '--channel', 'chat');
  const line = out.find((each) => each.includes('day claims set 3'));
  expect(line).toContain('it is inside its schedule and has no other condition');
});

// What `npm start` shows to someone who only has Node: an emulated contact centre in which the
// shipped rules change Worker Channels, and a second start that continues where the first stopped.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Child, type Children, compileFor } from '../support/children.ts';
import { waitFor } from '../support/wait.ts';

const RULES = resolve(import.meta.dirname, '../../rules');
let children: Children;
let dir: string;

beforeAll(async () => {
  children = compileFor('src/main.ts');
  dir = await mkdtemp(join(tmpdir(), 'headroom-start-'));
});
afterAll(async () => {
  await children.end();
  children.remove();
  await rm(dir, { recursive: true, force: true });
});

interface Call {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly userAgent: string;
  readonly body: Readonly<Record<string, string>>;
}

async function start(): Promise<{ child: Child; emulator: string; url: string }> {
  // The machine's environment must not contain the names that would make it a real start.
  const none = Object.fromEntries(
    Object.keys(process.env)
      .filter((name) =>
        /^(TWILIO_|HEADROOM_)|^(PUBLIC_URL|REDIS_URL|DATABASE_URL|TASKROUTER_BASE_URL)$/.test(name),
      )
      .map((name) => [name, '']),
  );
  const child = children.start('headroom.mjs', {
    ...none,
    ARGS: 'start --or-emulated',
    HEADROOM_DATA: join(dir, 'data'),
    HEADROOM_RULES: RULES,
    HEADROOM_PORT: '0',
  });
  const told = await child.says('emulated: no Twilio account is set');
  const listens = await child.says('headroom listens on');
  return {
    child,
    emulator: /(http:\/\/[\d.]+:\d+);/.exec(told)?.[1] ?? '',
    url: /listens on (http:\/\/[\d.]+:\d+)/.exec(listens)?.[1] ?? '',
  };
}

async function posts(emulator: string): Promise<readonly Call[]> {
  const answer = await fetch(`${emulator}/emulator/calls?method=POST&path=Channels`);
  return ((await answer.json()) as { calls: readonly Call[] }).calls;
}

it('rules change Worker Channels, each with its reason; a second start continues', async () => {
  const first = await start();
  const changes = await waitFor('three changes', async () => {
    const found = (await posts(first.emulator)).filter((c) => c.status === 200);
    return found.length >= 3 ? found : null;
  });
  expect(changes[0]?.userAgent).toMatch(/^twilio-node\//);
  expect(
    Object.keys(changes[0]?.body ?? {}).every((k) => ['Capacity', 'Available'].includes(k)),
  ).toBe(true);
  const told = await first.child.says('to act as a person who sets a channel by hand: ');
  // Parsed as a shell would: curl, its options, the address.
  const [, user = '', form = '', address = ''] =
    /: curl -u (\S+) -d (\S+) (http\S+)$/.exec(told) ?? [];
  const edited = await fetch(address, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(user)}` },
    body: new URLSearchParams(form),
  });
  expect([edited.status, await edited.json()]).toMatchObject([200, { configured_capacity: 5 }]);
  const said = await first.child.says(' → ');
  expect(said).toMatch(/^\d\d:\d\d:\d\d \w+ \w+ \w+ → \w+ by [\w-]+: /);
  const status = (await (await fetch(`${first.url}/api/v1/status`)).json()) as {
    taskrouter: string;
  };
  expect(status.taskrouter).toBe('emulated');
  // This run has to report that person's edit.
  await first.child.says('by a person');
  expect(await first.child.kill('SIGTERM')).toBe(0);

  const second = await start();
  await second.child.says('resync: 8 Workers listed');
  await waitFor('a change', async () => (await posts(second.emulator)).length > 0);
  // What the first run set is not taken for a person's edit.
  expect(second.child.lines.filter((line) => line.includes('by a person'))).toEqual([]);
  expect(await second.child.kill('SIGTERM')).toBe(0);
});

it('an early closed pipe, as by head, is not an error of the command', async () => {
  const schema = children.start('headroom.mjs', { ARGS: 'schema' }, { reads: false });
  expect(await schema.ended).toBe(0);
  expect(schema.lines).toEqual([]);
});

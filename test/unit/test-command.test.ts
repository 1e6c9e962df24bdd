// `headroom test` as a person and as a script see it: what is printed, and the exit code.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { run } from '../../src/cli/program.ts';

const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce }
rules: [{ name: two, who: everyone, then: { chat: 2 } }]
`;
const GOOD = 'tests: [{ name: t, at: "2026-06-10T10:00", expect: [{ after: 1m, chat: 2 }] }]\n';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headroom-test-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function command(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const exit = await run(['test', ...args], {
    env,
    out: (line) => out.push(line),
    err: (line) => err.push(line),
  });
  return { exit, out, err };
}

async function given(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}

it('exits with 0 when all pass, and finds the folder as check does', async () => {
  await given({ 'rules.yaml': RULES, 'a.test.yaml': GOOD });
  const out = ['1 test passed', 'coverage: 1 of 1 rules, 1 of 1 branches'];
  expect(await command([folder])).toEqual({ exit: 0, out, err: [] });
  expect(await command([], { HEADROOM_RULES: folder })).toEqual({ exit: 0, out, err: [] });
});

it('exits with 1 when a test fails, and shows the place in a clickable form', async () => {
  await given({ 'rules.yaml': RULES, 'a.test.yaml': GOOD.replace('chat: 2', 'chat: 3') });
  const { exit, out } = await command([folder]);
  expect(exit).toBe(1);
  const place = `${join(folder, 'a.test.yaml')}:1`;
  expect(out.slice(0, 3)).toEqual([
    `FAIL ${place}:17 t`,
    `  ${place}:66: after 1m (2026-06-10 10:01) chat: found 2 because two, expected 3`,
    '      two claims: it has no condition, so it always claims',
  ]);
});

it('exits with 3 when a file has a mistake, and shows the line; others still run', async () => {
  await given({
    'rules.yaml': RULES,
    'a.test.yaml': GOOD,
    'b.test.yaml': GOOD.replace('chat: 2', 'caht: 2'),
  });
  const { exit, out } = await command([folder]);
  expect(exit).toBe(3);
  const place = `${join(folder, 'b.test.yaml')}:1:66`;
  expect(out[0]).toBe(
    `${place}: error: "caht" is neither a field here nor a channel; did you mean "chat"?`,
  );
  expect(out[2]).toMatch(/^ +\^$/);
  expect(out).toContain('1 test passed');
});

it('a failed test takes precedence over a mistake elsewhere', async () => {
  await given({
    'rules.yaml': RULES,
    'a.test.yaml': GOOD.replace('chat: 2', 'chat: 3'),
    'b.test.yaml': 'nonsense',
  });
  expect((await command([folder])).exit).toBe(1);
});

it('prints one JSON document', async () => {
  await given({ 'rules.yaml': RULES, 'a.test.yaml': GOOD });
  const { exit, out } = await command([folder, '--json']);
  expect(exit).toBe(0);
  expect(JSON.parse(out.join('\n'))).toMatchObject({
    passed: 1,
    failed: 0,
    tests: [{ name: 't', passed: true }],
    coverage: { rules: { touched: 1, all: 1 } },
  });
});

it('distinguishes a missing folder, a folder without tests, and wrong usage', async () => {
  const missing = join(folder, 'nowhere');
  expect(await command([missing])).toMatchObject({
    exit: 1,
    out: [`${missing}: error: there is no rules folder at "${missing}"`, '', 'no test ran'],
  });
  await given({ 'rules.yaml': RULES });
  expect((await command([folder])).exit).toBe(3);
  expect((await command([folder, '--nonsense'])).exit).toBe(2);
});

it('lists the exit codes in its help', async () => {
  const { out } = await command(['--help']);
  expect(out.join('\n')).toContain('exits 0 when all pass, 1 when one fails, 3');
});

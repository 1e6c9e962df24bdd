// `headroom check` as a person and as a script see it: what is printed, and the exit code.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { run } from '../../src/cli/program.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headroom-check-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function check(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const exit = await run(['check', ...args], {
    env,
    out: (line) => out.push(line),
    err: (line) => err.push(line),
  });
  return { exit, out, err };
}

const HEAD = 'version: 1\ndefaults: { timezone: UTC, baseline: { chat: 1 } }\nrules:\n';
const write = (text: string, name = 'a.yaml') => writeFile(join(folder, name), HEAD + text);

it('says so and exits with 0 when nothing is wrong', async () => {
  await write('  - { name: a, who: everyone, then: { chat: 2 } }\n');
  const expected = ['1 rule in 1 file: nothing wrong'];
  expect(await check([folder])).toEqual({ exit: 0, out: expected, err: [] });
  expect(await check([], { HEADROOM_RULES: folder })).toEqual({ exit: 0, out: expected, err: [] });
});

it('shows every mistake with its place, its line and a caret, and exits with 3', async () => {
  await write('  - { name: a, who: everyone, then: { chat: -2 } }\n\t- b\n');
  await write('  - { name: b, who: nobody, then: { chat: 2 } }\n', 'sub-b.yaml');
  const { exit, out } = await check([folder]);
  expect(exit).toBe(3);
  expect(out).toContain(
    `${join(folder, 'sub-b.yaml')}:4:21: error: there is no group "nobody"; no group is defined`,
  );
  expect(out).toContain('    - { name: b, who: nobody, then: { chat: 2 } }');
  expect(out).toContain(`  ${' '.repeat(20)}^`);
  expect(out.at(-1)).toMatch(/^2 files: \d errors$/);
});

it('shows a finding with its witness and exits with 3', async () => {
  await write(
    '  - { name: a, who: everyone, then: { chat: 2 } }\n  - { name: b, who: everyone, then: { chat: 3 } }\n',
  );
  const { exit, out } = await check([folder]);
  expect(exit).toBe(3);
  expect(out[0]).toMatch(/a\.yaml:5:5: warning: the rules "b" and "a" both set chat/);
  expect(out.slice(2)).toEqual([
    '      ^',
    expect.stringMatching(/^ {4}on \w{3} \d{4}-\d\d-\d\d \d\d:\d\d \(UTC\):$/),
    '    a would set chat to 2',
    '    b would set chat to 3',
    '    so chat is 2',
    '',
    '2 rules in 1 file: 1 warning',
  ]);
});

it('27: reports what the rules rely on as a note, not as a mistake', async () => {
  await write('  - { name: a, who: everyone, then: { chat: 2, sms: 1 } }\n');
  const { exit, out } = await check([folder]);
  expect(exit).toBe(0);
  expect(out[0]).toMatch(/a\.yaml:4:5: note: no baseline is declared for sms/);
  expect(out.at(-1)).toBe('1 rule in 1 file: nothing wrong, 1 note');
});

it('prints the same as JSON', async () => {
  await write(
    '  - { name: a, who: everyone, then: { chat: 2 } }\n  - { name: b, who: everyone, then: { chat: 3 } }\n',
  );
  const { exit, out } = await check([folder, '--json']);
  const found = JSON.parse(out.join('\n'));
  expect(exit).toBe(3);
  expect(found).toMatchObject({ diagnostics: [], notes: [], rules: 2 });
  expect(found.findings).toMatchObject([
    {
      code: 'lint.tie',
      severity: 'warning',
      file: 'a.yaml',
      line: 5,
      column: 5,
      rules: ['b', 'a'],
    },
  ]);
});

it('does not lint faulty rules, and says that the number of rules is unknown', async () => {
  await write('  - { name: a, who: nobody, then: { chat: 2 } }\n');
  const { out } = await check([folder, '--json']);
  expect(JSON.parse(out.join('\n'))).toMatchObject({ findings: [], rules: null });
});

it('exits with 1 if the folder cannot be read, and with 2 on wrong usage', async () => {
  const missing = join(folder, 'none');
  const { exit, out } = await check([missing]);
  expect(exit).toBe(1);
  expect(out[0]).toBe(`${missing}: error: there is no rules folder at "${missing}"`);
  await mkdir(join(folder, 'empty'));
  expect((await check([join(folder, 'empty')])).exit).toBe(3);
  expect((await check([folder, '--nonsense'])).exit).toBe(2);
});

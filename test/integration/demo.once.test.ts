import { expect, it } from 'vitest';
import { run } from '../../src/cli/program.ts';

async function headroom(...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const io = { env: {}, out: (l: string) => out.push(l), err: (l: string) => err.push(l) };
  return { exit: await run(args, io), out, err };
}

const SMALL = ['--day-only', '--workers', '12', '--tasks', '60', '--seed', '3'] as const;

it('compares a day with and without rules in one table', async () => {
  const { exit, out } = await headroom('demo', ...SMALL);
  expect(exit).toBe(0);
  const table = out.join('\n');
  for (const part of ['without rules', 'with rules', 'answered in time', 'strain per person'])
    expect(table).toContain(part);
});

it('prints the same as JSON', async () => {
  const { exit, out } = await headroom('demo', ...SMALL, '--json');
  expect(exit).toBe(0);
  const told: unknown = JSON.parse(out.join('\n'));
  expect(told).toMatchObject({ seed: 3, workers: 12, without: { offered: expect.any(Number) } });
});

it('refuses a seed that is not a number and --json for the story, both at once', async () => {
  const { exit, err } = await headroom('demo', '--seed', 'x', '--json');
  expect(exit).toBe(2);
  expect(err).toHaveLength(2);
});

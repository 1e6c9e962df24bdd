// How a long-running command ends, as its own process: by a signal, by a second one, when its grace
// time is over, and by an uncaught fault.

import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Child, type Children, compileFor } from '../support/children.ts';

let children: Children;
beforeAll(() => {
  children = compileFor('src/cli/lifecycle.ts');
});
afterEach(() => children.end());
afterAll(() => children.remove());

const start = (runs: string, settings: Readonly<Record<string, string>> = {}): Child =>
  children.start('lifecycle.mjs', { RUNS: runs, ...settings });

it.each(['SIGTERM', 'SIGINT'] as const)(
  '%s stops it cleanly, and it exits with 0',
  async (signal) => {
    const child = start('signal');
    await child.says('ready');
    expect(await child.kill(signal)).toBe(0);
    expect(child.lines).toEqual(['ready', 'stopping', 'stopped']);
  },
);

it.each(['signal', 'work'])(
  'a second signal ends it at once, with exit code 1 (%s)',
  async (runs) => {
    const child = start(runs, { STOPS: 'never' });
    await child.says('ready');
    void child.kill('SIGTERM');
    await child.says('stopping');
    expect(await child.kill('SIGTERM')).toBe(1);
    expect(child.lines).toEqual(['ready', 'stopping']);
  },
);

it('what is unfinished after the grace time is left and reported; it exits with 1', async () => {
  const child = start('signal', { STOPS: 'never', GRACE_MS: '1' });
  await child.says('ready');
  expect(await child.kill('SIGTERM')).toBe(1);
  expect(child.lines).toEqual(['ready', 'stopping', 'late']);
});

it.each([
  ['throws', 'nobody caught this'],
  ['rejects', 'nobody awaited this'],
])(
  'an uncaught fault (it %s) is reported, stops it cleanly, and it exits with 1',
  async (runs, why) => {
    const child = start(runs);
    expect(await child.ended).toBe(1);
    expect(child.lines).toEqual(['ready', `fault: ${why}`, 'stopping', 'stopped']);
  },
);

it.each([
  ['badly', 'the store is gone'],
  ['faulty', 'another fault'],
])('a fault while it stops (%s) is reported, and it exits with 1', async (stops, why) => {
  const child = start('signal', { STOPS: stops });
  await child.says('ready');
  expect(await child.kill('SIGTERM')).toBe(1);
  expect(child.lines).toEqual(['ready', 'stopping', `fault: ${why}`]);
});

it('work that ends by itself is asked by a signal to end early, and waited for', async () => {
  const child = start('work');
  await child.says('ready');
  expect(await child.kill('SIGTERM')).toBe(0);
  expect(child.lines).toEqual(['ready', 'stopping', 'stopped']);
});

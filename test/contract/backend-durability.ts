// What must outlast a process, on any backend: real processes are killed, and others continue from
// what they left. The suite is given how a child opens the backend and how the test itself does.

import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Backend } from '../../src/daemon/backends.ts';
import { type Children, compileFor } from '../support/children.ts';
import { waitFor } from '../support/wait.ts';

export interface BackendUnderTest {
  /** Environment for the child: BACKEND, WHERE, PREFIX. */
  readonly settings: Readonly<Record<string, string>>;
  open(): Promise<Backend>;
}

/** Starting a process and a database takes long while the machine is busy with other tests. */
const PATIENCE_MS = 120_000;

const sidsOf = (lines: readonly string[], word: string): string[] =>
  lines.filter((line) => line.startsWith(`${word} EV`)).map((line) => line.split(' ')[1] ?? '');

/** `fresh` answers a place of its own. */
export function backendDurability(fresh: () => BackendUnderTest): void {
  let children: Children;
  beforeAll(() => {
    children = compileFor('src/daemon/backends.ts');
  });
  afterEach(() => children.end());
  afterAll(() => children.remove());

  it('everything acknowledged is there after a SIGKILL', { timeout: PATIENCE_MS }, async () => {
    const ground = fresh();
    const child = children.start('backend.mjs', { ...ground.settings, TASK: 'add' });
    await child.says('added EV', 150);
    await child.kill('SIGKILL');
    const added = sidsOf(child.lines, 'added');
    const saved = child.lines.filter((line) => line.startsWith('saved ')).at(-1);
    const { store, queues, close } = await ground.open();
    try {
      // What was stored but not yet acknowledged may be there as well: one round of ten at most.
      const { waiting } = (await queues.counts()).events;
      expect(waiting).toBeGreaterThanOrEqual(added.length);
      expect(waiting).toBeLessThanOrEqual(added.length + 10);
      const last = await store.getDocument('last');
      expect(Number(last?.value)).toBeGreaterThanOrEqual(Number(saved?.split(' ')[1]));
      const got = new Set<string>();
      const event = async ({ sid }: { sid: string }): Promise<void> => {
        got.add(sid);
      };
      await queues.consume({ event, pass: async () => undefined });
      await waitFor('all arrive', () => got.size === waiting, 60_000);
      expect(added.filter((sid) => !got.has(sid))).toEqual([]);
    } finally {
      await close(2_000);
    }
  });

  it('a hundred events with a SIGKILL in the middle are all absorbed after the next start', {
    timeout: PATIENCE_MS,
  }, async () => {
    const ground = fresh();
    const settings = { ...ground.settings, COUNT: '100', HANDLER_MS: '150' };
    const child = children.start('backend.mjs', { ...settings, TASK: 'work' });
    await child.says('done EV', 30);
    await child.kill('SIGKILL');
    expect(sidsOf(child.lines, 'done').length).toBeLessThan(100);
    const next = children.start('backend.mjs', { ...settings, HANDLER_MS: '1', TASK: 'consume' });
    await next.says('ready');
    const done = (): Set<string> =>
      new Set([...sidsOf(child.lines, 'done'), ...sidsOf(next.lines, 'done')]);
    await waitFor('all are done', () => done().size === 100, 60_000);
    await next.kill('SIGTERM');
  });

  it('a process that worked and closed exits by itself', { timeout: PATIENCE_MS }, async () => {
    const ground = fresh();
    const settings = { ...ground.settings, COUNT: '10', TASK: 'once' };
    const child = children.start('backend.mjs', settings);
    await child.says('closed');
    expect(await child.ended).toBe(0);
    expect(child.lines.filter((line) => !/^(open|done|ready|closed)/.test(line))).toEqual([]);
  });
}

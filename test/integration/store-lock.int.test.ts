// The lock of a data folder among real processes: one holder, a dead holder's folder taken over at
// once, and never two holders however many start together.

import { mkdir, readdir, readFile, utimes, watch, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { FolderHeld, type FolderLock, lockFolder } from '../../src/store/lock.ts';
import { type Children, compileFor } from '../support/children.ts';
import { type Folder, folder } from '../support/embedded.ts';

let children: Children;
let data: Folder;
const locks: FolderLock[] = [];
const lock = async (): Promise<FolderLock> => {
  const one = await lockFolder(data.path, { onLost: () => undefined });
  locks.push(one);
  return one;
};
const start = (): ReturnType<Children['start']> =>
  children.start('lock.mjs', { FOLDER: data.path });

beforeAll(() => {
  children = compileFor('src/store/lock.ts');
});
afterAll(() => children.remove());
beforeEach(async () => {
  data = await folder();
});
afterEach(async () => {
  await children.end();
  for (const one of locks.splice(0)) await one.release();
  await data.remove();
});

it('is refused while a living process holds it, naming that process and the folder', async () => {
  const child = start();
  await child.says('held');
  const refusal = await lock().catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(FolderHeld);
  expect(String(refusal)).toContain(`process ${child.pid} on ${hostname()}`);
  expect(String(refusal)).toContain(data.path);
  await child.kill('SIGTERM');
});

it('is refused twice within one process', async () => {
  await lock();
  await expect(lock()).rejects.toBeInstanceOf(FolderHeld);
});

it('is free after a clean release, and after a SIGKILL, however fresh its last beat', async () => {
  const child = start();
  await child.says('held');
  await child.kill('SIGKILL');
  await beatsInAnHour();
  await (await lock()).release();
  await beatsInAnHour();
  await (await lock()).release();
});

it("is free when the holder's pid now belongs to another process, even ours", async () => {
  await lock();
  const [name] = await lockFiles();
  const text = await readFile(join(data.path, name ?? ''), 'utf8');
  const holder = JSON.parse(text) as { startedAt: string };
  await locks.pop()?.release();
  const before = { ...holder, startedAt: `${holder.startedAt}0`, nonce: 'of an earlier life' };
  await writeFile(join(data.path, 'lock.7'), JSON.stringify({ ...before, released: false }));
  await lock();
  expect(await lockFiles()).toEqual(['lock.8']);
});

it('of another host is free when it has been silent, and not before', async () => {
  const foreign = { pid: 1, host: 'elsewhere', pids: null, startedAt: null, nonce: 'n' };
  await mkdir(data.path, { recursive: true });
  const path = join(data.path, 'lock.3');
  await writeFile(path, JSON.stringify({ ...foreign, released: false }));
  // Each check of the lock compares its time with that of a new file.
  const checks = watch(data.path)[Symbol.asyncIterator]();
  let locked = false;
  const waiting = lock().then(() => {
    locked = true;
  });
  const probes = new Set<string>();
  while (probes.size < 3) {
    const name = (await checks.next()).value?.filename ?? '';
    if (name.startsWith('probe.')) probes.add(name);
  }
  await checks.return?.();
  expect(locked).toBe(false);
  const minuteAgo = new Date(Date.now() - 60_000);
  await utimes(path, minuteAgo, minuteAgo);
  await waiting;
  expect(await lockFiles()).toEqual(['lock.4']);
});

it('is won by exactly one of eight that find a dead holder together, in every round', async () => {
  for (let round = 0; round < 3; round += 1) {
    const dead = start();
    await dead.says('held');
    await dead.kill('SIGKILL');
    const starters = Array.from({ length: 8 }, start);
    const said = await Promise.all(starters.map((one) => one.says('e')));
    expect(said.filter((line) => line === 'held')).toHaveLength(1);
    expect(said.filter((line) => line.startsWith('refused'))).toHaveLength(7);
    await Promise.all(starters.map((one) => one.kill('SIGKILL')));
  }
});

/** Nobody is silent by this time stamp, so only other evidence can show that the holder is gone. */
async function beatsInAnHour(): Promise<void> {
  const then = new Date(Date.now() + 3_600_000);
  for (const name of await lockFiles()) await utimes(join(data.path, name), then, then);
}

async function lockFiles(): Promise<string[]> {
  return (await readdir(data.path)).filter((name) => name.startsWith('lock.'));
}

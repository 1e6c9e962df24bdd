// One data folder, one process: PGlite itself lets two processes open the same files and ruins
// them. Holders take numbers: the file `lock.<n>` with the highest n is the one in force, and only
// one starter can create n + 1. Nobody moves or deletes another's file that could be in force, so
// two starters that find the same dead holder cannot both win.

import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LIMITS } from './limits.ts';

export interface FolderLock {
  release(): Promise<void>;
}

export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Its PID namespace; a container has its own. */
  readonly pids: string | null;
  /** Distinguishes this process from a later one with the same pid; null if not known. */
  readonly startedAt: string | null;
  readonly nonce: string;
  readonly released: boolean;
}

export class FolderHeld extends Error {
  /** Who holds it, in words. */
  readonly who: string;
  constructor(folder: string, holder: Holder | null) {
    const who = holder === null ? 'another process' : `process ${holder.pid} on ${holder.host}`;
    super(`the data folder ${folder} is in use by ${who}; stop it, or set HEADROOM_DATA`);
    this.name = 'FolderHeld';
    this.who = who;
  }
}

const held = new Set<string>();

/** Locks `folder`, which is created if need be, or rejects with `FolderHeld`. */
export async function lockFolder(
  folder: string,
  options: { readonly onLost: () => void },
): Promise<FolderLock> {
  await mkdir(folder, { recursive: true });
  const giveUpAt = performance.now() + LIMITS.lockWaitMs;
  for (;;) {
    const top = await highest(folder);
    const verdict = top === 0 ? 'free' : await holderStatus(folder, top);
    if (verdict === 'free') {
      const lock = await tryAcquire(folder, top + 1, options.onLost);
      if (lock !== null) return lock;
      continue;
    }
    if (verdict === 'held' || performance.now() > giveUpAt) {
      throw new FolderHeld(folder, await readHolder(folder, top));
    }
    await sleep(200);
  }
}

/** Free, certainly held, or not known yet: then only its heartbeat can show it. */
async function holderStatus(folder: string, n: number): Promise<'free' | 'held' | 'silent?'> {
  const holder = await readHolder(folder, n);
  if (holder?.released === true || (await highest(folder)) !== n) return 'free';
  if (holder !== null && holder.host === hostname() && holder.pids === pidSpace()) {
    if (holder.startedAt !== null) {
      return processStart(holder.pid) === holder.startedAt ? 'held' : 'free';
    }
    if (holder.pid === process.pid) return held.has(holder.nonce) ? 'held' : 'free';
    if (!isAlive(holder.pid)) return 'free';
  }
  return (await silentMs(folder, n)) > LIMITS.lockStaleMs ? 'free' : 'silent?';
}

async function tryAcquire(
  folder: string,
  n: number,
  onLost: () => void,
): Promise<FolderLock | null> {
  const nonce = randomUUID();
  const holder: Holder = {
    pid: process.pid,
    host: hostname(),
    pids: pidSpace(),
    startedAt: processStart(process.pid),
    nonce,
    released: false,
  };
  const file = await open(fileOf(folder, n), 'wx').catch(unlessExists);
  if (file === null) return null;
  await write(file, holder);
  // Numbers below the highest are not in force, so a starter that was slow removes its own.
  if ((await highest(folder)) !== n) {
    await file.close();
    await rm(fileOf(folder, n), { force: true });
    return null;
  }
  held.add(nonce);
  await dropBelow(folder, n);
  return maintainLock(folder, { n, file, holder, onLost });
}

interface AcquiredLock {
  readonly n: number;
  readonly file: FileHandle;
  readonly holder: Holder;
  readonly onLost: () => void;
}

function maintainLock(folder: string, { n, file, holder, onLost }: AcquiredLock): FolderLock {
  // Writing the file, not setting its time, lets the file system stamp it by its own clock. The
  // timer also keeps the process alive: PGlite alone holds no handle open.
  const beat = async (): Promise<void> => {
    if ((await highest(folder)) === n) return write(file, holder);
    clearInterval(timer);
    onLost();
  };
  let beating: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    // A beat that fails, e.g. on a full disk, loses nothing yet: the next one checks who holds it.
    beating = beating.then(beat).catch(() => undefined);
  }, LIMITS.lockBeatMs);
  return {
    async release() {
      clearInterval(timer);
      await beating;
      if (!held.delete(holder.nonce)) return;
      // The number stays, so that the next holder's is higher whoever looked before.
      await write(file, { ...holder, released: true }).catch(() => undefined);
      await file.close();
    },
  };
}

async function write(file: FileHandle, holder: Holder): Promise<void> {
  // One size for both states, so that a reader never sees the end of an older text.
  await file.write(JSON.stringify(holder).padEnd(1_000), 0);
}

const NAME = /^lock\.(\d+)$/;
const fileOf = (folder: string, n: number): string => join(folder, `lock.${n}`);

async function numbers(folder: string): Promise<number[]> {
  return (await readdir(folder)).flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number);
}

async function highest(folder: string): Promise<number> {
  return Math.max(0, ...(await numbers(folder)));
}

async function dropBelow(folder: string, n: number): Promise<void> {
  const old = (await numbers(folder)).filter((number) => number < n);
  await Promise.all(old.map((number) => rm(fileOf(folder, number), { force: true })));
}

/** null: its holder has not written it yet, or it is gone. */
async function readHolder(folder: string, n: number): Promise<Holder | null> {
  try {
    return JSON.parse(await readFile(fileOf(folder, n), 'utf8')) as Holder;
  } catch {
    return null;
  }
}

/** How long ago the file was written, by the file system's own clock. */
async function silentMs(folder: string, n: number): Promise<number> {
  const probe = join(folder, `probe.${randomUUID()}`);
  try {
    await (await open(probe, 'wx')).close();
    const [now, then] = await Promise.all([stat(probe), stat(fileOf(folder, n))]);
    return now.mtimeMs - then.mtimeMs;
  } catch {
    return 0;
  } finally {
    await rm(probe, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The boot and the tick at which a running process started, as Linux reports them; else null. */
function processStart(pid: number): string | null {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name is in parentheses and may contain spaces. After it come the state and, as
    // field 22 of the whole line, the start. A zombie is dead although its pid is taken.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    const ticks = fields[19];
    if (ticks === undefined || fields[0] === 'Z' || fields[0] === 'X') return null;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${ticks}`;
  } catch {
    return null;
  }
}

function pidSpace(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return null;
  }
}

function unlessExists(error: NodeJS.ErrnoException): null {
  if (error.code === 'EEXIST') return null;
  throw error;
}

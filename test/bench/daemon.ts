// headroom as it runs in production, for the benchmarks that need all of it: its own process from
// `dist/`, on a Redis server of its own, against an emulator in this process. Node flags for it,
// such as `--cpu-prof --cpu-prof-dir=…`, are taken from DAEMON_NODE_FLAGS.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { waitFor } from '../support/wait.ts';

export interface Daemon {
  readonly url: string;
  /** The body of `GET /api/v1/status`. */
  status(): Promise<Status>;
  /** Its peak memory, bytes. */
  peakMemory(): Promise<number>;
  stop(): Promise<void>;
}

export interface Status {
  readonly workers: { readonly listed: number | null; readonly lastResync: string | null };
  readonly queues: Readonly<Record<'events' | 'passes', Counts>>;
}

interface Counts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
}

export interface DaemonOptions {
  readonly emulator: Emulator;
  readonly redisUrl: string;
  readonly rules: string;
  /** Such as `20/s`. */
  readonly rate: string;
}

export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { emulator } = options;
  const dir = await mkdtemp(join(tmpdir(), 'headroom-bench-'));
  await writeFile(join(dir, 'rules.yaml'), options.rules);
  const flags = (process.env.DAEMON_NODE_FLAGS ?? '').split(' ').filter((flag) => flag !== '');
  const child = spawn(process.execPath, [...flags, resolve('dist/main.js'), 'start'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      TWILIO_ACCOUNT_SID: emulator.accountSid,
      TWILIO_AUTH_TOKEN: emulator.authToken,
      TWILIO_WORKSPACE_SID: emulator.workspaceSid,
      TASKROUTER_BASE_URL: emulator.url,
      REDIS_URL: options.redisUrl,
      HEADROOM_RULES: dir,
      HEADROOM_PORT: '0',
      HEADROOM_RATE: options.rate,
      HEADROOM_LOG_LEVEL: 'info',
    },
  });
  const gone = once(child, 'exit');
  let url: string | null = null;
  let last = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    last = line;
    url ??= /headroom listens on (http:\/\/[\d.]+:\d+)/.exec(line)?.[1] ?? null;
  });
  const there = await waitFor(
    'the daemon listens',
    () => {
      if (child.exitCode !== null) throw new Error(`the daemon ended: ${last}`);
      return url;
    },
    60_000,
  );
  emulator.world.setEventCallbackUrl(`${there}/webhooks/taskrouter#rc=5&rp=all&rt=3000`);
  return {
    url: there,
    async status() {
      const response = await fetch(`${there}/api/v1/status`);
      return (await response.json()) as Status;
    },
    async peakMemory() {
      const text = await readFile(`/proc/${child.pid}/status`, 'utf8');
      return Number(/VmHWM:\s+(\d+) kB/.exec(text)?.[1]) * 1024;
    },
    async stop() {
      child.kill('SIGTERM');
      await gone;
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Resolves when nothing is left to absorb, to look at or to deliver. */
export async function settled(daemon: Daemon, emulator: Emulator, withinMs: number): Promise<void> {
  let still = 0;
  await waitFor(
    'everything is absorbed and looked at',
    async () => {
      await emulator.delivered();
      const { events, passes } = (await daemon.status()).queues;
      const left = [events, passes].map((q) => q.waiting + q.active + q.delayed);
      still = left.every((n) => n === 0) ? still + 1 : 0;
      return still >= 3;
    },
    withinMs,
  );
}

// The first look at a Workspace of 15,000 Workers with five Worker Channels each, every one claimed
// by a rule so that all of them are read: how many calls and seconds, how much memory, and how long
// a protective write that becomes due meanwhile has to wait: `npm run bench:resync`. The lower
// bound is the rate itself: no listing can be faster than its calls ÷ `HEADROOM_RATE`.
//
//   npm run bench:resync -- [Workers] [calls a second]
//
// Without these it runs twice: 1,500 Workers at the default rate, for the delay, and then 15,000.

import { type Emulator, startEmulator } from '../../src/emulator/emulator.ts';
import { percentile } from '../../src/emulator/floor/metrics.ts';
import { waitFor } from '../support/wait.ts';
import { type Daemon, settled, startDaemon } from './daemon.ts';
import { redis } from './ingest-storage.ts';

const PATIENCE_MS = 60 * 60_000;
const PROBES_EVERY_MS = 1_000;

/** The first rule claims what everyone has already: all is read, and nothing written for it. */
const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce, baseline: { chat: 1, voice: 1, sms: 1, video: 1, default: 1 } }
rules:
  - name: everyone-as-ever
    who: everyone
    then: { any: 1 }
  - name: protect
    who: { where: 'worker.protect == true' }
    then: { chat: pause }
    hard: true
`;

const say = (line: string) => process.stdout.write(`${line}\n`);
const [workers, rate = 200] = process.argv.slice(2).map(Number);
if (workers === undefined) {
  await firstLook(1_500, 20);
  await firstLook(15_000, 200);
} else await firstLook(workers, rate);

async function firstLook(workers: number, rate: number): Promise<void> {
  /** headroom stays a tenth below its rate, so that a delayed call does no harm. */
  const intervalMs = (1_000 / rate) * 1.1;
  const storage = await redis();
  const emulator = await startEmulator({ floor: 'none' });
  try {
    for (let n = 0; n < workers; n += 1) {
      emulator.world.createWorker({ friendlyName: name(n), attributes: {}, activity: 'Available' });
    }
    const began = performance.now();
    const options = { emulator, redisUrl: storage.where, rules: RULES, rate: `${rate}/s` };
    const daemon = await startDaemon(options);
    try {
      const probing = probe(emulator, workers);
      await waitFor('all are read', async () => read(daemon), PATIENCE_MS);
      const seconds = (performance.now() - began) / 1_000;
      const probes = await probing.end();
      await settled(daemon, emulator, PATIENCE_MS);
      const calls = await callsOf(daemon);
      const least = (calls * intervalMs) / 1_000;
      const peak = (await daemon.peakMemory()) / 1e6;
      say(
        `${workers} Workers × 5 channels at ${rate} calls/s: ${calls} calls in ${seconds.toFixed(1)} s,`,
      );
      say(
        `  ${(seconds / least).toFixed(2)} × the least that the rate allows (${least.toFixed(1)} s)`,
      );
      say(`  peak memory ${peak.toFixed(0)} MB`);
      say('  protective writes meanwhile, from the change at TaskRouter to the write there:');
      sayDelays('all', probes, intervalMs);
      const [first, known] = [true, false].map((read) => probes.filter((p) => p.read === read));
      sayDelays('of Workers that were read already', known ?? [], intervalMs);
      sayDelays('of Workers that had to be read first, a call of its own', first ?? [], intervalMs);
    } finally {
      await daemon.stop();
    }
  } finally {
    await emulator.stop();
    await storage.remove();
  }
}

interface Probe {
  readonly ms: number;
  /** Whether its Worker had to be read first. */
  readonly read: boolean;
}

function sayDelays(whose: string, probes: readonly Probe[], intervalMs: number): void {
  if (probes.length === 0) return;
  const delays = probes.map(({ ms }) => ms);
  const at = (share: number) => {
    const ms = percentile(delays, share);
    return `${ms.toFixed(0)} ms = ${(ms / intervalMs).toFixed(1)} call intervals`;
  };
  say(`    ${whose} (${probes.length}): median ${at(0.5)}, p95 ${at(0.95)}`);
}

function name(n: number): string {
  return `W${String(n).padStart(5, '0')}`;
}

/** Whether every Worker was listed and its channels read, with hardly any pass left. */
async function read(daemon: Daemon): Promise<boolean> {
  const { workers: seen, queues } = await daemon.status();
  const { waiting, active } = queues.passes;
  return seen.lastResync !== null && waiting + active < 3;
}

async function callsOf({ url }: Daemon): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.matchAll(/^headroom_taskrouter_calls_total\{[^}]*\} (\d+)$/gm);
  return [...lines].reduce((sum, [, n]) => sum + Number(n), 0);
}

/** Resolves when the Worker's chat is paused at TaskRouter. */
function paused({ world }: Emulator, worker: string): Promise<number> {
  return new Promise((resolve) => {
    const stop = world.listen(({ type, payload }) => {
      if (type !== 'worker.channel.availability.update' || payload.worker_name !== worker) return;
      if (payload.task_channel_unique_name !== 'chat') return;
      stop();
      resolve(performance.now());
    });
  });
}

/** Makes the protection of one Worker after another due, and measures until it is written. */
function probe(emulator: Emulator, workers: number) {
  const { world } = emulator;
  const probes: Probe[] = [];
  let running = true;
  const done = (async () => {
    for (let n = 0; running && n < workers; n += 1) {
      const worker = name((n * 7) % workers);
      const written = paused(emulator, worker);
      const began = performance.now();
      const at = Date.now();
      world.updateWorker(worker, { attributes: { protect: true } });
      const ms = (await written) - began;
      const { sid } = world.worker(worker);
      const read = emulator
        .calls()
        .some((call) => call.at >= at && call.method === 'GET' && call.path.includes(sid));
      probes.push({ ms, read });
      // Out of step with the calls, which leave at even intervals.
      const apart = PROBES_EVERY_MS + ((n * 37) % 111);
      await new Promise((resolve) => setTimeout(resolve, apart));
    }
  })();
  return {
    async end() {
      running = false;
      await done;
      return probes;
    },
  };
}

// A shift change of 1,000 and of 10,000 Workers at one instant, with no limit on calls, every event
// delivered three times and out of order, 5 % of the writes answered 429 and 4 % failing or never
// answered, half of those after the effect: `npm run bench:storm`. It fails unless each field that
// differs was changed exactly once. For comparison the SDK alone makes the same writes.
//
//   npm run bench:storm -- [Workers …]

import twilio from 'twilio';
import { type Emulator, startEmulator } from '../../src/emulator/emulator.ts';
import {
  changeShift,
  countChanges,
  excess,
  mismatches,
  STORM_RULES,
  staff,
} from '../support/storm.ts';
import { waitFor } from '../support/wait.ts';
import { settled, startDaemon } from './daemon.ts';
import { redis } from './ingest-storage.ts';

/** More than either side can make. */
const UNLIMITED = '100000/s';
const PATIENCE_MS = 15 * 60_000;
/** The SDK has as many calls in flight at once as headroom has passes. */
const AT_ONCE = 10;

const say = (line: string) => process.stdout.write(`${line}\n`);
const sizes = process.argv.slice(2).map(Number);
say(
  '| Workers | fields changed | seconds | changes/s | SDK alone, writes/s | ratio | calls | peak MB |',
);
say('|---|---|---|---|---|---|---|---|');
for (const workers of sizes.length > 0 ? sizes : [1_000, 10_000]) await storm(workers);

async function storm(workers: number): Promise<void> {
  const storage = await redis();
  const emulator = await startEmulator({ floor: 'none' });
  let posts = 0;
  try {
    const alone = await sdkAlone();
    staff(emulator, workers);
    const daemon = await startDaemon({
      emulator,
      redisUrl: storage.where,
      rules: STORM_RULES,
      rate: UNLIMITED,
    });
    try {
      const early = countChanges(emulator.world);
      await waitFor(
        'the shift before',
        () => early.changes.size >= workers && mismatches(emulator, workers).length === 2 * workers,
        PATIENCE_MS,
      );
      early.stop();
      await settled(daemon, emulator, PATIENCE_MS);
      const counted = await calls(daemon.url);
      const began = performance.now();
      const change = changeShift(emulator, workers);
      // Checked in full only when enough has changed: the emulator shares this process.
      const enough = () => change.changes.size >= change.due.size;
      const done = () => enough() && mismatches(emulator, workers).length === 0;
      await waitFor('the new shift', done, PATIENCE_MS);
      const seconds = (performance.now() - began) / 1_000;
      emulator.world.faults.clear();
      await settled(daemon, emulator, PATIENCE_MS);
      change.stop();
      const more = excess(change);
      if (more.length > 0)
        throw new Error(`changed more than once: ${more.slice(0, 5).join(', ')}`);
      if (mismatches(emulator, workers).length > 0) throw new Error('it did not stay right');
      posts = (await calls(daemon.url)) - counted;
      const perSecond = change.due.size / seconds;
      const peak = (await daemon.peakMemory()) / 1e6;
      say(
        `| ${workers} | ${change.due.size} | ${seconds.toFixed(1)} | ${perSecond.toFixed(0)} | ${alone.toFixed(0)} | ${(perSecond / alone).toFixed(2)} | ${posts} | ${peak.toFixed(0)} |`,
      );
    } finally {
      await daemon.stop();
    }
  } finally {
    await emulator.stop();
    await storage.remove();
  }
}

/** The daemon's own counter. */
async function calls(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.matchAll(/^headroom_taskrouter_calls_total\{[^}]*\} (\d+)$/gm);
  return [...lines].reduce((sum, [, n]) => sum + Number(n), 0);
}

/** The SDK with nothing around it: the same write, answered by an emulator without faults. */
async function sdkAlone(): Promise<number> {
  const emulator: Emulator = await startEmulator({ floor: 'none' });
  try {
    const { world } = emulator;
    const sids = Array.from({ length: 200 }, (_, n) => {
      return world.createWorker({ friendlyName: `S${n}`, attributes: {} }).sid;
    });
    const client = twilio(emulator.accountSid, emulator.authToken, {
      httpClient: redirected(emulator.url),
    });
    const workspace = client.taskrouter.v1.workspaces(emulator.workspaceSid);
    let made = 0;
    const write = async (capacity: number) => {
      for (let sid = sids[made]; sid !== undefined; sid = sids[made]) {
        made += 1;
        await workspace.workers(sid).workerChannels('chat').update({ capacity });
      }
    };
    const round = async (capacity: number) => {
      made = 0;
      await Promise.all(Array.from({ length: AT_ONCE }, () => write(capacity)));
    };
    await round(2);
    const began = performance.now();
    for (let n = 0; n < 5; n += 1) await round(3 + n);
    return (5 * sids.length * 1_000) / (performance.now() - began);
  } finally {
    await emulator.stop();
  }
}

/** The SDK's own HTTP client, pointed at another host. */
function redirected(url: string) {
  const own = new twilio.RequestClient();
  const request = own.request.bind(own);
  own.request = (options) => {
    const uri = options.uri.replace('https://taskrouter.twilio.com', url);
    return request({ ...options, uri });
  };
  return own;
}

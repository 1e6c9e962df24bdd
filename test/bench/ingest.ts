// Durable webhook ingest per second: headroom's receiver, which answers 204 only once the event is
// stored, on Redis and on the embedded default, compared with Express and the SDK's own middleware
// with nothing behind it. The three take turns, so that a busy machine slows all alike. At the end
// headroom's processes are killed, and every event answered 204 must be found in its queue.
//
//   npm run bench:ingest -- --rounds 6 --seconds 3

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Deliveries, PATH } from './ingest-deliveries.ts';
import { CONNECTIONS, load } from './ingest-load.ts';
import type { Answer, Ask, Side } from './ingest-side.ts';
import { type BenchStorage, folder, hasRedis, redis } from './ingest-storage.ts';

/** Signed in advance; a faster machine signs the rest during the run. */
const PREPARED = 60_000;
/** WebAssembly takes a while until it is well compiled. */
const WARM_UP_S = 5;
const NAMES: Readonly<Record<Side, string>> = {
  sdk: 'SDK middleware alone',
  redis: 'headroom on Redis',
  embedded: 'headroom embedded',
};

interface Sample {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Processor time of the server's process for one delivery, µs. */
  readonly cpu: number;
}

/** One side: its own process on its own storage, and its results so far. */
interface Lane {
  readonly side: Side;
  readonly storage: BenchStorage;
  readonly server: ChildProcess;
  readonly samples: Sample[];
  /** The events answered 204. */
  readonly answered: Set<string>;
  sent: number;
  refused: number;
}

function start(side: Side, where: string, task: 'serve' | 'stored'): ChildProcess {
  return fork(join(import.meta.dirname, 'ingest-side.js'), [side, where, task]);
}

async function answerOf<K extends string>(child: ChildProcess, key: K, ask?: Ask) {
  if (ask !== undefined) child.send(ask);
  const settled = new AbortController();
  const { signal } = settled;
  const ended = once(child, 'exit', { signal }).then(() => {
    throw new Error('the process under load ended');
  });
  const [answer]: Answer[] = await Promise.race([once(child, 'message', { signal }), ended]);
  settled.abort();
  if (answer === undefined || !(key in answer)) throw new Error(`no ${key} in the answer`);
  return answer as Extract<Answer, Record<K, unknown>>;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function open(side: Side): Promise<Lane> {
  const storage = await (side === 'redis' ? redis() : folder());
  const server = start(side, storage.where, 'serve');
  return { side, storage, server, samples: [], answered: new Set(), sent: 0, refused: 0 };
}

async function close({ server, storage }: Lane): Promise<void> {
  await end(server);
  await storage.remove();
}

async function sample(lane: Lane, url: string, seconds: number): Promise<Sample> {
  const { server, answered } = lane;
  const before = await answerOf(server, 'cpu', 'cpu');
  const made = await load(url, seconds, () => deliveries.at(lane.sent++));
  const after = await answerOf(server, 'cpu', 'cpu');
  for (const sid of made.answered) answered.add(sid);
  lane.refused += made.refused;
  const count = made.answered.length;
  return {
    perSecond: count / made.seconds,
    p50: made.p50,
    p99: made.p99,
    cpu: (after.cpu - before.cpu) / count,
  };
}

/** How many events were answered 204 and are not in the queue. */
async function lostOf({ side, storage, answered }: Lane): Promise<number> {
  await storage.reopen();
  const reader = start(side, storage.where, 'stored');
  try {
    const { stored } = await answerOf(reader, 'stored');
    const kept = new Set(stored);
    if (kept.size !== stored.length) throw new Error('an event is stored more than once');
    return [...answered].filter((sid) => !kept.has(sid)).length;
  } finally {
    await end(reader);
  }
}

const say = (...cells: readonly (string | number)[]) =>
  process.stdout.write(
    `${cells.map((cell, i) => (i === 0 ? String(cell).padEnd(24) : String(cell).padStart(10))).join('')}\n`,
  );
const whole = (n: number) => Math.round(n).toLocaleString('en-GB');

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}

function report(label: string, samples: readonly Sample[]): void {
  const of = (pick: (sample: Sample) => number) => whole(median(samples.map(pick)));
  say(
    label,
    of((s) => s.perSecond),
    of((s) => s.p50),
    of((s) => s.p99),
    of((s) => s.cpu),
  );
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '6' },
    seconds: { type: 'string', default: '3' },
  },
});
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
const withRedis = hasRedis();
const sides: readonly Side[] = withRedis ? ['sdk', 'redis', 'embedded'] : ['sdk', 'embedded'];
const deliveries = await Deliveries.prepare(PREPARED);
const lanes: Lane[] = [];
let lost = 0;
// When asked to stop, it ends as if a server had died: everything is closed and removed.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const { server } of lanes) server.kill('SIGKILL');
  });
}
try {
  const urls = new Map<Side, string>();
  for (const side of sides) {
    const lane = await open(side);
    lanes.push(lane);
    const { port } = await answerOf(lane.server, 'port');
    urls.set(side, `http://127.0.0.1:${port}${PATH}`);
    await sample(lane, urls.get(side) ?? '', WARM_UP_S);
  }
  say(
    `Webhook ingest: ${CONNECTIONS} connections, ${rounds} rounds of ${seconds} s a side in turn, ` +
      `about ${deliveries.fields} fields a delivery; Node ${process.versions.node}, ${availableParallelism()} cores`,
  );
  say('', '204/s', 'p50 ms', 'p99 ms', 'cpu µs');
  for (let round = 1; round <= rounds; round++) {
    for (const lane of lanes) {
      lane.samples.push(await sample(lane, urls.get(lane.side) ?? '', seconds));
      report(`${round}. ${NAMES[lane.side]}`, lane.samples.slice(-1));
    }
  }
  say('', 'median of the rounds');
  for (const { side, samples } of lanes) report(NAMES[side], samples);
  const alone = lanes[0]?.samples ?? [];
  const p99 = (samples: readonly Sample[]) => whole(median(samples.map((each) => each.p99)));
  for (const lane of lanes.slice(1)) {
    const { side, samples, server, answered, refused } = lane;
    const ratio = median(samples.map((s, n) => s.perSecond / (alone[n]?.perSecond ?? 0)));
    await end(server);
    const missing = await lostOf(lane);
    lost += missing;
    say(
      `${NAMES[side]}: ${ratio.toFixed(2)} of what the SDK's middleware alone answers; p99 ` +
        `${p99(samples)} ms beside ${p99(alone)} ms; ${whole(answered.size)} events answered 204, ` +
        `${missing === 0 ? 'all of them' : `all but ${missing}`} stored; ${refused} refused`,
    );
  }
} finally {
  for (const lane of lanes) await close(lane);
}
if (!withRedis) say('Redis was NOT measured: there is no redis-server on PATH.');
process.exitCode = lost === 0 ? 0 : 1;

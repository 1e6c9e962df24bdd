// Durable webhook ingest per second: headroom's receiver, which answers 204 only when the event is
// stored, on Redis and on the embedded default, beside Express with the SDK's own middleware and
// nothing behind it. After each run the process is killed, and every 204 must be found in the queue.
//
//   npm run bench:ingest -- --rounds 3 --seconds 5

import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { folder } from '../support/embedded.ts';
import { ownRedis } from '../support/redis.ts';
import { Deliveries, PATH } from './ingest-deliveries.ts';
import { CONNECTIONS, load } from './ingest-load.ts';
import type { Answer, Ask, Side } from './ingest-side.ts';

/** Signed beforehand; a machine that needs more signs the rest on its way. */
const PREPARED = 60_000;
/** WebAssembly takes its time to be compiled well. */
const WARM_UP_S = 5;
const NAMES: Readonly<Record<Side, string>> = {
  sdk: 'SDK middleware alone',
  redis: 'headroom on Redis',
  embedded: 'headroom embedded',
};

interface Run {
  readonly side: Side;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Processor time of the server's process for one delivery, µs. */
  readonly cpu: number;
  readonly answered: number;
  readonly refused: number;
  /** Answered 204 and not stored; null where nothing is meant to be. */
  readonly lost: number | null;
}

/** Where a side stores, and how its memory is given up before it is asked what it has kept. */
interface Ground {
  readonly where: string;
  reopen(): Promise<void>;
  remove(): Promise<void>;
}

async function groundOf(side: Side): Promise<Ground> {
  if (side === 'redis') {
    const redis = await ownRedis('--appendonly', 'yes', '--appendfsync', 'everysec', '--save', '');
    const reopen = async () => {
      // Only what is in its append-only file comes back.
      await redis.stop('SIGTERM');
      await redis.start();
    };
    return { where: redis.url, reopen, remove: redis.remove };
  }
  const dir = await folder();
  return { where: dir.path, reopen: async () => undefined, remove: dir.remove };
}

function start(side: Side, where: string, task: 'serve' | 'stored'): ChildProcess {
  return fork(join(import.meta.dirname, 'ingest-side.js'), [side, where, task]);
}

async function answerOf<K extends string>(child: ChildProcess, key: K, ask?: Ask) {
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the server ended')));
  if (ask !== undefined) child.send(ask);
  const [answer]: Answer[] = await Promise.race([once(child, 'message'), ended]);
  if (answer === undefined || !(key in answer)) throw new Error(`no ${key} in the answer`);
  return answer as Extract<Answer, Record<K, unknown>>;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function run(side: Side, deliveries: Deliveries, seconds: number): Promise<Run> {
  const ground = await groundOf(side);
  const server = start(side, ground.where, 'serve');
  try {
    const { port } = await answerOf(server, 'port');
    const url = `http://127.0.0.1:${port}${PATH}`;
    let sent = 0;
    const next = () => deliveries.at(sent++);
    const warm = await load(url, WARM_UP_S, next);
    const before = await answerOf(server, 'cpu', 'cpu');
    const measured = await load(url, seconds, next);
    const after = await answerOf(server, 'cpu', 'cpu');
    await end(server);
    const answered = [...warm.answered, ...measured.answered];
    return {
      side,
      perSecond: measured.answered.length / measured.seconds,
      p50: measured.p50,
      p99: measured.p99,
      cpu: (after.cpu - before.cpu) / measured.answered.length,
      answered: new Set(answered).size,
      refused: warm.refused + measured.refused,
      lost: side === 'sdk' ? null : await lostOf(side, ground, answered),
    };
  } finally {
    await end(server);
    await ground.remove();
  }
}

async function lostOf(side: Side, ground: Ground, answered: readonly string[]): Promise<number> {
  await ground.reopen();
  const reader = start(side, ground.where, 'stored');
  try {
    const { stored } = await answerOf(reader, 'stored');
    const kept = new Set(stored);
    if (kept.size !== stored.length) throw new Error('an event is stored more than once');
    return answered.filter((sid) => !kept.has(sid)).length;
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

function tell(label: string, runs: readonly Run[]): void {
  const of = (pick: (run: Run) => number) => whole(median(runs.map(pick)));
  const lost = runs.every((run) => run.lost === null)
    ? '-'
    : whole(runs.reduce((sum, run) => sum + (run.lost ?? 0), 0));
  say(
    label,
    of((r) => r.perSecond),
    of((r) => r.p50),
    of((r) => r.p99),
    of((r) => r.cpu),
    of((r) => r.answered),
    of((r) => r.refused),
    lost,
  );
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
  },
});
const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
const sides: readonly Side[] = hasRedis ? ['sdk', 'redis', 'embedded'] : ['sdk', 'embedded'];
const deliveries = await Deliveries.prepare(PREPARED);
say(
  `Webhook ingest: ${CONNECTIONS} connections, ${values.rounds} rounds of ${values.seconds} s a side, ` +
    `about ${deliveries.fields} fields a delivery; Node ${process.versions.node}, ${availableParallelism()} cores`,
);
say('', '204/s', 'p50 ms', 'p99 ms', 'cpu µs', '204s', 'refused', 'lost');

const rounds: ReadonlyMap<Side, Run>[] = [];
for (let n = 1; n <= Number(values.rounds); n++) {
  const round = new Map<Side, Run>();
  for (const side of sides) {
    const made = await run(side, deliveries, Number(values.seconds));
    round.set(side, made);
    tell(`${n}. ${NAMES[side]}`, [made]);
  }
  rounds.push(round);
}

const runsOf = (side: Side) => rounds.flatMap((round) => round.get(side) ?? []);
say('median of the rounds');
for (const side of sides) tell(NAMES[side], runsOf(side));
for (const side of sides.filter((each) => each !== 'sdk')) {
  const ratio = median(
    rounds.map((r) => (r.get(side)?.perSecond ?? 0) / (r.get('sdk')?.perSecond ?? 1)),
  );
  const p99 = (each: Side) => whole(median(runsOf(each).map((made) => made.p99)));
  say(
    `${NAMES[side]}: ${ratio.toFixed(2)} of what the SDK's middleware alone answers; ` +
      `p99 ${p99(side)} ms beside ${p99('sdk')} ms`,
  );
}
if (!hasRedis) say('Redis was not measured: there is no redis-server on PATH.');
const lost = rounds.flatMap((round) => [...round.values()]).reduce((n, r) => n + (r.lost ?? 0), 0);
say(lost === 0 ? 'Every 204 was stored.' : `LOST: ${lost} events answered 204 are not stored.`);
process.exitCode = lost === 0 ? 0 : 1;

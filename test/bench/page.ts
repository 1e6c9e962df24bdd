// How the page copes with a large floor: 10,000 Workers in view, 200 changes a second fed in at the
// stream's own port, in a headless Chromium. Prints the time from a key to the next paint and the
// longest task, in wall-clock and in CPU time, and the heap after collection over time.
// `npm run bench:page -- [seconds]`; TEST_CHROMIUM names the browser, else `chromium` in /usr/bin.

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express from 'express';
import { chromium, type Page } from 'playwright-core';
import { Feed } from '../../src/control/feed.ts';
import { createPage } from '../../src/dashboard/page.ts';
import { createStreams } from '../../src/ingress/stream.ts';
import type { Json, Store } from '../../src/ports.ts';
import { spentIn } from './page-trace.ts';

const WORKERS = 10_000;
const A_SECOND = 200;
const CHANNELS = ['chat', 'email', 'sms', 'voice'];
const seconds = Number(process.argv[2] ?? 120);

const capacities = Array.from({ length: WORKERS }, () => 3);
const assigned = Array.from({ length: WORKERS }, (_, i) => i % 3);
const changed: number[] = [];

const sidOf = (i: number) => `WK${i.toString(16).padStart(32, '0')}`;

function view(i: number): object {
  const channels = CHANNELS.map((channel, c) => ({
    ...{ channel, sid: null, capacity: capacities[i], available: (i + c) % 7 !== 0 },
    ...{ assigned: c === 0 ? assigned[i] : 0, heldBy: c === 0 ? 'rule' : 'nobody' },
    ...{ actor: null, rules: c === 0 ? [`rule-${i % 9}`] : [], refused: null },
    baseline: { capacity: 1, available: null },
    ...{ respectedUntil: null, unanswered: false, asOf: null },
  }));
  const name = `Worker ${i}`;
  return { ...{ sid: sidOf(i), friendlyName: name, activity: 'Available' }, ...rest, channels };
}
const rest = { available: true, since: new Date().toISOString(), groups: ['support'], rules: [] };

/** Only what the feed needs of a store. */
const store: Pick<Store, 'readJournalAfter' | 'readChanges'> = {
  readJournalAfter: async () => ({ entries: [], cursor: '0', more: false, lost: false }),
  async readChanges(after, limit) {
    const from = after === null ? changed.length : Number(after);
    const to = Math.min(changed.length, from + limit);
    const found = [...new Set(changed.slice(from, to))];
    const workers = found.map((i) => ({ sid: sidOf(i) as never, value: i as Json }));
    return { workers, cursor: `${to}`, more: to < changed.length, lost: false };
  },
};

function listenTo(app: express.Express): Promise<http.Server> {
  const server = http.createServer(app);
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

const STATUS = {
  ...{ version: 'bench', taskrouter: 'bench', observing: false, paused: [], store: 'none' },
  rules: { id: 'bench', lastReloadOk: true, faults: [] },
  workers: { lastResync: new Date().toISOString(), resyncFault: null, listed: WORKERS },
  notes: [],
};

function appOf(): { app: express.Express; end: () => Promise<void> } {
  const feed = new Feed({
    ...{ store, clock: { now: () => Date.now() }, version: 'bench' },
    view: (record) => view(record as number),
    status: async () => STATUS,
    onError: (error) => process.stderr.write(`${error}\n`),
  });
  const streams = createStreams(feed);
  const app = express();
  app.get(
    '/api/v1/stream',
    streams.handler(() => true),
  );
  app.get('/api/v1/status', (_req, res) => void res.json(STATUS));
  app.get('/api/v1/journal', (_req, res) => void res.json({ journal: [], next: null }));
  app.get('/api/v1/rules', (_req, res) => void res.json({ rules: [], next: null }));
  app.get('/api/v1/session', (_req, res) => {
    res.json({ needed: false, name: 'local', role: 'admin', until: null });
  });
  app.get('/api/v1/workers', (req, res) => {
    const from = Number(req.query.cursor ?? 0);
    const to = Math.min(WORKERS, from + Number(req.query.limit));
    const workers = Array.from({ length: to - from }, (_, n) => view(from + n));
    res.json({ workers, next: to < WORKERS ? `${to}` : null });
  });
  app.use(createPage(join(process.cwd(), 'dist/page')));
  const end = async () => {
    streams.close();
    await feed.stop();
  };
  return { app, end };
}

/**
 * Every task over 50 ms, and for every key the time to the next paint, as the browser itself
 * measures it. It reports no input under 16 ms: those are counted, and taken for 16 ms.
 */
const WATCH = `
  window.seen = { tasks: [], keys: 0, inputs: new Map() };
  addEventListener('keydown', () => { window.seen.keys += 1; }, { capture: true, passive: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.seen.tasks.push([entry.startTime, entry.duration]);
  }).observe({ type: 'longtask', buffered: true });
  new PerformanceObserver((list) => {
    for (const { interactionId, duration } of list.getEntries()) {
      if (!interactionId) continue;
      const { inputs } = window.seen;
      inputs.set(interactionId, Math.max(duration, inputs.get(interactionId) ?? 0));
    }
  }).observe({ type: 'event', durationThreshold: 16, buffered: true });
`;

interface SeenThere {
  /** When each began and how long it took, ms. */
  readonly tasks: readonly (readonly [number, number])[];
  readonly keys: number;
  readonly slow: readonly number[];
}

async function seenBy(page: Page): Promise<SeenThere> {
  return (await page.evaluate(
    '({ ...window.seen, slow: [...window.seen.inputs.values()] })',
  )) as SeenThere;
}

const FORGET = 'Object.assign(window.seen, { tasks: [], keys: 0, inputs: new Map() })';

/** Garbage collections requested by the measurement, by the page's clock: no tasks of the page. */
const collections: (readonly [number, number])[] = [];

function longest({ tasks }: SeenThere): number {
  const own = tasks.filter(
    ([at, ms]) => !collections.some(([from, to]) => at < to && at + ms > from),
  );
  return Math.round(Math.max(0, ...own.map(([, ms]) => ms)));
}

async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  const clock = async () => (await page.evaluate('performance.now()')) as number;
  const from = await clock();
  await session.send('HeapProfiler.collectGarbage');
  collections.push([from, await clock()]);
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize / 1e6;
}

const say = (text: string) => process.stdout.write(`${text}\n`);
const { app, end } = appOf();
const server = await listenTo(app);
const browser = await chromium.launch({
  executablePath: process.env.TEST_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--enable-precise-memory-info'],
});
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
await page.addInitScript(WATCH);
page.on('pageerror', (error) => {
  process.stderr.write(`the page failed: ${error.stack}\n`);
  process.exit(1);
});
const session = await browser.newBrowserCDPSession();
const most = (all: readonly number[]) => all.reduce((a, b) => Math.max(a, b), 0);

/** Checks something cheap: searching the page for roles would be work that is not its own. */
async function shown(): Promise<void> {
  for (;;) {
    const figure = await page.evaluate(`document.querySelector('.summary strong')?.textContent`);
    if (figure === `${WORKERS}`) return;
    await page.waitForTimeout(50);
  }
}

const began = performance.now();
const loaded = await spentIn(session, async () => {
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await shown();
  say(`${WORKERS} Workers shown after ${Math.round(performance.now() - began)} ms`);
  await page.waitForTimeout(5_000);
});
say(
  `longest task while loading: ${longest(await seenBy(page))} ms, ${Math.round(most(loaded.tasks))} ms of CPU`,
);
await page.evaluate(FORGET);

let n = 0;
const changing = setInterval(() => {
  for (let i = 0; i < A_SECOND / 20; i += 1) {
    const who = (n * 7_919) % WORKERS;
    n += 1;
    assigned[who] = ((assigned[who] ?? 0) + 1) % 5;
    changed.push(who);
  }
}, 50);
const heaps: number[] = [];
/** Rounds between two heap measurements, about half a minute; each stops the page for a moment. */
const heapEvery = 60;
const until = performance.now() + seconds * 1_000;
await page.getByRole('grid').focus();
const tasks: number[] = [];
const keysOf: number[] = [];
for (let round = 0; performance.now() < until; ) {
  const spent = await spentIn(session, async () => {
    for (let n = 0; n < heapEvery && performance.now() < until; n += 1) {
      await page.keyboard.press(round % 10 === 9 ? 'Control+Home' : 'PageDown');
      await page.keyboard.press('ArrowRight');
      await page.waitForTimeout(400);
      round += 1;
    }
  });
  for (const each of spent.tasks) tasks.push(each);
  for (const each of spent.keys) keysOf.push(each);
  heaps.push(await heapOf(page));
}
clearInterval(changing);
const seen = await seenBy(page);
const { keys, slow } = seen;
const quick = Array.from({ length: Math.max(0, keys - slow.length) }, () => 16);

/** `median 40 ms, p95 168 ms, most 472 ms` */
function spread(of: readonly number[]): string {
  const sorted = [...of].sort((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? 0);
  return `median ${at(0.5)} ms, p95 ${at(0.95)} ms, most ${at(1)} ms`;
}

say(`${n} changes in ${seconds} s`);
say(`${keys} keys, input to paint: ${spread([...slow, ...quick])}`);
say(`${keysOf.length} keys, CPU of the page's thread to paint: ${spread(keysOf)}`);
say(`longest task: ${longest(seen)} ms, ${Math.round(most(tasks))} ms of CPU`);
say(`heap after collection, MB: ${heaps.map((heap) => heap.toFixed(1)).join(' ')}`);
await browser.close();
await end();
server.close();

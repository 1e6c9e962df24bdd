// Two replicas on one Redis while shifts begin and end all the time: one after the other is killed
// with SIGKILL at a random moment and started again. The suite kills a few times; `npm run kills`
// does it fifty times and prints what happened. KILLS sets how often, KILLS_SEED draws other
// moments.

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { StatusView } from '../../src/daemon/status.ts';
import { type Emulator, startEmulator } from '../../src/emulator/emulator.ts';
import type { Fault } from '../../src/emulator/trouble/faults.ts';
import type { JournalEntry } from '../../src/ports.ts';
import { type Child, type Children, compileFor } from '../support/children.ts';
import { type LoadBalancer, startLoadBalancer } from '../support/load-balancer.ts';
import { removeKeys, testRedisUrl } from '../support/redis.ts';
import { type Rotation, startRotation } from '../support/shift-rotation.ts';
import { STORM_RULES } from '../support/storm.ts';
import { waitFor } from '../support/wait.ts';

const KILLS = Number(process.env.KILLS ?? 4);
const SEED = Number(process.env.KILLS_SEED ?? 20_261);
const WORKERS = 40;
const LONG = 120_000;
const PREFIX = `kills-${randomUUID().slice(0, 8)}`;
const TOKEN = randomUUID().replaceAll('-', '');

/** None of these leaves a write in doubt: a response is lost only with the process awaiting it. */
const POST = { method: 'POST', path: '/Channels/' } as const;
const TROUBLE: readonly Fault[] = [
  { kind: 'latency', ms: 150, ...POST },
  { kind: 'too-many', when: 'before', rate: 0.03, ...POST },
  { kind: 'server-error', when: 'before', rate: 0.01, ...POST },
  { kind: 'reset', when: 'before', rate: 0.01, ...POST },
  { kind: 'double' },
  { kind: 'double' },
];

let children: Children;
let emulator: Emulator;
let dir: string;
let front: LoadBalancer | null = null;

beforeAll(() => {
  children = compileFor('src/main.ts');
});
afterEach(async () => {
  await children.end();
  front?.close();
  await emulator.stop();
  await rm(dir, { recursive: true, force: true });
  await removeKeys(testRedisUrl(), PREFIX);
});
afterAll(() => children.remove());

/** The same sequence for the same seed. */
function chance(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** One of the two replicas; after a kill it is another process. */
class Replica {
  #child: Child;
  #up: Promise<void>;
  /** null: it does not listen yet, or was killed. */
  port: number | null = null;
  readonly #settings: Readonly<Record<string, string>>;

  constructor(settings: Readonly<Record<string, string>>) {
    this.#settings = settings;
    this.#child = children.start('headroom.mjs', settings);
    this.#up = this.#listens(this.#child);
  }

  up(): Promise<void> {
    return this.#up;
  }

  async killAndStartAgain(): Promise<void> {
    this.port = null;
    await this.#child.kill('SIGKILL');
    this.#child = children.start('headroom.mjs', this.#settings);
    this.#up = this.#listens(this.#child);
  }

  get lastLines(): string {
    return this.#child.lines.slice(-5).join('\n');
  }

  async #listens(child: Child): Promise<void> {
    const line = await child.says('headroom listens on').catch(() => '');
    // Killed while it started: another one is on its way.
    if (child !== this.#child) return;
    const [, port] = /headroom listens on http:\/\/[\d.]+:(\d+)/.exec(line) ?? [];
    if (port === undefined) throw new Error(`it does not listen:\n${this.lastLines}`);
    this.port = Number(port);
  }
}

function settingsFor(publicUrl: string): Record<string, string> {
  return {
    TWILIO_ACCOUNT_SID: emulator.accountSid,
    TWILIO_AUTH_TOKEN: emulator.authToken,
    TWILIO_WORKSPACE_SID: emulator.workspaceSid,
    TASKROUTER_BASE_URL: emulator.url,
    HEADROOM_RULES: dir,
    HEADROOM_PORT: '0',
    HEADROOM_RATE: '60/s',
    HEADROOM_KEY_PREFIX: PREFIX,
    HEADROOM_ADMIN_TOKEN: TOKEN,
    REDIS_URL: testRedisUrl(),
    PUBLIC_URL: publicUrl,
  };
}

async function ask<T>(path: string): Promise<T> {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const response = await fetch(`${front?.url}/api/v1/${path}`, { headers });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Nothing is left to deliver, to absorb or to look at, including the jobs of killed processes. */
async function settled(): Promise<void> {
  let still = 0;
  await waitFor(
    'everything is absorbed and looked at',
    async () => {
      await emulator.delivered();
      const { events, passes } = (await ask<StatusView>('status')).queues;
      const left = [events, passes].map((q) => q.waiting + q.active + q.delayed);
      still = left.every((n) => n === 0) ? still + 1 : 0;
      return still >= 3;
    },
    LONG,
  );
}

/** Of this reason; the store keeps a bounded number, so they are collected as they come. */
async function collect(reason: string, found: Map<string, JournalEntry>): Promise<void> {
  let before = '';
  for (;;) {
    const path = `journal?limit=500&reason=${reason}${before}`;
    const page = await ask<{ journal: (JournalEntry & { id: string })[]; next: string | null }>(
      path,
    );
    const more = page.journal.filter(({ id }) => !found.has(id));
    for (const entry of more) found.set(entry.id, entry);
    if (more.length < page.journal.length || page.next === null) return;
    before = `&before=${page.next}`;
  }
}

async function storm(
  rotation: Rotation,
  replicas: readonly Replica[],
  takeOver: () => Promise<void>,
): Promise<void> {
  const draw = chance(SEED);
  let going = true;
  const shifts = (async () => {
    while (going) {
      rotation.step();
      await pause(draw(150));
    }
  })();
  try {
    for (let kill = 0; kill < KILLS; kill += 1) {
      await pause(draw(2_000));
      const victim = replicas[draw(2)];
      await victim?.killAndStartAgain();
      // Half of the time the other dies while this one starts, so that briefly there may be none.
      if (draw(2) === 0) continue;
      await victim?.up();
      await takeOver();
    }
  } finally {
    going = false;
    await shifts;
  }
}

it(
  '24, 39: replicas killed in a storm: it ends as the rules say, each change written once',
  async () => {
    const whole = performance.now();
    dir = await mkdtemp(join(tmpdir(), 'headroom-kills-'));
    await writeFile(join(dir, 'rules.yaml'), STORM_RULES);
    emulator = await startEmulator({ floor: 'none' });
    const floor = startRotation(emulator, WORKERS);
    const replicas: Replica[] = [];
    front = await startLoadBalancer(() => replicas.flatMap(({ port }) => port ?? []));
    const settings = settingsFor(front.url);
    for (let n = 0; n < 2; n += 1) replicas.push(new Replica(settings));
    await Promise.all(replicas.map((replica) => replica.up()));
    emulator.world.setEventCallbackUrl(`${front.url}/webhooks/taskrouter#rc=5&rp=all&rt=3000`);
    await waitFor('the first shift', () => floor.wrong().length === 0, LONG);
    await settled();
    const rotation = floor.begin();
    const right = () => rotation.wrong().length === 0;
    const written = new Map<string, JournalEntry>();
    const edits = new Map<string, JournalEntry>();
    const takeOver = async () => {
      rotation.takeOver();
      await collect('write.done', written);
      await collect('person.edit', edits);
    };

    for (const fault of TROUBLE) emulator.world.faults.add(fault);
    emulator.world.doubts.eventOrder = 'mixed';
    const begin = performance.now();
    await storm(rotation, replicas, takeOver);
    const stormMs = performance.now() - begin;
    await waitFor('every Worker Channel is where the rules say', right, LONG).catch((cause) => {
      const said = replicas.map(({ lastLines }) => lastLines).join('\n');
      throw new Error(`${rotation.wrong().join(', ')}\n${said}`, { cause });
    });
    const calmMs = performance.now() - begin - stormMs;
    await Promise.all(replicas.map((replica) => replica.up()));
    await settled();

    await takeOver();

    const { due, changed, posts, odd, doubled } = rotation.tally();
    const lost = [...written.values()].filter(({ text }) => text.includes('answer was lost'));
    const seconds = Math.round((performance.now() - whole) / 1000);
    process.stdout.write(
      `${KILLS} kills in ${Math.round(stormMs / 1000)} s (seed ${SEED}): ${due} changes due, ` +
        `${changed} made, ${odd.length} fields odd, ${doubled.length} doubled; ` +
        `${posts} POSTs, ${lost.length} answers lost; ` +
        `right ${Math.round(calmMs)} ms after the last shift; ${seconds} s in all\n`,
    );
    expect({ odd, doubled, wrong: rotation.wrong() }).toEqual({ odd: [], doubled: [], wrong: [] });
    expect([...edits.values()]).toEqual([]);
    expect(due).toBeGreaterThan(2 * KILLS);
  },
  240_000 + KILLS * 20_000,
);

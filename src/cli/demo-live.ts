// The live part of the demo: an emulated TaskRouter, an embedded queue and a daemon in this
// process, talking HTTP to each other, and a small contact centre that plays a story for them.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '../config.ts';
import { isSid } from '../core/ids.ts';
import { ruleSource } from '../daemon/rule-source.ts';
import { type Service, startService } from '../daemon/service.ts';
import { type Emulator, startEmulator } from '../emulator/emulator.ts';
import { ScriptedFloor } from '../emulator/floor/scripted-floor.ts';
import type { Log } from '../log.ts';
import { DEMO_RULES, demoLunch, lunchRules } from './demo-rules.ts';
import type { Io } from './io.ts';
import { version } from './version.ts';

/** Long enough to show what happens meanwhile. */
const LUNCH_LEAST_MS = 26_000;
const DEMO_WORKERS = ['Ana', 'Ben', 'Eva', 'Gus'] as const;

/** Plays the story; ends early, and cleanly, when `signal` aborts. */
export async function playLive(io: Io, signal: AbortSignal): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'headroom-demo-'));
  const undo: (() => Promise<void>)[] = [() => rm(dir, { recursive: true, force: true })];
  try {
    const rulesDir = join(dir, 'rules');
    await mkdir(rulesDir);
    await writeFile(join(rulesDir, 'demo.yaml'), DEMO_RULES);
    const emulator = await startEmulator({ port: 0 });
    undo.unshift(() => emulator.stop());
    const floor = new ScriptedFloor(emulator.world);
    undo.unshift(async () => floor.stop());
    const service = await startDemoDaemon(emulator, { dir, rulesDir, io });
    undo.unshift(() => service.stop(3_000));
    emulator.world.setEventCallbackUrl(`${service.url}/webhooks/taskrouter`);
    io.out(`  TaskRouter (emulated) on ${emulator.url}, headroom and its page on ${service.url}/`);
    await playScript(floor, io, { signal, rulesDir });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    for (const step of undo) await step().catch(() => {});
  }
}

interface ScriptContext {
  readonly signal: AbortSignal;
  readonly rulesDir: string;
}

async function playScript(
  floor: ScriptedFloor,
  io: Io,
  { signal, rulesDir }: ScriptContext,
): Promise<void> {
  const wait = (seconds: number) => sleep(seconds * 1_000, undefined, { signal });
  const until = (at: Date) => wait(Math.max(0, (at.getTime() - Date.now()) / 1_000));
  const say = (...lines: readonly string[]) => io.out(`\n${lines.join('\n')}`);
  await wait(1);
  say('Four people log in. Each can take one chat; while available, three.');
  floor.logIn(...DEMO_WORKERS);
  await wait(6);
  say(
    'A burst: ten chats for the two in support, and two calls. Nobody gets chats during a call, or',
    'calls during two chats. When three chats wait for more than two seconds, support gets one',
    'more each, until nobody has been waiting for five seconds.',
  );
  floor.createTasks(2, 'voice', 'sales', 8);
  floor.createTasks(10, 'chat', 'support', 9);
  await wait(24);
  say('Sam, a supervisor, sets Gus to five chats by hand. headroom notices and respects it.');
  floor.supervisorSets('Gus', 'chat', 5);
  await wait(5);
  const lunch = demoLunch(Date.now(), LUNCH_LEAST_MS);
  say(
    `A file is added to the rules folder: support is at lunch until ${clock(lunch.to)} UTC.`,
    'Nothing is restarted.',
  );
  await writeFile(join(rulesDir, 'lunch.yaml'), lunchRules(lunch));
  await wait(8);
  say('Gus gets a call meanwhile: his chats pause until it ends; his capacity of five stays.');
  floor.createTasks(1, 'voice', 'billing', 6);
  await wait(12);
  say('Nobody does anything now. No event announces the end of lunch; headroom knows when it is.');
  await until(lunch.to);
  say('Lunch is over.');
  await wait(5);
  say(
    'Everybody logs out. No rule claims any channel now, so all are restored to their baselines.',
  );
  floor.logOut(...DEMO_WORKERS);
  await wait(6);
}

async function startDemoDaemon(
  emulator: Emulator,
  { dir, rulesDir, io }: { dir: string; rulesDir: string; io: Io },
): Promise<Service> {
  const { accountSid, authToken, workspaceSid } = emulator;
  if (!isSid('WS', workspaceSid)) throw new Error('the emulator made no Workspace');
  const read = readConfig({
    HEADROOM_DATA: join(dir, 'data'),
    HEADROOM_RULES: rulesDir,
    HEADROOM_PORT: '0',
    // A story of two minutes cannot wait for statistics as long as a real day can.
    HEADROOM_POLL: '1s',
  });
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  const { config } = read;
  return await startService({
    config,
    identity: { accountSid, authToken, workspaceSid, baseUrl: emulator.url, emulated: true },
    tokens: [],
    rules: ruleSource(config),
    log: journalLogger(io),
    version: version(),
  });
}

/** Prints only what the daemon changed and why, and errors. */
function journalLogger(io: Io): Log {
  const log: Log = {
    debug: () => {},
    info: (fields, text) => {
      const isJournaled = Reflect.get(fields, 'reason') !== undefined;
      if (isJournaled) io.out(`  ${clock(new Date(), 19)}  ${text}`);
    },
    warn: () => {},
    error: (_fields, text) => io.err(`  ${text}`),
    child: () => log,
  };
  return log;
}

function clock(at: Date, to = 16): string {
  return at.toISOString().slice(11, to);
}

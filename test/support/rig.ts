// The whole daemon under test: the real service with its real queue and store, the real SDK, and
// the emulator over HTTP as the witness, from whose record the calls to TaskRouter are read.

import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import twilio from 'twilio';
import { afterAll } from 'vitest';
import { type Config, readConfig } from '../../src/config.ts';
import { isSid } from '../../src/core/ids.ts';
import type { ServiceOptions } from '../../src/daemon/options.ts';
import { ruleSource } from '../../src/daemon/rule-source.ts';
import { type Service, startService } from '../../src/daemon/service.ts';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator/emulator.ts';
import { createLogger } from '../../src/log.ts';
import { prepare } from './embedded.ts';
import { waitFor } from './wait.ts';

export interface RigOptions {
  /** File names to YAML. */
  readonly rules: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Prepares the world before the daemon starts. */
  readonly world?: (emulator: Emulator) => void;
  /** The daemon's clock; not the emulator's. */
  readonly clock?: { now(): number };
  /** The emulator uses that clock as well. */
  readonly oneClock?: true;
  /** The emulator's own options, such as its seed. */
  readonly emulated?: EmulatorOptions;
  /** Further tokens, beside HEADROOM_ADMIN_TOKEN. */
  readonly tokens?: ServiceOptions['tokens'];
  /** Whether the emulator sends its own callbacks; default true. */
  readonly callbacks?: boolean;
}

export interface Post {
  readonly worker: string;
  readonly channel: string;
  readonly body: Readonly<Record<string, string>>;
  /** 0: never answered. */
  readonly status: number;
}

export interface Rig {
  readonly emulator: Emulator;
  service: Service;
  readonly rulesDir: string;
  /** Every `POST …/Channels/…` so far, oldest first. */
  posts(): readonly Post[];
  /** Signs and sends one delivery; returns the status of the answer. */
  deliver(
    fields: Readonly<Record<string, string>>,
    more?: { url?: string; signature?: string | null },
  ): Promise<number>;
  /** Resolves when everything sent has been absorbed and looked at. */
  quiet(): Promise<void>;
  /**
   * Another daemon on the same store, which has to be Redis; the emulator sends it no callbacks.
   * `rules`: it has its own folder. `stop` ends it too, if it still runs.
   */
  replica(rules?: Readonly<Record<string, string>>): Promise<Replica>;
  writeRules(files: Readonly<Record<string, string>>): Promise<void>;
  stopDaemon(graceMs?: number): Promise<void>;
  /** Stops the daemon and starts another on the same store. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface Replica {
  readonly service: Service;
  writeRules(files: Readonly<Record<string, string>>): Promise<void>;
  stop(): Promise<void>;
}

/**
 * One data folder for all rigs of a test file, since creating a database takes seconds; each rig
 * has its own emulator, hence its own scope in it.
 */
let data: Promise<string> | null = null;
afterAll(async () => {
  if (data !== null) await rm(await data, { recursive: true, force: true });
  data = null;
});

async function newData(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'headroom-data-'));
  await prepare(path);
  return path;
}

export async function startRig(options: RigOptions): Promise<Rig> {
  const dir = await mkdtemp(join(tmpdir(), 'headroom-rig-'));
  data ??= newData();
  const dataDir = await data;
  const rulesDir = join(dir, 'rules');
  const writeRules = (files: Readonly<Record<string, string>>) => writeAll(rulesDir, files);
  await writeRules(options.rules);
  const emulator = await startEmulator({
    floor: 'none',
    ...(options.oneClock && options.clock && { now: options.clock.now }),
    ...options.emulated,
  });
  options.world?.(emulator);
  const config = configOf(emulator, dataDir, rulesDir, options.env ?? {});
  const open = (config: Config) =>
    startService({
      config,
      identity: identityOf(emulator),
      tokens: options.tokens ?? [],
      rules: ruleSource(config),
      log: createLogger({ logLevel: config.logLevel }),
      version: 'test',
      ...(options.clock && { clock: options.clock }),
    });
  const start = async () => {
    const service = await open(config);
    if (options.callbacks !== false) {
      emulator.world.setEventCallbackUrl(`${service.url}/webhooks/taskrouter`);
    }
    await waitFor('the first resync', async () => (await service.status()).workers.lastResync);
    return service;
  };
  let running = true;
  const replicas: Replica[] = [];
  const rig: Rig = {
    emulator,
    service: await start(),
    rulesDir,
    posts: () => postsOf(emulator),
    deliver: (fields, more = {}) => deliver(rig.service, emulator, fields, more),
    quiet: () => quiet(rig.service, emulator),
    async replica(rules) {
      const folder = rules === undefined ? rulesDir : join(dir, `rules-${replicas.length + 1}`);
      if (rules !== undefined) await writeAll(folder, rules);
      const service = await open({ ...config, rulesDir: folder });
      let up = true;
      const replica: Replica = {
        service,
        writeRules: (files) => writeAll(folder, files),
        async stop() {
          if (up) await service.stop();
          up = false;
        },
      };
      replicas.push(replica);
      return replica;
    },
    writeRules,
    async stopDaemon(graceMs) {
      if (running) await rig.service.stop(graceMs);
      running = false;
    },
    async restart() {
      await rig.stopDaemon();
      rig.service = await start();
      running = true;
    },
    async stop() {
      await Promise.all(replicas.map((replica) => replica.stop()));
      await rig.stopDaemon();
      await emulator.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
  try {
    await rig.quiet();
  } catch (error) {
    // The caller has no rig yet that it could stop.
    await rig.stop();
    throw error;
  }
  return rig;
}

async function writeAll(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

function configOf(
  emulator: Emulator,
  dataDir: string,
  rulesDir: string,
  env: Readonly<Record<string, string>>,
): Config {
  const redis = process.env.TEST_REDIS_URL;
  const postgres = process.env.TEST_DATABASE_URL;
  const ownPrefix = { HEADROOM_KEY_PREFIX: `rig-${randomUUID().slice(0, 8)}` };
  const read = readConfig({
    TWILIO_ACCOUNT_SID: emulator.accountSid,
    TWILIO_AUTH_TOKEN: emulator.authToken,
    TWILIO_WORKSPACE_SID: emulator.workspaceSid,
    TASKROUTER_BASE_URL: emulator.url,
    HEADROOM_RULES: rulesDir,
    HEADROOM_DATA: dataDir,
    HEADROOM_PORT: '0',
    HEADROOM_LOG_LEVEL: process.env.RIG_LOG ?? 'silent',
    HEADROOM_RATE: '200/s',
    ...(redis === undefined
      ? postgres !== undefined && { DATABASE_URL: postgres, ...ownPrefix }
      : { REDIS_URL: redis, ...ownPrefix }),
    ...env,
  });
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  return read.config;
}

function identityOf(emulator: Emulator) {
  const { workspaceSid } = emulator;
  if (!isSid('WS', workspaceSid)) throw new Error('the emulator made no Workspace');
  return {
    accountSid: emulator.accountSid,
    authToken: emulator.authToken,
    workspaceSid,
    baseUrl: emulator.url,
    emulated: false,
  };
}

/** Every `POST …/Channels/…` that the emulator received, oldest first. */
export function postsOf(emulator: Emulator): readonly Post[] {
  return emulator.calls().flatMap((call) => {
    const [, worker, channel] = /\/Workers\/(WK\w+)\/Channels\/(\w+)$/.exec(call.path) ?? [];
    if (call.method !== 'POST' || worker === undefined || channel === undefined) return [];
    return [{ worker, channel, body: call.body, status: call.status }];
  });
}

async function deliver(
  service: Service,
  emulator: Emulator,
  fields: Readonly<Record<string, string>>,
  more: { url?: string; signature?: string | null },
): Promise<number> {
  const url = `${service.url}/webhooks/taskrouter`;
  const made = twilio.getExpectedTwilioSignature(emulator.authToken, more.url ?? url, {
    ...fields,
  });
  const signature = more.signature === undefined ? made : more.signature;
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(signature === null ? {} : { 'x-twilio-signature': signature }),
    },
    body: new URLSearchParams(fields),
  });
  return response.status;
}

/** Three times in a row, because a pass that just ended may have asked for another. */
async function quiet(service: Service, emulator: Emulator): Promise<void> {
  let still = 0;
  await waitFor('everything is absorbed and looked at', async () => {
    await emulator.delivered();
    const { events, passes } = await service.backend.queues.counts();
    const left = [events, passes].map((q) => q.waiting + q.active + q.delayed);
    still = left.every((n) => n === 0) ? still + 1 : 0;
    return still >= 3;
  });
}

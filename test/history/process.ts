// The daemon as a process of its own, beside an emulator: started on what it stored, killed, and
// sent deliveries as by Twilio, which repeats what was not answered.

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import twilio from 'twilio';
import { callbackParams } from '../../src/emulator/delivery/callback-params.ts';
import type { Emulator } from '../../src/emulator/emulator.ts';
import type { EventRecord } from '../../src/emulator/world/model.ts';
import type { QueueCounts } from '../../src/ports.ts';
import type { Rules } from '../model/language.ts';
import { yamlOf } from '../model/yaml.ts';
import type { Child, Children } from '../support/children.ts';
import { prepare } from '../support/embedded.ts';

export class Daemon {
  readonly #children: Children;
  readonly #emulator: Emulator;
  readonly #dir: string;
  readonly #settings: Readonly<Record<string, string>>;
  #life: { readonly child: Child; readonly url: string } | null = null;
  kills = 0;
  /** What its processes have printed. */
  readonly said: string[] = [];

  private constructor(children: Children, emulator: Emulator, dir: string) {
    this.#children = children;
    this.#emulator = emulator;
    this.#dir = dir;
    const redis = process.env.TEST_REDIS_URL;
    this.#settings = {
      TWILIO_ACCOUNT_SID: emulator.accountSid,
      TWILIO_AUTH_TOKEN: emulator.authToken,
      TWILIO_WORKSPACE_SID: emulator.workspaceSid,
      TASKROUTER_BASE_URL: emulator.url,
      HEADROOM_RULES: dir,
      HEADROOM_DATA: join(dir, 'data'),
      HEADROOM_PORT: '0',
      HEADROOM_RATE: '200/s',
      ...(redis === undefined
        ? {}
        : { REDIS_URL: redis, HEADROOM_KEY_PREFIX: `kill-${randomUUID().slice(0, 8)}` }),
    };
  }

  static async with(children: Children, emulator: Emulator, rules: Rules): Promise<Daemon> {
    const dir = await mkdtemp(join(tmpdir(), 'headroom-killed-'));
    if (process.env.TEST_REDIS_URL === undefined) await prepare(join(dir, 'data'));
    const daemon = new Daemon(children, emulator, dir);
    await daemon.write(rules);
    return daemon;
  }

  get alive(): boolean {
    return this.#life !== null;
  }

  get keyPrefix(): string | undefined {
    return this.#settings.HEADROOM_KEY_PREFIX;
  }

  /** Starts it and waits until everything has been read once. */
  async start(): Promise<void> {
    const child = this.#children.start('headroom.mjs', this.#settings);
    const line = await child.says('headroom listens on');
    const url = /headroom listens on (http:\/\/[\d.]+:\d+)/.exec(line)?.[1] ?? '';
    await child.says('Workers listed');
    this.#life = { child, url };
  }

  /** Sends the signal at once; work in progress is lost. */
  async kill(): Promise<void> {
    const life = this.#life;
    if (life === null) return;
    this.#life = null;
    this.kills += 1;
    await life.child.kill('SIGKILL');
    this.said.push(...life.child.lines, '── killed');
  }

  async end(): Promise<void> {
    await this.kill();
    await rm(this.#dir, { recursive: true, force: true });
  }

  write(rules: Rules): Promise<void> {
    return writeFile(join(this.#dir, 'rules.yaml'), yamlOf(rules));
  }

  /** A person's order over HTTP: one that meets a dying daemon is repeated to the next process. */
  async order(path: string, body: unknown): Promise<void> {
    for (;;) {
      if (this.#life === null) await this.start();
      const life = this.#life;
      if (life === null) continue;
      try {
        const response = await fetch(`${life.url}/api/v1/${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        if (response.ok) return;
        throw new Refused(`${path}: ${response.status} ${await response.text()}`);
      } catch (error) {
        if (error instanceof Refused || this.#life === life) throw error;
      }
    }
  }

  /** Whether it has nothing at all to do; false if it is dead. */
  async idle(): Promise<boolean> {
    if (this.#life === null) return false;
    try {
      const response = await fetch(`${this.#life.url}/api/v1/status`);
      const { queues } = (await response.json()) as Status;
      const { events, passes } = queues;
      return [events, passes].every((q) => q.waiting + q.active + q.delayed === 0);
    } catch (error) {
      if (this.#life === null) return false;
      throw error;
    }
  }

  /** Whether it accepted the event: a delivery during which it died was not answered. */
  async deliver(event: EventRecord): Promise<boolean> {
    if (this.#life === null) return false;
    const { accountSid, authToken, world } = this.#emulator;
    const fields = callbackParams(event, accountSid, world.doubts);
    const url = `${this.#life.url}/webhooks/taskrouter`;
    const signature = twilio.getExpectedTwilioSignature(authToken, url, fields);
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': signature,
    };
    try {
      const body = new URLSearchParams(fields);
      return (await fetch(url, { method: 'POST', headers, body })).status === 204;
    } catch (error) {
      if (this.#life === null) return false;
      throw error;
    }
  }
}

class Refused extends Error {}

interface Status {
  readonly queues: { readonly events: QueueCounts; readonly passes: QueueCounts };
}

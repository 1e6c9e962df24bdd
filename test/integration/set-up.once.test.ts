// Setting headroom up from the command line, as on a first day: the first files, the Workspace's
// event callback, and the doctor that says what is still missing. Against the emulator.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { type Emulator, startEmulator } from '../../src/emulator/emulator.ts';
import { createApp } from '../../src/ingress/app.ts';
import { listen } from '../../src/ingress/listen.ts';
import { createLogger } from '../../src/log.ts';
import { lockFolder } from '../../src/store/lock.ts';
import { prepare } from '../support/embedded.ts';

let dir: string;
let emulator: Emulator;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'headroom-set-up-'));
  emulator = await startEmulator({ floor: 'none' });
});
afterEach(async () => {
  await emulator.stop();
  await rm(dir, { recursive: true, force: true });
});

const PUBLIC_URL = 'http://127.0.0.1:9';
const WANTED = `${PUBLIC_URL}/webhooks/taskrouter#rc=5&rp=all&rt=3000`;

async function headroom(args: readonly string[], more: Record<string, string> = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const env = {
    TWILIO_ACCOUNT_SID: emulator.accountSid,
    TWILIO_AUTH_TOKEN: emulator.authToken,
    TWILIO_WORKSPACE_SID: emulator.workspaceSid,
    TASKROUTER_BASE_URL: emulator.url,
    HEADROOM_DATA: join(dir, 'data'),
    HEADROOM_RULES: join(dir, 'rules'),
    PUBLIC_URL,
    ...more,
  };
  const exit = await run(args, { env, out: (l) => out.push(l), err: (l) => err.push(l) });
  return { exit, out, err };
}

const callbackUrl = () => emulator.world.workspace.eventCallbackUrl;

describe('headroom init', () => {
  it('writes rules that are valid and pass their own test, and overwrites nothing', async () => {
    expect(await headroom(['init', dir])).toMatchObject({ exit: 0, err: [] });
    expect((await headroom(['check'])).exit).toBe(0);
    const tested = await headroom(['test']);
    expect([tested.exit, tested.out.join('\n')]).toEqual([0, expect.stringContaining('1')]);

    const rules = join(dir, 'rules', 'rules.yaml');
    await writeFile(rules, '# mine\n');
    const again = await headroom(['init', dir]);
    expect(again.exit).toBe(0);
    expect(again.out).toContain(`exists, not changed: ${rules}`);
    expect(again.out.at(-1)).toMatch(`next: cd ${dir}, headroom check`);
    expect(await readFile(rules, 'utf8')).toBe('# mine\n');
  });

  it('draws an admin token that is long enough if the API is reached from elsewhere', async () => {
    const drawn = async (name: string) => {
      await headroom(['init', join(dir, name)]);
      const text = await readFile(join(dir, name, '.env'), 'utf8');
      return /^HEADROOM_ADMIN_TOKEN=(.*)$/m.exec(text)?.[1];
    };
    const [one, other] = [await drawn('one'), await drawn('other')];
    expect(one).toMatch(/^[0-9a-f]{48}$/);
    expect(other).not.toBe(one);
  });

  it('reports where it cannot write', async () => {
    await writeFile(join(dir, 'rules'), 'a file');
    expect(await headroom(['init', dir])).toMatchObject({
      exit: 1,
      err: [expect.stringContaining('it cannot be written')],
    });
  });
});

describe('33: headroom setup-webhook', () => {
  it('sets the URL with its overrides once, shows the change, and can test first', async () => {
    expect(await headroom(['setup-webhook', '--dry-run'])).toEqual({
      ...{ exit: 0, err: [] },
      out: ['before: none', `wanted: ${WANTED} (dry run: not written)`],
    });
    expect(callbackUrl()).toBe('');
    expect(await headroom(['setup-webhook'])).toEqual({
      ...{ exit: 0, err: [] },
      out: ['before: none', `after:  ${WANTED}`],
    });
    expect(callbackUrl()).toBe(WANTED);
    expect((await headroom(['setup-webhook'])).out).toContain('already set; nothing to change');
    const { out } = await headroom(['setup-webhook', '--json']);
    expect(JSON.parse(out.join('\n'))).toEqual({
      before: WANTED,
      wanted: WANTED,
      after: WANTED,
      written: false,
    });
  });

  it("does not redirect somebody else's events unless told to", async () => {
    emulator.world.setEventCallbackUrl('https://example.com/events');
    const refused = await headroom(['setup-webhook']);
    expect([refused.exit, callbackUrl()]).toEqual([3, 'https://example.com/events']);
    expect(refused.err.join()).toContain('--yes');
    expect((await headroom(['setup-webhook', '--yes'])).exit).toBe(0);
    expect(callbackUrl()).toBe(WANTED);
  });

  it('35: says what is missing, and what TaskRouter refuses', async () => {
    const missing = await headroom(['setup-webhook'], { PUBLIC_URL: '' });
    expect([missing.exit, missing.err.join()]).toEqual([2, expect.stringContaining('PUBLIC_URL')]);
    const refused = await headroom(['setup-webhook'], { TWILIO_AUTH_TOKEN: 'wrong' });
    expect([refused.exit, refused.err.join()]).toEqual([1, expect.stringContaining('TaskRouter')]);
  });
});

describe('headroom doctor', () => {
  interface Finding {
    level: string;
    about: string;
    text: string;
  }
  async function doctor(more: Record<string, string> = {}) {
    const { exit, out } = await headroom(['doctor', '--json'], more);
    const { findings } = JSON.parse(out.join('\n')) as { findings: Finding[] };
    const about = (what: string) =>
      findings.filter((each) => each.about === what).map(({ level, text }) => `${level}: ${text}`);
    return { exit, about };
  }

  it('finds nothing to do once all is set up', async () => {
    await prepare(join(dir, 'data'));
    await headroom(['init', dir]);
    const url = emulator.url;
    await headroom(['setup-webhook'], { PUBLIC_URL: url });
    const { exit, about } = await doctor({
      PUBLIC_URL: url,
      HEADROOM_ADMIN_TOKEN: 'a-long-enough-token',
    });
    expect(about('event callback')).toEqual([`ok: ${url}/webhooks/taskrouter#rc=5&rp=all&rt=3000`]);
    expect(about('rules')).toEqual([expect.stringMatching(/^ok: 1 rule in /)]);
    expect(about('TaskRouter')).toEqual([
      expect.stringMatching(/^ok: the Workspace is .*write permission was not tested/),
    ]);
    expect(about('clock')).toEqual(["ok: within 30 s of TaskRouter's"]);
    expect(about('tokens')).toEqual(['ok: at least one is configured']);
    expect(about('store')).toEqual([expect.stringMatching(/^(ok|warning): /)]);
    expect(exit).toBe(0);
  });

  it('has a test delivery accepted where Twilio sends, or says why it is refused', async () => {
    const outcomes: string[] = [];
    let url = '';
    const log = createLogger({ logLevel: 'silent' });
    const never = () => Promise.reject(new Error('nobody asks this'));
    const app = createApp({
      receiver: {
        publicUrl: () => url,
        authTokens: [emulator.authToken],
        workspaceSid: emulator.workspaceSid,
        queues: { addEvent: never },
        clock: { now: Date.now },
        log,
        onOutcome: (outcome) => outcomes.push(outcome),
        onAlarm: () => undefined,
      },
      access: { tokenAlways: true, tokens: [] },
      views: { status: never, workers: never, worker: never, journal: never },
      ready: never,
      log,
    });
    const listener = await listen(app, '127.0.0.1', 0);
    try {
      await prepare(join(dir, 'data'));
      url = `http://127.0.0.1:${listener.port}`;
      const env = { PUBLIC_URL: url };
      expect((await doctor(env)).about('delivery')).toEqual([
        `ok: a test delivery signed for ${url}/webhooks/taskrouter was accepted`,
      ]);
      expect(outcomes).toEqual(['type.unknown']);
      url = 'https://hr.example.com';
      const { exit, about } = await doctor(env);
      expect(about('delivery')).toEqual([
        expect.stringMatching(
          /^problem: .* was refused: .* different PUBLIC_URL or TWILIO_AUTH_TOKEN$/,
        ),
      ]);
      expect(exit).toBe(3);
    } finally {
      await listener.close(100);
    }
  });

  it('does not ask to stop a healthy daemon because it holds its own folder', async () => {
    const lock = await lockFolder(join(dir, 'data'), { onLost: () => {} });
    try {
      const { about } = await doctor();
      expect(about('store')).toEqual([
        expect.stringMatching(
          /^ok: .* is in use by process \d+ .*; that is normal while the daemon runs/,
        ),
      ]);
      expect(about('store').join()).not.toContain('stop it');
    } finally {
      await lock.release();
    }
  });

  it('finds what is missing, wrong, or named but absent', async () => {
    await prepare(join(dir, 'data'));
    await headroom(['init', dir]);
    const rules = join(dir, 'rules', 'rules.yaml');
    const text = await readFile(rules, 'utf8');
    await writeFile(
      rules,
      text.replace(
        'then: { chat: 3 }',
        'when: queue("Suport").waiting > 3\n    then: { chatt: 3 }',
      ),
    );
    emulator.world.setEventCallbackUrl(`${PUBLIC_URL}/webhooks/taskrouter`);
    const weak = await doctor();
    expect(weak.about('event callback')).toEqual([
      expect.stringMatching(
        /^warning: .*a delivery answered 503 is not retried; expected .*#rc=5&rp=all&rt=3000/,
      ),
    ]);
    expect(weak.about('Task Channels')).toEqual([
      'problem: rules name "chatt", which the Workspace does not have; the nearest is "chat"',
    ]);
    expect(weak.about('TaskQueues')).toEqual([expect.stringContaining('rules name "Suport"')]);
    expect(weak.about('PUBLIC_URL')).toEqual([
      expect.stringMatching(/^warning: .*does not answer/),
    ]);
    expect(weak.about('tokens')).toEqual([expect.stringMatching(/^warning: none is configured/)]);
    expect(weak.exit).toBe(3);

    emulator.world.setEventCallbackUrl('https://example.com/events');
    await writeFile(rules, 'version: 2\n');
    const wrong = await doctor();
    expect(wrong.about('event callback')).toEqual([
      expect.stringMatching(/^problem: the Workspace has https:\/\/example.com/),
    ]);
    expect(wrong.about('rules')).toEqual([expect.stringMatching(/^problem: 1 mistake in /)]);
    const refused = await doctor({ TWILIO_AUTH_TOKEN: 'wrong' });
    expect(refused.about('TaskRouter')).toEqual([expect.stringMatching(/^problem: /)]);
    expect(refused.exit).toBe(3);
  });

  it('35: says what is not set', async () => {
    const { exit, err } = await headroom(['doctor'], { TWILIO_WORKSPACE_SID: '' });
    expect([exit, err.join()]).toEqual([2, expect.stringContaining('TWILIO_WORKSPACE_SID')]);
  });
});

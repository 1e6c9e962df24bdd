// Pause, resume and release through the API of the whole daemon, as a supervisor uses them on a bad
// day. On the embedded default, and on Redis where TEST_REDIS_URL names one.

import { afterEach, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { type Rig, type RigOptions, startRig } from '../support/rig.ts';
import { waitFor } from '../support/wait.ts';

const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce }
guardrails: { min_dwell: 10m }
rules:
  - name: open-for-three
    who: { where: 'worker.team == "support"' }
    when: activity.available
    then: { chat: 3 }
  - name: no-sms
    who: everyone
    when: activity.available
    then: { sms: pause }
`;

let rig: Rig | null = null;
afterEach(async () => {
  await rig?.stop();
  rig = null;
});

async function start(options: Partial<RigOptions> = {}): Promise<Rig> {
  rig = await startRig({
    rules: { 'rules.yaml': RULES },
    world: ({ world }) => {
      world.createWorker({ friendlyName: 'Ana', attributes: { team: 'support' } });
      world.createWorker({ friendlyName: 'Ben', attributes: { team: 'support' } });
    },
    ...options,
  });
  return rig;
}

const chat = (rig: Rig, name = 'Ana') =>
  rig.emulator.world.channel(name, 'chat').configuredCapacity;
const sms = (rig: Rig, name = 'Ana') => rig.emulator.world.channel(name, 'sms').available;
const sidOf = (rig: Rig, name: string) => rig.emulator.world.worker(name).sid;

async function order(rig: Rig, path: string, body: unknown) {
  const response = await fetch(`${rig.service.url}/api/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const answer = (await response.json()) as Record<string, unknown> & { detail?: string };
  return { status: response.status, answer };
}

const WHO = { reason: 'odd numbers', by: 'dana' };

async function available(rig: Rig, ...names: string[]) {
  for (const name of names) rig.emulator.world.setActivity(name, 'Available');
  await rig.quiet();
}

describe('everything paused', () => {
  it('21: stops all writes until resumed, even after a restart; both are journalled', async () => {
    const rig = await start();
    expect(await order(rig, 'pause', WHO)).toMatchObject({
      status: 200,
      answer: { pause: { rule: null, worker: null, until: null, by: 'dana' } },
    });
    await available(rig, 'Ana');
    expect(rig.posts()).toEqual([]);
    await rig.restart();
    await available(rig, 'Ben');
    expect(rig.posts()).toEqual([]);
    expect((await rig.service.status()).paused).toMatchObject([{ reason: 'odd numbers' }]);
    await order(rig, 'resume', { by: 'eve' });
    await rig.quiet();
    expect([chat(rig, 'Ana'), chat(rig, 'Ben')]).toEqual([3, 3]);
    const { entries } = await rig.service.backend.store.readJournal({ limit: 50 });
    const told = entries.filter((e) => e.reason.startsWith('pause.'));
    expect(told.map((e) => [e.actor, e.text])).toEqual([
      ['eve', 'everything resumed'],
      ['dana', 'everything paused until resumed: odd numbers'],
    ]);
  });

  it('21: an edit made meanwhile stands until rules ask for something else', async () => {
    const rig = await start();
    await available(rig, 'Ana');
    expect(chat(rig)).toBe(3);
    await order(rig, 'pause', WHO);
    rig.emulator.world.editChannel('Ana', 'chat', { capacity: 5 }, { actor: 'someone' });
    await rig.quiet();
    const view = await fetch(`${rig.service.url}/api/v1/workers/${sidOf(rig, 'Ana')}`);
    const { channels } = (await view.json()) as { channels: { channel: string }[] };
    expect(channels.find((c) => c.channel === 'chat')).toMatchObject({
      heldBy: 'person',
      respectedUntil: null,
    });
    await order(rig, 'resume', { by: 'dana' });
    await rig.quiet();
    expect(chat(rig)).toBe(5);
    await rig.writeRules({ 'rules.yaml': RULES.replace('chat: 3', 'chat: 2') });
    await waitFor('the new number', () => chat(rig) === 2);
  });

  it('ends by itself', async () => {
    let now = Date.now();
    const rig = await start({ clock: { now: () => now } });
    const until = new Date(now + 60_000).toISOString();
    await order(rig, 'pause', { ...WHO, until });
    await available(rig, 'Ana');
    expect(chat(rig)).toBe(1);
    now += 61_000;
    await waitFor('the end of the pause', () => chat(rig) === 3);
    const { entries } = await rig.service.backend.store.readJournal({ limit: 20 });
    expect(entries.find((e) => e.reason === 'pause.ended')).toMatchObject({
      actor: 'headroom',
      text: 'everything resumed: the pause by dana ended',
    });
  });
});

describe('one rule paused', () => {
  it('claims nothing: its claim ends, and begins again when it is resumed', async () => {
    const rig = await start({ rules: { 'rules.yaml': RULES.replace('min_dwell: 10m', '') } });
    await available(rig, 'Ana');
    expect([chat(rig), sms(rig)]).toEqual([3, false]);
    await order(rig, 'pause', { ...WHO, rule: 'open-for-three' });
    await rig.quiet();
    expect([chat(rig), sms(rig)]).toEqual([1, false]);
    await order(rig, 'resume', { rule: 'open-for-three', by: 'dana' });
    await rig.quiet();
    expect(chat(rig)).toBe(3);
  });
});

describe('one Worker paused', () => {
  it('leaves the others alone', async () => {
    const rig = await start();
    const worker = sidOf(rig, 'Ana');
    await order(rig, 'pause', { ...WHO, worker, channel: 'chat' });
    await available(rig, 'Ana', 'Ben');
    expect([chat(rig, 'Ana'), sms(rig, 'Ana'), chat(rig, 'Ben')]).toEqual([1, false, 3]);
    await order(rig, 'resume', { worker, channel: 'chat', by: 'dana' });
    await rig.quiet();
    expect(chat(rig, 'Ana')).toBe(3);
  });
});

describe('release', () => {
  it('22: pauses, then restores everything whatever the dwell, and stays so', async () => {
    const rig = await start();
    await available(rig, 'Ana', 'Ben');
    rig.emulator.world.editChannel('Ben', 'chat', { capacity: 7 }, { actor: 'someone' });
    await rig.quiet();
    const { answer } = await order(rig, 'release', WHO);
    expect(answer).toMatchObject({
      pause: { released: true, until: null },
      release: { channels: 3, edits: [{ channel: 'chat', friendlyName: 'Ben' }], unknown: [] },
    });
    await rig.quiet();
    expect([chat(rig, 'Ana'), sms(rig, 'Ana')]).toEqual([1, true]);
    expect([chat(rig, 'Ben'), sms(rig, 'Ben')]).toEqual([7, true]);
    const posts = rig.posts().length;
    await rig.restart();
    rig.emulator.world.setActivity('Ana', 'Offline');
    await available(rig, 'Ana');
    expect(rig.posts()).toHaveLength(posts);
    await order(rig, 'resume', { by: 'dana' });
    await waitFor('the rules', () => !sms(rig, 'Ana'));
  });

  it('22: can be of one Worker Channel alone', async () => {
    const rig = await start();
    await available(rig, 'Ana', 'Ben');
    await order(rig, 'release', { ...WHO, worker: sidOf(rig, 'Ana'), channel: 'chat' });
    await rig.quiet();
    expect([chat(rig, 'Ana'), sms(rig, 'Ana'), chat(rig, 'Ben')]).toEqual([1, false, 3]);
  });

  it('22: lists the channels whose baseline is unknown', async () => {
    const rig = await start({
      world: ({ world }) => {
        world.createWorker({ friendlyName: 'Ana', attributes: { team: 'support' } });
        world.setActivity('Ana', 'Available');
        world.editChannel('Ana', 'chat', { capacity: 3 }, { actor: 'headroom, before' });
      },
    });
    const { answer } = await order(rig, 'release', WHO);
    expect(answer).toMatchObject({ release: { unknown: [{ channel: 'chat' }] } });
    await rig.quiet();
    expect(chat(rig)).toBe(3);
  });

  it('is refused under HEADROOM_MODE=observe', async () => {
    const rig = await start({ env: { HEADROOM_MODE: 'observe' } });
    const { status, answer } = await order(rig, 'release', WHO);
    expect([status, answer.detail]).toEqual([
      409,
      'HEADROOM_MODE=observe: nothing is written, so nothing can be restored.',
    ]);
  });
});

describe('resync', () => {
  it('finds what no event reported', async () => {
    const rig = await start({
      callbacks: false,
      world: ({ world }) => {
        world.createWorker({ friendlyName: 'Ana', attributes: { team: 'support' } });
        world.setActivity('Ana', 'Available');
      },
    });
    await waitFor('the claim', () => chat(rig) === 3);
    rig.emulator.world.editChannel('Ana', 'chat', { capacity: 6 }, { actor: 'someone' });
    expect((await order(rig, 'resync', {})).status).toBe(202);
    const edited = async () =>
      (await rig.service.backend.store.readJournal({ limit: 9 })).entries.some(
        (e) => e.reason === 'person.edit' && e.to?.capacity === 6,
      );
    await waitFor('the edit', edited);
  });
});

describe('reload', () => {
  it('answers with the id of the new set, or with the faults', async () => {
    const rig = await start();
    const before = (await rig.service.status()).rules.id;
    await rig.writeRules({ 'rules.yaml': RULES.replace('chat: 3', 'chat: 4') });
    const good = await order(rig, 'reload', {});
    expect(good).toMatchObject({ status: 200, answer: { rules: 2, faults: [] } });
    expect(good.answer.id).not.toBe(before);
    await rig.writeRules({ 'rules.yaml': RULES.replace('chat: 3', 'chat: many') });
    expect(await order(rig, 'reload', {})).toMatchObject({
      status: 422,
      answer: { id: good.answer.id, faults: [{ file: 'rules.yaml', severity: 'error' }] },
    });
  });
});

describe('an invalid order', () => {
  it('35: is answered with the field, what was found and what was expected', async () => {
    const rig = await start();
    const problem = async (path: string, body: unknown) => {
      const { status, answer } = await order(rig, path, body);
      return `${status} ${answer.detail}`;
    };
    expect([
      await problem('pause', { by: 'dana' }),
      await problem('pause', { ...WHO, until: 'tomorrow' }),
      await problem('pause', { ...WHO, until: '2020-01-01T00:00:00Z' }),
      await problem('pause', { ...WHO, rules: 'x' }),
      await problem('pause', { ...WHO, rule: 'open-for-tree' }),
      await problem('pause', { ...WHO, worker: 'Ana' }),
      await problem('pause', { ...WHO, channel: 'chat' }),
      await problem('resume', { rule: 'no-sm', by: 'dana' }),
      await problem('release', []),
      await problem('release', '{'),
    ]).toMatchInlineSnapshot(`
      [
        "400 reason is missing: expected a text of up to 500 characters.",
        "400 until is "tomorrow": expected a future instant with its offset, such as "2030-06-10T09:00:00Z".",
        "400 until is "2020-01-01T00:00:00Z": expected a future instant with its offset, such as "2030-06-10T09:00:00Z".",
        "400 "rules" is not a field here: expected rule, worker, channel, until, reason, by.",
        "404 There is no rule "open-for-tree"; the nearest is "open-for-three".",
        "400 worker is "Ana": expected a Worker SID, "WK" and 32 hexadecimal digits.",
        "400 channel is "chat": expected also the Worker, as "worker".",
        "404 There is no rule "no-sm"; the nearest is "no-sms".",
        "400 the body is []: expected a JSON object with worker, channel, reason, by, as Content-Type application/json.",
        "400 The body is not valid JSON.",
      ]
    `);
    expect((await rig.service.status()).paused).toEqual([]);
  });
});

describe('the command line', () => {
  /** Runs it against the test's daemon. */
  async function headroom(rig: Rig, ...args: string[]) {
    const [out, err]: [string[], string[]] = [[], []];
    const env = { HEADROOM_URL: rig.service.url, USER: 'dana' };
    const io = { env, out: (l: string) => out.push(l), err: (l: string) => err.push(l) };
    const exit = await run(args, io);
    return { exit, out: out.join('\n'), err: err.join('\n') };
  }

  it('35: pauses, shows, explains, plans, releases and resumes', async () => {
    const rig = await start();
    const paused = await headroom(rig, 'pause', '--for', '2h', '--reason', 'odd numbers');
    expect(paused).toMatchObject({ exit: 0, err: '' });
    expect(paused.out).toMatch(/^paused: everything, until 20\S+Z, by dana: odd numbers$/);
    const other = await headroom(rig, 'resume', '--rule', 'no-sms');
    expect(other).toMatchObject({ exit: 1, out: '' });
    expect(other.err).toMatch(
      /^Nothing is paused with exactly this scope: rule no-sms\.\nPaused:\n {2}everything, until .*odd numbers$/,
    );
    await available(rig, 'Ana');
    expect((await headroom(rig, 'status')).out).toContain('PAUSED     everything, until');
    expect((await headroom(rig, 'plan')).out).toMatch(
      /Ana chat: 1 → 3 {2}\(open-for-three\) \[paused: not written\]/,
    );
    const why = await headroom(rig, 'explain', 'Ana', '--channel', 'chat');
    expect(why.exit).toBe(0);
    expect(why.out).toContain('open-for-three claims set 3');
    expect(why.out).toContain('headroom is paused here by dana: odd numbers');
    expect(await headroom(rig, 'resume')).toMatchObject({ exit: 0, out: 'resumed: everything' });
    await rig.quiet();
    expect(chat(rig)).toBe(3);
    const json = await headroom(rig, 'explain', sidOf(rig, 'Ana'), '--json');
    const { channels } = JSON.parse(json.out) as { channels: { channel: string }[] };
    expect(channels.find((c) => c.channel === 'chat')).toMatchObject({
      holds: { capacity: { baseline: 1, edit: null } },
      last: { actor: 'headroom', reason: 'rule.claimed' },
      paused: null,
    });
    const later = new Date(Date.now() + 3_600_000).toISOString();
    const ahead = await headroom(rig, 'explain', 'Ana', '--channel', 'chat', '--at', later);
    expect(ahead.out).toMatch(/open-for-three claims set 3[\s\S]*if nothing else changes/);
    const past = await headroom(rig, 'explain', 'Ana', '--at', new Date().toISOString());
    expect(past.out).toMatch(/chat: since \S+Z by headroom: .*1 → 3.*\(rule\.claimed\)/);
    const before = await headroom(rig, 'explain', 'Ana', '--channel', 'chat', '--at', '2020-06-10');
    expect(before.out).toMatch(
      /^Ana at 2020-\S+, from the journal\n\nchat: the journal has no change before that time/,
    );
    expect(await headroom(rig, 'explain', 'Ana', '--at', 'soon')).toEqual({
      ...{ exit: 2, out: '' },
      err: '--at is "soon": expected an instant such as 2026-06-10T09:00.',
    });
    expect(await headroom(rig, 'explain', 'Ana', '--rules', 'mine')).toMatchObject({ exit: 2 });
    const released = await headroom(rig, 'release', 'Ana', '--reason', 'bad day');
    const named = 'Ana, baselines restored, until resumed, by dana: bad day';
    expect(released.out.split('\n')[0]).toBe(`paused: ${named}`);
    expect((await headroom(rig, 'status')).out).toContain(`PAUSED     ${named}`);
    expect(released.out.split('\n')[1]).toBe(
      '2 Worker Channels are being restored to their baselines',
    );
    await rig.quiet();
    expect([chat(rig), sms(rig)]).toEqual([1, true]);
  });

  it('35: says what is wrong, with the right exit code', async () => {
    const rig = await start();
    expect(await headroom(rig, 'pause')).toMatchObject({ exit: 2 });
    expect(await headroom(rig, 'release')).toMatchObject({ exit: 2 });
    expect(await headroom(rig, 'explain', 'Anna')).toEqual({
      exit: 2,
      out: '',
      err: 'no Worker is called "Anna"; the nearest is "Ana": expected a friendly name or a Worker SID.',
    });
    const unknown = await headroom(rig, 'pause', '--rule', 'no-sm', '--reason', 'x');
    expect(unknown).toMatchObject({ exit: 2, out: '' });
    expect(unknown.err).toBe('There is no rule "no-sm"; the nearest is "no-sms".');
    expect((await headroom(rig, 'explain', 'Somebody')).err).toBe(
      'no Worker is called "Somebody": expected a friendly name or a Worker SID.',
    );
    const reason = ['--reason', 'x'];
    expect(await headroom(rig, 'pause', '--channel', 'chat', ...reason)).toMatchObject({
      exit: 2,
      err: '--channel is "chat": also name the Worker.',
    });
    expect(await headroom(rig, 'resume', 'Ana', '--rule', 'no-sms')).toMatchObject({
      exit: 2,
      err: '--rule cannot be combined with the Worker "Ana".',
    });
    expect(await headroom(rig, 'resync')).toMatchObject({ exit: 0 });
    expect((await headroom(rig, 'reload')).out).toMatch(/^in force: set \w+, 2 rules$/);
    await rig.writeRules({ 'rules.yaml': RULES.replace('chat: 3', 'chat: many') });
    const faulty = await headroom(rig, 'reload');
    expect(faulty.exit).toBe(3);
    expect(faulty.err).toMatch(/rules\.yaml:\d+:\d+: error: /);
  });
});

describe('GET /api/v1/rules', () => {
  it('lists rules with mode, place and pause', async () => {
    const rig = await start();
    await order(rig, 'pause', { ...WHO, rule: 'no-sms' });
    const response = await fetch(`${rig.service.url}/api/v1/rules`);
    expect(await response.json()).toMatchObject({
      rules: [
        { name: 'open-for-three', mode: 'enforce', file: 'rules.yaml', line: 5, paused: null },
        { name: 'no-sms', channels: ['sms'], paused: { by: 'dana' } },
      ],
      next: null,
    });
  });
});

describe('GET /metrics', () => {
  it('counts events, in Prometheus form, with the reason codes', async () => {
    const rig = await start();
    await available(rig, 'Ana');
    const response = await fetch(`${rig.service.url}/metrics`);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await response.text();
    const value = (name: string) => text.split('\n').find((line) => line.startsWith(`${name} `));
    expect(value('headroom_writes_total{reason="rule.claimed"}')).toMatch(/ 2$/);
    expect(value('headroom_rules_last_reload_ok')).toMatch(/ 1$/);
    expect(value('headroom_rules{mode="enforce"}')).toMatch(/ 2$/);
    expect(value('headroom_queue_jobs{queue="events",state="failed"}')).toMatch(/ 0$/);
    expect(value('headroom_taskrouter_calls_total{outcome="answered"}')).toBeDefined();
    expect(value('headroom_events_total{result="absorbed"}')).toBeDefined();
    expect(value('headroom_passes_total{result="done"}')).toBeDefined();
    expect(value('headroom_event_loop_delay_seconds{quantile="0.99"}')).toBeDefined();
    expect(text).toMatch(/headroom_deliveries_total\{outcome="\w+"\} [1-9]/);
    expect(text).not.toMatch(/WK[0-9a-f]{32}|Ana|open-for-three/);
  });

  it('needs a token where the API does', async () => {
    const rig = await start({
      env: {
        PUBLIC_URL: 'https://headroom.example',
        HEADROOM_ADMIN_TOKEN: 'a-long-enough-token-for-this',
      },
      callbacks: false,
    });
    const ask = (headers: Record<string, string>) =>
      fetch(`${rig.service.url}/metrics`, { headers }).then((r) => r.status);
    expect(await ask({})).toBe(401);
    expect(await ask({ authorization: 'Bearer a-long-enough-token-for-this' })).toBe(200);
  });
});

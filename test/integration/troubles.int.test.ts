// The daemon in trouble: TaskRouter refuses, fails, stays silent or forgets, the clock passes a
// boundary, a Worker is deleted. It ends in the right state, and reports what happened.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type Rig, type RigOptions, startRig } from '../support/rig.ts';
import { waitFor } from '../support/wait.ts';

const RULES = `version: 1
defaults: { timezone: Europe/London, mode: enforce }
schedules:
  day: { days: mon-fri, hours: "09:00-17:00" }
  night: { days: mon-sun, hours: "22:00-06:00" }
rules:
  - name: open-for-three
    who: { where: 'worker.team == "support"' }
    when: activity.available
    then: { chat: 3 }
  - name: day-email
    who: { where: 'worker.shift == "day"' }
    during: day
    then: { email: 4 }
  - name: night-email
    who: { where: 'worker.shift == "night"' }
    during: night
    then: { email: 2 }
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
      world.createTaskChannel('email');
      world.createWorker({ friendlyName: 'Ana', attributes: { team: 'support' } });
    },
    ...options,
  });
  return rig;
}

const chat = (rig: Rig) => rig.emulator.world.channel('Ana', 'chat').configuredCapacity;
const email = (rig: Rig, name: string) =>
  rig.emulator.world.channel(name, 'email').configuredCapacity;
const effective = (rig: Rig) => rig.posts().filter((p) => p.status === 200);

describe('TaskRouter', () => {
  it('429 with Retry-After: no call is made before that, then the write happens once', async () => {
    let now = Date.now();
    const rig = await start({ clock: { now: () => now }, oneClock: true });
    rig.emulator.world.faults.add({
      kind: 'too-many',
      retryAfter: 2,
      when: 'before',
      method: 'POST',
      path: '/Channels/',
      next: 1,
    });
    rig.emulator.world.setActivity('Ana', 'Available');
    const refused = () => rig.emulator.calls().findIndex((c) => c.status === 429);
    await waitFor('the refusal', () => refused() >= 0);
    await waitFor('another call', async () => (await rig.service.status()).calls.waiting > 0);
    now += 2_000;
    await waitFor('the write', () => chat(rig) === 3);
    await rig.quiet();
    const [before, after] = rig.emulator.calls().slice(refused(), refused() + 2);
    expect((after?.at ?? 0) - (before?.at ?? 0)).toBe(2_000);
    expect(effective(rig)).toHaveLength(1);
  });

  it('5xx without effect, then success: the write happens once', async () => {
    const rig = await start();
    rig.emulator.world.faults.add({
      kind: 'server-error',
      when: 'before',
      method: 'POST',
      path: '/Channels/',
      next: 3,
    });
    rig.emulator.world.setActivity('Ana', 'Available');
    await waitFor('the write', () => chat(rig) === 3);
    await rig.quiet();
    expect(effective(rig)).toHaveLength(1);
  });

  it('5xx after the effect: it is not written again, and no edit is reported', async () => {
    const rig = await start();
    rig.emulator.world.faults.add({
      kind: 'server-error',
      when: 'after',
      method: 'POST',
      path: '/Channels/',
      next: 1,
    });
    rig.emulator.world.setActivity('Ana', 'Available');
    await waitFor('the effect', () => chat(rig) === 3);
    await rig.quiet();
    expect(rig.posts()).toHaveLength(1);
    const { entries } = await rig.service.backend.store.readJournal({ limit: 20 });
    expect(entries.map((e) => e.reason)).not.toContain('person.edit');
    rig.emulator.world.setActivity('Ana', 'Offline');
    await rig.quiet();
    expect(chat(rig)).toBe(1);
  });

  it('one refused Worker Channel does not block writes to the others', async () => {
    const rig = await start({
      rules: {
        'rules.yaml': RULES.replace('then: { chat: 3 }', 'then: { chat: 3, sms: 2, voice: pause }'),
      },
    });
    rig.emulator.world.faults.add({
      kind: 'server-error',
      status: 400,
      when: 'before',
      method: 'POST',
      path: '/Channels/chat',
    });
    rig.emulator.world.setActivity('Ana', 'Available');
    const channel = (name: string) => rig.emulator.world.channel('Ana', name);
    await waitFor('the others', () => {
      return channel('sms').configuredCapacity === 2 && !channel('voice').available;
    });
    expect(chat(rig)).toBe(1);
    await waitFor('the refusal is told', async () => {
      const { entries } = await rig.service.backend.store.readJournal({ limit: 20 });
      return entries.some((e) => e.reason === 'write.invalid' && e.channel === 'chat');
    });
  });

  it('a write whose response was lost is journalled once it is seen to have happened', async () => {
    const rig = await start();
    rig.emulator.world.faults.add({
      kind: 'server-error',
      when: 'after',
      method: 'POST',
      path: '/Channels/',
      next: 1,
    });
    rig.emulator.world.setActivity('Ana', 'Available');
    await waitFor('the journal tells it', async () => {
      const { entries } = await rig.service.backend.store.readJournal({ limit: 20 });
      return entries.some((e) => e.reason === 'write.done' && e.to?.capacity === 3);
    });
    expect(rig.posts()).toHaveLength(1);
  });

  it('a Worker that is deleted meanwhile is forgotten, and others continue', async () => {
    const rig = await start();
    rig.emulator.world.createWorker({ friendlyName: 'Ben', attributes: { team: 'support' } });
    await rig.quiet();
    rig.emulator.world.setActivity('Ana', 'Available');
    rig.emulator.world.deleteWorker('Ana');
    rig.emulator.world.setActivity('Ben', 'Available');
    await waitFor(
      "Ben's chats",
      () => rig.emulator.world.channel('Ben', 'chat').configuredCapacity === 3,
    );
    await waitFor('Ana is forgotten', async () => {
      const page = await rig.service.backend.store.listWorkers(10);
      return page.workers.length === 1;
    });
  });

  it('32: HEADROOM_RATE holds in every second, and everything is still written', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `Worker ${i}`);
    const sent = departures();
    const rig = await start({
      env: { HEADROOM_RATE: '10/s' },
      world: ({ world }) => {
        for (const friendlyName of names)
          world.createWorker({ friendlyName, attributes: { team: 'support' } });
      },
    });
    for (const name of names) rig.emulator.world.setActivity(name, 'Available');
    await waitFor('all are written', () => effective(rig).length === names.length);
    // As they leave: one process for both sides may be too busy to see them arrive in time.
    const calls = sent.end();
    expect(calls).toHaveLength(rig.emulator.calls().length);
    const most = Math.max(
      ...calls.map((at) => calls.filter((t) => t >= at && t < at + 1_000).length),
    );
    expect(most).toBeLessThanOrEqual(10);
    expect(calls.length).toBeGreaterThan(20);
  });
});

describe('30: faults elsewhere', () => {
  const shown = async ({ service }: Rig) => ({
    ready: (await fetch(`${service.url}/readyz`)).status,
    status: await service.status(),
    metrics: await (await fetch(`${service.url}/metrics`)).text(),
  });

  it('30: a faulty rules folder shows in status and metrics; deliveries are accepted', async () => {
    const rig = await start();
    await rig.writeRules({ 'rules.yaml': 'version: 1\nrules: none\n' });
    await waitFor('the fault', async () => !(await rig.service.status()).rules.lastReloadOk);
    const { ready, status, metrics } = await shown(rig);
    expect(ready).toBe(200);
    expect(status.rules.faults).toMatchObject([{ file: 'rules.yaml', line: 2 }]);
    expect(metrics).toMatch(/^headroom_rules_last_reload_ok 0$/m);
    // The previous set is still in force.
    rig.emulator.world.setActivity('Ana', 'Available');
    await waitFor('the write', () => chat(rig) === 3);
  });

  it.each([
    [401, 'refused'],
    [503, 'unavailable'],
  ])('30: so does a TaskRouter that answers %i; deliveries are accepted', async (code, outcome) => {
    const rig = await start();
    rig.emulator.world.faults.add({ kind: 'server-error', status: code, when: 'before' });
    const before = (await rig.service.status()).events.distinct;
    rig.emulator.world.setActivity('Ana', 'Available');
    await fetch(`${rig.service.url}/api/v1/resync`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ by: 'sam' }),
    });
    await waitFor('it shows', async () => (await rig.service.status()).workers.resyncFault);
    await waitFor('it is absorbed', async () => {
      return (await rig.service.status()).events.distinct > before;
    });
    const { ready, metrics } = await shown(rig);
    expect(ready).toBe(200);
    expect(metrics).toMatch(
      new RegExp(`^headroom_taskrouter_calls_total\\{outcome="${outcome}"\\} [1-9]`, 'm'),
    );
    expect(chat(rig)).toBe(1);
  });
});

describe('the clock', () => {
  /** A Wednesday, British Summer Time: 08:59:58 in London. */
  const BEFORE_NINE = Date.parse('2026-06-10T07:59:58Z');

  it('a schedule boundary takes effect by itself, both ways', async () => {
    let now = BEFORE_NINE;
    const rig = await start({
      clock: { now: () => now },
      world: ({ world }) => {
        world.createTaskChannel('email');
        world.createWorker({ friendlyName: 'Ana', attributes: { shift: 'day' } });
      },
    });
    expect(email(rig, 'Ana')).toBe(1);
    now = Date.parse('2026-06-10T08:00:00Z');
    await waitFor('nine o’clock', () => email(rig, 'Ana') === 4);
    now = Date.parse('2026-06-10T15:59:59Z');
    await rig.quiet();
    expect(email(rig, 'Ana')).toBe(4);
    now = Date.parse('2026-06-10T16:00:00Z');
    await waitFor('five o’clock', () => email(rig, 'Ana') === 1);
    expect(rig.posts().map((p) => p.body)).toEqual([{ Capacity: '4' }, { Capacity: '1' }]);
  });

  it('the October night is one window of nine hours: two changes, not four', async () => {
    let now = Date.parse('2026-10-24T20:59:00Z');
    const rig = await start({
      clock: { now: () => now },
      world: ({ world }) => {
        world.createTaskChannel('email');
        world.createWorker({ friendlyName: 'Ana', attributes: { shift: 'night' } });
      },
    });
    now = Date.parse('2026-10-24T21:00:00Z');
    await waitFor('ten in the evening', () => email(rig, 'Ana') === 2);
    for (let hour = 1; hour < 9; hour += 1) {
      now = Date.parse('2026-10-24T21:00:00Z') + hour * 3_600_000;
      await rig.quiet();
    }
    expect(email(rig, 'Ana')).toBe(2);
    now = Date.parse('2026-10-25T06:00:00Z');
    await waitFor('six in the morning', () => email(rig, 'Ana') === 1);
    expect(rig.posts()).toHaveLength(2);
  });

  it('a boundary that passed while the daemon was down heals at the start', async () => {
    let now = BEFORE_NINE;
    const rig = await start({
      clock: { now: () => now },
      world: ({ world }) => {
        world.createTaskChannel('email');
        world.createWorker({ friendlyName: 'Ana', attributes: { shift: 'day' } });
      },
    });
    await rig.stopDaemon();
    now = Date.parse('2026-06-10T11:00:00Z');
    await rig.restart();
    await waitFor('the shift', () => email(rig, 'Ana') === 4);
  });
});

/** When this process began each request to TaskRouter, epoch ms, until the end. */
function departures(): { end(): readonly number[] } {
  const all: number[] = [];
  const began = (message: unknown) => {
    const { request } = message as { request: ClientRequest };
    if (request.path.startsWith('/v1/Workspaces/')) all.push(Date.now());
  };
  subscribe('http.client.request.start', began);
  return {
    end() {
      unsubscribe('http.client.request.start', began);
      return all;
    },
  };
}

const WAITING = `version: 1
defaults: { timezone: UTC, mode: enforce }
rules:
  - name: busy
    who: everyone
    when: { enter: 'queue("Support").waiting >= 1', exit: 'queue("Support").waiting == 0' }
    then: { chat: { add: 1 } }
`;

it('a stop does not wait for reads that TaskRouter has put off for a minute', async () => {
  const rig = await start({
    rules: { 'rules.yaml': WAITING },
    env: { HEADROOM_POLL: '1s' },
    world: ({ world }) => {
      world.createQueue('Support', '1==1');
      world.createWorker({ friendlyName: 'Ana', attributes: {} });
    },
  });
  rig.emulator.world.faults.add({ kind: 'too-many', retryAfter: 60, when: 'before' });
  const refused = () => rig.emulator.calls().some((call) => call.status === 429);
  await waitFor('TaskRouter throttles', refused);
  const waiting = async () => (await rig.service.status()).calls.waiting > 0;
  await waitFor('a poll waits', waiting);
  const calls = rig.emulator.calls().length;
  // Long enough for what waits; if it did wait for the minute, the poll would be tried again.
  await rig.stopDaemon(3_600_000);
  expect(rig.emulator.calls()).toHaveLength(calls);
});

describe('observe', () => {
  it('21: HEADROOM_MODE=observe writes nothing and journals what it would write', async () => {
    const rig = await start({ env: { HEADROOM_MODE: 'observe' } });
    rig.emulator.world.setActivity('Ana', 'Available');
    await rig.quiet();
    expect(rig.posts()).toEqual([]);
    const { entries } = await rig.service.backend.store.readJournal({ limit: 20 });
    expect(entries.map((e) => [e.reason, e.text])).toEqual([
      ['mode.observe', 'would set chat 1 → 3 by open-for-three'],
    ]);
  });

  it('21: a rule under observe is reported beside one that is enforced', async () => {
    const rig = await start({
      rules: {
        'rules.yaml': RULES.replace('then: { chat: 3 }', 'then: { chat: 3 }\n    mode: observe'),
      },
    });
    rig.emulator.world.setActivity('Ana', 'Available');
    await rig.quiet();
    expect(rig.posts()).toEqual([]);
  });
});

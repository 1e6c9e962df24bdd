// The main job, end to end: a signed event in, a Worker Channel set. On the embedded default, and
// on Redis or PostgreSQL where TEST_REDIS_URL or TEST_DATABASE_URL names one.

import { afterEach, describe, expect, it } from 'vitest';
import { type Rig, type RigOptions, startRig } from '../support/rig.ts';
import { waitFor } from '../support/wait.ts';

const HEAD = 'version: 1\ndefaults: { timezone: Europe/London, mode: enforce }\n';
const WHILE_AVAILABLE = `${HEAD}
rules:
  - name: open-for-three
    who: { where: 'worker.team == "support"' }
    when: activity.available
    then: { chat: 3 }
    why: "Available, so three chats"
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
    rules: { 'rules.yaml': WHILE_AVAILABLE },
    world: ({ world }) => {
      world.createWorker({ friendlyName: 'Ana', attributes: { team: 'support' } });
      world.createWorker({ friendlyName: 'Ben', attributes: { team: 'sales' } });
    },
    ...options,
  });
  return rig;
}

/** The delivery that TaskRouter would send for this, as the emulator wrote it. */
async function activityEvent(rig: Rig, name: string, activity: string) {
  const before = rig.emulator.deliveries().length;
  rig.emulator.world.setActivity(name, activity);
  const all = () => rig.emulator.deliveries().slice(before);
  const found = await waitFor('the delivery', () =>
    all().find((d) => d.eventType === 'worker.activity.update'),
  );
  return found.params;
}

describe('one signed worker.activity.update', () => {
  it('causes one POST for each Worker Channel that now differs, of that field only', async () => {
    const rig = await start();
    expect(rig.posts()).toEqual([]);
    rig.emulator.world.setActivity('Ana', 'Available');
    await rig.quiet();
    const worker = rig.emulator.world.worker('Ana').sid;
    const posts = [...rig.posts()].sort((a, b) => (a.channel < b.channel ? -1 : 1));
    expect(posts).toEqual([
      { worker, channel: 'chat', body: { Capacity: '3' }, status: 200 },
      { worker, channel: 'sms', body: { Available: 'false' }, status: 200 },
    ]);
  });

  it('sent ten times causes no further POSTs', async () => {
    const rig = await start();
    const params = await activityEvent(rig, 'Ana', 'Available');
    const answers = await Promise.all(Array.from({ length: 10 }, () => rig.deliver(params)));
    expect(answers).toEqual(Array.from({ length: 10 }, () => 204));
    await rig.quiet();
    expect(rig.posts()).toHaveLength(2);
    for (let i = 0; i < 5; i += 1) expect(await rig.deliver(params)).toBe(204);
    await rig.quiet();
    expect(rig.posts()).toHaveLength(2);
    expect((await rig.service.status()).events.distinct).toBeGreaterThan(0);
  });

  it('is followed by the baseline when the claim ends, with a reason both times', async () => {
    const rig = await start();
    rig.emulator.world.setActivity('Ana', 'Available');
    await rig.quiet();
    rig.emulator.world.setActivity('Ana', 'Offline');
    await rig.quiet();
    const { chat, sms } = channels(rig, 'Ana');
    expect({ chat, sms }).toEqual({
      chat: { capacity: 1, available: true },
      sms: { capacity: 1, available: true },
    });
    const { entries } = await rig.service.backend.store.readJournal({ limit: 10 });
    expect(entries.map((e) => [e.channel, e.reason, e.rule])).toEqual(
      expect.arrayContaining([
        ['chat', 'rule.claimed', 'open-for-three'],
        ['sms', 'rule.claimed', 'no-sms'],
        ['chat', 'baseline.restored', null],
        ['sms', 'baseline.restored', null],
      ]),
    );
    expect(entries.find((e) => e.rule === 'open-for-three')?.text).toBe(
      'chat 1 → 3 by open-for-three: Available, so three chats',
    );
    expect(entries).toHaveLength(4);
  });

  it('26: costs no call for the echo of our own write', async () => {
    const rig = await start();
    rig.emulator.world.setActivity('Ana', 'Available');
    await rig.quiet();
    const calls = rig.emulator.calls().filter((c) => c.path.includes('/Channels'));
    // One listing, two writes; their two events come back and cost nothing.
    expect(calls.map((c) => c.method)).toEqual(['GET', 'POST', 'POST']);
  });
});

function channels(rig: Rig, name: string) {
  const worker = rig.emulator.world.worker(name);
  return Object.fromEntries(
    [...worker.channels.values()].map((c) => [
      c.taskChannelUniqueName,
      { capacity: c.configuredCapacity, available: c.available },
    ]),
  );
}

describe('a delivery that is not genuine', () => {
  it('is answered 403 and queues nothing', async () => {
    const rig = await start({ callbacks: false });
    const worker = rig.emulator.world.worker('Ana');
    const fields = {
      EventType: 'worker.activity.update',
      Sid: `EV${'a'.repeat(32)}`,
      WorkspaceSid: rig.emulator.workspaceSid,
      TimestampMs: String(Date.now()),
      WorkerSid: worker.sid,
      WorkerActivitySid: rig.emulator.world.activity('Available').sid,
      WorkerActivityName: 'Available',
      WorkerAttributes: '{"team":"support"}',
    };
    expect(await rig.deliver(fields, { signature: 'bm90IHRoZSByaWdodCBvbmU=' })).toBe(403);
    expect(await rig.deliver(fields, { signature: null })).toBe(403);
    expect(
      await rig.deliver(fields, { url: 'https://elsewhere.example/webhooks/taskrouter' }),
    ).toBe(403);
    await rig.quiet();
    expect(rig.posts()).toEqual([]);
    expect((await rig.service.status()).events.distinct).toBe(0);
    // The same fields with the right signature are accepted, by either name of this machine. They
    // are also true: TaskRouter's history of our own writes later contains them too.
    rig.emulator.world.setActivity('Ana', 'Available');
    expect(await rig.deliver(fields)).toBe(204);
    const local = `${rig.service.url.replace('127.0.0.1', 'localhost')}/webhooks/taskrouter`;
    expect(await rig.deliver(fields, { url: local })).toBe(204);
    await rig.quiet();
    expect(rig.posts()).toHaveLength(2);
  });
});

describe('a person', () => {
  it("'s edit of a claimed channel is respected and not overwritten", async () => {
    const rig = await start();
    rig.emulator.world.setActivity('Ana', 'Available');
    await rig.quiet();
    rig.emulator.world.editChannel(
      'Ana',
      'chat',
      { capacity: 5 },
      { actor: 'supervisor@example.com' },
    );
    await rig.quiet();
    expect(channels(rig, 'Ana').chat).toEqual({ capacity: 5, available: true });
    const { entries } = await rig.service.backend.store.readJournal({ limit: 10 });
    // The history, read once a minute, may have named the person by now, in a separate entry.
    const [newest] = entries.filter(({ reason }) => reason !== 'person.named');
    expect(newest).toMatchObject({
      reason: 'person.edit',
      from: { capacity: 3 },
      to: { capacity: 5 },
    });
  });
});

describe('rules', () => {
  it('29: apply as soon as their file changes; a broken file keeps the last good set', async () => {
    const rig = await start();
    rig.emulator.world.setActivity('Ana', 'Available');
    await rig.quiet();
    await rig.writeRules({ 'rules.yaml': WHILE_AVAILABLE.replace('chat: 3', 'chat: 4') });
    await waitFor('the new number', () => channels(rig, 'Ana').chat?.capacity === 4);
    await rig.writeRules({ 'rules.yaml': WHILE_AVAILABLE.replace('chat: 3', 'chat: many') });
    await waitFor('the refusal', async () => !(await rig.service.status()).rules.lastReloadOk);
    const { rules } = await rig.service.status();
    expect(rules.faults[0]).toMatchObject({ file: 'rules.yaml', severity: 'error' });
    await rig.quiet();
    expect(channels(rig, 'Ana').chat?.capacity).toBe(4);
    // Also after a start with the broken folder.
    await rig.restart();
    await rig.quiet();
    expect((await rig.service.status()).rules).toMatchObject({ from: 'store', count: 2 });
    expect(channels(rig, 'Ana').chat?.capacity).toBe(4);
  });
});

describe('a restart', () => {
  it('finds what changed while the daemon was down, and writes it once', async () => {
    const rig = await start();
    await rig.stopDaemon();
    rig.emulator.world.setActivity('Ana', 'Available');
    await rig.restart();
    await rig.quiet();
    expect(channels(rig, 'Ana').chat).toEqual({ capacity: 3, available: true });
    expect(rig.posts()).toHaveLength(2);
    await rig.restart();
    await rig.quiet();
    expect(rig.posts()).toHaveLength(2);
  });
});

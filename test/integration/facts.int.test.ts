// What rules see beyond one Worker, in the running daemon: TaskQueues' statistics, groups, rules
// with one state for all, and events that were missed and found again in the history.

import { afterEach, describe, expect, it } from 'vitest';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { type Rig, type RigOptions, startRig } from '../support/rig.ts';
import { waitFor } from '../support/wait.ts';

const LONG = 60_000;

function rules(body: string, defaults = ''): Record<string, string> {
  const head = `version: 1\ndefaults: { timezone: UTC, mode: enforce${defaults} }\n`;
  return { 'rules.yaml': `${head}${body}` };
}

const overload = (times: string) => `
rules:
  - name: overload
    who: { where: 'worker.team == "support"' }
    when:
      enter: queue("Support").waiting >= 3 || queue("Support").longest_wait >= duration("4m")
      exit: queue("Support").waiting <= 1
      ${times}
    then: { chat: { add: 1, max: 5 } }
    why: "Support has {queue.Support.waiting} waiting"
`;

let rig: Rig | null = null;
afterEach(async () => {
  await rig?.stop();
  rig = null;
});

async function start(options: Partial<RigOptions> & Pick<RigOptions, 'rules'>): Promise<Rig> {
  const { world, ...rest } = options;
  rig = await startRig({
    ...rest,
    env: { HEADROOM_POLL: '1s', ...options.env },
    world(emulator) {
      emulator.world.createQueue('Support', 'team == "support"');
      emulator.world.createWorker({ friendlyName: 'Ana', attributes: { team: 'support' } });
      emulator.world.createWorker({ friendlyName: 'Ben', attributes: { team: 'sales' } });
      world?.(emulator);
    },
  });
  return rig;
}

function fill({ world }: Emulator, n: number): void {
  for (let i = 0; i < n; i += 1) world.createTask({ channel: 'chat', queue: 'Support' });
}

function empty({ world }: Emulator): void {
  for (const task of world.tasks()) if (task.status === 'pending') world.cancelTask(task.sid);
}

const capacity = ({ emulator }: Rig, name = 'Ana') =>
  emulator.world.channel(name, 'chat').configuredCapacity;
const open = ({ emulator }: Rig, name = 'Ana') => emulator.world.channel(name, 'voice').available;
const reads = ({ emulator }: Rig) =>
  emulator.calls().filter(({ path }) => path.endsWith('/RealTimeStatistics')).length;

async function phase({ service }: Rig): Promise<string> {
  const kept = await service.backend.store.getDocument('rule-states');
  const { states } = (kept?.value ?? { states: {} }) as {
    states: Record<string, { phase: string }>;
  };
  return states.overload?.phase ?? 'idle';
}

describe('5: a rule on statistics', () => {
  it('acts as Tasks wait, respects its hold and keep times, and reverts: two writes', async () => {
    let now = Date.now();
    const hold = 'for: 10m\n      keep: 10m';
    const rig = await start({ rules: rules(overload(hold)), clock: { now: () => now } });
    const secondsLater = async (seconds: number) => {
      const before = reads(rig);
      now += seconds * 1_000;
      await waitFor('another reading', () => reads(rig) > before, LONG);
    };
    expect(capacity(rig)).toBe(1);
    fill(rig.emulator, 3);
    now += 2_000;
    await waitFor('pending', async () => (await phase(rig)) === 'pending', LONG);
    await secondsLater(598);
    await secondsLater(1);
    await rig.quiet();
    expect(capacity(rig)).toBe(1);
    now += 1_000;
    await waitFor('the lift', () => capacity(rig) === 2, LONG);
    await rig.quiet();
    const { entries } = await rig.service.backend.store.readJournal({ limit: 1 });
    expect(entries[0]?.text).toBe('chat 1 → 2 by overload: Support has 3 waiting');
    empty(rig.emulator);
    now += 2_000;
    await waitFor('the countdown', async () => (await phase(rig)) === 'keeping', LONG);
    await secondsLater(598);
    await secondsLater(1);
    await rig.quiet();
    expect(capacity(rig)).toBe(2);
    now += 1_000;
    await waitFor('the end', () => capacity(rig) === 1, LONG);
    expect(rig.posts().map(({ body }) => body)).toEqual([{ Capacity: '2' }, { Capacity: '1' }]);
    expect(capacity(rig, 'Ben')).toBe(1);
  }, 90_000);

  it('3: keeps its state while statistics cannot be read, without other effects', async () => {
    const rig = await start({ rules: rules(overload('for: 1s'), ', stale_after: 3s') });
    fill(rig.emulator, 3);
    await waitFor('the lift', () => capacity(rig) === 2, LONG);
    const { faults } = rig.emulator.world;
    const { id } = faults.add({ kind: 'server-error', path: '/RealTimeStatistics' });
    empty(rig.emulator);
    await waitFor(
      'unknown',
      async () => {
        const kept = await rig.service.backend.store.getDocument('rule-states');
        return JSON.stringify(kept?.value ?? null).includes('facts.unknown');
      },
      LONG,
    );
    expect(capacity(rig)).toBe(2);
    expect(JSON.stringify((await rig.service.status()).queues.failed)).toBe('[]');
    faults.remove(id);
    await waitFor('the end', () => capacity(rig) === 1, LONG);
  }, 90_000);

  it('a restart keeps `for`', async () => {
    let now = Date.now();
    const rig = await start({ rules: rules(overload('for: 10m')), clock: { now: () => now } });
    fill(rig.emulator, 3);
    now += 2_000;
    await waitFor('pending', async () => (await phase(rig)) === 'pending', LONG);
    await rig.stopDaemon();
    now += 9 * 60_000;
    await rig.restart();
    await waitFor('a reading', async () => (await phase(rig)) === 'pending', LONG);
    expect(capacity(rig)).toBe(1);
    now += 61_000;
    await waitFor('the lift', () => capacity(rig) === 2, LONG);
    await rig.restart();
    await rig.quiet();
    expect(capacity(rig)).toBe(2);
    expect(rig.posts()).toHaveLength(1);
  }, 120_000);

  it('an event about the TaskQueue brings its reading forward', async () => {
    const env = { HEADROOM_POLL: '30s' };
    let now = Date.now();
    const rig = await start({ rules: rules(overload('for: 1s')), env, clock: { now: () => now } });
    await waitFor('the first reading', () => reads(rig) === 1, LONG);
    now += 5_000;
    fill(rig.emulator, 3);
    await waitFor('the second', async () => (await phase(rig)) === 'pending', LONG);
    now += 1_000;
    await waitFor('the lift', () => capacity(rig) === 2, LONG);
  }, 90_000);

  it('a TaskQueue that does not exist is unknown, and reported', async () => {
    const rig = await start({
      rules: rules(overload('for: 1s').replaceAll('"Support"', '"Suport"')),
    });
    await waitFor(
      'the reason',
      async () => {
        const kept = await rig.service.backend.store.getDocument('rule-states');
        return JSON.stringify(kept?.value ?? null).includes('there is no TaskQueue');
      },
      LONG,
    );
    expect(reads(rig)).toBe(0);
  }, 90_000);
});

async function retarget({ emulator }: Rig, queue: string, target: string): Promise<void> {
  const { url, accountSid, authToken, workspaceSid, world } = emulator;
  const path = `${url}/v1/Workspaces/${workspaceSid}/TaskQueues/${world.queue(queue).sid}`;
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
  const body = new URLSearchParams({ TargetWorkers: target });
  const answer = await fetch(path, { method: 'POST', headers: { authorization }, body });
  expect(answer.status).toBe(200);
}

describe('32: groups, evaluated by headroom', () => {
  it("follow a TaskQueue's expression, and have their facts computed", async () => {
    const rig = await start({
      rules: rules(`
groups:
  queue-crew: { queue: Support }
  spanish: { target_workers: 'languages HAS "es"' }
rules:
  - { name: crew, who: queue-crew, then: { chat: 4 } }
  - { name: alone, who: spanish, when: group("queue-crew").size == 1, then: { voice: pause } }
`),
      world: ({ world }) => {
        world.updateWorker('Ben', { attributes: { team: 'sales', languages: ['es'] } });
      },
    });
    await waitFor('the crew', () => capacity(rig) === 4, LONG);
    await waitFor('the group', () => open(rig, 'Ben') === false, LONG);
    expect([capacity(rig, 'Ben'), open(rig)]).toEqual([1, true]);
    rig.emulator.world.updateWorker('Ben', { attributes: { team: 'support', languages: ['es'] } });
    await waitFor('two in the group', () => open(rig, 'Ben') === true, LONG);
    expect(capacity(rig, 'Ben')).toBe(4);
    expect(rig.emulator.calls().filter(({ path }) => path.includes('TargetWorkers'))).toEqual([]);
    // Long before the list of TaskQueues is read in turn: the event is enough.
    await retarget(rig, 'Support', 'team == "sales"');
    await waitFor('the crew to go', () => capacity(rig) === 1, LONG);
  }, 120_000);
});

describe('11, 34: missed events', () => {
  const PROTECTION = `
rules:
  - name: protect-after-misses
    who: everyone
    when: count("reservation.rejected", duration("15m")) >= 3
    then: { voice: pause }
    release: { after: 20m, or: 'count("reservation.accepted", duration("20m")) >= 1' }
`;
  const PROTECT = rules(PROTECTION);
  const refuse = ({ world }: Emulator, n: number) => {
    for (let i = 0; i < n; i += 1) {
      const task = world.createTask({ channel: 'chat', queue: 'Support', ignoreCapacity: true });
      world.reject(world.reserve(task.sid, 'Ana').sid);
    }
  };

  it('three misses protect, even if one happened while the daemon was down', async () => {
    const rig = await start({ rules: PROTECT });
    refuse(rig.emulator, 2);
    await rig.quiet();
    expect(open(rig)).toBe(true);
    await rig.stopDaemon();
    refuse(rig.emulator, 1);
    await rig.restart();
    await waitFor('the protection', () => open(rig) === false, LONG);
    expect(open(rig, 'Ben')).toBe(true);
    const asked = rig.emulator.calls().filter(({ path }) => path.endsWith('/Events'));
    const types = asked.flatMap(({ query }) => query.EventType ?? []);
    expect(new Set(types.filter((type) => type.startsWith('reservation.')))).toEqual(
      new Set(['reservation.rejected', 'reservation.accepted']),
    );
  }, 120_000);

  it('3: a restart does not end a claim because the history has not been read yet', async () => {
    const rig = await start({ rules: rules(`${PROTECTION}    if_stale: release\n`) });
    refuse(rig.emulator, 3);
    await waitFor('the protection', () => open(rig) === false, LONG);
    await rig.quiet();
    const posts = rig.posts().length;
    // Longer than the first passes after a start take.
    rig.emulator.world.faults.add({ kind: 'latency', ms: 2_000, path: '/Events' });
    await rig.restart();
    const told = async () => (await rig.service.status()).notes.join();
    await waitFor('the history', async () => !/been missed/.test(await told()), LONG);
    await rig.quiet();
    expect([open(rig), rig.posts().length]).toEqual([false, posts]);
  }, 120_000);

  it('what cannot be filled in stays unknown, and the status says so', async () => {
    const rig = await start({
      rules: PROTECT,
      world: ({ world }) => world.faults.add({ kind: 'server-error', path: '/Events' }),
    });
    refuse(rig.emulator, 3);
    await rig.quiet();
    expect(open(rig)).toBe(true);
    const { notes } = await rig.service.status();
    expect(notes.join()).toMatch(/reservation\.rejected before .* may have been missed/);
  }, 90_000);
});

// A rule with a `limit` in the running daemon: its members, steps, replacements, a restart, and two
// replicas. On the embedded default, and on Redis where TEST_REDIS_URL names one.

import { afterEach, describe, expect, it } from 'vitest';
import type { Emulator } from '../../src/emulator/emulator.ts';
import type { LiveExplanation } from '../../src/live/explain.ts';
import { itOnRedis } from '../support/redis.ts';
import { type Rig, type RigOptions, startRig } from '../support/rig.ts';
import { waitFor } from '../support/wait.ts';

const LONG = 60_000;

const overload = (limit: string, then = '{ chat: { add: 1, max: 5 }, sms: pause }') => ({
  'rules.yaml': `version: 1
defaults: { timezone: UTC, mode: enforce }
groups:
  support: { where: 'worker.team == "support"' }
rules:
  - name: support-overload
    who: support
    when:
      enter: queue("Support").waiting >= 20 || queue("Support").longest_wait >= duration("4m")
      exit: queue("Support").waiting <= 8
    then: ${then}
    limit: ${limit}
    why: "Support has {queue.Support.waiting} waiting"
`,
});

let rig: Rig | null = null;
afterEach(async () => {
  await rig?.stop();
  rig = null;
});

const NAMES = Array.from({ length: 10 }, (_, i) => `Worker ${i}`);

/** Ten Workers of support in an available Activity, and one of another team. */
async function start(options: Partial<RigOptions> & Pick<RigOptions, 'rules'>): Promise<Rig> {
  const { world, ...rest } = options;
  rig = await startRig({
    ...rest,
    env: { HEADROOM_POLL: '1s', ...options.env },
    world(emulator) {
      // These Tasks are offered to no Worker: they only wait.
      emulator.world.createQueue('Support', 'team == "nobody"');
      for (const friendlyName of [...NAMES, 'Sales']) {
        const team = friendlyName === 'Sales' ? 'sales' : 'support';
        emulator.world.createWorker({ friendlyName, attributes: { team } });
        emulator.world.setActivity(friendlyName, 'Available');
      }
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

function hold({ world }: Emulator, name: string): void {
  const task = world.createTask({ channel: 'chat', queue: 'Support', ignoreCapacity: true });
  world.accept(world.reserve(task.sid, name).sid);
}

const lifted = ({ emulator }: Rig) =>
  NAMES.filter((name) => emulator.world.channel(name, 'chat').configuredCapacity === 2);

async function limits({ service }: Rig) {
  const { limits } = await service.status();
  return limits[0];
}

describe('19: a limit', () => {
  it('takes half of the candidates, the least loaded, and releases all of them', async () => {
    const rig = await start({
      rules: overload('{ workers: 50%, pick: least_loaded }'),
      world: (emulator) => {
        for (const n of [0, 2, 4, 6, 8]) hold(emulator, `Worker ${n}`);
      },
    });
    expect(rig.posts()).toEqual([]);
    fill(rig.emulator, 20);
    await waitFor('five', () => lifted(rig).length === 5, LONG);
    await rig.quiet();
    expect(lifted(rig)).toEqual(['Worker 1', 'Worker 3', 'Worker 5', 'Worker 7', 'Worker 9']);
    expect(await limits(rig)).toMatchObject({ members: 5, candidates: 10, allowed: 5 });
    const explained = async (name: string) => {
      const { sid } = rig.emulator.world.worker(name);
      const answer = await fetch(`${rig.service.url}/api/v1/workers/${sid}/explain`);
      const { silent, limits } = (await answer.json()) as LiveExplanation;
      return { silent: silent[0]?.reason, taken: limits[0]?.taken };
    };
    expect(await explained('Worker 0')).toEqual({ silent: 'limit.waiting', taken: false });
    expect(await explained('Worker 1')).toEqual({ silent: undefined, taken: true });
    empty(rig.emulator);
    await waitFor('nobody', () => lifted(rig).length === 0, LONG);
    await rig.quiet();
    // Five raised and paused, five back, and no other Worker was touched.
    expect(rig.posts()).toHaveLength(20);
    expect(rig.emulator.world.channel('Worker 1', 'sms').available).toBe(true);
  }, 120_000);

  it('a member who leaves is replaced, and the others stay', async () => {
    const rig = await start({ rules: overload('{ workers: 3 }') });
    fill(rig.emulator, 20);
    await waitFor('three', () => lifted(rig).length === 3, LONG);
    await rig.quiet();
    const [first = '', ...others] = lifted(rig);
    rig.emulator.world.setActivity(first, 'Offline');
    await waitFor('the replacement', () => !lifted(rig).includes(first), LONG);
    await waitFor('three again', () => lifted(rig).length === 3, LONG);
    expect(lifted(rig)).toEqual(expect.arrayContaining(others));
    await rig.quiet();
    // A new candidate finds all places taken.
    const before = lifted(rig);
    rig.emulator.world.setActivity(first, 'Available');
    await rig.quiet();
    await waitFor('it is a candidate', async () => (await limits(rig))?.candidates === 10, LONG);
    expect(lifted(rig)).toEqual(before);
  }, 120_000);

  it('opens places step by step, across a restart, and never takes one back for that', async () => {
    let ahead = 0;
    const rig = await start({
      rules: overload('{ workers: 50%, pick: least_loaded, step: { workers: 20%, every: 10m } }'),
      clock: { now: () => Date.now() + ahead },
    });
    fill(rig.emulator, 20);
    await waitFor('the first two', () => lifted(rig).length === 2, LONG);
    await rig.quiet();
    const first = lifted(rig);
    await rig.stopDaemon();
    ahead += 7 * 60_000;
    await rig.restart();
    await rig.quiet();
    expect(lifted(rig)).toEqual(first);
    ahead += 3 * 60_000;
    await waitFor('two more', () => lifted(rig).length === 4, LONG);
    expect(lifted(rig)).toEqual(expect.arrayContaining(first));
    ahead += 10 * 60_000;
    await waitFor('all that it may take', () => lifted(rig).length === 5, LONG);
    await rig.quiet();
    expect(rig.posts()).toHaveLength(10);
  }, 120_000);

  it("of a rule that reads a Worker's own facts counts each who becomes a candidate", async () => {
    const rig = await start({
      rules: {
        'rules.yaml': `version: 1
defaults: { timezone: UTC, mode: enforce }
rules:
  - { name: idle, who: everyone, when: channel("chat").assigned == 0, then: { sms: pause }, limit: { workers: 25% } }
`,
      },
    });
    const paused = () =>
      [...NAMES, 'Sales'].filter((n) => !rig.emulator.world.channel(n, 'sms').available);
    await waitFor('three of eleven', () => paused().length === 3, LONG);
    const [first = ''] = paused();
    hold(rig.emulator, first);
    await waitFor('another one instead', () => !paused().includes(first), LONG);
    await waitFor('three of ten', () => paused().length === 3, LONG);
    for (const name of NAMES.filter((n) => !paused().includes(n) && n !== first).slice(0, 3)) {
      hold(rig.emulator, name);
    }
    await waitFor('two of seven', () => paused().length === 2, LONG);
  }, 120_000);

  it('that is lowered, or whose rule is gone, releases members', async () => {
    const rig = await start({ rules: overload('{ workers: 4 }') });
    fill(rig.emulator, 20);
    await waitFor('four', () => lifted(rig).length === 4, LONG);
    await rig.quiet();
    await rig.writeRules(overload('{ workers: 2 }'));
    await waitFor('two', () => lifted(rig).length === 2, LONG);
    await rig.writeRules({
      'rules.yaml':
        'version: 1\ndefaults: { mode: enforce, timezone: UTC }\nrules:\n  - { name: other, who: everyone, then: { email: 1 } }\n',
    });
    await waitFor('nobody', () => lifted(rig).length === 0, LONG);
    expect(await limits(rig)).toBe(undefined);
  }, 120_000);

  itOnRedis(
    'two replicas take one set',
    async () => {
      const rig = await start({ rules: overload('{ workers: 50% }') });
      const { service: second } = await rig.replica();
      fill(rig.emulator, 20);
      await waitFor('five', () => lifted(rig).length === 5, LONG);
      await rig.quiet();
      const taken = lifted(rig);
      const leaving = taken.slice(0, 2);
      for (const name of leaving) rig.emulator.world.setActivity(name, 'Offline');
      await waitFor(
        'four of eight',
        () => lifted(rig).length === 4 && !lifted(rig).some((name) => leaving.includes(name)),
        LONG,
      );
      await rig.quiet();
      expect(lifted(rig)).toHaveLength(4);
      const seen = await Promise.all([
        limits(rig),
        second.status().then(({ limits }) => limits[0]),
      ]);
      expect(seen[0]).toEqual(seen[1]);
      // The remaining replica continues with the same set.
      const stay = lifted(rig);
      await rig.stopDaemon();
      rig.emulator.world.setEventCallbackUrl(`${second.url}/webhooks/taskrouter`);
      const [next = ''] = stay;
      rig.emulator.world.setActivity(next, 'Offline');
      await waitFor('its place is given on', () => !lifted(rig).includes(next), LONG);
      await waitFor('four of seven', () => lifted(rig).length === 4, LONG);
      expect(lifted(rig)).toEqual(expect.arrayContaining(stay.slice(1)));
    },
    120_000,
  );
});

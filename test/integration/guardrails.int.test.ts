// The guardrails that count Workers, in the running daemon: `keep_open` and `max_change` over ten
// Workers, one replica and two. On the embedded default, and on Redis where TEST_REDIS_URL names
// one.

import { afterEach, describe, expect, it } from 'vitest';
import type { Emulator } from '../../src/emulator/emulator.ts';
import type { LiveExplanation } from '../../src/live/explain.ts';
import type { PlanPage } from '../../src/live/plan.ts';
import { itOnRedis } from '../support/redis.ts';
import { type Rig, type RigOptions, startRig } from '../support/rig.ts';
import { waitFor } from '../support/wait.ts';

const LONG = 60_000;
const NAMES = Array.from({ length: 10 }, (_, i) => `Worker ${i}`);

function rules(guardrails: string, rules: string): Record<string, string> {
  return {
    'rules.yaml': `version: 1
defaults: { timezone: UTC, mode: enforce }
groups:
  support: { where: 'worker.team == "support"' }
guardrails: ${guardrails}
rules:${rules}`,
  };
}

/** Everybody on duty is to be paused as soon as a Task waits. */
const CLOSE = `
  - name: close
    who: { where: 'worker.team == "support" && worker.duty == "on"' }
    when: queue("Support").waiting >= 1
    then: { chat: pause }
`;
const KEEP_FOUR = '{ min_dwell: 1s, keep_open: [{ group: support, channel: chat, at_least: 4 }] }';

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
      emulator.world.createQueue('Support', 'team == "nobody"');
      for (const friendlyName of NAMES) {
        const attributes = { team: 'support', duty: 'on' };
        emulator.world.createWorker({ friendlyName, attributes });
        emulator.world.setActivity(friendlyName, 'Available');
      }
      world?.(emulator);
    },
  });
  return rig;
}

function duty({ world }: Emulator, name: string, value: string): void {
  world.updateWorker(name, { attributes: { team: 'support', duty: value } });
}

const task = ({ world }: Emulator) => world.createTask({ channel: 'chat', queue: 'Support' });
const open = ({ emulator }: Rig) =>
  NAMES.filter((name) => emulator.world.channel(name, 'chat').available);
const closed = (rig: Rig) => NAMES.filter((name) => !open(rig).includes(name));
const raised = ({ emulator }: Rig) =>
  NAMES.filter((name) => emulator.world.channel(name, 'chat').configuredCapacity === 3);

async function refusals({ service }: Rig, reason: string): Promise<string[]> {
  const { entries } = await service.backend.store.readJournal({ limit: 1_000 });
  return entries.filter((e) => e.reason === reason).map((e) => e.workerName ?? '');
}

/** The fewest ever open at a time, by the order of TaskRouter's calls. */
function fewest(rig: Rig): number {
  let [now, least] = [NAMES.length, NAMES.length];
  for (const { body, status } of rig.posts()) {
    if (status !== 200 || body.Available === undefined) continue;
    now += body.Available === 'true' ? 1 : -1;
    least = Math.min(least, now);
  }
  return least;
}

describe('17: keep_open', () => {
  const closeAll = async (replicas: 1 | 2) => {
    const rig = await start({ rules: rules(KEEP_FOUR, CLOSE) });
    if (replicas === 2) await rig.replica();
    await waitFor(
      'all ten are seen open',
      async () => (await rig.service.status()).guardrails?.keepOpen[0]?.open === 10,
      LONG,
    );
    task(rig.emulator);
    await waitFor('six', () => closed(rig).length === 6, LONG);
    await waitFor(
      'four are refused',
      async () => (await refusals(rig, 'keep_open.floor')).length === 4,
      LONG,
    );
    await rig.quiet();
    expect(fewest(rig)).toBe(4);
    expect((await refusals(rig, 'keep_open.floor')).sort()).toEqual(open(rig).sort());
    return rig;
  };

  it('leaves four of ten open, says so, and closes another one when one opens', async () => {
    const rig = await closeAll(1);
    const { guardrails } = await rig.service.status();
    expect(guardrails).toMatchObject({ keepOpen: [{ open: 4, atLeast: 4 }], waiting: 4 });
    const [refused = ''] = open(rig);
    const { sid } = rig.emulator.world.worker(refused);
    const answer = await fetch(`${rig.service.url}/api/v1/workers/${sid}/explain?channel=chat`);
    const { channels } = (await answer.json()) as LiveExplanation;
    expect(channels[0]?.refused?.reason).toBe('keep_open.floor');
    const plan = (await (await fetch(`${rig.service.url}/api/v1/plan`)).json()) as PlanPage;
    expect(plan.plan).toEqual([]);
    expect(plan.refused.map(({ reason }) => reason)).toEqual(Array(4).fill('keep_open.floor'));
    const metrics = await (await fetch(`${rig.service.url}/metrics`)).text();
    expect(metrics).toContain('headroom_refusals_total{reason="keep_open.floor"} 4');

    const [back = ''] = closed(rig);
    duty(rig.emulator, back, 'off');
    await waitFor('it opens', () => open(rig).includes(back), LONG);
    await waitFor('another one closes', () => closed(rig).length === 6, LONG);
    await rig.quiet();
    expect(open(rig)).toContain(back);
    expect(fewest(rig)).toBe(4);
    // Still one entry for each Worker ever refused.
    expect(await refusals(rig, 'keep_open.floor')).toHaveLength(4);
  }, 150_000);

  it('a Worker that is not open may always be paused, and does not count', async () => {
    const rig = await start({
      rules: rules(KEEP_FOUR, CLOSE),
      world: ({ world }) => {
        for (const name of NAMES.slice(0, 3)) world.setActivity(name, 'Offline');
        world.editChannel(NAMES[3] ?? '', 'chat', { capacity: 0 });
      },
    });
    task(rig.emulator);
    await waitFor('two of the six who are open', () => closed(rig).length === 6, LONG);
    await rig.quiet();
    expect(closed(rig)).toEqual(expect.arrayContaining(NAMES.slice(0, 4)));
    // An open Worker's break is their own; headroom closes no one on top of it.
    const [one = ''] = open(rig);
    rig.emulator.world.setActivity(one, 'Offline');
    await waitFor('it may be paused now', () => !open(rig).includes(one), LONG);
    await rig.quiet();
    expect(closed(rig)).toHaveLength(7);
  }, 150_000);

  it('holds across a restart', async () => {
    const rig = await closeAll(1);
    const stay = open(rig);
    await rig.restart();
    await rig.quiet();
    expect(open(rig)).toEqual(stay);
    expect(await refusals(rig, 'keep_open.floor')).toHaveLength(4);
  }, 150_000);

  itOnRedis(
    'two replicas at once cannot both take the last place',
    async () => {
      const rig = await closeAll(2);
      for (const name of closed(rig).slice(0, 3)) duty(rig.emulator, name, 'off');
      await waitFor('three others closed', () => open(rig).length === 4, LONG);
      await rig.quiet();
      expect(fewest(rig)).toBe(4);
    },
    150_000,
  );
});

const RAISE = `
  - name: shift
    who: support
    when: queue("Support").waiting >= 1
    then: { chat: 3 }
  - name: on-a-break
    who: { where: 'worker.duty == "break"' }
    then: { chat: pause }
    hard: true
`;
const THIRD = '{ min_dwell: 1s, max_change: { workers: 30%, per: 5m } }';

describe('18: max_change', () => {
  const shift = async (replicas: 1 | 2) => {
    let ahead = 0;
    const rig = await start({
      rules: rules(THIRD, RAISE),
      clock: { now: () => Date.now() + ahead },
    });
    if (replicas === 2) await rig.replica();
    await waitFor(
      'ten whom rules can claim',
      async () => (await rig.service.status()).guardrails?.maxChange?.allowed === 3,
      LONG,
    );
    task(rig.emulator);
    await waitFor('three', () => raised(rig).length === 3, LONG);
    await waitFor(
      'seven are refused',
      async () => (await refusals(rig, 'max_change.spent')).length === 7,
      LONG,
    );
    await rig.quiet();
    const window = async () => {
      ahead += 5 * 60_000 + 1_000;
      await rig.quiet();
    };
    return { rig, window };
  };

  it('a shift change completes by itself, within the limit; urgent writes go first', async () => {
    const { rig, window } = await shift(1);
    expect(raised(rig)).toHaveLength(3);
    const waiting = NAMES.filter((name) => !raised(rig).includes(name));
    const last = waiting.at(-1) ?? '';
    duty(rig.emulator, last, 'break');
    await rig.quiet();
    expect(closed(rig)).toEqual([]);
    await window();
    await waitFor('the hard pause and two more', () => raised(rig).length === 6, LONG);
    expect(closed(rig)).toEqual([last]);
    await rig.quiet();
    expect(raised(rig)).toHaveLength(6);
    await window();
    await waitFor('three more', () => raised(rig).length === 9, LONG);
    await window();
    await waitFor('all', () => raised(rig).length === 10, LONG);
    await waitFor(
      'nobody waits',
      async () => (await rig.service.status()).guardrails?.waiting === 0,
      LONG,
    );
    // Each was reported once as waiting.
    expect(await refusals(rig, 'max_change.spent')).toHaveLength(7);
  }, 200_000);

  it('22: a release restores everything at once', async () => {
    const { rig } = await shift(1);
    const answer = await fetch(`${rig.service.url}/api/v1/release`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: rig.service.url },
      body: JSON.stringify({ reason: 'too much', by: 'dana' }),
    });
    expect(answer.status).toBe(200);
    await waitFor('all are back', () => raised(rig).length === 0, LONG);
  }, 150_000);

  itOnRedis(
    'two replicas share one budget',
    async () => {
      const { rig, window } = await shift(2);
      expect(raised(rig)).toHaveLength(3);
      await window();
      await waitFor('three more', () => raised(rig).length === 6, LONG);
      await rig.quiet();
      expect(raised(rig)).toHaveLength(6);
    },
    150_000,
  );
});

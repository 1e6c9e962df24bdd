// Two daemons on one Redis: they decide by one rule set, know each other's orders at once, and one
// continues where the other ended.

import { afterEach, describe, expect, it } from 'vitest';
import type { Service } from '../../src/daemon/service.ts';
import { type Rig, type RigOptions, startRig } from '../support/rig.ts';
import { waitFor } from '../support/wait.ts';

const LONG = 60_000;
const rules = (chats: number, more = '') => ({
  'rules.yaml': `version: 1
defaults: { timezone: UTC, mode: enforce }
rules:
  - { name: chats, who: everyone, then: { chat: ${chats} } }
${more}`,
});

let rig: Rig | null = null;
afterEach(async () => {
  await rig?.stop();
  rig = null;
});

async function start(options: Partial<RigOptions> = {}): Promise<Rig> {
  rig = await startRig({
    rules: rules(3),
    world: ({ world }) => void world.createWorker({ friendlyName: 'Ana' }),
    ...options,
  });
  return rig;
}

const chat = ({ emulator }: Rig) => emulator.world.channel('Ana', 'chat').configuredCapacity;
const of = async (service: Service) => (await service.status()).rules;

async function order(service: Service, path: string, body: unknown = { by: 'dana' }) {
  const response = await fetch(`${service.url}/api/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.status;
}

describe('29: a new rule set on two replicas', () => {
  it('waits for the slower folder, and then both decide by it', async () => {
    const rig = await start();
    const other = await rig.replica(rules(3));
    await rig.writeRules(rules(5));
    await waitFor('it waits', async () => (await of(other.service)).waiting.length === 1, LONG);
    expect((await other.service.status()).notes.join()).toMatch(/in the folder of 1 of 2 replicas/);
    // Whichever replica is asked or looks: the old set decides.
    rig.emulator.world.updateWorker('Ana', { attributes: { team: 'support' } });
    await rig.quiet();
    expect([chat(rig), rig.posts().length]).toEqual([3, 1]);
    await other.writeRules(rules(5));
    await waitFor('both hold it', () => chat(rig) === 5, LONG);
    await waitFor('no more waits', async () => (await of(rig.service)).holding === 2, LONG);
    const [first, second] = [await of(rig.service), await of(other.service)];
    expect([first.id, first.waiting, second.waiting]).toEqual([second.id, [], []]);
    await rig.quiet();
    expect(rig.posts().map(({ body }) => body)).toEqual([{ Capacity: '3' }, { Capacity: '5' }]);
  }, 120_000);

  it('is in force at once by an order, and stays so if the other folder is older', async () => {
    const rig = await start();
    const other = await rig.replica(rules(3));
    await other.writeRules(rules(6));
    await waitFor('it waits', async () => (await of(rig.service)).waiting.length === 1, LONG);
    expect(await order(other.service, 'reload')).toBe(200);
    await waitFor('it is in force', () => chat(rig) === 6, LONG);
    await waitFor('for both', async () => (await of(rig.service)).from === 'store', LONG);
    await rig.quiet();
    expect(rig.posts()).toHaveLength(2);
  }, 120_000);
});

describe('21: an order on one replica', () => {
  it('holds on the other from the response on: no write begins there', async () => {
    const rig = await start();
    const other = await rig.replica(rules(3));
    for (let round = 0; round < 5; round += 1) {
      const where = round % 2 === 0 ? rig.service : other.service;
      expect(await order(where, 'pause', { reason: 'odd', by: 'dana' })).toBe(200);
      const before = rig.posts().length;
      for (let n = 0; n < 8; n += 1) {
        rig.emulator.world.editChannel('Ana', 'chat', { capacity: 1 + (n % 2) });
        rig.emulator.world.createWorker({ friendlyName: `New ${round}-${n}` });
      }
      await rig.quiet();
      expect(rig.posts()).toHaveLength(before);
      expect(await order(where, 'resume')).toBe(200);
      await rig.quiet();
    }
  }, 120_000);
});

describe('the Workspace', () => {
  it('29: both know a new Activity, whichever heard of it', async () => {
    const rig = await start({
      rules: rules(
        1,
        "  - { name: back, who: everyone, priority: 1, when: activity.name == 'Back Office', then: { chat: 4 } }\n",
      ),
    });
    const other = await rig.replica(
      rules(
        1,
        "  - { name: back, who: everyone, priority: 1, when: activity.name == 'Back Office', then: { chat: 4 } }\n",
      ),
    );
    const { sid } = rig.emulator.world.createActivity('Back Office', false);
    await rig.quiet();
    for (const { backend } of [rig.service, other.service]) {
      const kept = await backend.store.getDocument('directory');
      expect(JSON.stringify(kept?.value)).toContain(sid);
    }
    rig.emulator.world.setActivity('Ana', 'Back Office');
    await waitFor('the rule claims', () => chat(rig) === 4, LONG);
  }, 120_000);
});

describe('fail-over', () => {
  it('ticks, polls and passes continue within seconds on the remaining replica', async () => {
    const until = () => new Date(Date.now() + 4_000).toISOString();
    const text = `  - name: overload
    who: everyone
    priority: 1
    when: queue("Support").waiting >= 2
    then: { chat: 7 }
`;
    const rig = await start({
      rules: rules(3, text),
      env: { HEADROOM_POLL: '1s' },
      world: ({ world }) => {
        world.createQueue('Support', '1==1');
        world.createWorker({ friendlyName: 'Ana' });
      },
    });
    const other = await rig.replica(rules(3, text));
    expect(chat(rig)).toBe(3);
    expect(
      await order(rig.service, 'pause', { reason: 'a while', by: 'dana', until: until() }),
    ).toBe(200);
    rig.emulator.world.setEventCallbackUrl(`${other.service.url}/webhooks/taskrouter`);
    await rig.stopDaemon();
    for (let n = 0; n < 2; n += 1)
      rig.emulator.world.createTask({ channel: 'chat', queue: 'Support' });
    await waitFor('the pause ends and the poll was heard', () => chat(rig) === 7, LONG);
    const { entries } = await other.service.backend.store.readJournal({ limit: 50 });
    expect(entries.filter((e) => e.reason === 'pause.ended')).toHaveLength(1);
    expect((await of(other.service)).replicas).toBe(1);
  }, 120_000);
});

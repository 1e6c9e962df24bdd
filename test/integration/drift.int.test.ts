// Changes without a delivery, and the authors of those with one: once a minute the daemon reads
// TaskRouter's history. Emulator and daemon share one clock that the tests advance.

import { afterEach, describe, expect, it } from 'vitest';
import type { ChannelView, WorkerView } from '../../src/control/views.ts';
import type { LiveExplanation } from '../../src/live/explain.ts';
import { type Rig, type RigOptions, startRig } from '../support/rig.ts';
import { waitFor } from '../support/wait.ts';

const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce }
rules:
  - { name: three, who: everyone, then: { chat: 3 } }
`;
const MINUTE = 60_000;

let rig: Rig | null = null;
/** How far the clock was advanced. */
let ahead = 0;
const now = () => Date.now() + ahead;
afterEach(async () => {
  await rig?.stop();
  rig = null;
});

async function start(options: Partial<RigOptions> = {}): Promise<Rig> {
  ahead = 0;
  rig = await startRig({
    rules: { 'rules.yaml': RULES },
    clock: { now },
    oneClock: true,
    world: ({ world }) => void world.createWorker({ friendlyName: 'Ana' }),
    ...options,
  });
  await looked(rig, 0);
  return rig;
}

const drift = async ({ service }: Rig) => (await service.status()).drift;
const chat = ({ emulator }: Rig) => emulator.world.channel('Ana', 'chat');
const reads = ({ emulator }: Rig) =>
  emulator.calls().filter((c) => c.method === 'GET' && /Channels(\/|$|\?)/.test(c.path)).length;
const queries = ({ emulator }: Rig) => emulator.calls().filter((c) => c.path.endsWith('/Events'));

async function looked(rig: Rig, after: number): Promise<void> {
  const at = async () => Date.parse((await drift(rig)).lastLook ?? '');
  await waitFor('a look at the history', async () => (await at()) > after, 60_000);
  await rig.quiet();
}

async function aMinuteLater(rig: Rig): Promise<void> {
  const before = now();
  ahead += MINUTE;
  await looked(rig, before);
}

async function view(rig: Rig): Promise<ChannelView | undefined> {
  const { sid } = rig.emulator.world.worker('Ana');
  const answer = await fetch(`${rig.service.url}/api/v1/workers/${sid}`);
  return ((await answer.json()) as WorkerView).channels.find((c) => c.channel === 'chat');
}

async function told(rig: Rig) {
  const { entries } = await rig.service.backend.store.readJournal({ limit: 50 });
  return entries.filter((e) => e.reason.startsWith('person.')).reverse();
}

describe('32: drift', () => {
  it('finds an edit whose event was never delivered, and names its author', async () => {
    const rig = await start();
    expect(chat(rig).configuredCapacity).toBe(3);
    rig.emulator.world.faults.add({ kind: 'drop' });
    rig.emulator.world.editChannel('Ana', 'chat', { capacity: 5 }, { actor: 'Sam' });
    await aMinuteLater(rig);
    await waitFor('the edit is found', async () => (await view(rig))?.heldBy === 'person');
    expect(await view(rig)).toMatchObject({ capacity: 5, heldBy: 'person', actor: 'user Sam' });
    const entries = await told(rig);
    expect(entries.map((e) => [e.reason, e.actor])).toEqual([['person.edit', 'user Sam']]);
    expect(entries[0]?.text).toMatch(/^chat 3 → 5 by user Sam; respected until /);
    expect((await drift(rig)).lost).toBe(1);
    expect(rig.posts()).toHaveLength(1);
  });

  it('13, 32: names the author of an edit that was delivered before', async () => {
    const rig = await start();
    rig.emulator.world.editChannel('Ana', 'chat', { capacity: 5 }, { actor: 'Sam' });
    await rig.quiet();
    expect(await view(rig)).toMatchObject({ heldBy: 'person', actor: null });
    await aMinuteLater(rig);
    await waitFor('the name', async () => (await view(rig))?.actor === 'user Sam');
    const { sid } = rig.emulator.world.worker('Ana');
    const explained = await fetch(`${rig.service.url}/api/v1/workers/${sid}/explain`);
    const { channels } = (await explained.json()) as LiveExplanation;
    expect(channels.find((c) => c.channel === 'chat')).toMatchObject({
      told: { reason: 'person.edit', sentence: expect.stringMatching('^set by user Sam') },
      holds: { capacity: { edit: { value: 5, by: 'user Sam' } } },
      last: { actor: 'user Sam' },
    });
    await aMinuteLater(rig);
    const entries = await told(rig);
    expect(entries.map((e) => [e.reason, e.actor])).toEqual([
      ['person.edit', 'person'],
      ['person.named', 'user Sam'],
    ]);
    expect((await drift(rig)).lost).toBe(0);
  });

  it('26: our own writes cost nothing, even if their events were lost', async () => {
    const rig = await start({ callbacks: false });
    expect(chat(rig).configuredCapacity).toBe(3);
    const before = reads(rig);
    await aMinuteLater(rig);
    await aMinuteLater(rig);
    expect([reads(rig), rig.posts().length]).toEqual([before, 1]);
    expect(await told(rig)).toEqual([]);
  });

  it('makes two calls a minute, one per type, with overlap', async () => {
    const rig = await start();
    const before = queries(rig).length;
    await aMinuteLater(rig);
    const asked = queries(rig).slice(before);
    expect(asked.map(({ query }) => query.EventType)).toEqual([
      'worker.capacity.update',
      'worker.channel.availability.update',
    ]);
    for (const { query } of asked) {
      expect(now() - Date.parse(query.StartDate ?? '')).toBeGreaterThan(2 * MINUTE);
    }
  });

  it('an unreadable history is reported in the status, and read again', async () => {
    const rig = await start();
    const { id } = rig.emulator.world.faults.add({ kind: 'server-error', path: '/Events' });
    rig.emulator.world.faults.add({ kind: 'drop' });
    rig.emulator.world.editChannel('Ana', 'chat', { available: false }, { actor: 'Sam' });
    ahead += MINUTE;
    await waitFor('the fault', async () => (await drift(rig)).fault !== null);
    expect(await view(rig)).toMatchObject({ available: true, heldBy: 'rule' });
    rig.emulator.world.faults.remove(id);
    await aMinuteLater(rig);
    await waitFor('it is read', async () => (await view(rig))?.available === false);
    expect((await drift(rig)).fault).toBe(null);
  });

  it('a deleted Worker and an unknown one cause no fault', async () => {
    const rig = await start();
    rig.emulator.world.faults.add({ kind: 'drop' });
    rig.emulator.world.createWorker({ friendlyName: 'Ben' });
    rig.emulator.world.editChannel('Ben', 'chat', { capacity: 4 }, { actor: 'Sam' });
    rig.emulator.world.createWorker({ friendlyName: 'Cleo' });
    rig.emulator.world.editChannel('Cleo', 'chat', { capacity: 4 }, { actor: 'Sam' });
    rig.emulator.world.deleteWorker('Cleo');
    await aMinuteLater(rig);
    const capacity = () => rig.emulator.world.channel('Ben', 'chat').configuredCapacity;
    await waitFor('the new Worker is looked after', () => capacity() === 3);
    const { workers } = await rig.service.backend.store.listWorkers(10);
    expect(workers).toHaveLength(2);
  });
});

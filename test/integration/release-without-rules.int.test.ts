// Release as an emergency stop: the stored rules cannot be read by this version and the folder is
// broken, but what headroom holds is in the Workers' records.

import { afterEach, describe, expect, it } from 'vitest';
import { type Rig, startRig } from '../support/rig.ts';
import { waitFor } from '../support/wait.ts';

const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce }
guardrails: { min_dwell: 10m }
rules:
  - { name: three, who: everyone, when: activity.available, then: { chat: 3, sms: pause } }
`;
const BROKEN = 'version: 1\nrules: many\n';

let rig: Rig | null = null;
afterEach(async () => {
  await rig?.stop();
  rig = null;
});

const chat = ({ emulator }: Rig, name: string) =>
  emulator.world.channel(name, 'chat').configuredCapacity;
const sms = ({ emulator }: Rig, name: string) => emulator.world.channel(name, 'sms').available;

/** Three Workers for whom the rule claims. */
async function start(): Promise<Rig> {
  rig = await startRig({
    rules: { 'rules.yaml': RULES },
    world: ({ world }) => {
      for (const name of ['Ana', 'Ben', 'Cid'])
        world.createWorker({ friendlyName: name, activity: 'Available', attributes: {} });
    },
  });
  await rig.quiet();
  for (const name of ['Ana', 'Ben', 'Cid'])
    expect([chat(rig, name), sms(rig, name)]).toEqual([3, false]);
  return rig;
}

/** Another version stored the rules in force, and the folder has faults. */
async function loseRules(rig: Rig): Promise<void> {
  const { store } = rig.service.backend;
  const kept = await store.getDocument('rules');
  const files = [{ name: 'rules.yaml', text: `${RULES}later: 1\n` }];
  await store.putDocument('rules', { id: 'later', files }, kept?.version ?? 0);
  await rig.writeRules({ 'rules.yaml': BROKEN });
  await rig.restart();
  expect((await rig.service.status()).rules.id).toBe(null);
}

async function release(rig: Rig, body: object) {
  const response = await fetch(`${rig.service.url}/api/v1/release`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ reason: 'stop', by: 'dana', ...body }),
  });
  return { status: response.status, answer: await response.json() };
}

async function edit(rig: Rig, name: string, capacity: number): Promise<void> {
  rig.emulator.world.editChannel(name, 'chat', { capacity }, { actor: 'Sam' });
  await rig.quiet();
}

describe('22: without a readable rule set, release', () => {
  it('restores what is held, and leaves what people set', async () => {
    const rig = await start();
    await edit(rig, 'Ben', 5);
    // More than six edits within an hour: contested, and left to the others.
    for (let n = 0; n < 7; n += 1) await edit(rig, 'Cid', 6 + (n % 2));
    await loseRules(rig);
    expect([chat(rig, 'Ana'), chat(rig, 'Ben'), chat(rig, 'Cid')]).toEqual([3, 5, 6]);
    expect(await release(rig, {})).toMatchObject({
      status: 200,
      answer: { pause: { by: 'dana', released: true }, release: { unknown: [] } },
    });
    await waitFor(
      'all is restored',
      () => ['Ana', 'Ben', 'Cid'].every((name) => sms(rig, name)) && chat(rig, 'Ana') === 1,
    );
    await rig.quiet();
    expect([chat(rig, 'Ana'), chat(rig, 'Ben'), chat(rig, 'Cid')]).toEqual([1, 5, 6]);
    const { entries } = await rig.service.backend.store.readJournal({ limit: 50 });
    const told = entries.filter((e) => ['pause.release', 'baseline.restored'].includes(e.reason));
    const text = told.map((e) => `${e.workerName ?? ''} ${e.text}`.trim()).sort();
    expect(text).toEqual([
      'Ana chat 3 → 1: no rule claims it any more, so it is restored to its baseline',
      ...['Ana', 'Ben', 'Cid'].map(
        (name) =>
          `${name} sms paused → open: no rule claims it any more, so it is restored to its baseline`,
      ),
      'everything restored and paused until resumed: stop',
    ]);
    // Nothing is held any more, so it is restored once.
    const posts = rig.posts().length;
    await edit(rig, 'Ana', 9);
    expect(rig.posts()).toHaveLength(posts);
    expect(chat(rig, 'Ana')).toBe(9);
  });

  it('of one Worker Channel leaves everything else as it is, for the rules to go on with', async () => {
    const rig = await start();
    await loseRules(rig);
    const worker = rig.emulator.world.worker('Ana').sid;
    expect(await release(rig, { worker, channel: 'chat' })).toMatchObject({ status: 200 });
    await waitFor('it is restored', () => chat(rig, 'Ana') === 1);
    await rig.quiet();
    expect([sms(rig, 'Ana'), chat(rig, 'Ben'), sms(rig, 'Ben')]).toEqual([false, 3, false]);
    // An edit made while there are no rules stands when they are back.
    await edit(rig, 'Ben', 4);
    await rig.writeRules({ 'rules.yaml': RULES });
    await waitFor('rules are in force', async () => (await rig.service.status()).rules.id !== null);
    await rig.quiet();
    rig.emulator.world.setActivity('Cid', 'Offline');
    await waitFor('the rules go on', () => chat(rig, 'Cid') === 1);
    expect([chat(rig, 'Ana'), sms(rig, 'Ana'), chat(rig, 'Ben')]).toEqual([1, false, 4]);
  });

  it('is carried out by the next start if the process ends before', async () => {
    const rig = await start();
    await loseRules(rig);
    const { id } = rig.emulator.world.faults.add({ kind: 'server-error', method: 'POST' });
    expect(await release(rig, {})).toMatchObject({ status: 200 });
    await waitFor('a write fails', () => rig.posts().some(({ status }) => status === 503));
    await rig.stopDaemon();
    rig.emulator.world.faults.remove(id);
    await rig.restart();
    await waitFor('all is restored', () =>
      ['Ana', 'Ben', 'Cid'].every((name) => sms(rig, name) && chat(rig, name) === 1),
    );
  });
});

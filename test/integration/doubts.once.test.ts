// The daemon's main timelines under every setting of what is not certain about TaskRouter. One
// setting differs from the default at a time; each has its own daemon and emulator, and each
// timeline in it its own Worker.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Doubts, doubtVariants } from '../../src/emulator/trouble/doubts.ts';
import { type Post, type Rig, startRig } from '../support/rig.ts';
import { waitFor } from '../support/wait.ts';

const RULES = `version: 1
defaults: { timezone: Europe/London, mode: enforce }
rules:
  - name: open-for-three
    who: { where: 'worker.team == "support"' }
    when: activity.available
    then: { chat: 3 }
  - name: no-sms
    who: { where: 'worker.team == "support"' }
    when: activity.available
    then: { sms: pause }
  - name: on-a-call
    who: { where: 'worker.team == "support"' }
    when: channel("voice").assigned >= 1
    then: { chat: pause }
    hard: true
`;
const NAMES = ['Ana', 'Ben', 'Cleo', 'Dan', 'Eva', 'Flo', 'Gus', 'Zoe'];

interface Setting {
  readonly name: string;
  readonly doubts: Partial<Doubts>;
}
const SETTINGS: readonly Setting[] = [{ name: 'as usual', doubts: {} }, ...doubtVariants()];

describe.each(SETTINGS)('$name', ({ doubts }) => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig({
      rules: { 'rules.yaml': RULES },
      world({ world }) {
        Object.assign(world.doubts, doubts);
        world.createQueue('Support', 'team == "support"');
        for (const friendlyName of NAMES) {
          const team = friendlyName === 'Zoe' ? 'sales' : 'support';
          world.createWorker({ friendlyName, attributes: { team } });
        }
      },
    });
  });
  afterAll(() => rig.stop());

  it('a login is claimed and written once per channel, and its echo costs no call', async () => {
    const { world } = rig.emulator;
    const path = `/Workers/${sid(rig, 'Gus')}/Channels/chat`;
    world.faults.add({ kind: 'too-many', retryAfter: 1, method: 'POST', path, next: 1 });
    await move(rig, 'Available', 'Ana', 'Ben', 'Cleo', 'Dan', 'Flo', 'Gus', 'Zoe');
    for (const name of ['Ana', 'Ben', 'Cleo', 'Dan', 'Flo', 'Gus']) {
      expect(effects(rig, name)).toEqual([
        ['chat', { Capacity: '3' }],
        ['sms', { Available: 'false' }],
      ]);
    }
    // One listing, two writes; their events come back and are recognised.
    expect(methods(rig, 'Ana')).toEqual(['GET', 'POST', 'POST']);
  });

  it('a Worker without rules is never written, and the only refused write is one 429', async () => {
    expect(effects(rig, 'Zoe')).toEqual([]);
    const refused = rig.posts().filter(({ status }) => status !== 200);
    expect(refused.map(({ worker, status }) => [worker, status])).toEqual([[sid(rig, 'Gus'), 429]]);
    expect((await rig.service.status()).queues.failed).toEqual([]);
  });

  it('a logout restores, an accepted call pauses chats, an edit is respected', async () => {
    const { world } = rig.emulator;
    world.setActivity('Ben', 'Offline');
    const call = ring(rig, 'Cleo', 'voice');
    const chat = ring(rig, 'Cleo', 'chat');
    world.accept(call);
    edit(rig, 'Dan', 5);
    await rig.quiet();
    expect(channel(rig, 'Ben', 'chat')).toEqual([1, true]);
    expect(channel(rig, 'Ben', 'sms')).toEqual([1, true]);
    expect(effects(rig, 'Ben')).toHaveLength(4);
    expect((await reasons(rig, 'Ben')).slice(0, 2)).toEqual([
      'baseline.restored',
      'baseline.restored',
    ]);
    expect(channel(rig, 'Cleo', 'chat')).toEqual([3, false]);
    // TaskRouter decides whether the offered chat is kept or withdrawn; its Task exists in any
    // case.
    expect(world.task(world.reservation(chat).taskSid).status).toMatch(/^(reserved|pending)$/);
    expect(channel(rig, 'Dan', 'chat')).toEqual([5, true]);
  });

  it('the end of the call reopens chats; repeating an edit is not a further one', async () => {
    const { world } = rig.emulator;
    const [call] = world.reservations().filter(({ status }) => status === 'accepted');
    world.wrap(call?.sid ?? '');
    world.complete(call?.sid ?? '');
    edit(rig, 'Dan', 5);
    await rig.quiet();
    const chats = effects(rig, 'Cleo').filter(([name]) => name === 'chat');
    expect(chats.map(([, body]) => body)).toEqual([
      { Capacity: '3' },
      { Available: 'false' },
      { Available: 'true' },
    ]);
    expect(channel(rig, 'Dan', 'chat')).toEqual([5, true]);
    const edits = (await reasons(rig, 'Dan')).filter((reason) => reason === 'person.edit');
    expect(edits).toHaveLength(1);
  });

  it('lost callbacks heal at the next resync; an edit ends with the claim', async () => {
    const { world } = rig.emulator;
    world.faults.add({ kind: 'drop', type: 'worker.*', next: 2 });
    world.setActivity('Eva', 'Available');
    edit(rig, 'Flo', 4);
    await move(rig, 'Offline', 'Dan');
    expect(channel(rig, 'Dan', 'chat')).toEqual([1, true]);
    expect(channel(rig, 'Eva', 'chat')).toEqual([1, true]);
    await resync(rig);
    expect(channel(rig, 'Eva', 'chat')).toEqual([3, true]);
    expect(channel(rig, 'Flo', 'chat')).toEqual([4, true]);
    expect(await reasons(rig, 'Flo')).toContain('person.edit');
    expect((await rig.service.status()).queues.failed).toEqual([]);
  });
});

async function move(rig: Rig, activity: string, ...names: readonly string[]): Promise<void> {
  for (const name of names) rig.emulator.world.setActivity(name, activity);
  await rig.quiet();
}

function edit({ emulator }: Rig, name: string, capacity: number): void {
  emulator.world.editChannel(name, 'chat', { capacity }, { actor: 'Sam' });
}

/** The SID of the Reservation that offers a new Task to this Worker. */
function ring({ emulator }: Rig, worker: string, name: string): string {
  const task = emulator.world.createTask({ channel: name, worker, queue: 'Support' });
  const offer = emulator.world.reservations().find(({ taskSid }) => taskSid === task.sid);
  if (offer === undefined) throw new Error(`no ${name} is offered to ${worker}`);
  return offer.sid;
}

/** The calls about one Worker's channels, in alphabetical order. */
function methods(rig: Rig, name: string): string[] {
  const channels = `${sid(rig, name)}/Channels`;
  const asked = rig.emulator.calls().filter(({ path }) => path.includes(channels));
  return asked.map(({ method }) => method).sort();
}

const sid = ({ emulator }: Rig, name: string) => emulator.world.worker(name).sid;

function channel({ emulator }: Rig, worker: string, name: string): [number, boolean] {
  const { configuredCapacity, available } = emulator.world.channel(worker, name);
  return [configuredCapacity, available];
}

/** The writes to one Worker that TaskRouter accepted, in the order of their channels. */
function effects(rig: Rig, name: string): [string, Post['body']][] {
  const worker = sid(rig, name);
  return rig
    .posts()
    .filter((post) => post.worker === worker && post.status === 200)
    .map((post): [string, Post['body']] => [post.channel, post.body])
    .sort(([a], [b]) => a.localeCompare(b));
}

async function reasons(rig: Rig, name: string): Promise<string[]> {
  const worker = sid(rig, name);
  const { entries } = await rig.service.backend.store.readJournal({ limit: 200 });
  return entries
    .filter((entry) => entry.worker === worker)
    .map(({ reason }) => reason)
    .sort();
}

async function resync(rig: Rig): Promise<void> {
  const last = async () => (await rig.service.status()).workers.lastResync;
  const before = await last();
  const answer = await fetch(`${rig.service.url}/api/v1/resync`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ by: 'sam' }),
  });
  expect(answer.status).toBe(202);
  await waitFor('the resync', async () => (await last()) !== before);
  await rig.quiet();
}

// Event Streams as an input of its own and beside the callback: how each delivery is answered, and
// that the same events lead to the same end in whichever way they are delivered.

import { createHash } from 'node:crypto';
import twilio from 'twilio';
import { afterEach, describe, expect, it } from 'vitest';
import { type Rig, startRig } from '../support/rig.ts';
import { sinkTo, streamed } from '../support/sinks.ts';
import { waitFor } from '../support/wait.ts';

const RULES = `version: 1
defaults: { timezone: Europe/London, mode: enforce }
rules:
  - name: open-for-three
    who: { where: 'worker.team == "support"' }
    when: activity.available
    then: { chat: 3 }
  - name: on-a-call
    who: everyone
    when: channel("voice").assigned >= 1
    then: { chat: pause }
    hard: true
`;

let rig: Rig | null = null;
afterEach(async () => {
  await rig?.stop();
  rig = null;
});

async function start(callbacks: boolean): Promise<Rig> {
  rig = await startRig({
    rules: { 'rules.yaml': RULES },
    callbacks,
    world: ({ world }) => {
      world.createWorker({ friendlyName: 'Ana', attributes: { team: 'support' } });
    },
  });
  return rig;
}

const USED = /^(worker|reservation|activity|workspace|task-queue\.(created|deleted|expression))/;

/** A working day in a minute; after each step all events were absorbed and all passes done. */
async function live(rig: Rig, settled: (sids: readonly string[]) => Promise<void>) {
  const { world } = rig.emulator;
  const before = world.events().length;
  const { events } = await rig.service.status();
  const told = () =>
    world
      .events()
      .slice(before)
      .filter(({ type }) => USED.test(type));
  const steps = [
    () => world.setActivity('Ana', 'Available'),
    () => world.createQueue('Support', '1==1'),
    () => world.createTask({ channel: 'voice', queue: 'Support' }),
    () => world.accept(world.reservations()[0]?.sid ?? ''),
    () => world.editChannel('Ana', 'sms', { capacity: 4 }, { actor: 'Sam' }),
    () => world.complete(world.reservations()[0]?.sid ?? ''),
    () => world.setActivity('Ana', 'Offline'),
  ];
  for (const step of steps) {
    step();
    for (let seen = -1; seen !== told().length; ) {
      seen = told().length;
      await settled(told().map(({ sid }) => sid));
      await rig.quiet();
    }
  }
  const { distinct } = (await rig.service.status()).events;
  const channels = [...world.worker('Ana').channels.values()].map((c) => [
    c.taskChannelUniqueName,
    c.configuredCapacity,
    c.available,
  ]);
  const { entries } = await rig.service.backend.store.readJournal({ limit: 50 });
  return {
    told: told().length,
    distinct: distinct - events.distinct,
    /** Before the first step. */
    queued: events.deliveries.queued ?? 0,
    posts: rig.posts().map(({ channel, body }) => [channel, body]),
    channels,
    journal: entries.map(({ channel, reason, rule }) => [channel, reason, rule]),
  };
}

const END = {
  posts: [
    ['chat', { Capacity: '3' }],
    ['chat', { Available: 'false' }],
    ['chat', { Available: 'true' }],
    ['chat', { Capacity: '1' }],
  ],
  channels: expect.arrayContaining([
    ['chat', 1, true],
    ['sms', 4, true],
  ]),
};

describe('39: the same events lead to the same end, each counted once,', () => {
  it.each([
    ['by callbacks', true, []],
    ['by a sink, one by one', false, [false]],
    ['by a sink, in batches', false, [true]],
    ['by callbacks and a sink at once', true, [false]],
    ['by callbacks and sinks of both kinds at once', true, [false, true]],
  ])('delivered %s', async (_, callbacks, sinks) => {
    const rig = await start(callbacks);
    const to = `${rig.service.url}/webhooks/event-streams`;
    for (const batch of sinks) await sinkTo(rig.emulator, to, { batch });
    const settled = async (sids: readonly string[]) => {
      if (callbacks) await rig.emulator.delivered();
      if (sinks.length > 0) await streamed(rig.emulator, sids);
      const absorbed = async () => (await rig.service.status()).events.distinct;
      await waitFor('all is absorbed', async () => (await absorbed()) >= sids.length);
    };
    const { told, distinct, queued, journal, ...end } = await live(rig, settled);
    expect(end).toEqual(END);
    expect(distinct).toBe(told);
    const ways = (callbacks ? 1 : 0) + sinks.length;
    await waitFor('every way has delivered', async () => {
      const { deliveries } = (await rig.service.status()).events;
      return deliveries.queued === queued + told * ways;
    });
    expect(rig.emulator.streamed().filter(({ attempts }) => attempts !== 1)).toEqual([]);
    expect(journal).toEqual([
      ['chat', 'baseline.restored', null],
      ['chat', 'baseline.restored', null],
      ['chat', 'rule.claimed', 'on-a-call'],
      ['chat', 'rule.claimed', 'open-for-three'],
    ]);
  });
});

interface Sent {
  readonly body?: string;
  /** What the hash in the URL covers. */
  readonly hashed?: string;
  readonly token?: string;
  readonly query?: string;
  readonly headers?: Record<string, string>;
}

describe('a delivery of Event Streams', () => {
  function send(rig: Rig, sent: Sent = {}): Promise<Response> {
    const body = sent.body ?? JSON.stringify(event(rig));
    const hash = createHash('sha256')
      .update(sent.hashed ?? body)
      .digest('hex');
    const query = sent.query ?? `?bodySHA256=${hash}`;
    const url = `${rig.service.url}/webhooks/event-streams${query}`;
    const token = sent.token ?? rig.emulator.authToken;
    const signature = twilio.getExpectedTwilioSignature(token, url, {});
    const headers = { 'content-type': 'application/json', 'x-twilio-signature': signature };
    return fetch(url, { method: 'POST', headers: { ...headers, ...sent.headers }, body });
  }

  /** The same event has the same instant however often it is sent, and none is newer. */
  const time = new Date(Date.now() + 60_000).toISOString();
  const event = (rig: Rig, more: object = {}, n = 1) => ({
    specversion: '1.0',
    type: 'com.twilio.taskrouter.worker.activity.update',
    id: `EZ${'e'.repeat(32)}`,
    time,
    data: {
      payload: {
        sid: `EV${String(n).padStart(32, '0')}`,
        workspace_sid: rig.emulator.workspaceSid,
        worker_sid: rig.emulator.world.worker('Ana').sid,
        worker_activity_sid: rig.emulator.world.activity('Available').sid,
        worker_activity_name: 'Available',
        worker_attributes: '{"team":"support"}',
      },
    },
    ...more,
  });

  it('is answered by its kind; what is not an event never takes others with it', async () => {
    const rig = await start(false);
    // The events are true: they also appear in TaskRouter's history of our own writes, which is
    // read.
    rig.emulator.world.setActivity('Ana', 'Available');
    const foreign = { type: 'com.twilio.messaging.message.sent', specversion: '1.0' };
    const many = Array.from({ length: 12 }, (_, n) => event(rig, {}, n + 10));
    const wide = [event(rig, { note: '漢'.repeat(600_000) }, 5)];
    const cases: [string, number, string | null, Sent][] = [
      ['forged', 403, 'signature.wrong', { token: 'guessed' }],
      ['without a hash', 403, 'signature.wrong', { query: '' }],
      ['with a changed body', 403, 'signature.wrong', { hashed: 'x' }],
      ['that is no JSON', 400, 'body.malformed', { body: 'worker' }],
      ['that is empty', 400, 'body.malformed', { body: '' }],
      ['of nothing', 400, 'body.malformed', { body: '[]' }],
      ['of no event', 400, 'body.malformed', { body: '[{"a":1},7]' }],
      ['that is packed', 400, 'body.packed', { headers: { 'content-encoding': 'gzip' } }],
      ['beyond all bounds', 413, 'body.too_large', { body: `["${'x'.repeat(9_000_000)}"]` }],
      ["of another product's", 204, 'type.unknown', { body: JSON.stringify(foreign) }],
      ['of one event', 204, 'queued', {}],
      ['of one in an array', 204, 'queued', { body: JSON.stringify([event(rig)]) }],
      ['of any content type', 204, 'queued', { headers: { 'content-type': 'text/plain' } }],
      ['of events among others', 204, null, { body: JSON.stringify([7, event(rig), foreign]) }],
      ['of many', 204, null, { body: JSON.stringify(many) }],
      ['that is large', 204, 'queued', { body: JSON.stringify(wide) }],
    ];
    const seen: Record<string, number> = {};
    for (const [what, status, outcome, sent] of cases) {
      const before = (await rig.service.status()).events.deliveries;
      const answer = await send(rig, sent);
      expect([what, answer.status]).toEqual([what, status]);
      const after = (await rig.service.status()).events.deliveries;
      if (outcome !== null)
        expect(after).toEqual({ ...before, [outcome]: (before[outcome] ?? 0) + 1 });
      if (status === 204) expect(answer.headers.get('content-type')).toBe('application/json');
      else expect(answer.headers.get('content-type')).toContain('application/problem+json');
      Object.assign(seen, after);
    }
    expect(seen).toEqual({
      'signature.wrong': 3,
      'body.malformed': 4,
      'body.packed': 1,
      'body.too_large': 1,
      'type.unknown': 2,
      queued: 17,
    });
    // All are about one Worker, whose record they fold into one after the other.
    const absorbed = async () => (await rig.service.status()).events.distinct;
    await waitFor('each was absorbed', async () => (await absorbed()) >= 14, 60_000);
    await waitFor('the Worker was looked at', () => rig.posts().length === 1, 60_000);
    // One more at most: the resulting change, from the history.
    expect(await absorbed()).toBeLessThanOrEqual(15);
  });
});

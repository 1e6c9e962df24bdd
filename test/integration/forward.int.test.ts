// Forwarding deliveries: byte for byte, signed anew or as they came, whatever the target does.

import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import twilio from 'twilio';
import { afterEach, describe, expect, it } from 'vitest';
import { type Rig, startRig } from '../support/rig.ts';
import { sinkTo } from '../support/sinks.ts';
import { waitFor } from '../support/wait.ts';

const RULES = `version: 1
defaults: { timezone: Europe/London, mode: enforce }
rules:
  - { name: open, who: everyone, when: activity.available, then: { chat: 3 } }
`;

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

interface Got {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Somebody else's handler. `answer` null: never; a text: a redirect to there. */
async function target(answer: () => number | string | null, port = 0) {
  const got: Got[] = [];
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const { url = '', headers } = req;
    got.push({ url, headers, body: Buffer.concat(chunks).toString('utf8') });
    const how = answer();
    if (typeof how === 'string') res.writeHead(307, { Location: how }).end();
    else if (how !== null) res.writeHead(how).end('an answer that nobody reads');
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  stops.push(close);
  const taken = (server.address() as AddressInfo).port;
  return { got, close, port: taken, url: `http://127.0.0.1:${taken}` };
}

async function start(forwardUrl: string, more: { env?: object; clock?: { now(): number } } = {}) {
  const rig = await startRig({
    rules: { 'rules.yaml': RULES },
    env: { HEADROOM_FORWARD_URL: forwardUrl, ...more.env },
    ...(more.clock && { clock: more.clock }),
    world: ({ world }) => {
      world.createWorker({ friendlyName: 'Ana' });
    },
  });
  stops.push(() => rig.stop());
  return rig;
}

const forward = async (rig: Rig) => {
  const view = (await rig.service.status()).forward;
  if (view === null) throw new Error('nothing is handed on');
  return view;
};
const toBeSent = async (rig: Rig) => {
  const { waiting, active, delayed } = (await forward(rig)).queue;
  return waiting + active + delayed;
};
const posted = (rig: Rig) => rig.posts().map(({ body }) => body);

describe('40: a forwarded delivery', () => {
  it('has the same bytes, from both webhooks, and a signature for its new URL', async () => {
    const to = await target(() => 204);
    const secret = to.url.replace('//', '//ann:p%40ss@');
    const rig = await start(`${secret}/in?site=a%20b#x`);
    await sinkTo(rig.emulator, `${rig.service.url}/webhooks/event-streams`, { batch: true });
    rig.emulator.world.setActivity('Ana', 'Available');
    const json = () => to.got.filter(({ headers }) => headers['content-type']?.includes('json'));
    await waitFor('both have come', () => json().length > 0 && to.got.length > json().length);
    await waitFor('all are sent', async () => (await toBeSent(rig)) === 0);
    const sent = new Set([
      ...rig.emulator.deliveries().map((d) => new URLSearchParams(d.params).toString()),
      ...rig.emulator.streamed().map(({ body }) => body),
    ]);
    for (const { url, headers, body } of to.got) {
      expect(sent).toContain(body);
      const full = to.url + url;
      const signature = String(headers['x-twilio-signature']);
      const token = rig.emulator.authToken;
      if (headers['content-type']?.includes('json')) {
        expect(url).toMatch(/^\/in\?site=a%20b&bodySHA256=[0-9a-f]{64}$/);
        expect(twilio.validateRequestWithBody(token, signature, full, body)).toBe(true);
      } else {
        expect(url).toBe('/in?site=a%20b');
        const params = Object.fromEntries(new URLSearchParams(body));
        expect(twilio.validateRequest(token, signature, full, params)).toBe(true);
      }
      expect(headers.authorization).toBe(`Basic ${Buffer.from('ann:p@ss').toString('base64')}`);
    }
    // The target has it a moment before its response is counted.
    await waitFor('all are counted', async () => (await forward(rig)).sent === to.got.length);
    const view = await forward(rig);
    expect(view).toMatchObject({ target: `${to.url}/in`, givenUp: {}, fault: null });
  });

  it('keeps its signature if configured so, and only genuine ones are forwarded', async () => {
    const to = await target(() => 200);
    const rig = await start(to.url, { env: { HEADROOM_FORWARD_SIGNATURE: 'original' } });
    await waitFor('what the start sent is gone', async () => (await toBeSent(rig)) === 0);
    const before = to.got.length;
    const fields = { EventType: 'task.created', WorkspaceSid: rig.emulator.workspaceSid, Odd: '' };
    expect(await rig.deliver(fields, { signature: 'Zm9yZ2Vk' })).toBe(403);
    // Of no use to us, but perhaps to the target.
    expect(await rig.deliver(fields)).toBe(204);
    await waitFor('it has come', () => to.got.length > before);
    const got = to.got.at(-1);
    expect(got?.body).toBe(new URLSearchParams(fields).toString());
    const signed = `${rig.service.url}/webhooks/taskrouter`;
    const made = twilio.getExpectedTwilioSignature(rig.emulator.authToken, signed, fields);
    expect(got?.headers['x-twilio-signature']).toBe(made);
    expect(to.got).toHaveLength(before + 1);
  });
});

describe('40: the target', () => {
  it('that is dead delays nothing, and gets everything once it is back', async () => {
    const gone = await target(() => 204);
    await gone.close();
    const rig = await start(`${gone.url}/in`);
    rig.emulator.world.setActivity('Ana', 'Available');
    await rig.quiet();
    expect(posted(rig)).toEqual([{ Capacity: '3' }]);
    const statuses = rig.emulator.deliveries().map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([204]));
    await waitFor('the fault is told', async () => (await forward(rig)).fault === 'ECONNREFUSED');
    expect(await toBeSent(rig)).toBe(statuses.length);
    const back = await target(() => 204, gone.port);
    await waitFor('all has come', () => back.got.length === statuses.length, 60_000);
    await waitFor('it is told', async () => (await forward(rig)).fault === null);
    expect(await forward(rig)).toMatchObject({ sent: statuses.length, givenUp: {} });
  });

  it('that never responds delays nothing, and is retried after the time-out', async () => {
    let answers = false;
    const slow = await target(() => (answers ? 204 : null));
    const rig = await start(slow.url);
    rig.emulator.world.setActivity('Ana', 'Available');
    await rig.quiet();
    expect(posted(rig)).toEqual([{ Capacity: '3' }]);
    const { length } = rig.emulator.deliveries();
    const timeout = 'no answer within 5000 ms';
    await waitFor('an attempt is over', async () => (await forward(rig)).fault === timeout, 60_000);
    answers = true;
    await waitFor('all is sent', async () => (await forward(rig)).sent === length, 90_000);
  });

  it('that is dead for too long misses deliveries: counted, also in metrics', async () => {
    let ahead = 0;
    const gone = await target(() => 204);
    await gone.close();
    const rig = await start(gone.url, { clock: { now: () => Date.now() + ahead } });
    rig.emulator.world.setActivity('Ana', 'Available');
    await rig.quiet();
    const { length } = rig.emulator.deliveries();
    ahead = 16 * 60_000;
    const lost = async () => (await forward(rig)).givenUp.expired;
    await waitFor('all is given up', async () => (await lost()) === length, 90_000);
    expect(await toBeSent(rig)).toBe(0);
    const metrics = await (await fetch(`${rig.service.url}/metrics`)).text();
    expect(metrics).toContain(`headroom_forwards_total{result="expired"} ${length}`);
    expect(metrics).toContain('headroom_queue_jobs{queue="forwards",state="waiting"} 0');
  });

  it.each([
    ['refuses', 404],
    ['sends elsewhere', 'http://127.0.0.1:9/other'],
  ])('that %s gets each delivery once, and redirects are not followed', async (_, answer) => {
    const to = await target(() => answer);
    const rig = await start(to.url);
    rig.emulator.world.setActivity('Ana', 'Available');
    await rig.quiet();
    const { length } = rig.emulator.deliveries();
    const lost = async () => (await forward(rig)).givenUp.refused;
    await waitFor('all is given up', async () => (await lost()) === length, 30_000);
    expect(to.got).toHaveLength(length);
    const status = typeof answer === 'number' ? answer : 307;
    expect((await forward(rig)).fault).toBe(`it answered ${status}`);
  });
});

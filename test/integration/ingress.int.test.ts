// The HTTP side over real sockets: how each delivery is answered and what is then in the queue, who
// may use the API, and how it stops.

import { createHash } from 'node:crypto';
import http from 'node:http';
import net from 'node:net';
import express from 'express';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { afterEach, describe, expect, it } from 'vitest';
import type { RoutingEvent } from '../../src/core/event.types.ts';
import { startEmulator } from '../../src/emulator/emulator.ts';
import type { AccessOptions } from '../../src/ingress/access.ts';
import type { Views } from '../../src/ingress/api.ts';
import { createApp } from '../../src/ingress/app.ts';
import { LIMITS } from '../../src/ingress/limits.ts';
import { listen } from '../../src/ingress/listen.ts';
import { adminEntry } from '../../src/ingress/tokens.ts';
import type { DeliveryOutcome } from '../../src/ingress/webhook-intake.ts';
import { createLogger } from '../../src/log.ts';
import { StoreDown } from '../../src/ports.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const WS = `WS${'a'.repeat(32)}`;
const WK = `WK${'b'.repeat(32)}`;
const PUBLIC_URL = 'https://hr.example.com';
const TOKEN = 'tok-current';
const FIELDS = {
  EventType: 'worker.activity.update',
  WorkspaceSid: WS,
  WorkerSid: WK,
  WorkerName: ' Ann  O’Hara ',
  WorkerAttributes: '{"team":"support"}\n',
  Sid: `EV${'c'.repeat(32)}`,
  TimestampMs: '1700000000123',
  SomethingNew: '1',
};

interface Setup {
  publicUrl?: string | (() => string);
  workspaceSid?: string;
  authTokens?: readonly string[];
  access?: Partial<AccessOptions>;
  views?: Partial<Views>;
  ready?: () => Promise<void>;
  addEvent?: (event: RoutingEvent) => Promise<void>;
  now?: () => number;
}

async function start(setup: Setup = {}) {
  const queued: RoutingEvent[] = [];
  const outcomes: DeliveryOutcome[] = [];
  const alarms: string[] = [];
  const lines: string[] = [];
  const log = createLogger(
    { logLevel: 'debug' },
    { write: (line: string) => void lines.push(line) },
  );
  const app = createApp({
    receiver: {
      publicUrl: () =>
        typeof setup.publicUrl === 'function' ? setup.publicUrl() : (setup.publicUrl ?? PUBLIC_URL),
      authTokens: setup.authTokens ?? [TOKEN, 'tok-previous'],
      workspaceSid: setup.workspaceSid ?? WS,
      queues: {
        addEvent: setup.addEvent ?? (async (event) => void queued.push(event)),
      },
      clock: { now: setup.now ?? Date.now },
      log,
      onOutcome: (outcome) => outcomes.push(outcome),
      onAlarm: (code, sentence) => alarms.push(`${code}: ${sentence}`),
    },
    access: { tokenAlways: false, tokens: [], ...setup.access },
    views: {
      status: async () => ({ mode: 'emulated' }),
      workers: async ({ limit, cursor }) => ({
        workers: [{ limit, cursor: cursor ?? null }],
        next: WK,
      }),
      worker: async (sid) => (sid === WK ? { sid } : null),
      journal: async (query) => ({ entries: [], next: JSON.stringify(query) }),
      ...setup.views,
    },
    ready: setup.ready ?? (async () => {}),
    log,
  });
  const listener = await listen(app, '127.0.0.1', 0);
  cleanUps.push(() => listener.close(100));
  const url = `http://127.0.0.1:${listener.port}`;
  return { url, port: listener.port, listener, queued, outcomes, alarms, lines };
}

interface Sent {
  path?: string;
  fields?: Record<string, string>;
  body?: string | Buffer;
  token?: string;
  /** The URL to which Twilio believes it posts. */
  signedUrl?: string;
  headers?: Record<string, string>;
}

function deliver(url: string, sent: Sent = {}): Promise<Response> {
  const fields = sent.fields ?? FIELDS;
  const path = sent.path ?? '/webhooks/taskrouter';
  const signedUrl = sent.signedUrl ?? `${PUBLIC_URL}/webhooks/taskrouter`;
  const signature = getExpectedTwilioSignature(sent.token ?? TOKEN, signedUrl, fields);
  return fetch(`${url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'x-twilio-signature': signature,
      ...sent.headers,
    },
    body: new Uint8Array(Buffer.from(sent.body ?? new URLSearchParams(fields).toString())),
  });
}

async function expectProblem(response: Response, status: number, detail?: string) {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  const body: unknown = await response.json();
  expect(body).toEqual({
    type: 'about:blank',
    title: http.STATUS_CODES[status],
    status,
    detail: detail ?? expect.stringMatching(/\.$/),
  });
}

describe('a genuine delivery', () => {
  it('33: is in the queue when it is answered 204, with its values untouched', async () => {
    const { url, queued, outcomes } = await start();
    const response = await deliver(url);
    expect(response.status).toBe(204);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(queued).toEqual([
      {
        sid: FIELDS.Sid,
        at: 1700000000123,
        type: 'worker.activity.update',
        workerSid: WK,
        workerName: ' Ann  O’Hara ',
        attributes: '{"team":"support"}\n',
        activitySid: null,
        activityName: null,
      },
    ]);
    expect(outcomes).toEqual(['queued']);
  });

  it.each([
    ['the previous token', { token: 'tok-previous' }],
    ['a port', { signedUrl: `${PUBLIC_URL}:443/webhooks/taskrouter` }],
    [
      'a query',
      {
        path: '/webhooks/taskrouter?site=a%20b&x=1',
        signedUrl: `${PUBLIC_URL}/webhooks/taskrouter?site=a%20b&x=1`,
      },
    ],
    [
      'a slash at the end',
      { path: '/webhooks/taskrouter/', signedUrl: `${PUBLIC_URL}/webhooks/taskrouter/` },
    ],
    ['another Host and forwarding headers', { headers: { 'x-forwarded-host': 'evil.example' } }],
  ])('may be signed with %s', async (_, sent) => {
    const { url, queued } = await start();
    expect((await deliver(url, sent)).status).toBe(204);
    expect(queued).toHaveLength(1);
  });

  it.each(['/webhooks/taskrouter', '/hr/x/webhooks/taskrouter'])(
    'reaches a PUBLIC_URL with a path prefix at %s, and is signed for the whole URL',
    async (path) => {
      const { url, queued } = await start({ publicUrl: 'https://u:p@h.example/hr/x/' });
      const signedUrl = 'https://h.example/hr/x/webhooks/taskrouter';
      expect((await deliver(url, { path, signedUrl })).status).toBe(204);
      expect((await deliver(url, { path })).status).toBe(403);
      expect(queued).toHaveLength(1);
    },
  );

  it.each([
    ['type.unused', { EventType: 'task.created' }],
    ['type.unknown', { EventType: 'worker.promoted' }],
    ['workspace.other', { WorkspaceSid: `WS${'9'.repeat(32)}` }],
    ['field.missing', { WorkerSid: '' }],
  ])(
    'that is unused (%s) is answered 204, logged with the reason and not queued',
    async (outcome, change) => {
      const { url, queued, outcomes, lines } = await start();
      expect((await deliver(url, { fields: { ...FIELDS, ...change } })).status).toBe(204);
      expect(queued).toEqual([]);
      expect(outcomes).toEqual([outcome]);
      expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
        { level: 'debug', outcome },
      ]);
    },
  );

  it('33: is answered 503 while the store is down, and 204 once it is back', async () => {
    let down = true;
    const { url, outcomes } = await start({
      addEvent: async () => {
        if (down) throw new StoreDown('refused');
      },
    });
    const response = await deliver(url);
    expect(response.headers.get('retry-after')).toBe('2');
    await expectProblem(response, 503, 'The delivery cannot be stored now.');
    down = false;
    expect((await deliver(url)).status).toBe(204);
    expect(outcomes).toEqual(['store.down', 'queued']);
  });

  it('with attributes of the maximum length is accepted', async () => {
    const { url, queued } = await start();
    const long = '漢'.repeat(4096);
    const fields = { ...FIELDS, WorkerAttributes: long, TaskAttributes: long };
    expect((await deliver(url, { fields })).status).toBe(204);
    expect(queued).toMatchObject([{ attributes: long }]);
  });

  it('leaves nothing personal in the log', async () => {
    const { url, lines } = await start();
    await deliver(url);
    expect(lines.join()).not.toMatch(/Ann|support|tok-/);
  });
});

it('every callback that the emulator signs verifies and is understood', async () => {
  const emulator = await startEmulator();
  cleanUps.push(() => emulator.stop());
  const publicUrl = { value: '' };
  const { url, queued, outcomes } = await start({
    publicUrl: () => publicUrl.value,
    workspaceSid: emulator.workspaceSid,
    authTokens: [emulator.authToken],
  });
  publicUrl.value = url;
  const { world } = emulator;
  world.setEventCallbackUrl(`${url}/webhooks/taskrouter#rc=5&rp=all&rt=3000`);
  const worker = world.createWorker({ friendlyName: 'Ann O’Hara', attributes: { city: 'Zürich' } });
  world.setActivity(worker, 'Available');
  world.editChannel(worker, 'chat', { capacity: 2, available: false }, { actor: 'Sam' });
  const queue = world.createQueue('Support');
  world.createTask({ channel: 'voice', queue });
  for (const offer of world.reservations()) world.complete(world.accept(offer));
  world.deleteWorker(worker);
  await emulator.delivered();

  expect(new Set(outcomes)).toEqual(new Set(['queued', 'type.unused']));
  expect(new Set(emulator.deliveries().map((each) => each.status))).toEqual(new Set([204]));
  const types = queued.map((event) => event.type);
  for (const type of [
    'worker.created',
    'worker.activity.update',
    'worker.capacity.update',
    'worker.channel.availability.update',
    'reservation.created',
    'reservation.accepted',
    'reservation.completed',
    'worker.deleted',
    'workspace.changed',
  ]) {
    expect(types).toContain(type);
  }
  const created = queued.find((event) => event.type === 'worker.created');
  expect(created).toMatchObject({ workerName: 'Ann O’Hara', attributes: '{"city":"Zürich"}' });
});

describe('what is not genuine', () => {
  it.each([
    ['forged', { token: 'guessed' }, 'signature.wrong'],
    [
      'of another URL',
      { signedUrl: 'https://other.example/webhooks/taskrouter' },
      'signature.wrong',
    ],
    ['of another path', { signedUrl: `${PUBLIC_URL}/webhooks/other` }, 'signature.wrong'],
    ['without the query', { path: '/webhooks/taskrouter?a=1' }, 'signature.wrong'],
    [
      'changed',
      { body: new URLSearchParams({ ...FIELDS, WorkerSid: 'x' }).toString() },
      'signature.wrong',
    ],
    ['empty', { headers: { 'x-twilio-signature': '' } }, 'signature.wrong'],
  ] as const)(
    'a signature that is %s is answered 403 and nothing is queued',
    async (_, sent, outcome) => {
      const { url, queued, outcomes } = await start();
      await expectProblem(await deliver(url, sent), 403);
      expect(queued).toEqual([]);
      expect(outcomes).toEqual([outcome]);
    },
  );

  it('a missing signature is answered 403 as well', async () => {
    const { url, queued, outcomes } = await start();
    const body = new URLSearchParams(FIELDS);
    await expectProblem(await fetch(`${url}/webhooks/taskrouter`, { method: 'POST', body }), 403);
    expect(queued).toEqual([]);
    expect(outcomes).toEqual(['signature.missing']);
  });

  it.each([
    ['no form', 'body.not_form', { headers: { 'content-type': 'application/json' } }],
    ['packed', 'body.packed', { headers: { 'content-encoding': 'gzip' } }],
    ['a form without EventType', 'body.malformed', { fields: { a: '1' } }],
    ['an empty form', 'body.malformed', { fields: {} }],
    ['a form with a broken escape', 'body.malformed', { fields: { a: '%zz' }, body: 'a=%zz' }],
  ])('%s is answered 400', async (_, outcome, sent) => {
    const { url, queued, outcomes } = await start();
    await expectProblem(await deliver(url, sent), 400);
    expect(queued).toEqual([]);
    expect(outcomes).toEqual([outcome]);
  });

  it('a body that is too large is answered 413, with or without a declared length', async () => {
    const { url, queued, outcomes } = await start();
    const big = `a=${'x'.repeat(LIMITS.bodyBytes)}`;
    await expectProblem(await deliver(url, { body: big }), 413);
    const chunked = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const req = http.request(`${url}/webhooks/taskrouter`, { method: 'POST', headers });
      req.on('response', (res) => resolve(res.resume().statusCode)).on('error', reject);
      req.write(big);
      req.end();
    });
    expect(chunked).toBe(413);
    expect(queued).toEqual([]);
    expect(outcomes).toEqual(['body.too_large', 'body.too_large']);
  });

  it('the first of an episode is logged, with the URL it was checked against', async () => {
    let now = 1_000_000;
    const { url, lines } = await start({ now: () => now });
    const warned = () => lines.filter((line) => line.includes('"level":"warn"'));
    await deliver(url, { token: 'x', path: '/webhooks/taskrouter?a=1' });
    await deliver(url, { token: 'x' });
    expect(warned()).toHaveLength(1);
    expect(warned()[0]).toMatch(
      /checked against https:\/\/hr\.example\.com\/webhooks\/taskrouter: probably PUBLIC_URL/,
    );
    now += LIMITS.forgedQuietMs - 1;
    await deliver(url, { token: 'x' });
    expect(warned()).toHaveLength(1);
    now += LIMITS.forgedQuietMs;
    await fetch(`${url}/webhooks/event-streams`, { method: 'POST', body: '{}' });
    expect(warned()).toHaveLength(2);
    expect(warned()[1]).toMatch(
      /webhooks\/event-streams: the X-Twilio-Signature header is missing/,
    );
  });

  it('33: ten within a minute raise an alarm, once a minute, with the likely causes', async () => {
    let now = 1_000_000;
    const { url, alarms } = await start({ now: () => now });
    const forge = async (times: number) => {
      for (let index = 0; index < times; index++) await deliver(url, { token: 'x' });
    };
    await forge(9);
    expect(alarms).toEqual([]);
    await forge(5);
    expect(alarms).toHaveLength(1);
    expect(alarms[0]).toMatch(
      /^signature\.run: .*PUBLIC_URL \(https:\/\/hr\.example\.com\).*TOKEN/,
    );
    now += 59_000;
    await forge(20);
    expect(alarms).toHaveLength(1);
    now += 1000;
    await forge(1);
    expect(alarms).toHaveLength(2);
    now += 61_000;
    await forge(9);
    expect(alarms).toHaveLength(2);
  });
});

describe('health', () => {
  it('30: /healthz answers while the process lives, /readyz while it can store', async () => {
    let fault: Error | null = null;
    const { url } = await start({
      ready: async () => {
        if (fault) throw fault;
      },
    });
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    fault = new StoreDown('gone');
    const response = await fetch(`${url}/readyz`);
    expect(response.headers.get('retry-after')).toBe('2');
    await expectProblem(response, 503);
    const healthz = await fetch(`${url}/healthz`);
    expect(healthz.status).toBe(200);
    expect(healthz.headers.get('x-powered-by')).toBeNull();
    expect(healthz.headers.get('x-content-type-options')).toBe('nosniff');
    expect(healthz.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('the API', () => {
  const get = (url: string, path: string, headers: Record<string, string> = {}) =>
    fetch(`${url}/api/v1${path}`, { headers });

  it('returns what the views return, in lists with a cursor', async () => {
    const { url } = await start();
    const json = async (path: string): Promise<unknown> => (await get(url, path)).json();
    expect(await json('/status')).toEqual({ mode: 'emulated' });
    expect(await json('/workers')).toEqual({
      workers: [{ limit: LIMITS.listUsual, cursor: null }],
      next: WK,
    });
    expect(await json(`/workers?limit=500&cursor=${WK}`)).toEqual({
      workers: [{ limit: 500, cursor: WK }],
      next: WK,
    });
    expect(await json(`/workers/${WK}`)).toEqual({ sid: WK });
    expect(await json(`/journal?limit=1&before=12-0&worker=${WK}`)).toEqual({
      journal: [],
      next: JSON.stringify({ limit: 1, before: '12-0', worker: WK }),
    });
  });

  it.each([
    ['/workers?limit=0', 'limit is "0": expected a number from 1 to 500.'],
    ['/workers?limit=501', 'limit is "501": expected a number from 1 to 500.'],
    ['/workers?limit=ten', 'limit is "ten": expected a number from 1 to 500.'],
    ['/workers?limit=1&limit=2', 'limit is given more than once: expected once.'],
    ['/workers?cursor=a%20b', 'cursor is "a b": expected the "next" of an earlier answer.'],
    ['/workers?limti=1', '"limti" is not a parameter here: expected limit, cursor.'],
    ['/status?a=1', '"a" is not a parameter here: expected none.'],
    [
      '/journal?worker=ann',
      'worker is "ann": expected a Worker SID, "WK" and 32 hexadecimal digits.',
    ],
  ])('%s is answered 400', async (path, detail) => {
    const { url } = await start();
    await expectProblem(await get(url, path), 400, detail);
  });

  it.each([`/workers/WK${'0'.repeat(32)}`, '/workers/ann', '/nothing'])(
    '%s is answered 404',
    async (path) => {
      const { url } = await start();
      await expectProblem(await get(url, path), 404);
    },
  );

  it('answers 503 when the store is down, and 500 without a stack for our own errors', async () => {
    const { url, lines } = await start({
      views: {
        status: () => Promise.reject(new StoreDown('x')),
        journal: () => Promise.reject(new Error('hunter2')),
      },
    });
    await expectProblem(await get(url, '/status'), 503);
    await expectProblem(
      await get(url, '/journal'),
      500,
      'Internal error; see the log for this request id.',
    );
    expect(lines.join()).toContain('hunter2');
  });

  it('a path that cannot be decoded is answered 400', async () => {
    const { url } = await start();
    await expectProblem(await get(url, '/workers/%zz'), 400);
  });
});

describe('access', () => {
  const tokens = [
    adminEntry('root-token'),
    {
      name: 'ann',
      role: 'viewer' as const,
      sha256: createHash('sha256').update('ann').digest('hex'),
    },
  ];

  /** A request with headers that fetch would not send. */
  function ask(port: number, headers: Record<string, string>, method = 'GET'): Promise<number> {
    return new Promise((resolve, reject) => {
      const options = { port, host: '127.0.0.1', path: '/api/v1/status', headers, method };
      http
        .request(options, (res) => resolve(res.resume().statusCode ?? 0))
        .on('error', reject)
        .end();
    });
  }

  it.each(['localhost', 'localhost:1', '127.0.0.1:3000', '[::1]:3000', 'LOCALHOST:3000'])(
    'a request from the same machine for %s needs no token',
    async (host) => {
      const { port } = await start({ access: { tokens } });
      expect(await ask(port, { host })).toBe(200);
    },
  );

  it.each([
    ['for another name', { host: 'evil.example' }],
    ['for a name that only begins so', { host: 'localhost.evil.example' }],
    ['through a proxy', { host: 'localhost', 'x-forwarded-for': '10.0.0.1' }],
    ['through a proxy of the newer kind', { host: 'localhost', forwarded: 'for=10.0.0.1' }],
    ['through a proxy that says only via', { host: 'localhost', via: '1.1 p' }],
    ['through a proxy with a header of its own', { host: 'localhost', 'x-real-ip': '10.0.0.1' }],
  ])('a request for %s needs one', async (_, headers) => {
    const { port } = await start({ access: { tokens } });
    expect(await ask(port, headers)).toBe(401);
    expect(await ask(port, { ...headers, authorization: 'Bearer ann' })).toBe(200);
  });

  it('with tokenAlways every request needs a token, and any known one suffices', async () => {
    const { port } = await start({ access: { tokens, tokenAlways: true } });
    const host = 'localhost';
    expect(await ask(port, { host })).toBe(401);
    expect(await ask(port, { host, authorization: 'Bearer guessed' })).toBe(401);
    expect(await ask(port, { host, authorization: 'Basic root-token' })).toBe(401);
    expect(await ask(port, { host, authorization: 'Bearer root-token' })).toBe(200);
    expect(await ask(port, { host, authorization: 'bearer ann' })).toBe(200);
  });

  it('36: with none configured the response says how to, and the receiver works', async () => {
    const { url } = await start({ access: { tokenAlways: true } });
    const response = await fetch(`${url}/api/v1/status`);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    const how = 'and send it as "Authorization: Bearer <token>".';
    const detail = `A token is required, but none is configured: set HEADROOM_ADMIN_TOKEN, ${how}`;
    await expectProblem(response, 401, detail);
    expect((await deliver(url)).status).toBe(204);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it.each([
    [{}, 405],
    [{ origin: 'http://localhost:3000' }, 405],
    [{ origin: 'http://evil.example' }, 401],
    [{ origin: 'http://localhost:4000' }, 401],
    [{ origin: 'null' }, 401],
    [{ 'sec-fetch-site': 'cross-site' }, 401],
  ])('a POST with %j is accepted only from the same origin', async (headers, status) => {
    const { port } = await start();
    expect(await ask(port, { host: 'localhost:3000', ...headers }, 'POST')).toBe(status);
  });
});

describe('stopping', () => {
  it('finishes running requests, then ends although connections are kept alive', async () => {
    let release = () => {};
    let begun = () => {};
    const inHand = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const { url, listener } = await start({
      addEvent: () =>
        new Promise((resolve) => {
          release = resolve;
          begun();
        }),
    });
    const answer = deliver(url);
    await inHand;
    const closed = listener.close(10_000);
    release();
    expect((await answer).status).toBe(204);
    await closed;
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    cleanUps.splice(0);
  });

  it('tells a client on a busy connection that the response is the last one there', async () => {
    let release = () => {};
    let begun = () => {};
    const inHand = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const { port, listener } = await start({
      ready: () =>
        new Promise((resolve) => {
          release = resolve;
          begun();
        }),
    });
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const ask = (path: string) =>
      new Promise<string | undefined>((resolve, reject) => {
        http
          .get({ port, host: '127.0.0.1', path, agent }, (res) =>
            res.resume().on('end', () => resolve(res.headers.connection)),
          )
          .on('error', reject);
      });
    const first = ask('/readyz');
    const second = ask('/healthz');
    await inHand;
    const closed = listener.close(10_000);
    release();
    expect(await first).toBe('keep-alive');
    expect(await second).toBe('close');
    await closed;
    cleanUps.splice(0);
  });

  it('cuts what remains after the grace time', async () => {
    const { port, listener } = await start({ addEvent: () => new Promise(() => {}) });
    const socket = net.connect(port, '127.0.0.1');
    const cut = new Promise((resolve) => socket.on('close', resolve).on('error', () => {}));
    await new Promise((resolve) => socket.on('connect', resolve));
    socket.write('POST /webhooks/taskrouter HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n');
    await listener.close(50);
    await cut;
    cleanUps.splice(0);
  });

  it('an address in use is an error', async () => {
    const { port } = await start();
    await expect(listen(express(), '127.0.0.1', port)).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });
});

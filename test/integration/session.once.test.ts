// Signing in at the page: what the cookie is, what it allows, to whom it is worthless, and that no
// other site's page can use it.

import { createHash, randomBytes } from 'node:crypto';
import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { createAccess } from '../../src/ingress/access.ts';
import { LIMITS } from '../../src/ingress/limits.ts';
import { listen } from '../../src/ingress/listen.ts';
import { createOrders, type Orders } from '../../src/ingress/orders.ts';
import { createSessions } from '../../src/ingress/sessions.ts';
import { createSignIn } from '../../src/ingress/sign-in.ts';
import { ROLES, type TokenEntry } from '../../src/ingress/tokens.ts';
import { startRig } from '../support/rig.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

const PUBLIC = 'https://hr.example.com';
const JSON_TYPE = { 'content-type': 'application/json' };

const TOKENS: readonly TokenEntry[] = ROLES.map((role) => ({
  ...{ name: `${role}-token`, role },
  sha256: createHash('sha256').update(`secret-${role}`).digest('hex'),
}));

async function start(
  more: { tokens?: readonly TokenEntry[]; key?: Buffer; tokenAlways?: boolean } = {},
) {
  const { tokens = TOKENS, key = randomBytes(32), tokenAlways = true } = more;
  const clock = { now: 1_000_000 };
  const sessions = createSessions({ tokens, key: () => key, now: () => clock.now });
  const access = createAccess({ tokenAlways, tokens, sessions, publicUrl: () => PUBLIC });
  const given: unknown[] = [];
  const take = async (order: unknown) => {
    given.push(order);
    return { answer: {} };
  };
  const orders: Orders = {
    ...{ pause: take, resume: take, release: take, resync: take, reload: take },
    now: () => 0,
  };
  const app = express();
  app.use(createSignIn({ tokens, sessions, prefix: () => '' }, access));
  app.use(createOrders(orders, access));
  const listener = await listen(app, '127.0.0.1', 0);
  cleanUps.push(() => listener.close(100));
  const url = `http://127.0.0.1:${listener.port}`;
  const send = (method: string, path: string, headers: Record<string, string>, body?: object) =>
    fetch(`${url}/${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  return {
    ...{ url, given, clock, key, send },
    who: async (headers: Record<string, string>) => (await send('GET', 'session', headers)).json(),
    signIn: (token: string, headers: Record<string, string> = {}) =>
      send('POST', 'session', { ...JSON_TYPE, ...headers }, { token }),
    pause: async (headers: Record<string, string>) =>
      (await send('POST', 'pause', headers, { reason: 'x', by: 'dana' })).status,
  };
}

const cookieOf = (response: Response) =>
  (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';

describe('41: the page signs in once', () => {
  it.each(ROLES)('as %s, with the name and the role of the token', async (role) => {
    const daemon = await start();
    const response = await daemon.signIn(`secret-${role}`);
    const until = new Date(daemon.clock.now + LIMITS.sessionMs).toISOString();
    const view = { needed: false, name: `${role}-token`, role, until };
    expect([response.status, await response.json()]).toEqual([200, view]);
    expect(await daemon.who({ cookie: cookieOf(response) })).toEqual(view);
    expect(await daemon.who({})).toEqual({ needed: true, name: null, role: null, until: null });
  });

  it('with a cookie that scripts and other sites cannot read, without the token', async () => {
    const daemon = await start();
    const header = (await daemon.signIn('secret-admin')).headers.get('set-cookie') ?? '';
    expect(header).toMatch(/^headroom_session=[\w-]+\.[\w-]+; Max-Age=43200; Path=\/; Expires=/);
    expect(header).toMatch(/; HttpOnly; SameSite=Strict$/);
    const entry = TOKENS.find(({ role }) => role === 'admin');
    const said = Buffer.from(
      cookieOf(new Response(null, { headers: { 'set-cookie': header } })),
      'base64url',
    );
    for (const secret of ['secret-admin', entry?.sha256 ?? '']) {
      expect(header).not.toContain(secret);
      expect(said.toString('latin1')).not.toContain(secret);
    }
    const behindProxy = await daemon.signIn('secret-admin', { 'x-forwarded-proto': 'https' });
    expect(behindProxy.headers.get('set-cookie')).toMatch(/; HttpOnly; Secure; SameSite=Strict$/);
  });

  it('and out again, which removes the cookie', async () => {
    const daemon = await start();
    const response = await daemon.send('DELETE', 'session', {});
    expect(response.status).toBe(204);
    expect(response.headers.get('set-cookie')).toMatch(
      /^headroom_session=; Path=\/; Expires=Thu, 01 Jan 1970/,
    );
  });

  it('a wrong token is refused, and a wrong body answered with what is wrong', async () => {
    const daemon = await start();
    const refused = await daemon.signIn('nobody');
    expect([refused.status, cookieOf(refused)]).toEqual([401, '']);
    const bodies: [object | undefined, number, string][] = [
      [{}, 400, 'token is missing: expected a text of up to 500 characters.'],
      [{ token: 'a', role: 'admin' }, 400, '"role" is not a field here: expected token.'],
      [{ token: 'x'.repeat(20_000) }, 413, 'The body is larger than the limit of 16384 bytes.'],
    ];
    for (const [body, status, detail] of bodies) {
      const answer = await daemon.send('POST', 'session', JSON_TYPE, body);
      expect(await answer.json()).toMatchObject({ status, detail });
    }
  });
});

describe('41: a session', () => {
  it('allows what its role allows, from a page of this daemon', async () => {
    const daemon = await start();
    const cookie = cookieOf(await daemon.signIn('secret-supervisor'));
    const viewer = cookieOf(await daemon.signIn('secret-viewer'));
    const own = { cookie, ...JSON_TYPE, origin: daemon.url };
    expect(await daemon.pause(own)).toBe(200);
    expect(await daemon.pause({ ...own, origin: PUBLIC })).toBe(200);
    expect(await daemon.pause({ cookie, ...JSON_TYPE, 'sec-fetch-site': 'same-origin' })).toBe(200);
    expect(await daemon.pause({ ...own, cookie: viewer })).toBe(403);
    expect((await daemon.send('POST', 'reload', own)).status).toBe(403);
    expect(daemon.given).toHaveLength(3);
    expect(daemon.given[0]).toMatchObject({ by: 'dana (token supervisor-token)' });
  });

  it.each([
    ['another origin', { ...JSON_TYPE, origin: 'https://evil.example' }],
    ['no origin that can be named', { ...JSON_TYPE, origin: 'null' }],
    ['another site', { ...JSON_TYPE, 'sec-fetch-site': 'cross-site' }],
    ['a sister of this host', { ...JSON_TYPE, 'sec-fetch-site': 'same-site' }],
    ['a form', { 'content-type': 'text/plain', origin: PUBLIC }],
  ])('is worthless to %s', async (_who, headers) => {
    const daemon = await start();
    const cookie = cookieOf(await daemon.signIn('secret-admin'));
    expect(await daemon.pause({ cookie, ...(headers as Record<string, string>) })).toBe(403);
    expect(
      (await daemon.signIn('secret-admin', headers as Record<string, string>)).status,
    ).not.toBe(200);
    expect(daemon.given).toEqual([]);
  });

  it('ends after its time, if its token is removed or changed, and with another key', async () => {
    const daemon = await start();
    const cookie = cookieOf(await daemon.signIn('secret-admin'));
    const nobody = { needed: true, name: null, role: null, until: null };
    const { key } = daemon;
    const [name, role] = ['admin-token', 'admin'] as const;
    const changed = [{ name, role, sha256: 'a'.repeat(64) }];
    // Another replica with the same key and tokens accepts it.
    expect(await (await start({ key })).who({ cookie })).toMatchObject({ name, role });
    for (const other of [{ key, tokens: [] }, { key, tokens: changed }, {}]) {
      expect(await (await start(other)).who({ cookie })).toEqual(nobody);
    }
    daemon.clock.now += LIMITS.sessionMs;
    expect(await daemon.who({ cookie })).toEqual(nobody);
  });

  it('is invalid when any character is changed', async () => {
    const daemon = await start();
    const cookie = cookieOf(await daemon.signIn('secret-viewer'));
    const value = cookie.slice('headroom_session='.length);
    for (let i = 0; i < value.length - 1; i += 1) {
      const other = value[i] === 'A' ? 'B' : 'A';
      const forged = `headroom_session=${value.slice(0, i)}${other}${value.slice(i + 1)}`;
      expect(await daemon.who({ cookie: forged }), `at ${i}`).toMatchObject({ needed: true });
    }
    for (const odd of ['', '.', 'a.b', 'e30.e30', 'W10.W10', '%%%']) {
      expect(await daemon.who({ cookie: `headroom_session=${odd}` })).toMatchObject({
        needed: true,
      });
    }
  });
});

it("36: on one's own machine no sign-in is needed", async () => {
  const daemon = await start({ tokenAlways: false });
  expect(await daemon.who({})).toEqual({
    needed: false,
    name: 'local',
    role: 'admin',
    until: null,
  });
});

it('36: the whole daemon behind PUBLIC_URL: signed in, even after a restart', async () => {
  const rig = await startRig({
    rules: {},
    env: { PUBLIC_URL: PUBLIC, HEADROOM_ADMIN_TOKEN: 'a-token-of-some-length' },
    callbacks: false,
  });
  cleanUps.push(() => rig.stop());
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${rig.service.url}/api/v1/${path}`, init);
  expect((await ask('status')).status).toBe(401);
  const body = JSON.stringify({ token: 'a-token-of-some-length' });
  const signedIn = await ask('session', { method: 'POST', headers: JSON_TYPE, body });
  const cookie = cookieOf(signedIn);
  expect((await ask('status', { headers: { cookie } })).status).toBe(200);
  expect(signedIn.headers.get('content-security-policy')).toBe(
    "default-src 'none';script-src 'self';style-src 'self';img-src 'self';connect-src 'self';" +
      "base-uri 'none';form-action 'none';frame-ancestors 'none'",
  );
  await rig.restart();
  expect((await ask('status', { headers: { cookie } })).status).toBe(200);
  // 41: a token there is refused without being checked.
  expect((await ask('status?token=a-token-of-some-length')).status).toBe(400);

  // A copy of the cookie is worthless once its owner signed out, even after a restart.
  const again = cookieOf(await ask('session', { method: 'POST', headers: JSON_TYPE, body }));
  expect((await ask('session', { method: 'DELETE', headers: { cookie } })).status).toBe(204);
  expect((await ask('status', { headers: { cookie } })).status).toBe(401);
  await rig.restart();
  expect((await ask('status', { headers: { cookie } })).status).toBe(401);
  expect((await ask('status', { headers: { cookie: again } })).status).toBe(200);

  // Guessing is throttled, in the API and at the sign-in alike; sessions are not affected.
  const guess = (token: string) => ask('status', { headers: { authorization: `Bearer ${token}` } });
  for (let n = 0; n < LIMITS.authFailures; n += 1) expect((await guess('wrong')).status).toBe(401);
  const held = await guess('a-token-of-some-length');
  expect([held.status, held.headers.get('content-type')]).toEqual([
    429,
    expect.stringMatching('application/problem'),
  ]);
  expect(Number(held.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await ask('session', { method: 'POST', headers: JSON_TYPE, body })).status).toBe(429);
  expect((await ask('status', { headers: { cookie: again } })).status).toBe(200);
  const metrics = await fetch(`${rig.service.url}/metrics`, { headers: { cookie: again } });
  expect(await metrics.text()).toContain(
    `headroom_auth_failures_total{reason="token.wrong"} ${LIMITS.authFailures}`,
  );
  const forged = await fetch(`${rig.service.url}/webhooks/taskrouter`, {
    method: 'POST',
    body: new URLSearchParams({ EventType: 'x' }),
  });
  expect(forged.status).toBe(403);
});

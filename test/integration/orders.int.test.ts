// Who may give which order, and in whose name: roles, origins, and the name in the journal.

import { createHash } from 'node:crypto';
import express from 'express';
import { afterEach, expect, it } from 'vitest';
import { createAccess } from '../../src/ingress/access.ts';
import { type Listener, listen } from '../../src/ingress/listen.ts';
import { createOrders, type Orders } from '../../src/ingress/orders.ts';
import { ROLES } from '../../src/ingress/tokens.ts';

let listener: Listener | null = null;
afterEach(() => listener?.close(100));

const PATHS = ['pause', 'resume', 'release', 'resync', 'reload'] as const;
const BODIES: Record<(typeof PATHS)[number], object> = {
  pause: { reason: 'x', by: 'dana' },
  resume: { by: 'dana' },
  release: { reason: 'x', by: 'dana' },
  resync: {},
  reload: {},
};

async function start(tokenAlways: boolean) {
  const given: unknown[] = [];
  const take = async (order: unknown) => {
    given.push(order);
    return { answer: {} };
  };
  const orders: Orders = {
    ...{ pause: take, resume: take, release: take, resync: take, reload: take },
    now: () => 0,
  };
  const tokens = ROLES.map((role) => ({
    ...{ name: `${role}-token`, role },
    sha256: createHash('sha256').update(`secret-${role}`).digest('hex'),
  }));
  const app = express().use(createOrders(orders, createAccess({ tokenAlways, tokens })));
  listener = await listen(app, '127.0.0.1', 0);
  const { port } = listener;
  const send = async (path: (typeof PATHS)[number], headers: Record<string, string> = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(BODIES[path]),
    });
    await response.text();
    return response.status;
  };
  return { send, given };
}

const as = (role: string) => ({ authorization: `Bearer secret-${role}` });

it.each([
  ['viewer', [403, 403, 403, 403, 403]],
  ['supervisor', [200, 200, 200, 202, 403]],
  ['admin', [200, 200, 200, 202, 200]],
  ['nobody', [401, 401, 401, 401, 401]],
])('a %s may: pause, resume, release, resync, reload: %j', async (role, expected) => {
  const { send } = await start(true);
  expect(await Promise.all(PATHS.map((path) => send(path, as(role))))).toEqual(expected);
});

it('names the token beside the name in the body, since only the token is proven', async () => {
  const { send, given } = await start(true);
  await send('pause', as('supervisor'));
  expect(given).toMatchObject([{ by: 'dana (token supervisor-token)' }]);
});

it('36: without tokens, orders are accepted from the machine itself, not other pages', async () => {
  const { send, given } = await start(false);
  expect(await send('pause')).toBe(200);
  expect(given).toMatchObject([{ by: 'dana' }]);
  expect(await send('pause', { origin: 'https://elsewhere.example' })).toBe(401);
  expect(await send('pause', { 'x-forwarded-for': '192.0.2.1' })).toBe(401);
  expect(given).toHaveLength(1);
});

it("accepts no other kind of body, which another page's form could send", async () => {
  const { send, given } = await start(false);
  expect(await send('pause', { 'content-type': 'text/plain' })).toBe(400);
  expect(given).toEqual([]);
});

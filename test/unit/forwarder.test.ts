// With which name and password a delivery is handed on.

import { afterEach, expect, it, vi } from 'vitest';
import { Forwarder, type ForwarderOptions } from '../../src/ingress/forwarder.ts';
import { T0 } from '../support/builders.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

it.each([
  ['ana:p%40ss', 'ana:p@ss'],
  ['ana:50%', 'ana:50%'],
  ['ana:%zz%c3%a9', 'ana:%zz\u00e9'],
  ['ana:%ff', 'ana:%ff'],
])('40: %s in the URL is sent as %s', async (given, sent) => {
  const seen: string[] = [];
  vi.stubGlobal('fetch', async (_: string, { headers }: { headers: Record<string, string> }) => {
    seen.push(headers.Authorization ?? '');
    return new Response(null, { status: 204 });
  });
  const options: Partial<ForwarderOptions> = {
    url: `https://${given}@target.example/x`,
    ...{ authToken: 'token', signature: 'new', clock: { now: () => T0 }, label: 'target' },
    onOutcome: () => undefined,
  };
  const forwarder = new Forwarder(options as ForwarderOptions);
  await forwarder.send({
    ...{ route: 'taskrouter', at: T0, body: Buffer.from('a=1').toString('base64') },
    ...{ contentType: 'application/x-www-form-urlencoded', signature: 'x' },
  });
  const [scheme, pair = ''] = (seen[0] ?? '').split(' ');
  expect([scheme, Buffer.from(pair, 'base64').toString()]).toEqual(['Basic', sent]);
});

// Laws of the receiver: a signature is valid for one form only, and no body makes the receiver
// fail.

import fc from 'fast-check';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApp } from '../../src/ingress/app.ts';
import { parseForm } from '../../src/ingress/form.ts';
import { type Listener, listen } from '../../src/ingress/listen.ts';
import { verifyForm } from '../../src/ingress/verify.ts';
import { createLogger } from '../../src/log.ts';

const WS = `WS${'a'.repeat(32)}`;
const PUBLIC_URL = 'https://hr.example.com';
const WEBHOOK = `${PUBLIC_URL}/webhooks/taskrouter`;
const TOKEN = 'tok-current';

let listener: Listener;
beforeAll(async () => {
  const log = createLogger({ logLevel: 'silent' });
  const app = createApp({
    receiver: {
      publicUrl: () => PUBLIC_URL,
      authTokens: [TOKEN],
      workspaceSid: WS,
      queues: { addEvent: async () => {} },
      clock: { now: () => 0 },
      log,
      onOutcome: () => {},
      onAlarm: () => {},
    },
    access: { tokenAlways: true, tokens: [] },
    views: {
      status: async () => ({}),
      workers: async () => ({ workers: [], next: null }),
      worker: async () => null,
      journal: async () => ({ entries: [], next: null }),
    },
    ready: async () => {},
    log,
  });
  listener = await listen(app, '127.0.0.1', 0);
});
afterAll(() => listener.close(100));

async function post(body: Uint8Array<ArrayBuffer>, signature: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${listener.port}/webhooks/taskrouter`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': signature,
    },
    body,
  });
  await response.arrayBuffer();
  return response.status;
}

const text = fc.string({ unit: 'grapheme' });
const fields = fc.dictionary(
  fc.oneof(fc.constantFrom('EventType', 'WorkspaceSid', 'WorkerSid', 'TimestampMs', 'Sid'), text),
  fc.oneof(text, fc.constantFrom(WS, 'worker.created', 'worker.capacity.update', '1700000000000')),
);

it('any signed form verifies, whatever it contains', () => {
  fc.assert(
    fc.property(fields, (form) => {
      const { params } = parseForm(Buffer.from(new URLSearchParams(form).toString()));
      const signature = getExpectedTwilioSignature(TOKEN, WEBHOOK, form);
      expect(verifyForm([TOKEN], { signature, url: WEBHOOK }, params)).toBe(true);
    }),
  );
});

it('a change in a value, the URL, the token or the signature fails verification', () => {
  const changed = (value: string, at: number) => {
    const index = at % value.length;
    const other = value[index] === 'x' ? 'y' : 'x';
    return value.slice(0, index) + other + value.slice(index + 1);
  };
  fc.assert(
    fc.property(
      fc.dictionary(fc.stringMatching(/^[A-Z][a-z]{1,8}$/), fc.string({ minLength: 1 }), {
        minKeys: 1,
      }),
      fc.nat(),
      fc.constantFrom('value', 'url', 'token', 'signature'),
      (form, at, what) => {
        const signature = getExpectedTwilioSignature(TOKEN, WEBHOOK, form);
        const name = Object.keys(form)[at % Object.keys(form).length] ?? '';
        const swap = (own: typeof what, value: string) =>
          own === what ? changed(value, at) : value;
        const params = { ...form, [name]: swap('value', form[name] ?? '') };
        // The last base64 character has unused bits, so the one before it is the last that counts.
        const head = signature.slice(0, -2);
        const delivery = {
          url: PUBLIC_URL + swap('url', '/webhooks/taskrouter'),
          signature: swap('signature', head) + signature.slice(-2),
        };
        expect(verifyForm([swap('token', TOKEN)], delivery, params)).toBe(false);
      },
    ),
  );
});

it('any bytes with a random signature are answered 403', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), text, async (bytes, signature) => {
      const status = await post(Uint8Array.from(bytes), Buffer.from(signature).toString('base64'));
      expect(status).toBe(403);
    }),
    { numRuns: 100 },
  );
});

it('any signed form is answered 204 or 400', async () => {
  await fc.assert(
    fc.asyncProperty(fields, async (form) => {
      const body = Uint8Array.from(Buffer.from(new URLSearchParams(form).toString()));
      const status = await post(body, getExpectedTwilioSignature(TOKEN, WEBHOOK, form));
      expect([204, 400]).toContain(status);
    }),
    { numRuns: 200 },
  );
});

it('any bytes, signed as they are parsed, are answered 204 or 400', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), async (bytes) => {
      const { params } = parseForm(Buffer.from(bytes));
      const signature = getExpectedTwilioSignature(TOKEN, WEBHOOK, { ...params });
      expect([204, 400]).toContain(await post(Uint8Array.from(bytes), signature));
    }),
    { numRuns: 100 },
  );
});

// The small parts of the HTTP side: forms, signatures, tokens, and who needs no token.

import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Request } from 'express';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { describe, expect, it } from 'vitest';
import { createAccess } from '../../src/ingress/access.ts';
import { parseForm, singleFields } from '../../src/ingress/form.ts';
import { LIMITS } from '../../src/ingress/limits.ts';
import { instantOf } from '../../src/ingress/query.ts';
import { adminEntry, parseTokens, readTokensFile, whoseToken } from '../../src/ingress/tokens.ts';
import { watchTokens } from '../../src/ingress/tokens-watch.ts';
import { signedBase, verifyBody, verifyForm, verifyUrl } from '../../src/ingress/verify.ts';
import { isLoopback } from '../../src/urls.ts';
import { waitFor } from '../support/wait.ts';

const form = (text: string) => parseForm(Buffer.from(text));

describe('a form', () => {
  it.each([
    ['a=1&b=2', { a: '1', b: '2' }],
    ['a=%20x+y%0A', { a: ' x y\n' }],
    ['a=&b', { a: '', b: '' }],
    ['a=1=2', { a: '1=2' }],
    ['a=%C3%A9%F0%9F%98%80', { a: 'é😀' }],
    ['a=2&a=1', { a: ['2', '1'] }],
    ['__proto__=x&constructor=y', { ['__proto__']: 'x', constructor: 'y' }],
    ['', {}],
  ])('%j', (text, params) => {
    const found = form(text);
    expect(Object.entries(found.params)).toEqual(Object.entries(params));
    expect(found.isMalformed).toBe(false);
  });

  it.each(['a=%zz', 'a=%', `a${'&b'.repeat(3)}=%4`])('%j is malformed', (text) => {
    expect(form(text).isMalformed).toBe(true);
  });

  it('with too many fields is malformed', () => {
    const fields = Array.from({ length: LIMITS.formFields + 1 }, (_, index) => `f${index}=1`);
    expect(form(fields.join('&')).isMalformed).toBe(true);
    expect(form(fields.slice(1).join('&')).isMalformed).toBe(false);
  });

  it('has the first value of a field sent twice', () => {
    expect({ ...singleFields(form('a=2&a=1&b=3')) }).toEqual({ a: '2', b: '3' });
  });
});

describe('a signature', () => {
  // Twilio's published example.
  const delivery = {
    signature: 'L/OH5YylLD5NRKLltdqwSvS0BnU=',
    url: 'https://example.com/myapp.php?foo=1&bar=2',
  };
  const params = {
    CallSid: 'CA1234567890ABCDE',
    Caller: '+14158675310',
    Digits: '1234',
    From: '+14158675310',
    To: '+18005551212',
  };

  it('verifies with the current token and with the previous one', () => {
    expect(verifyForm(['12345'], delivery, params)).toBe(true);
    expect(verifyForm(['new', '12345'], delivery, params)).toBe(true);
  });

  it.each([
    ['another token', ['x'], delivery, params],
    ['no token', [], delivery, params],
    ['no signature', ['12345'], { ...delivery, signature: '' }, params],
    ['one of another length', ['12345'], { ...delivery, signature: 'AAAA' }, params],
    ['another URL', ['12345'], { ...delivery, url: 'https://example.com/other?foo=1' }, params],
    ['no URL at all', ['12345'], { ...delivery, url: 'not an url' }, params],
    ['another value', ['12345'], delivery, { ...params, Digits: '1235' }],
    ['a trimmed value', ['12345'], delivery, { ...params, Digits: '1234 ' }],
    ['one field more', ['12345'], delivery, { ...params, X: '' }],
  ])('does not verify with %s', (_, tokens, given, fields) => {
    expect(verifyForm(tokens, given, fields)).toBe(false);
  });

  it.each([
    ['https://h.example/x', 'https://h.example:443/x'],
    ['https://h.example:443/x', 'https://h.example/x'],
    ['https://h.example/x', 'https://h.example:8443/x'],
    ['http://127.0.0.1:3000/x', 'http://127.0.0.1:3000/x'],
  ])('made for %s verifies at %s', (made, at) => {
    const signature = getExpectedTwilioSignature('t', made, { a: '1' });
    expect(verifyForm(['t'], { signature, url: at }, { a: '1' })).toBe(true);
  });

  it('over JSON covers the URL, and the hash in it the bytes', () => {
    const raw = Buffer.from('[{"id":"é"}]');
    const hash = createHash('sha256').update(raw).digest('hex');
    const bare = 'https://h.example/webhooks/event-streams';
    const url = `${bare}?a=1&bodySHA256=${hash}`;
    const given = { signature: getExpectedTwilioSignature('t', url, {}), url };
    expect(verifyUrl(['old', 't'], given)).toBe(true);
    expect(verifyUrl(['x'], given)).toBe(false);
    expect(verifyUrl(['t'], { ...given, url: bare })).toBe(false);
    expect(verifyUrl(['t'], { ...given, url: 'nonsense' })).toBe(false);
    expect(verifyBody(url, raw)).toBe(true);
    expect(verifyBody(url.replace(hash, hash.toUpperCase()), raw)).toBe(true);
    expect(verifyBody(url, Buffer.from('[{"id":"e"}]'))).toBe(false);
    expect(verifyBody(bare, raw)).toBe(false);
    expect(verifyBody(`${bare}?bodySHA256=${'é'.repeat(64)}`, raw)).toBe(false);
    expect(verifyBody('nonsense', raw)).toBe(false);
  });

  it.each([
    ['https://h.example', 'https://h.example'],
    ['https://h.example/', 'https://h.example'],
    ['https://user:p%40ss@h.example/hr/', 'https://h.example/hr'],
    ['https://h.example/a@b', 'https://h.example/a@b'],
  ])('PUBLIC_URL %s is signed as %s', (url, base) => {
    expect(signedBase(url)).toBe(base);
  });
});

describe('HEADROOM_TOKENS_FILE while the daemon runs', () => {
  it('is reread when it changes; a bad one is reported and changes nothing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'headroom-tokens-'));
    const path = join(folder, 'tokens.json');
    const file = (name: string) =>
      JSON.stringify({ tokens: [{ name, role: 'viewer', sha256: 'a'.repeat(64) }] });
    await writeFile(path, file('ann'));
    const told: string[] = [];
    const watch = watchTokens(path, {
      onTokens: (tokens) => told.push(tokens.map(({ name }) => name).join()),
      onProblems: (problems) => told.push(problems.join()),
      lookMs: 10,
    });
    try {
      await writeFile(path, file('ann and ben'));
      await waitFor('the new one', () => told.includes('ann and ben'));
      expect(watch.problems()).toEqual([]);
      await writeFile(path, '{ not json, and longer than before so that it differs for sure }');
      await waitFor('the bad one', () => watch.problems().length > 0);
      expect(told.at(-1)).toMatch(/^HEADROOM_TOKENS_FILE: .* is not of the form/);
      await writeFile(path, file('cleo'));
      await waitFor('a good one', () => told.at(-1) === 'cleo');
      expect(watch.problems()).toEqual([]);
    } finally {
      watch.stop();
      await rm(folder, { recursive: true });
    }
  });
});

describe('41: tokens', () => {
  const sha256 = createHash('sha256').update('ann-token').digest('hex');
  const written = (...tokens: unknown[]) => parseTokens(JSON.stringify({ tokens }), 't.json');

  it('are found by their hash', () => {
    const read = written({ name: 'ann', role: 'viewer', sha256: sha256.toUpperCase() });
    const tokens = [adminEntry('root-token'), ...('tokens' in read ? read.tokens : [])];
    expect(whoseToken('ann-token', tokens)).toEqual({ name: 'ann', role: 'viewer' });
    expect(whoseToken('root-token', tokens)).toEqual({ name: 'admin', role: 'admin' });
    expect(whoseToken('nobody', tokens)).toBeNull();
    expect(whoseToken(sha256, tokens)).toBeNull();
    expect(whoseToken('', [])).toBeNull();
  });

  it.each([
    ['tokens[0].name is missing or not valid: expected up to 64 characters', [{}]],
    [
      'tokens[0].role is "boss": expected viewer, supervisor, admin',
      [{ name: 'ann', role: 'boss', sha256 }],
    ],
    ['tokens[0].role is missing: expected viewer, supervisor, admin', [{ name: 'ann' }]],
    [
      'tokens[1].sha256 is missing or not valid: expected 64 hexadecimal digits',
      [
        { name: 'bob', role: 'admin', sha256 },
        { name: 'ann', role: 'viewer', sha256: 'hunter2' },
      ],
    ],
  ])('%s', (sentence, tokens) => {
    expect(written(...tokens)).toEqual({
      problems: [`HEADROOM_TOKENS_FILE: t.json: ${sentence}.`],
    });
  });

  it('two under one name are a problem', () => {
    const ann = { name: 'ann', role: 'viewer', sha256 };
    expect(written(ann, { ...ann, sha256: 'f'.repeat(64) })).toEqual({
      problems: ['HEADROOM_TOKENS_FILE: t.json: the name or token of "ann" appears twice.'],
    });
  });

  it.each(['', 'hunter2', '[]', '{}', 'null'])('the file %j has the wrong form', (text) => {
    expect(parseTokens(text, 't.json')).toEqual({
      problems: [
        'HEADROOM_TOKENS_FILE: t.json is not of the form { "tokens": [{ "name": …, "role": …, "sha256": … }] }.',
      ],
    });
  });

  it('a missing file is a problem', async () => {
    expect(await readTokensFile('/nowhere/t.json')).toEqual({
      problems: ['HEADROOM_TOKENS_FILE: /nowhere/t.json cannot be read (ENOENT).'],
    });
  });
});

it.each([
  ['127.0.0.1', true],
  ['127.8.8.8', true],
  ['localhost', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['10.0.0.1', false],
  ['127.0.0.1.evil.example', false],
])('%s is loopback: %s', (host, is) => {
  expect(isLoopback(host)).toBe(is);
});

it.each([
  ['127.0.0.1', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['10.0.0.7', false],
  ['::ffff:10.0.0.7', false],
  [undefined, false],
])('a loopback Host from %s needs no token: %s', (remoteAddress, is) => {
  const request = { method: 'GET', headers: { host: 'localhost' }, socket: { remoteAddress } };
  const access = createAccess({ tokenAlways: false, tokens: [] });
  expect(access.identify(request as unknown as Request) !== null).toBe(is);
});

it.each([
  ['2031-02-28T09:00:00Z', '2031-02-28T09:00:00.000Z'],
  ['2028-02-29T09:00+02:00', '2028-02-29T07:00:00.000Z'],
  ['2031-02-31T09:00:00Z', null],
  ['2031-02-29T09:00:00Z', null],
  ['2031-04-31T09:00:00+02:00', null],
  ['2031-06-10T25:00:00Z', null],
  ['2031-06-10T09:00:00+99:00', null],
])('the instant %s is %s: a date that does not exist is refused', (written, instant) => {
  const at = instantOf(written);
  expect(at === null ? null : new Date(at).toISOString()).toBe(instant);
});

// Each way in which a REST call can go wrong, and how it is classified.

import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/ports.ts';
import {
  failureOfAnswer,
  failureOfNoAnswer,
  failureOfReading,
  retryAfterMs,
} from '../../src/taskrouter/failures.ts';
import { targetUrl } from '../../src/taskrouter/http-client.ts';

const NOW = Date.parse('2026-06-10T10:00:00Z');

function answer(statusCode: number, body: unknown, headers: Record<string, string> = {}) {
  return failureOfAnswer({ statusCode, body, headers }, NOW);
}

describe('a response', () => {
  it.each([200, 201])('%i with JSON is good', (status) => {
    expect(answer(status, { sid: 'x' })).toBeNull();
  });

  it.each([
    [429, { code: 20429, message: 'Too many' }, 'throttled', 20429],
    [500, { code: 20500, message: 'x' }, 'unavailable', 20500],
    [502, '<html>bad gateway</html>', 'unavailable', null],
    [503, '', 'unavailable', null],
    [504, null, 'unavailable', null],
    [408, '', 'network', null],
    [401, { code: 20003, message: 'Authenticate' }, 'refused', 20003],
    [403, '', 'refused', null],
    [404, { code: 20404, message: 'not found' }, 'gone', 20404],
    [400, { code: 20001, message: 'x' }, 'invalid', 20001],
    [405, { code: 20004, message: 'x' }, 'invalid', 20004],
    [409, { code: 20409, message: 'x' }, 'invalid', 20409],
    [412, {}, 'invalid', null],
    [302, '', 'unavailable', null],
    [304, '', 'unavailable', null],
    [200, '', 'unavailable', null],
    [200, 'not JSON', 'unavailable', null],
    [200, null, 'unavailable', null],
    [200, [], 'unavailable', null],
    [204, '', 'unavailable', null],
  ])('%i with %j is %s', (status, body, kind, code) => {
    expect(answer(status, body)).toMatchObject({ kind, code, status, retryAfterMs: null });
  });

  it('404 that is not JSON comes from something in between, and no Worker is forgotten', () => {
    expect(answer(404, '<html>')).toMatchObject({ kind: 'unavailable', status: 404 });
  });

  it('includes the message of the old and of the new error format', () => {
    expect(answer(400, { code: 20001, message: 'No such name' })?.message).toBe(
      'TaskRouter answered 400 (20001): No such name',
    );
    const problem = {
      type: 'x',
      title: 'Invalid',
      status: 400,
      code: 20001,
      detail: 'No such name',
    };
    expect(answer(400, problem)?.message).toBe('TaskRouter answered 400 (20001): No such name');
  });

  it('says how long to wait', () => {
    expect(answer(429, {}, { 'retry-after': '2' })).toMatchObject({ retryAfterMs: 2000 });
    expect(answer(503, '', { 'retry-after': '30' })).toMatchObject({ retryAfterMs: 30_000 });
  });
});

it.each([
  ['2', 2000],
  ['0', 0],
  ['1.5', 1500],
  ['Wed, 10 Jun 2026 10:00:07 GMT', 7000],
  ['Wed, 10 Jun 2026 09:00:00 GMT', 0],
  ['soon', null],
  ['-5', null],
  ['', null],
  [undefined, null],
])('Retry-After %j is %s ms', (value, ms) => {
  expect(retryAfterMs(value, NOW)).toBe(ms);
});

describe('no response', () => {
  it.each(['ECONNABORTED', 'ETIMEDOUT', 'ERR_CANCELED'])('%s is a time-out', (code) => {
    expect(failureOfNoAnswer(Object.assign(new Error('x'), { code }), 500)).toMatchObject({
      kind: 'network',
      message: 'TaskRouter did not answer within 500 ms',
    });
  });

  it.each(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'CERT_HAS_EXPIRED'])(
    '%s is the network',
    (code) => {
      expect(failureOfNoAnswer(Object.assign(new Error('why'), { code }), 500)).toMatchObject({
        kind: 'network',
        message: 'TaskRouter could not be reached: why',
      });
    },
  );

  it("keeps nothing of the HTTP client's error, which contains the credentials", () => {
    const error = Object.assign(new Error('x'), {
      config: { headers: { Authorization: 'hunter2' } },
    });
    const failure = failureOfNoAnswer(error, 500);
    expect(failure.cause).not.toHaveProperty('config');
  });

  it('a response that is too long is treated as unavailable', () => {
    const error = Object.assign(new Error('maxContentLength exceeded'), {
      code: 'ERR_BAD_RESPONSE',
    });
    expect(failureOfNoAnswer(error, 500)).toMatchObject({ kind: 'unavailable' });
  });
});

it('what the SDK cannot read is treated as unavailable, and a Failure stays as it is', () => {
  expect(failureOfReading(new TypeError('x.forEach'))).toMatchObject({ kind: 'unavailable' });
  const gone = new Failure('gone', 'x');
  expect(failureOfReading(gone)).toBe(gone);
});

describe('where a request goes', () => {
  const path = '/v1/Workspaces/WS1/Workers?PageSize=1000&PageToken=PAWK1';
  it.each([
    [
      'Twilio as it is',
      `https://taskrouter.twilio.com${path}`,
      null,
      'https://taskrouter.twilio.com',
    ],
    [
      'Twilio by its edge',
      `https://taskrouter.dublin.ie1.twilio.com${path}`,
      null,
      'https://taskrouter.dublin.ie1.twilio.com',
    ],
    ['another', `https://taskrouter.twilio.com${path}`, 'http://127.0.0.1:4010', undefined],
    ['another behind a prefix', `https://x${path}`, 'http://h/tr', undefined],
    ['a next page that knows the prefix', `http://h/tr${path}`, 'http://h/tr', undefined],
    ['a next page that does not', `http://other:1${path}`, 'http://h/tr', undefined],
  ])('%s', (_, uri, base, origin) => {
    expect(targetUrl(uri, base)).toBe(`${origin ?? base}${path}`);
  });

  it.each([
    'https://evil.example/v1/x',
    'http://taskrouter.twilio.com/v1/x',
    'https://nottwilio.com/',
  ])('never to %s, whatever a response says', (uri) => {
    expect(() => targetUrl(uri, null)).toThrow('which is not Twilio');
  });
});

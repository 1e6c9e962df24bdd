import { describe, expect, it } from 'vitest';
import { passesFilter } from '../../../src/emulator/delivery/callback-params.ts';
import { mayRetry, parseOverrides } from '../../../src/emulator/delivery/overrides.ts';

describe('connection overrides', () => {
  it('default to one retry, for failed connections only', () => {
    expect(parseOverrides('https://example.com/path?a=1')).toEqual({
      url: 'https://example.com/path?a=1',
      authorization: null,
      connectMs: 5_000,
      readMs: 15_000,
      totalMs: 15_000,
      retries: 1,
      policies: new Set(['ct']),
    });
  });

  it('come from the fragment, which is not part of the URL', () => {
    expect(
      parseOverrides('https://h.example/p?a=b#rc=5&rp=4xx,5xx&rt=3000&ct=200&tt=9000'),
    ).toEqual({
      url: 'https://h.example/p?a=b',
      authorization: null,
      connectMs: 200,
      readMs: 3_000,
      totalMs: 9_000,
      retries: 5,
      policies: new Set(['4xx', '5xx']),
    });
  });

  it('are clamped to their range, and invalid ones are ignored', () => {
    expect(parseOverrides('http://h.example/#rc=99&ct=1&rt=99999&tt=x&rp=never')).toMatchObject({
      retries: 5,
      connectMs: 100,
      readMs: 15_000,
      totalMs: 15_000,
      policies: new Set(['ct']),
    });
  });

  it('take user and password out of the URL into Basic auth', () => {
    expect(parseOverrides('https://user:p%40ss@h.example/p')).toMatchObject({
      url: 'https://h.example/p',
      authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
    });
  });

  it.each(['', 'ftp://h.example/', 'not a url'])('"%s" is no valid target', (url) => {
    expect(parseOverrides(url)).toBeNull();
  });
});

describe('a retry', () => {
  const unconnected = { kind: 'unconnected', error: '' } as const;
  const unanswered = { kind: 'unanswered', error: '' } as const;
  const answered = (status: number) => ({ kind: 'answered', status }) as const;

  it.each([
    ['no connection', unconnected, ['ct'], true],
    ['no answer', unanswered, ['ct'], false],
    ['no answer', unanswered, ['rt'], true],
    ['503', answered(503), ['ct'], false],
    ['503', answered(503), ['5xx'], true],
    ['403', answered(403), ['5xx'], false],
    ['403', answered(403), ['4xx'], true],
    ['204', answered(204), ['all'], false],
    ['429', answered(429), ['all'], true],
  ] as const)('after %s under another policy', (_, outcome, policies, expected) => {
    expect(mayRetry(outcome, new Set(policies))).toBe(expected);
  });
});

describe('an events filter', () => {
  it.each([
    [null, true],
    ['', true],
    ['task.created', true],
    ['worker.created, task.created', true],
    ['worker.created,task.canceled', false],
  ])('%s', (filter, passes) => {
    expect(passesFilter(filter, 'task.created')).toBe(passes);
  });
});

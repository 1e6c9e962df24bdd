// The log: one line each, with nothing secret or personal in it.

import { describe, expect, it } from 'vitest';
import { logRefusedRules } from '../../src/daemon/wire-control.ts';
import { logText } from '../../src/daemon/wire-journal.ts';
import { createLogger, type Log } from '../../src/log.ts';
import { Failure, type JournalEntry } from '../../src/ports.ts';
import { Secret } from '../../src/secret.ts';

function written(
  write: (log: Log) => void,
  logLevel: 'debug' | 'info' = 'info',
): Record<string, unknown>[] {
  const lines: string[] = [];
  write(createLogger({ logLevel }, { write: (line: string) => void lines.push(line) }));
  return lines.map((line): Record<string, unknown> => JSON.parse(line));
}

describe('one entry', () => {
  it('is a line with its level by name, ISO time, fields and text', () => {
    const [line] = written((log) =>
      log.child({ part: 'ingress' }).info({ port: 3000 }, 'listening'),
    );
    expect(line).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      part: 'ingress',
      port: 3000,
      msg: 'listening',
    });
  });

  it('is omitted below the level', () => {
    expect(written((log) => log.debug({}, 'detail'))).toEqual([]);
    expect(written((log) => log.debug({}, 'detail'), 'debug')).toHaveLength(1);
  });
});

describe('what is masked', () => {
  it.each([
    ['authToken', '[secret]'],
    ['auth_token', '[secret]'],
    ['Authorization', '[secret]'],
    ['X-Twilio-Signature', '[secret]'],
    ['set-cookie', '[secret]'],
    ['password', '[secret]'],
    ['attributes', '[personal]'],
    ['WorkerAttributes', '[personal]'],
    ['TaskAttributes', '[personal]'],
    ['friendlyName', '[personal]'],
    ['friendly_name', '[personal]'],
    ['WorkerName', '[personal]'],
    ['body', '[personal]'],
  ])('%s, at the top, nested, in a list and in a child', (key, mask) => {
    const fields = { [key]: 'hunter2', a: { b: [{ [key]: { deep: 'hunter2' } }] } };
    const lines = written((log) => {
      log.info(fields, 'x');
      log.child(fields).warn({}, 'y');
    });
    expect(lines).toHaveLength(2);
    for (const line of lines)
      expect(line).toMatchObject({ [key]: mask, a: { b: [{ [key]: mask }] } });
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });

  it('secrets, by their type', () => {
    const lines = written((log) => log.info({ config: { x: new Secret('hunter2') } }, 'x'));
    expect(lines).toMatchObject([{ config: { x: '[secret]' } }]);
  });

  it('whatever an error carries beside its message', () => {
    const error = Object.assign(new Error('connect failed', { cause: new Error('inner') }), {
      code: 'ECONNREFUSED',
      config: { headers: { Authorization: 'Basic hunter2' } },
    });
    const [line] = written((log) => log.error({ err: error }, 'x'));
    expect(line).toMatchObject({
      err: {
        type: 'Error',
        message: 'connect failed',
        code: 'ECONNREFUSED',
        cause: 'Error: inner',
        stack: expect.stringContaining('log.test.ts'),
      },
    });
    expect(JSON.stringify(line)).not.toContain('hunter2');
  });

  it('but not the details of a Failure', () => {
    const failure = new Failure('throttled', 'wait', {
      retryAfterMs: 2000,
      status: 429,
      code: 20429,
    });
    expect(written((log) => log.warn({ err: failure }, 'x'))).toMatchObject([
      { err: { type: 'Failure', kind: 'throttled', retryAfterMs: 2000, status: 429, code: 20429 } },
    ]);
  });

  it('but nothing that people need: SIDs, reasons, numbers, instants', () => {
    const fields = { worker: 'WK1', reason: 'rule.claimed', to: { capacity: 3 }, at: new Date(0) };
    expect(written((log) => log.info(fields, 'x'))).toMatchObject([
      { ...fields, at: '1970-01-01T00:00:00.000Z' },
    ]);
  });
});

it('circular fields are logged without hanging', () => {
  const loop: Record<string, unknown> = { n: 1 };
  loop.self = loop;
  expect(written((log) => log.info({ loop }, 'x'))).toHaveLength(1);
});

describe('what the loop logs', () => {
  const entry: JournalEntry = {
    ...{ at: 0, worker: null, workerName: null, channel: null, rule: null, from: null, to: null },
    ...{ reason: 'limit.waiting', actor: 'headroom', text: 'early: 3 of 12 Workers taken' },
  };

  it('an entry without a Worker begins with its rule, any other with its reason', () => {
    expect(logText({ ...entry, rule: 'early' }, false)).toMatch(/^early: \w/);
    expect(logText(entry, false)).toMatch(/^\w/);
    const worker = `WK${'1'.repeat(32)}` as const;
    const change = { from: { capacity: 1 }, to: { capacity: 3 } };
    const written = { ...entry, ...change, worker, channel: 'chat', rule: 'early' };
    expect(logText(written, false)).toMatch(new RegExp(`^${worker} chat 1 → 3: early: \\w`));
  });

  it('a warning of a refused rules folder is a warning, and its error an error', () => {
    const place = { file: 'a.yaml', line: 2, column: 3 };
    const faults = [
      { ...place, severity: 'warning', message: 'old' },
      { ...place, severity: 'error', message: 'bad' },
    ] as const;
    const lines = written((log) => logRefusedRules(faults, { id: 'abc' }, log));
    expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
      ['warn', 'rules: a.yaml:2:3: old'],
      ['error', 'rules: a.yaml:2:3: bad'],
      ['error', 'the rules folder has problems: set abc stays in force'],
    ]);
  });
});

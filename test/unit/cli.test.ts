// The command line as people use it, rightly and wrongly: what it prints, and its exit code.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'headroom-cli-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function headroom(args: readonly string[], env: Record<string, string> = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const exit = await run(args, { env, out: (l) => out.push(l), err: (l) => err.push(l) });
  return { exit, out: out.join('\n'), err: err.join('\n') };
}

const LIVE = {
  TWILIO_ACCOUNT_SID: `AC${'1'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'a-token',
  TWILIO_WORKSPACE_SID: `WS${'1'.repeat(32)}`,
};

describe('headroom start', () => {
  it('31: refuses to start with nothing set, says what is missing and how to try it', async () => {
    const { exit, err } = await headroom(['start']);
    expect(exit).toBe(2);
    for (const name of [
      'TWILIO_ACCOUNT_SID',
      'TWILIO_AUTH_TOKEN',
      'TWILIO_WORKSPACE_SID',
      'PUBLIC_URL',
    ]) {
      expect(err).toContain(`${name} is not set`);
    }
    expect(err).toContain('npm start');
  });

  it('31: --or-emulated does not emulate if anything points at a real system', async () => {
    for (const set of [
      { PUBLIC_URL: 'https://example.com' },
      { REDIS_URL: 'redis://127.0.0.1:1' },
      { DATABASE_URL: 'postgres://127.0.0.1:1/x' },
      { TWILIO_ACCOUNT_SID: LIVE.TWILIO_ACCOUNT_SID },
    ]) {
      const { exit, err } = await headroom(['start', '--or-emulated'], set);
      expect(exit).toBe(2);
      expect(err).toContain('TWILIO_WORKSPACE_SID is not set');
    }
  });

  it('all problems of the environment are reported at once, and no secret is printed', async () => {
    const { exit, err } = await headroom(['start'], {
      ...LIVE,
      TWILIO_AUTH_TOKEN: 'has a space',
      HEADROOM_PRT: '3000',
      HEADROOM_RATE: 'fast',
      REDIS_URL: 'redis://127.0.0.1:1',
      DATABASE_URL: 'postgres://127.0.0.1:1/x',
    });
    expect(exit).toBe(2);
    expect(err.split('\n')[0]).toBe('headroom cannot start:');
    for (const word of [
      'HEADROOM_PRT',
      'HEADROOM_PORT',
      'HEADROOM_RATE',
      'TWILIO_AUTH_TOKEN',
      'both set',
    ]) {
      expect(err).toContain(word);
    }
    expect(err).not.toContain('has a space');
  });
});

describe('headroom status', () => {
  it('35: without a daemon it says so and what to do', async () => {
    const { exit, err } = await headroom(['status'], { HEADROOM_URL: 'http://127.0.0.1:9' });
    expect(exit).toBe(1);
    expect(err).toMatch(
      /^no daemon answered at http:\/\/127\.0\.0\.1:9 .*headroom start.*HEADROOM_URL/,
    );
  });
});

describe('41: a token in a URL', () => {
  it('is refused by the command line before any request, and not repeated', async () => {
    const { exit, err } = await headroom(['status'], {
      HEADROOM_URL: 'http://127.0.0.1:9?token=hunter2',
    });
    expect(exit).toBe(2);
    expect(err).toContain('HEADROOM_URL');
    expect(err).not.toContain('hunter2');
  });
});

describe('headroom check', () => {
  const GOOD =
    'version: 1\ndefaults: { timezone: UTC, mode: enforce, baseline: { chat: 1 } }\nrules:\n  - { name: a, who: everyone, when: activity.available, then: { chat: 3 } }\n';

  it('reports nothing wrong with a good folder', async () => {
    await writeFile(join(dir, 'rules.yaml'), GOOD);
    expect(await headroom(['check', dir])).toMatchObject({ exit: 0, err: '' });
  });

  it('gives each mistake its file, line and column, and exits with 3', async () => {
    await writeFile(
      join(dir, 'rules.yaml'),
      GOOD.replace('then: { chat: 3 }', 'them: { chat: 3 }'),
    );
    const { exit, out, err } = await headroom(['check', dir]);
    expect(exit).toBe(3);
    expect(out + err).toMatch(/rules\.yaml:4:\d+: error: .*"?them"?.*then/);
  });

  it('a folder that is not there is an error, not an empty rule set', async () => {
    const { exit, out, err } = await headroom(['check', join(dir, 'missing')]);
    expect(exit).not.toBe(0);
    expect(out + err).toContain('missing');
  });
});

describe('headroom schema', () => {
  it('prints the schema that the samples name at their head', async () => {
    const { exit, out } = await headroom(['schema']);
    expect(exit).toBe(0);
    const shipped = new URL('../../rules/rules.schema.json', import.meta.url);
    expect(JSON.parse(out)).toEqual(JSON.parse(await readFile(shipped, 'utf8')));
  });
});

describe('wrong usage', () => {
  it.each([
    [['fly']],
    [[]],
    [['check', 'a', 'b']],
    [['emulate', '--port', 'many']],
    [['emulate', '--floor', 'huge']],
    [['emulate', '--floor', 'large', '--speed', '0']],
    [['emulate', '--floor', 'small', '--workers', '40']],
    [['emulate', '--floor', 'large', '--workers', '1e3']],
    [['status', '--jsn']],
  ])('%j exits with 2 and says what was expected', async (args) => {
    const { exit, err } = await headroom(args);
    expect(exit).toBe(2);
    expect(err).not.toBe('');
  });

  it.each([
    [['release', '--all', 'Ana'], '--all'],
    [['release', '--all', 'Ana', '--direct'], '--all'],
    [['release', '--all', '--channel', 'chat'], '--channel'],
    [['pause', '--for', '2h', '--until', '2030-01-01T00:00', '--reason', 'x'], '--until'],
    [['pause', '--rule', 'a', '--rule', 'b', '--reason', 'x'], '--rule is given 2 times'],
    [['explain', 'Ana', '--worker', 'ana.json'], '--worker'],
    [['explain', 'Ana', '--rules', 'rules'], '--rules'],
    [['pause', 'Ana', 'Silva', '--reason', 'x'], 'too many arguments'],
    [['plan', 'a', 'b'], 'too many arguments'],
    [['status', 'Ana'], 'too many arguments'],
  ])('%j: no argument is silently dropped', async (args, named) => {
    // No request is sent, so it does not matter that this address is none.
    const { exit, err } = await headroom(args, { HEADROOM_URL: 'http://127.0.0.1:9' });
    expect(exit).toBe(2);
    expect(err).toContain(named);
  });

  it.each([['2031-02-31T10:00'], ['2031-02-29'], ['tomorrow'], ['2031-06-10T25:00Z']])(
    'pause --until %s: no such instant, so nothing is ordered',
    async (until) => {
      const args = ['pause', '--until', until, '--reason', 'x'];
      const { exit, err } = await headroom(args, { HEADROOM_URL: 'http://127.0.0.1:9' });
      expect(exit).toBe(2);
      const expected = 'expected an instant such as 2026-06-10T09:00.';
      expect(err).toBe(`--until is "${until}": ${expected}`);
    },
  );

  it('--help is not wrong usage', async () => {
    const { exit, out } = await headroom(['--help']);
    expect(exit).toBe(0);
    for (const command of ['start', 'emulate', 'check', 'status']) expect(out).toContain(command);
  });
});

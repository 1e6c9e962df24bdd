// The environment: what each variable means, and the exact sentence for each way to be wrong.

import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  type Config,
  describeConfig,
  durationMs,
  missingForLive,
  readConfig,
  startKind,
} from '../../src/config.ts';
import { readSettings } from '../../src/daemon/settings.ts';
import { Secret } from '../../src/secret.ts';

const hex = 'a1'.repeat(16);
const live = {
  TWILIO_ACCOUNT_SID: `AC${hex}`,
  TWILIO_AUTH_TOKEN: 'tok-current',
  TWILIO_WORKSPACE_SID: `WS${hex}`,
  PUBLIC_URL: 'https://hr.example.com',
};

function config(env: Record<string, string>): Config {
  const read = readConfig(env);
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  return read.config;
}

function problems(env: Record<string, string>): readonly string[] {
  const read = readConfig(env);
  return 'problems' in read ? read.problems : [];
}

describe('reading', () => {
  it('has a default for everything that can have one', () => {
    expect(config({})).toEqual({
      accountSid: null,
      authToken: null,
      authTokenPrevious: null,
      apiKey: null,
      workspaceSid: null,
      edge: null,
      region: null,
      baseUrl: null,
      publicUrl: null,
      redisUrl: null,
      databaseUrl: null,
      dataDir: './data',
      rulesDir: './rules',
      mode: null,
      host: '127.0.0.1',
      port: 3000,
      adminToken: null,
      logLevel: 'info',
      rate: { limit: 20, windowMs: 1000 },
      resyncMs: 6 * 3_600_000,
      pollMs: 30_000,
      journalKeepMs: 7 * 86_400_000,
      forwardUrl: null,
      forwardSignature: 'new',
      keyPrefix: 'headroom',
      url: 'http://127.0.0.1:3000',
      tokensFile: null,
      setNames: [],
    });
  });

  it.each([
    [{ HEADROOM_RATE: '600/m' }, { rate: { limit: 600, windowMs: 60_000 } }],
    [{ HEADROOM_RATE: '5/h' }, { rate: { limit: 5, windowMs: 3_600_000 } }],
    [
      { HEADROOM_RESYNC: '90m', HEADROOM_POLL: '5s' },
      { resyncMs: 5_400_000, pollMs: 5000 },
    ],
    [
      { HEADROOM_FORWARD_URL: 'http://localhost:8080/in' },
      { forwardUrl: 'http://localhost:8080/in' },
    ],
    [{ HEADROOM_FORWARD_SIGNATURE: 'original' }, { forwardSignature: 'original' }],
    [{ HEADROOM_PORT: '0' }, { port: 0, url: 'http://127.0.0.1:0' }],
    [{ HEADROOM_PORT: '4000' }, { port: 4000, url: 'http://127.0.0.1:4000' }],
    [{ HEADROOM_URL: 'https://hr.example.com/x/' }, { url: 'https://hr.example.com/x' }],
    [{ PUBLIC_URL: 'https://h.example/hr/' }, { publicUrl: 'https://h.example/hr' }],
    [{ TASKROUTER_BASE_URL: 'http://127.0.0.1:4010/' }, { baseUrl: 'http://127.0.0.1:4010' }],
    [{ HEADROOM_MODE: 'observe' }, { mode: 'observe' }],
    [{ HEADROOM_HOST: '::1' }, { host: '::1' }],
    [
      { TWILIO_EDGE: 'dublin', TWILIO_REGION: 'ie1' },
      { edge: 'dublin', region: 'ie1' },
    ],
    [
      { HEADROOM_MODE: '', TWILIO_AUTH_TOKEN: '' },
      { mode: null, authToken: null, setNames: [] },
    ],
  ])('%j', (env, expected) => {
    expect(config(env)).toMatchObject(expected);
  });

  it('keeps an API key beside the token', () => {
    const read = config({ ...live, TWILIO_API_KEY: `SK${hex}`, TWILIO_API_SECRET: 's3' });
    expect(read.apiKey?.sid).toBe(`SK${hex}`);
    expect(read.apiKey?.secret.reveal()).toBe('s3');
    expect(read.authToken?.reveal()).toBe('tok-current');
  });

  it('ignores what is neither ours nor a secret of ours', () => {
    expect(problems({ PATH: '/bin', TWILIO_LOG_LEVEL: 'debug', NODE_ENV: 'test' })).toEqual([]);
  });
});

describe('each mistake is one sentence', () => {
  const hidden = 'a value that is not shown';
  it.each([
    ['TWILIO_ACCOUNT_SID', 'AC1', 'is "AC1": expected "AC" and 32 hexadecimal digits.'],
    ['TWILIO_ACCOUNT_SID', live.TWILIO_WORKSPACE_SID, `is "WS${hex}": expected "AC" and 32 h`],
    ['TWILIO_AUTH_TOKEN', 'to ken', `is ${hidden}: expected text without spaces.`],
    ['TWILIO_WORKSPACE_SID', 'main', 'is "main": expected "WS" and 32 hexadecimal digits.'],
    ['PUBLIC_URL', 'hr.example.com', 'is "hr.example.com": expected the http or https URL that'],
    ['PUBLIC_URL', 'https://h/?a=1', 'is "https://h/?a=1": expected the http or https URL that'],
    ['PUBLIC_URL', 'ftp://u:p@h', 'is "ftp://[secret]@h": expected the http or https URL that'],
    ['PUBLIC_URL', 'https://h/webhooks/taskrouter', 'is "https://h/webhooks/taskrouter": exp'],
    ['REDIS_URL', 'http://u:p@h', `is ${hidden}: expected a redis:// or rediss:// URL.`],
    ['DATABASE_URL', 'mysql://h', `is ${hidden}: expected a postgres:// URL.`],
    ['HEADROOM_MODE', 'enforce', 'is "enforce": expected observe, or nothing.'],
    ['HEADROOM_PORT', '65536', 'is "65536": expected a port from 0 to 65535.'],
    ['HEADROOM_PORT', '-1', 'is "-1": expected a port from 0 to 65535.'],
    ['HEADROOM_RATE', '20', 'is "20": expected calls per second, minute or hour, such as 20/s.'],
    ['HEADROOM_RATE', '0/s', 'is "0/s": expected calls per second, minute or hour, such as 20/s.'],
    ['HEADROOM_RESYNC', '1s', 'is "1s": expected a duration of 1m or more, such as 6h.'],
    ['HEADROOM_POLL', '30', 'is "30": expected a duration of 1s or more, such as 30s.'],
    ['HEADROOM_LOG_LEVEL', 'loud', 'is "loud": expected one of trace, debug, info, warn, error,'],
    ['HEADROOM_KEY_PREFIX', 'a:b', 'is "a:b": expected up to 64 letters, digits, ".", "_" or "-".'],
    ['HEADROOM_PROT', '1', 'is not a variable of headroom; the nearest one is HEADROOM_PORT.'],
    ['HEADROOM_RULE_DIR', 'x', 'is not a variable of headroom; the nearest one is HEADROOM_RULES.'],
  ])('%s=%s', (name, value, sentence) => {
    const found = problems({ [name]: value });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`${name} ${sentence}`);
  });

  it('all are reported at once, also those of two variables together', () => {
    expect(
      problems({
        HEADROOM_PORT: 'x',
        HEADROOM_POLL: 'x',
        REDIS_URL: 'redis://h',
        DATABASE_URL: 'postgres://h',
        TWILIO_API_KEY: `SK${hex}`,
      }),
    ).toEqual([
      'HEADROOM_PORT is "x": expected a port from 0 to 65535.',
      'HEADROOM_POLL is "x": expected a duration of 1s or more, such as 30s.',
      'REDIS_URL and DATABASE_URL are both set: expected one of them, or neither.',
      'TWILIO_API_KEY is set without TWILIO_API_SECRET: expected both, or neither.',
    ]);
  });

  it('a lone API secret is reported too', () => {
    expect(problems({ TWILIO_API_SECRET: 's3' })).toEqual([
      'TWILIO_API_SECRET is set without TWILIO_API_KEY: expected both, or neither.',
    ]);
  });
});

describe('what is started', () => {
  it.each([
    ['emulated', {}],
    ['emulated', { HEADROOM_RULES: './mine', HEADROOM_ADMIN_TOKEN: 'x', TWILIO_AUTH_TOKEN: '' }],
    ['incomplete', { TWILIO_EDGE: 'dublin' }],
    ['incomplete', { TWILIO_LOG_LEVEL: 'debug' }],
    ['incomplete', { PUBLIC_URL: 'https://h' }],
    ['incomplete', { REDIS_URL: 'redis://h' }],
    ['incomplete', { DATABASE_URL: 'postgres://h' }],
    ['incomplete', { TASKROUTER_BASE_URL: 'http://127.0.0.1:4010' }],
    ['incomplete', { ...live, PUBLIC_URL: '' }],
    ['live', live],
    ['live', { ...live, PUBLIC_URL: '', TASKROUTER_BASE_URL: 'http://127.0.0.1:4010' }],
  ])('is %s with %j', (kind, env) => {
    expect(startKind(config(env))).toBe(kind);
  });

  it('names everything that is missing', () => {
    expect(missingForLive(config({}))).toEqual([
      'TWILIO_ACCOUNT_SID is not set: expected the account, "AC…".',
      'TWILIO_AUTH_TOKEN is not set: deliveries cannot be verified without it.',
      'TWILIO_WORKSPACE_SID is not set: expected the Workspace, "WS…".',
      'PUBLIC_URL is not set: expected the URL that Twilio reaches this daemon by.',
    ]);
  });
});

describe('secrets', () => {
  it('print as [secret] everywhere and are revealed on request', () => {
    const secret = new Secret('hunter2');
    expect([`${secret}`, JSON.stringify(secret), inspect({ secret })].join()).not.toContain('hunt');
    expect(`${secret}`).toBe('[secret]');
    expect(secret.reveal()).toBe('hunter2');
  });

  it('are not in the line that describes the configuration', () => {
    const line = JSON.stringify(
      describeConfig(
        config({
          ...live,
          PUBLIC_URL: 'https://user:hunter2@h.example/x',
          REDIS_URL: 'redis://:hunter2@redis:6379/1',
          HEADROOM_ADMIN_TOKEN: 'hunter2',
          HEADROOM_FORWARD_URL: 'https://f.example/in?token=hunter2',
          TWILIO_AUTH_TOKEN: 'hunter2',
        }),
      ),
    );
    expect(line).not.toContain('hunter2');
    expect(line).toContain('"redisUrl":"redis://redis:6379/1"');
    expect(line).toContain('"publicUrl":"https://h.example/x"');
    expect(line).toContain('"rate":"20 in 1000 ms"');
  });
});

it.each([
  ['250ms', 250],
  ['90s', 90_000],
  ['15m', 900_000],
  ['2h', 7_200_000],
  ['14d', 1_209_600_000],
  ['2 h', null],
  ['h', null],
  ['1.5h', null],
  ['-1s', null],
])('the duration %s is %s ms', (written, ms) => {
  expect(durationMs(written)).toBe(ms);
});

it('.env.example names every variable, and reading its values is no mistake', () => {
  const text = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
  const pairs = text.split('\n').flatMap((line) => {
    const [, name, value] = /^(?:# )?([A-Z_]+)=(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, value ?? ''] as const];
  });
  expect(problems(Object.fromEntries(pairs))).toEqual([]);
  expect(startKind(config(Object.fromEntries(pairs)))).toBe('emulated');
  expect(pairs.map(([name]) => name).sort()).toEqual(
    [
      'TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN TWILIO_API_KEY TWILIO_API_SECRET',
      'TWILIO_AUTH_TOKEN_PREVIOUS TWILIO_WORKSPACE_SID TWILIO_EDGE TWILIO_REGION',
      'TASKROUTER_BASE_URL PUBLIC_URL REDIS_URL DATABASE_URL HEADROOM_DATA HEADROOM_RULES',
      'HEADROOM_MODE HEADROOM_HOST HEADROOM_PORT HEADROOM_ADMIN_TOKEN HEADROOM_LOG_LEVEL',
      'HEADROOM_RATE HEADROOM_RESYNC HEADROOM_POLL HEADROOM_FORWARD_URL HEADROOM_KEY_PREFIX',
      'HEADROOM_URL HEADROOM_TOKENS_FILE HEADROOM_FORWARD_SIGNATURE HEADROOM_JOURNAL_KEEP',
    ]
      .join(' ')
      .split(' ')
      .sort(),
  );
});

it('37: PUBLIC_URL may have a path prefix, and Redis together with PostgreSQL is a problem', () => {
  const prefixed = config({ PUBLIC_URL: 'https://h.example/hr/' });
  expect(prefixed).toMatchObject({ publicUrl: 'https://h.example/hr' });
  expect(problems({ REDIS_URL: 'redis://h', DATABASE_URL: 'postgres://h' })).toEqual([
    'REDIS_URL and DATABASE_URL are both set: expected one of them, or neither.',
  ]);
});

it('37: the image listens on 0.0.0.0', () => {
  const image = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
  expect(image).toMatch(/^ENV .*\bHEADROOM_HOST=0\.0\.0\.0\b/m);
});

describe('a daemon that others can reach', () => {
  const env = {
    TASKROUTER_BASE_URL: 'http://127.0.0.1:4010',
    HEADROOM_ADMIN_TOKEN: 'fifteen-letters',
  };
  const problems = async (more: Record<string, string>) => {
    const read = await readSettings({ ...env, ...more }, { orEmulated: false });
    return 'problems' in read ? read.problems.filter((each) => /ADMIN_TOKEN/.test(each)) : [];
  };

  it.each([
    ['behind PUBLIC_URL', { PUBLIC_URL: 'https://hr.example.com' }],
    ['on every address', { HEADROOM_HOST: '0.0.0.0' }],
  ])('%s needs an admin token that cannot be guessed', async (_, more) => {
    expect(await problems(more)).toEqual([
      'HEADROOM_ADMIN_TOKEN has 15 characters: expected 16 or more where the API is reached from elsewhere, e.g. by openssl rand -hex 24.',
    ]);
    expect(await problems({ ...more, HEADROOM_ADMIN_TOKEN: 'sixteen-letters.' })).toEqual([]);
  });

  it('accepts any token on the machine itself', async () => {
    expect(await problems({})).toEqual([]);
  });
});

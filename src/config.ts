// The environment, read once at start: either a whole configuration or all problems, each in one
// sentence that names the variable. Secrets are wrapped so that no log line can print them.

import { z } from 'zod';
import { isSid, type WorkspaceSid } from './core/ids.ts';
import { nearest } from './core/nearest.ts';
import { Secret } from './secret.ts';
import { isTlsOrLoopback, parseUrl, redactUrl } from './urls.ts';

export interface Config {
  readonly accountSid: string | null;
  /** Verifies signatures, and authenticates REST calls if there is no API key. */
  readonly authToken: Secret | null;
  /** Also accepted on webhooks while a token is being rotated. */
  readonly authTokenPrevious: Secret | null;
  readonly apiKey: { readonly sid: string; readonly secret: Secret } | null;
  readonly workspaceSid: WorkspaceSid | null;
  readonly edge: string | null;
  readonly region: string | null;
  /** Another TaskRouter; null: Twilio itself. No trailing slash, as in `publicUrl` and `url`. */
  readonly baseUrl: string | null;
  readonly publicUrl: string | null;
  readonly redisUrl: Secret | null;
  readonly databaseUrl: Secret | null;
  readonly dataDir: string;
  readonly rulesDir: string;
  readonly mode: 'observe' | null;
  readonly host: string;
  readonly port: number;
  readonly adminToken: Secret | null;
  readonly logLevel: LogLevel;
  /** At most `limit` REST calls in any span of `windowMs`. */
  readonly rate: Rate;
  readonly resyncMs: number;
  readonly pollMs: number;
  /** How long a journal entry is kept. */
  readonly journalKeepMs: number;
  readonly forwardUrl: string | null;
  readonly forwardSignature: 'new' | 'original';
  readonly keyPrefix: string;
  /** The daemon that the command line talks to. */
  readonly url: string;
  readonly tokensFile: string | null;
  /** The names of all non-empty variables, for `startKind`. */
  readonly setNames: readonly string[];
}

export interface Rate {
  readonly limit: number;
  readonly windowMs: number;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const text = z.string();
const sid = (prefix: string) => text.refine((value) => isSid(prefix, value));
const token = text.regex(/^[\x21-\x7e]+$/).transform((value) => new Secret(value));
const url = (protocols: readonly string[]) =>
  text.refine((value) => protocols.includes(parseUrl(value)?.protocol ?? ''));
const httpUrl = url(['http:', 'https:']);
/** A URL that paths are appended to: without query or fragment. */
const baseUrl = httpUrl
  .refine((value) => !/[?#]/.test(value))
  .transform((value) => value.replace(/\/+$/, ''));
const secretUrl = (protocols: readonly string[]) =>
  url(protocols).transform((value) => new Secret(value));
const label = text.regex(/^[a-z0-9-]+$/);
const duration = (leastMs: number) =>
  text.transform(durationMs).refine((ms) => ms !== null && ms >= leastMs);
const rate = text.transform(parseRate).refine((found) => found !== null);
const port = text
  .regex(/^\d{1,5}$/)
  .transform(Number)
  .refine((found) => found <= 65_535);

interface Variable {
  readonly schema: z.ZodType;
  /** Completes "expected …". */
  readonly expected: string;
  readonly secret?: true;
}

const SECRET = 'text without spaces';
const VARIABLES = {
  TWILIO_ACCOUNT_SID: { schema: sid('AC'), expected: '"AC" and 32 hexadecimal digits' },
  TWILIO_AUTH_TOKEN: { schema: token, expected: SECRET, secret: true },
  TWILIO_AUTH_TOKEN_PREVIOUS: { schema: token, expected: SECRET, secret: true },
  TWILIO_API_KEY: { schema: sid('SK'), expected: '"SK" and 32 hexadecimal digits' },
  TWILIO_API_SECRET: { schema: token, expected: SECRET, secret: true },
  TWILIO_WORKSPACE_SID: { schema: sid('WS'), expected: '"WS" and 32 hexadecimal digits' },
  TWILIO_EDGE: { schema: label, expected: 'a Twilio edge such as dublin' },
  TWILIO_REGION: { schema: label, expected: 'a Twilio region such as ie1' },
  TASKROUTER_BASE_URL: {
    schema: baseUrl,
    expected: 'an http or https URL without query, such as http://127.0.0.1:4010',
  },
  PUBLIC_URL: {
    schema: baseUrl.refine((value) => !/\/webhooks\//.test(value)),
    expected: 'the http or https URL that Twilio was given, without query and without webhook path',
  },
  REDIS_URL: {
    schema: secretUrl(['redis:', 'rediss:']),
    expected: 'a redis:// or rediss:// URL',
    secret: true,
  },
  DATABASE_URL: {
    schema: secretUrl(['postgres:', 'postgresql:']),
    expected: 'a postgres:// URL',
    secret: true,
  },
  HEADROOM_DATA: { schema: text, expected: 'a folder' },
  HEADROOM_RULES: { schema: text, expected: 'a folder' },
  HEADROOM_MODE: { schema: z.literal('observe'), expected: 'observe, or nothing' },
  HEADROOM_HOST: { schema: text.regex(/^[\w.:-]+$/), expected: 'an address such as 127.0.0.1' },
  HEADROOM_PORT: { schema: port, expected: 'a port from 0 to 65535' },
  HEADROOM_ADMIN_TOKEN: { schema: token, expected: SECRET, secret: true },
  HEADROOM_LOG_LEVEL: { schema: z.enum(LOG_LEVELS), expected: `one of ${LOG_LEVELS.join(', ')}` },
  HEADROOM_RATE: { schema: rate, expected: 'calls per second, minute or hour, such as 20/s' },
  HEADROOM_RESYNC: { schema: duration(60_000), expected: 'a duration of 1m or more, such as 6h' },
  HEADROOM_POLL: { schema: duration(1000), expected: 'a duration of 1s or more, such as 30s' },
  HEADROOM_JOURNAL_KEEP: {
    schema: duration(3_600_000),
    expected: 'a duration of 1h or more, such as 7d',
  },
  HEADROOM_FORWARD_URL: {
    schema: httpUrl.refine(isTlsOrLoopback),
    expected: 'an https URL, or http on this machine: deliveries carry what is known of people',
  },
  HEADROOM_FORWARD_SIGNATURE: { schema: z.enum(['new', 'original']), expected: 'new or original' },
  HEADROOM_KEY_PREFIX: {
    schema: text.regex(/^[\w.-]{1,64}$/),
    expected: 'up to 64 letters, digits, ".", "_" or "-"',
  },
  HEADROOM_URL: { schema: baseUrl, expected: 'the http or https URL of a daemon' },
  HEADROOM_TOKENS_FILE: { schema: text, expected: 'a file' },
} as const satisfies Record<string, Variable>;

type Name = keyof typeof VARIABLES;
const HEADROOM_VARIABLES = Object.keys(VARIABLES).filter((name) => name.startsWith('HEADROOM_'));
type Values = { readonly [N in Name]?: z.output<(typeof VARIABLES)[N]['schema']> };

/** Reads `env`. An empty variable counts as not set. */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
): { readonly config: Config } | { readonly problems: readonly string[] } {
  const setNames = Object.keys(env).filter((name) => (env[name] ?? '') !== '');
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const name of setNames) {
    if (isName(name)) {
      const read = VARIABLES[name].schema.safeParse(env[name]);
      if (read.success) values[name] = read.data;
      else problems.push(invalidValueMessage(name, env[name] ?? ''));
    } else if (name.startsWith('HEADROOM_')) {
      problems.push(
        `${name} is not a variable of headroom; the nearest one is ${nearest(name, HEADROOM_VARIABLES)}.`,
      );
    }
  }
  problems.push(...combinationProblems(new Set(setNames)));
  if (problems.length > 0) return { problems };
  return { config: toConfig(values as Values, setNames) };
}

function toConfig(values: Values, setNames: readonly string[]): Config {
  const { TWILIO_API_KEY: key, TWILIO_API_SECRET: secret } = values;
  const port = values.HEADROOM_PORT ?? 3000;
  const workspaceSid = values.TWILIO_WORKSPACE_SID;
  return {
    accountSid: values.TWILIO_ACCOUNT_SID ?? null,
    authToken: values.TWILIO_AUTH_TOKEN ?? null,
    authTokenPrevious: values.TWILIO_AUTH_TOKEN_PREVIOUS ?? null,
    apiKey: key !== undefined && secret !== undefined ? { sid: key, secret } : null,
    workspaceSid: isSid('WS', workspaceSid) ? workspaceSid : null,
    edge: values.TWILIO_EDGE ?? null,
    region: values.TWILIO_REGION ?? null,
    baseUrl: values.TASKROUTER_BASE_URL ?? null,
    publicUrl: values.PUBLIC_URL ?? null,
    redisUrl: values.REDIS_URL ?? null,
    databaseUrl: values.DATABASE_URL ?? null,
    dataDir: values.HEADROOM_DATA ?? './data',
    rulesDir: values.HEADROOM_RULES ?? './rules',
    mode: values.HEADROOM_MODE ?? null,
    host: values.HEADROOM_HOST ?? '127.0.0.1',
    port,
    adminToken: values.HEADROOM_ADMIN_TOKEN ?? null,
    logLevel: values.HEADROOM_LOG_LEVEL ?? 'info',
    rate: values.HEADROOM_RATE ?? { limit: 20, windowMs: 1000 },
    resyncMs: values.HEADROOM_RESYNC ?? 6 * 3_600_000,
    pollMs: values.HEADROOM_POLL ?? 30_000,
    journalKeepMs: values.HEADROOM_JOURNAL_KEEP ?? 7 * 86_400_000,
    forwardUrl: values.HEADROOM_FORWARD_URL ?? null,
    forwardSignature: values.HEADROOM_FORWARD_SIGNATURE ?? 'new',
    keyPrefix: values.HEADROOM_KEY_PREFIX ?? 'headroom',
    url: values.HEADROOM_URL ?? `http://127.0.0.1:${port}`,
    tokensFile: values.HEADROOM_TOKENS_FILE ?? null,
    setNames,
  };
}

/** How the environment asks the daemon to run. */
export type StartKind = 'emulated' | 'live' | 'incomplete';

/**
 * `emulated` only if nothing at all points at a real TaskRouter or a shared store: a forgotten
 * variable must never make a production start quietly run against the emulator.
 */
export function startKind(config: Config): StartKind {
  const real = ['PUBLIC_URL', 'REDIS_URL', 'DATABASE_URL', 'TASKROUTER_BASE_URL'];
  const any = config.setNames.some((name) => name.startsWith('TWILIO_') || real.includes(name));
  if (!any) return 'emulated';
  return missingForLive(config).length === 0 ? 'live' : 'incomplete';
}

/** One sentence for each variable that the daemon lacks to work on a real TaskRouter. */
export function missingForLive(config: Config): readonly string[] {
  const needs: [unknown, string][] = [
    [config.accountSid, 'TWILIO_ACCOUNT_SID is not set: expected the account, "AC…".'],
    [config.authToken, 'TWILIO_AUTH_TOKEN is not set: deliveries cannot be verified without it.'],
    [config.workspaceSid, 'TWILIO_WORKSPACE_SID is not set: expected the Workspace, "WS…".'],
  ];
  // Twilio cannot reach a loopback address; another TaskRouter beside us can.
  if (config.baseUrl === null) {
    const why = 'expected the URL that Twilio reaches this daemon by';
    needs.push([config.publicUrl, `PUBLIC_URL is not set: ${why}.`]);
  }
  return needs.filter(([value]) => value === null).map(([, sentence]) => sentence);
}

/** The effective configuration for one log line, with secrets masked. */
export function describeConfig(config: Config): Record<string, unknown> {
  const { setNames: _, redisUrl, databaseUrl, publicUrl, forwardUrl, rate, ...rest } = config;
  return {
    ...rest,
    rate: `${rate.limit} in ${rate.windowMs} ms`,
    redisUrl: redisUrl && redactUrl(redisUrl.reveal()),
    databaseUrl: databaseUrl && redactUrl(databaseUrl.reveal()),
    publicUrl: publicUrl && redactUrl(publicUrl),
    forwardUrl: forwardUrl && redactUrl(forwardUrl),
  };
}

/** `6h` or `30s` in ms; null if it is not a duration. */
export function durationMs(value: string): number | null {
  const [, count, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(value) ?? [];
  const unitMs = UNIT_MS[unit ?? ''];
  return count !== undefined && unitMs !== undefined ? Number(count) * unitMs : null;
}

function parseRate(value: string): Rate | null {
  const [, count, unit] = /^(\d{1,6})\/(s|m|h)$/.exec(value) ?? [];
  const windowMs = UNIT_MS[unit ?? ''];
  const limit = Number(count);
  return windowMs !== undefined && limit > 0 ? { limit, windowMs } : null;
}

/** Problems with combinations of variables. */
function combinationProblems(names: ReadonlySet<string>): string[] {
  const problems: string[] = [];
  if (names.has('REDIS_URL') && names.has('DATABASE_URL')) {
    problems.push('REDIS_URL and DATABASE_URL are both set: expected one of them, or neither.');
  }
  for (const [one, other] of [
    ['TWILIO_API_KEY', 'TWILIO_API_SECRET'],
    ['TWILIO_API_SECRET', 'TWILIO_API_KEY'],
  ] as const) {
    if (names.has(one) && !names.has(other)) {
      problems.push(`${one} is set without ${other}: expected both, or neither.`);
    }
  }
  return problems;
}

function invalidValueMessage(name: Name, found: string): string {
  const variable: Variable = VARIABLES[name];
  // A URL may contain a password or, by mistake, a token.
  const hidden = found
    .replace(/\/\/[^/]*@/, '//[secret]@')
    .replace(/([?&][^=&]*(?:token|secret|key|auth)[^=&]*=)[^&]*/gi, '$1[secret]');
  const plain = JSON.stringify(hidden);
  const shown = variable.secret ? 'a value that is not shown' : plain;
  return `${name} is ${shown}: expected ${variable.expected}.`;
}

function isName(name: string): name is Name {
  return Object.hasOwn(VARIABLES, name);
}

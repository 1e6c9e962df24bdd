// The log: one JSON line per entry, without secrets or personal data. Values are masked by key name
// at any depth, so a new caller cannot leak a Worker's attributes by nesting them.

import pino, { type DestinationStream, type Logger } from 'pino';
import type { LogLevel } from './config.ts';

/** What the rest of headroom needs of a logger. */
export interface Log {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
  /** A logger for one part, e.g. `{ part: 'ingress' }`: every line of it carries these fields. */
  child(fields: object): Log;
}

/** Keys as compared: lower case, letters and digits only, so `auth_token` is `authToken`. */
const SECRET_KEYS = new Set(
  [
    'authorization proxyAuthorization authToken authTokenPrevious token tokens adminToken apiSecret',
    'secret password cookie cookies setCookie xTwilioSignature signature sha256',
  ]
    .join(' ')
    .toLowerCase()
    .split(' '),
);
const PERSONAL_KEYS = new Set(
  [
    'attributes workerAttributes taskAttributes friendlyName workerName name personName caller',
    'fields body rawBody form payload eventData eventDescription sourceIpAddress',
  ]
    .join(' ')
    .toLowerCase()
    .split(' '),
);

/** Nothing deeper is printed: what we log on purpose is flat. */
const MAX_DEPTH = 6;

export interface LogOptions {
  readonly logLevel: LogLevel;
  /** One readable line per entry, for a person at a terminal; everything else reads JSON. */
  readonly plain?: boolean;
}

export function createLogger(options: LogOptions, destination?: DestinationStream): Log {
  const sink = options.plain ? plainTextStream(destination ?? process.stdout) : destination;
  const logger = pino(
    {
      level: options.logLevel,
      base: null,
      // pino's own would serialize the described error again, with all its properties.
      serializers: { err: (described: unknown) => described },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => maskFields(fields, 0),
      },
    },
    ...(sink === undefined ? [] : [sink]),
  );
  return wrapLogger(logger);
}

/** `09:30:00 warn: what happened`: time, level unless it is info, text, the error's message. */
function plainTextStream(destination: DestinationStream): DestinationStream {
  return {
    write(line: string) {
      const { time, level, msg, err } = JSON.parse(line) as Record<string, unknown>;
      const fault =
        typeof err === 'object' && err !== null ? `: ${String(Reflect.get(err, 'message'))}` : '';
      const mark = level === 'info' ? '' : `${String(level)}: `;
      destination.write(`${String(time).slice(11, 19)} ${mark}${String(msg)}${fault}\n`);
    },
  };
}

/** pino does not apply `formatters.log` to the fields of children, so they are masked here. */
function wrapLogger(logger: Logger): Log {
  return {
    debug: (fields, text) => logger.debug(fields, text),
    info: (fields, text) => logger.info(fields, text),
    warn: (fields, text) => logger.warn(fields, text),
    error: (fields, text) => logger.error(fields, text),
    child: (fields) => wrapLogger(logger.child(maskFields(fields, 0))),
  };
}

function maskFields(fields: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, maskValue(key, value, depth)]),
  );
}

function maskValue(key: string, value: unknown, depth: number): unknown {
  if (value === null || value === undefined) return value;
  const plain = key.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  if (SECRET_KEYS.has(plain)) return '[secret]';
  if (PERSONAL_KEYS.has(plain)) return '[personal]';
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object') return value;
  if (depth >= MAX_DEPTH) return '[deep]';
  if (value instanceof Error) return describeError(value);
  if (Array.isArray(value)) return value.map((each) => maskValue('', each, depth + 1));
  if (hasToJson(value)) return value.toJSON();
  if (value instanceof Map) return maskFields(Object.fromEntries(value), depth + 1);
  return maskFields(value, depth + 1);
}

/** Only what helps: an HTTP client's error contains the request, Authorization header included. */
function describeError(error: Error): Record<string, unknown> {
  const known: Record<string, unknown> = { type: error.name, message: error.message };
  for (const key of ['code', 'kind', 'status', 'retryAfterMs'] as const) {
    const value: unknown = Reflect.get(error, key);
    if (typeof value === 'string' || typeof value === 'number') known[key] = value;
  }
  if (error.cause instanceof Error) known.cause = `${error.cause.name}: ${error.cause.message}`;
  known.stack = error.stack;
  return known;
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return typeof Reflect.get(value, 'toJSON') === 'function';
}

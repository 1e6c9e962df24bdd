// The small values of the language: names, lengths of time, amounts, capacities, attribute paths.

import { attributePath } from '../core/condition/path.ts';
import type { Amount } from '../core/rules.ts';
import type { Span, Zone } from '../core/schedule/schedule.ts';
import { parseSpan, spanMs } from '../core/schedule/span.ts';
import { isZone, nearestZone } from '../core/schedule/zone.ts';
import { quote } from './diagnostic.ts';
import { LIMITS } from './limits.ts';
import { map, quotedNumber, type Shape, text, wrongKind } from './shape.ts';
import type { SourceValue } from './source-value.ts';

/**
 * Letters of any script, digits, `-`, `_` and blanks inside; no dots, which make attribute paths.
 */
const NAME =
  '^[A-Za-z0-9\\u00C0-\\uFFFD](?:[A-Za-z0-9\\u00C0-\\uFFFD_ -]*[A-Za-z0-9\\u00C0-\\uFFFD_-])?$';
const NAME_TEST = new RegExp(NAME);

export function name(what: string, reserved: readonly string[] = []): Shape<string> {
  return text({
    expected: `the name of ${what}`,
    schema: { pattern: NAME, maxLength: LIMITS.nameLength },
    parse(value, spot) {
      if (reserved.includes(value)) {
        spot.report('name.reserved', `"${value}" has a meaning of its own, expected another name`);
        return undefined;
      }
      if (NAME_TEST.test(value) && value.length <= LIMITS.nameLength) return value;
      const form = `letters, digits, "-", "_" and blanks, at most ${LIMITS.nameLength}`;
      spot.report(
        'name.invalid',
        `${quote(value)} cannot be the name of ${what}, expected ${form}`,
      );
      return undefined;
    },
  });
}

/** TaskRouter allows more than our names do: only outer blanks, line ends and length matter. */
export const channelName: Shape<string> = text({
  expected: 'the unique name of a Task Channel',
  schema: { pattern: '^\\S(?:.*\\S)?$', maxLength: LIMITS.nameLength },
  parse(value, spot) {
    const trimmed = value === value.trim() && value !== '' && !/[\r\n\u2028\u2029]/.test(value);
    if (trimmed && value.length <= LIMITS.nameLength) {
      spot.useChannel(value);
      return value;
    }
    const expected = 'a unique name such as "chat"';
    spot.report('name.invalid', `${quote(value)} cannot be a Task Channel, expected ${expected}`);
    return undefined;
  },
});

/** One channel by its name, where `any` is not allowed. */
export const oneChannel: Shape<string> = map(channelName, (value, spot) => {
  if (value !== 'any') return value;
  const message =
    '"any" means every other channel in "then" only, expected the name of one channel';
  spot.report('name.reserved', message);
  return undefined;
});

const SPAN = '^(?=\\d)(?:\\d+d)?(?:\\d+h)?(?:\\d+m)?(?:\\d+s)?$';

/** A length of time as written, zero included. */
export const span: Shape<Span> = {
  expected: 'a length of time such as 90s, 15m, 2h or 14d',
  schema: () => ({ type: 'string', pattern: SPAN }),
  read(spot) {
    const found = `"${spot.label}" is ${spot.describe()}`;
    if (spot.kind === 'number' || /^\s*\d+\s*$/.test(String(spot.value))) {
      const number = String(spot.value).trim();
      spot.report(
        'duration.no_unit',
        `${found}, expected its unit too, such as ${number}s or ${number}m`,
      );
      return undefined;
    }
    if (spot.kind !== 'text') return wrongKind(spot, span.expected);
    const value = parseSpan(String(spot.value));
    if (value !== null) return value;
    spot.report('duration.invalid', `${found}, expected ${span.expected}`);
    return undefined;
  },
};

/** A length of time to wait, in ms; a day has 24 hours here. */
export const durationMs: Shape<number> = {
  expected: span.expected,
  schema: (defs) => span.schema(defs),
  read(spot) {
    const value = span.read(spot);
    if (value === undefined) return undefined;
    const ms = spanMs(value);
    if (ms > 0) return ms;
    spot.report('duration.zero', `"${spot.label}" is ${spot.written}, expected longer than zero`);
    return undefined;
  },
};

const PERCENT = /^(\d{1,3}(?:\.\d{1,3})?)\s*%$/;

/** A number of Workers or a percentage of them. */
export const amount: Shape<Amount> = {
  expected: 'a number of Workers such as 4, or a percentage such as 30%',
  schema: () => ({
    anyOf: [
      { type: 'integer', minimum: 1 },
      { type: 'string', pattern: PERCENT.source },
    ],
  }),
  read(spot) {
    const { value } = spot;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) {
      return { count: value };
    }
    if (typeof value === 'string') {
      const percent = Number(PERCENT.exec(value)?.[1] ?? Number.NaN);
      if (percent > 0 && percent <= 100) return { share: percent / 100 };
      if (/^\s*\d+\s*$/.test(value)) return quotedNumber(spot);
    }
    if (typeof value !== 'number' && typeof value !== 'string')
      return wrongKind(spot, amount.expected);
    const message = `"${spot.label}" is ${spot.describe()}, expected ${amount.expected}`;
    spot.report('amount.invalid', message);
    return undefined;
  },
};

/** A capacity as TaskRouter accepts it: whole, not negative, at most 50. */
export const capacity: Shape<number> = {
  expected: `a capacity from 0 to ${LIMITS.capacity}`,
  schema: () => ({ type: 'integer', minimum: 0, maximum: LIMITS.capacity }),
  read(spot) {
    const { value } = spot;
    if (typeof value === 'string' && /^\s*-?\d+\s*$/.test(value)) return quotedNumber(spot);
    if (typeof value !== 'number') return wrongKind(spot, capacity.expected);
    return checkCapacity(spot, value) ? value : undefined;
  },
};

function checkCapacity(spot: SourceValue, value: number): boolean {
  const found = `"${spot.label}" is ${spot.written}, expected`;
  if (!Number.isInteger(value)) {
    spot.report('capacity.fractional', `${found} a whole number from 0 to ${LIMITS.capacity}`);
    return false;
  }
  if (value < 0) {
    spot.report('capacity.negative', `${found} 0 or more (to close a channel, write pause)`);
    return false;
  }
  if (value > LIMITS.capacity) {
    spot.report(
      'capacity.too_high',
      `${found} at most ${LIMITS.capacity}, which is TaskRouter's limit`,
    );
    return false;
  }
  return true;
}

const WORKER_PATH = '^worker\\..+$';

/** Whether text names a Worker attribute rather than something in the rule set. */
export function isWorkerPath(value: string): boolean {
  return /^worker\b/.test(value);
}

export function parseWorkerPath(value: string, spot: SourceValue): readonly string[] | undefined {
  const parsed = attributePath(value);
  if (parsed.ok && new RegExp(WORKER_PATH).test(value)) return parsed.path;
  const why = parsed.ok ? 'expected worker. and the name of an attribute' : parsed.error;
  spot.report('attribute.invalid', `"${spot.label}" is ${quote(value)}: ${why}`);
  return undefined;
}

const ZONE = 'a time zone such as Europe/London, or worker.timezone';

/** An IANA zone, or the attribute that gives each Worker's own. */
export const zone: Shape<Zone> = text<Zone>({
  expected: ZONE,
  schema: { minLength: 1 },
  parse(value, spot) {
    if (isWorkerPath(value)) {
      const path = parseWorkerPath(value, spot);
      return path === undefined ? undefined : { kind: 'worker', path };
    }
    if (isZone(value)) return { kind: 'fixed', id: value };
    const near = nearestZone(value);
    const end = near === null ? `, expected ${ZONE}` : `; did you mean "${near}"?`;
    spot.report('zone.invalid', `${quote(value)} is not a time zone${end}`);
    return undefined;
  },
});

// The series of a rule test: which fact each is about, and its values minute by minute.

import { FIELDS } from '../../core/condition/vocabulary.ts';
import { parseSpan, spanMs } from '../../core/schedule/span.ts';
import { quote, suggestion } from '../../language/diagnostic.ts';
import type { SourceValue } from '../../language/source-value.ts';
import { parseWorkerPath } from '../../language/values.ts';

export const MINUTE_MS = 60_000;
/** More than four days; a longer test uses events instead. */
const LONGEST = 6_000;

export type Fact =
  | { readonly kind: 'queue' | 'group'; readonly name: string; readonly key: string }
  | { readonly kind: 'channel'; readonly name: string }
  | { readonly kind: 'activity' }
  | { readonly kind: 'worker'; readonly path: readonly string[] };

/** Null: the series says that it is unknown. */
export type Value = string | number | boolean | null;

export interface Series {
  readonly fact: Fact;
  /** The first is for the test's first minute; the last one stays. */
  readonly values: readonly Value[];
  readonly spot: SourceValue;
}

type Kind = 'number' | 'duration' | 'boolean' | 'any';

const KINDS = ['queue', 'group', 'channel', 'activity', 'worker'];

/** The fact that a series is about, and the kind of its values; undefined if it was refused. */
export function factOf(key: string, spot: SourceValue): { fact: Fact; of: Kind } | undefined {
  const [kind = '', ...rest] = key.split('.');
  const field = rest.at(-1) ?? '';
  const name = rest.slice(0, -1).join('.');
  switch (kind) {
    case 'queue':
    case 'group':
      return recordFact(kind, name, field, spot);
    case 'channel':
      if (name !== '' && field === 'assigned') return { fact: { kind, name }, of: 'number' };
      return refuse(key, 'channel.<name>.assigned', spot);
    case 'activity':
      if (key === 'activity.available') return { fact: { kind }, of: 'boolean' };
      return refuse(key, 'activity.available', spot);
    case 'worker': {
      const path = parseWorkerPath(key, spot);
      return path === undefined ? undefined : { fact: { kind, path }, of: 'any' };
    }
    default:
      spot.report('test.fact', `${quote(key)} is not a fact${suggestion(kind, KINDS)}`);
      return undefined;
  }
}

function recordFact(kind: 'queue' | 'group', name: string, field: string, spot: SourceValue) {
  const words = FIELDS[kind];
  const word = Object.hasOwn(words, field) ? words[field] : undefined;
  if (name === '') return refuse(field, `${kind}.<name>.${Object.keys(words)[0]}`, spot);
  if (word !== undefined) {
    const of: Kind = word.type === 'duration' ? 'duration' : 'number';
    return { fact: { kind, name, key: word.key }, of };
  }
  const end = suggestion(field, Object.keys(words));
  spot.report('test.fact', `"${field}" is not a field of ${kind}${end}`);
  return undefined;
}

function refuse(found: string, expected: string, spot: SourceValue): undefined {
  spot.report('test.fact', `${quote(found)} is not a fact, expected ${expected}`);
  return undefined;
}

const WORDS: Readonly<Record<Kind, string>> = {
  number: 'a number, 0 or more',
  duration: 'a length of time such as 30s',
  boolean: 'true or false',
  any: 'a value',
};

/** `18x3 21`, a single value, or a list; undefined if at least one value was refused. */
export function valuesOf(of: Kind, spot: SourceValue): readonly Value[] | undefined {
  if (spot.kind === 'list') {
    const each = spot.items().map((item) => valuesOf(of, item));
    return each.some((values) => values === undefined) ? undefined : limited(each.flat(), spot);
  }
  if (spot.kind === 'map' || spot.kind === 'empty') {
    const message = `"${spot.label}" is ${spot.describe()}, expected values such as 18x3 21x4`;
    spot.report('test.series', message);
    return undefined;
  }
  const text = spot.kind === 'text' ? String(spot.value) : spot.written;
  const values: Value[] = [];
  let good = true;
  for (const { 0: token, index } of text.matchAll(/\S+/g)) {
    const read = tokenOf(of, token);
    if (read !== undefined) values.push(...read);
    else {
      const message = `"${token}" is not a value of ${spot.label}, expected ${WORDS[of]}`;
      spot.reportAt(
        'test.series',
        spot.offsetInText(index),
        `${message}, or several such as ${example(of)}`,
      );
      good = false;
    }
  }
  return good ? limited(values, spot) : undefined;
}

function example(of: Kind): string {
  const examples = { number: '18x3', duration: '30sx3', boolean: 'truex3', any: 'ax3' };
  return examples[of];
}

function limited(values: readonly (Value | undefined)[], spot: SourceValue) {
  const known = values.filter((value) => value !== undefined);
  if (known.length > 0 && known.length <= LONGEST) return known;
  const most = `expected from 1 to ${LONGEST}`;
  spot.report('test.series', `"${spot.label}" has ${known.length} values, ${most}`);
  return undefined;
}

/** `AxN` is A, N times; `?` is unknown. */
function tokenOf(of: Kind, token: string): readonly Value[] | undefined {
  const [, value = token, times = '1'] = /^(.+)x(\d{1,5})$/.exec(token) ?? [];
  const read = value === '?' ? null : parsed(of, value);
  if (read === undefined || Number(times) < 1) return undefined;
  return Array.from({ length: Math.min(Number(times), LONGEST + 1) }, () => read);
}

function parsed(of: Kind, text: string): Value | undefined {
  const number = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
  const truth = text === 'true' ? true : text === 'false' ? false : undefined;
  switch (of) {
    case 'number':
      return number;
    case 'boolean':
      return truth;
    case 'duration': {
      const span = parseSpan(text);
      return span === null ? undefined : spanMs(span);
    }
    case 'any':
      return number ?? truth ?? text;
  }
}

/** The value at `at` of a series in a test that began at `start`. */
export function valueAt({ values }: Series, start: number, at: number): Value {
  const minute = Math.floor(Math.max(0, at - start) / MINUTE_MS);
  return values[Math.min(minute, values.length - 1)] ?? null;
}

/** The instants at which its value differs from that of the minute before. */
export function changesOf({ values }: Series, start: number): readonly number[] {
  return values.flatMap((value, n) =>
    n > 0 && value !== values[n - 1] ? [start + n * MINUTE_MS] : [],
  );
}

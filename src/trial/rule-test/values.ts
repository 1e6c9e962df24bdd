// The small values of rule tests: instants and offsets, channel settings, and plain data.

import type { Span } from '../../core/schedule/schedule.ts';
import { parseSpan } from '../../core/schedule/span.ts';
import { instantOf } from '../../core/schedule/zone.ts';
import { quote } from '../../language/diagnostic.ts';
import { object } from '../../language/mapping.ts';
import {
  boolean,
  byKind,
  choice,
  integer,
  map,
  type Shape,
  text,
  wrongKind,
} from '../../language/shape.ts';
import type { SourceValue } from '../../language/source-value.ts';
import { capacity } from '../../language/values.ts';

/** A value and its position. */
export interface Placed<T> {
  readonly value: T;
  readonly spot: SourceValue;
}

export function placed<T>(shape: Shape<T>): Shape<Placed<T>> {
  return map(shape, (value, spot) => ({ value, spot }));
}

/** A name that YAML may read as a number: `sid: 1` is meant as text. */
export const label: Shape<string> = {
  expected: 'a name',
  schema: () => ({ type: ['string', 'number'] }),
  read(spot) {
    if (spot.kind === 'number') return spot.written;
    if (spot.kind === 'text' && spot.value !== '') return String(spot.value);
    return wrongKind(spot, 'a name');
  },
};

/** An instant as written, or how long after the test begins. */
export type Moment =
  | { readonly kind: 'instant'; readonly text: string }
  | { readonly kind: 'offset'; readonly span: Span };

const INSTANT = 'an instant such as "2026-06-10T10:00"';
const OFFSET = 'an offset such as 90s or 6m';

function isInstant(value: string): boolean {
  return instantOf(value, 'UTC') !== null;
}

export const instant: Shape<string> = text({
  expected: INSTANT,
  schema: { minLength: 1 },
  parse(value, spot) {
    if (isInstant(value)) return value;
    spot.report('test.instant', `"${spot.label}" is ${quote(value)}, expected ${INSTANT}`);
    return undefined;
  },
});

function momentOr(expected: string, instants: boolean): Shape<Moment> {
  return {
    expected,
    schema: () => ({ type: 'string' }),
    read(spot) {
      const written = String(spot.value ?? '');
      if (spot.kind === 'number') {
        const units = `such as ${written}s or ${written}m`;
        const message = `"${spot.label}" is ${spot.describe()}, expected its unit too, ${units}`;
        spot.report('duration.no_unit', message);
        return undefined;
      }
      const span = spot.kind === 'text' ? parseSpan(written) : null;
      if (span !== null) return { kind: 'offset', span };
      if (instants && spot.kind === 'text' && isInstant(written)) {
        return { kind: 'instant', text: written };
      }
      const found = `"${spot.label}" is ${spot.describe()}`;
      spot.report('test.instant', `${found}, expected ${expected}`);
      return undefined;
    },
  };
}

/** `6m` counts from the test's beginning; an instant is in the zone of the rules. */
export const moment = momentOr(`${OFFSET}, or ${INSTANT}`, true);
export const offset = momentOr(OFFSET, false);

/** The setting of a Worker Channel; what is left out stays as it would be. */
export interface ChannelSpec {
  readonly capacity?: number;
  readonly available?: boolean;
  readonly assigned?: number;
}

const fields = {
  capacity: { shape: capacity, doc: 'Its capacity.' },
  available: { shape: boolean(), doc: 'Whether it is open.' },
} as const;

const channelFields = {
  ...fields,
  assigned: {
    shape: integer({ expected: 'a whole number', least: 0, most: 50 }),
    doc: 'Tasks assigned.',
  },
} as const;

/** What a Worker Channel is before the rules; `none`: the Worker does not have it. */
export const channelSpec: Shape<ChannelSpec | 'none'> = byKind<ChannelSpec | 'none'>(
  'a capacity, {capacity, available, assigned}, pause or none',
  {
    number: map(capacity, (value) => ({ capacity: value })),
    text: map(choice(['pause', 'open', 'none']), (word) =>
      word === 'none' ? word : { available: word === 'open' },
    ),
    map: object<typeof channelFields, ChannelSpec>({
      what: 'a channel',
      fields: channelFields,
      build: ({ values }) => values,
    }),
  },
);

/** What a person sets. */
export const setting: Shape<Omit<ChannelSpec, 'assigned'>> = byKind<Omit<ChannelSpec, 'assigned'>>(
  'a capacity, pause or open',
  {
    number: map(capacity, (value) => ({ capacity: value })),
    text: map(choice(['pause', 'open']), (word) => ({ available: word === 'open' })),
    map: object<typeof fields, Omit<ChannelSpec, 'assigned'>>({
      what: 'an edit',
      fields,
      build: ({ values }) => values,
    }),
  },
);

/**
 * What a test expects of a Worker Channel. A number means open with that capacity; `baseline` means
 * what it goes back to when no rule claims it.
 */
export type Expected =
  | { readonly kind: 'set'; readonly capacity?: number; readonly available?: boolean }
  | { readonly kind: 'baseline' };

export const expected: Shape<Expected> = byKind<Expected>('a capacity, pause, open or baseline', {
  number: map(capacity, (value) => ({ kind: 'set', capacity: value, available: true })),
  text: map(choice(['pause', 'open', 'baseline']), (word) =>
    word === 'baseline' ? { kind: word } : { kind: 'set', available: word === 'open' },
  ),
  map: object<typeof fields, Expected>({
    what: 'an expected channel',
    fields,
    build: ({ values }) => ({ kind: 'set', ...values }),
  }),
});

/** The value as plain data: an attribute may be anything. */
export function plain(spot: SourceValue): unknown {
  if (spot.kind === 'list') return spot.items().map(plain);
  if (spot.kind !== 'map') return spot.value;
  return Object.fromEntries(spot.entries().map(({ name, value }) => [name, plain(value)]));
}

export const attributes: Shape<Readonly<Record<string, unknown>>> = {
  expected: 'attributes by name',
  schema: () => ({ type: 'object' }),
  read(spot) {
    if (spot.kind === 'map') return plain(spot) as Record<string, unknown>;
    spot.report('value.type', `"${spot.label}" is ${spot.describe()}, expected attributes by name`);
    return undefined;
  },
};

// Shapes of mappings: those with a fixed set of fields, and those whose keys people choose.

import { likelyMeant } from '../core/nearest.ts';
import { oneOf, quote } from './diagnostic.ts';
import type { JsonSchema } from './json-schema.ts';
import { type AnyShape, type Shape, wrongKind } from './shape.ts';
import type { Entry, SourceValue } from './source-value.ts';

export interface Field<T> {
  readonly shape: Shape<T>;
  /** One sentence for the reference and for editors. */
  readonly doc: string;
  readonly required?: true;
  /** Who reports that it is missing; by default the mapping does. */
  readonly reportedBy?: 'builder';
}

export type Fields = Readonly<Record<string, Field<unknown>>>;

type ValueOf<F> = F extends { readonly shape: Shape<infer T> } ? T : never;
export type Values<F extends Fields> = { readonly [K in keyof F]?: ValueOf<F[K]> };
export type Spots<F extends Fields> = { readonly [K in keyof F]?: SourceValue };

export interface Mapping<F extends Fields> {
  readonly values: Values<F>;
  /** Every field that is written, even if its value was refused. */
  readonly spots: Spots<F>;
  readonly spot: SourceValue;
  /** If the mapping is open: the keys that are not fields. */
  readonly others: readonly Entry[];
}

export interface ObjectSpec<F extends Fields, T> {
  /** With its article, e.g. `a rule`. */
  readonly what: string;
  readonly fields: F;
  /** Keys other than the fields are allowed; the builder checks them. */
  readonly open?: true;
  /** Words that people try, and the field that they mean. */
  readonly hints?: Readonly<Record<string, string>>;
  /** undefined: it cannot be built, and the reason has been reported. */
  build(read: Mapping<F>): T | undefined;
}

export interface ObjectShape<T> extends Shape<T> {
  readonly fields: Fields;
}

export function object<const F extends Fields, T>(spec: ObjectSpec<F, T>): ObjectShape<T> {
  const names = Object.keys(spec.fields);
  const expected = `a mapping of ${oneOf(names)}`;
  return {
    expected,
    fields: spec.fields,
    schema: (defs) => ({
      type: 'object',
      additionalProperties: spec.open === true,
      properties: Object.fromEntries(
        names.map((name) => [name, describe(spec.fields[name], (shape) => shape.schema(defs))]),
      ),
      required: names.filter((name) => spec.fields[name]?.required === true),
    }),
    read(spot) {
      if (spot.kind !== 'map') return wrongKind(spot, expected);
      return spec.build(readFields(spec, names, spot));
    },
  };
}

function describe(
  field: Field<unknown> | undefined,
  of: (shape: AnyShape) => JsonSchema,
): JsonSchema {
  return field === undefined ? {} : { description: field.doc, ...of(field.shape) };
}

function readFields<F extends Fields, T>(
  spec: ObjectSpec<F, T>,
  names: readonly string[],
  spot: SourceValue,
): Mapping<F> {
  const values: Record<string, unknown> = {};
  const spots: Record<string, SourceValue> = {};
  const others: Entry[] = [];
  const meant = new Set<string>();
  for (const entry of spot.entries()) {
    const field = Object.hasOwn(spec.fields, entry.name) ? spec.fields[entry.name] : undefined;
    if (field === undefined && spec.open === true) {
      others.push(entry);
      continue;
    }
    if (field === undefined) {
      const near = unknownKey(spec, names, entry);
      if (near !== null) meant.add(near);
      continue;
    }
    spots[entry.name] = entry.value;
    const value = field.shape.read(entry.value);
    if (value !== undefined) values[entry.name] = value;
  }
  for (const name of names) {
    const field = spec.fields[name];
    if (field?.required !== true || field.reportedBy === 'builder') continue;
    if (name in spots || meant.has(name)) continue;
    const message = `${describeMapping(spec.what, spot)} has no "${name}", expected ${field.shape.expected}`;
    spot.report('key.missing', message);
  }
  // The loop above filled both under the names of F, each value by its own shape.
  return { values: values as Values<F>, spots: spots as Spots<F>, spot, others };
}

/** `the rule "day-chat"` if it has a name, else `a rule here`. */
function describeMapping(what: string, spot: SourceValue): string {
  const name = spot.entries().find((entry) => entry.name === 'name')?.value.value;
  if (typeof name !== 'string') return `${what} here`;
  return `${what.replace(/^an? /, 'the ')} ${quote(name)}`;
}

/** Reports an unknown field; returns the field that was most likely meant. */
function unknownKey<F extends Fields, T>(
  spec: ObjectSpec<F, T>,
  names: readonly string[],
  { name, at }: Entry,
): string | null {
  if (name === '<<') return null;
  const hinted = spec.hints !== undefined && Object.hasOwn(spec.hints, name);
  const near = (hinted ? spec.hints?.[name] : likelyMeant(name, names)) ?? null;
  const end = near === null ? `; expected ${oneOf(names)}` : `; did you mean "${near}"?`;
  at.report('key.unknown', `${quote(name)} is not a field of ${spec.what}${end}`);
  return near;
}

export interface Keyed<K, V> {
  readonly key: K;
  readonly value: V;
  readonly at: SourceValue;
}

/** A mapping whose keys are names or times that the writer chooses. */
export function keyed<K, V>(spec: {
  readonly expected: string;
  readonly key: Shape<K>;
  readonly value: Shape<V>;
  readonly least?: number;
}): Shape<readonly Keyed<K, V>[]> {
  const { expected, least = 0 } = spec;
  return {
    expected,
    schema: (defs) => ({
      type: 'object',
      propertyNames: spec.key.schema(defs),
      additionalProperties: spec.value.schema(defs),
      ...(least > 0 ? { minProperties: least } : {}),
    }),
    read(spot) {
      if (spot.kind !== 'map') return wrongKind(spot, expected);
      const entries = spot.entries();
      if (entries.length < least) {
        spot.report('value.empty', `"${spot.label}" is empty, expected ${expected}`);
        return undefined;
      }
      return entries.flatMap(({ at, value: valueSpot }) => {
        const key = spec.key.read(at);
        const value = spec.value.read(valueSpot);
        return key === undefined || value === undefined ? [] : [{ key, value, at }];
      });
    },
  };
}

// Shapes: what is allowed at one place of a rules file. A shape reads a value, reporting all that
// is wrong with it, and describes itself as JSON Schema; so editors and `check` share one source.

import { quote, suggestion } from './diagnostic.ts';
import type { JsonSchema, SchemaSource } from './json-schema.ts';
import type { Kind, SourceValue } from './source-value.ts';

export interface Shape<T> extends SchemaSource {
  /** For the end of a sentence: `expected …`. */
  readonly expected: string;
  /** The value; undefined if it was refused, which has then been reported. */
  read(spot: SourceValue): T | undefined;
}

/** Any shape, for tables of them. */
export type AnyShape = Shape<unknown>;

/** Reports that a value of another kind was expected. */
export function wrongKind(spot: SourceValue, expected: string): undefined {
  if (spot.kind === 'empty') {
    spot.report('value.empty', `"${spot.label}" is empty, expected ${expected}`);
    return undefined;
  }
  spot.report('value.type', `"${spot.label}" is ${spot.describe()}, expected ${expected}`);
  return undefined;
}

/** Text that still has to be parsed; `parse` reports what it refuses. */
export function text<T>(options: {
  readonly expected: string;
  readonly schema: JsonSchema;
  parse(value: string, spot: SourceValue): T | undefined;
}): Shape<T> {
  return {
    expected: options.expected,
    schema: () => ({ type: 'string', ...options.schema }),
    read(spot) {
      if (spot.kind === 'text') return options.parse(String(spot.value), spot);
      if (spot.kind !== 'number' && spot.kind !== 'boolean') {
        return wrongKind(spot, options.expected);
      }
      const found = `"${spot.label}" is ${spot.describe()}`;
      const message = `${found}, expected ${options.expected}; put it in quotes if it is meant as text`;
      spot.report('value.unquoted', message);
      return undefined;
    },
  };
}

export function choice<const T extends string>(words: readonly T[]): Shape<T> {
  const expected = words.map((word) => `"${word}"`).join(' or ');
  return text<T>({
    expected,
    schema: { enum: words },
    parse(value, spot) {
      const word = words.find((each) => each === value);
      if (word !== undefined) return word;
      const end = suggestion(value, words);
      spot.report('value.choice', `"${spot.label}" is ${quote(value)}${end}`);
      return undefined;
    },
  });
}

const YES_NO = /^(?:y|yes|on|n|no|off)$/i;

export function boolean(): Shape<boolean> {
  const expected = 'true or false';
  return {
    expected,
    schema: () => ({ type: 'boolean' }),
    read(spot) {
      if (typeof spot.value === 'boolean') return spot.value;
      if (spot.kind !== 'text' || !YES_NO.test(String(spot.value)))
        return wrongKind(spot, expected);
      const word = `"${spot.label}" is ${quote(String(spot.value))}`;
      spot.report('value.yes_no', `${word}, expected true or false (YAML 1.2 has no yes and no)`);
      return undefined;
    },
  };
}

export interface Range {
  readonly expected: string;
  readonly least: number;
  readonly most: number;
}

export function integer({ expected, least, most }: Range): Shape<number> {
  return {
    expected,
    schema: () => ({ type: 'integer', minimum: least, maximum: most }),
    read(spot) {
      if (spot.kind === 'text' && /^\s*-?\d+\s*$/.test(String(spot.value))) {
        return quotedNumber(spot);
      }
      if (typeof spot.value !== 'number') return wrongKind(spot, expected);
      if (Number.isInteger(spot.value) && spot.value >= least && spot.value <= most) {
        return spot.value;
      }
      const found = `"${spot.label}" is ${spot.written}`;
      spot.report('value.number', `${found}, expected ${expected} from ${least} to ${most}`);
      return undefined;
    },
  };
}

export function quotedNumber(spot: SourceValue): undefined {
  const found = `"${spot.label}" is the text ${quote(String(spot.value))}`;
  spot.report('value.quoted_number', `${found}, expected a number without quotes`);
  return undefined;
}

export function list<T>(item: Shape<T>, expected: string, least = 0): Shape<readonly T[]> {
  return {
    expected,
    schema: (defs) => ({
      type: 'array',
      items: item.schema(defs),
      ...(least > 0 ? { minItems: least } : {}),
    }),
    read(spot) {
      if (spot.kind !== 'list') return wrongKind(spot, expected);
      const items = spot.items();
      if (items.length < least) {
        spot.report('value.empty', `"${spot.label}" is an empty list, expected ${expected}`);
        return undefined;
      }
      return items.flatMap((each) => {
        const value = item.read(each);
        return value === undefined ? [] : [value];
      });
    },
  };
}

/** One value, or a list of several. */
export function oneOrMany<T>(item: Shape<T>, expected: string): Shape<readonly T[]> {
  const many = list(item, expected, 1);
  return {
    expected,
    schema: (defs) => ({ anyOf: [item.schema(defs), many.schema(defs)] }),
    read(spot) {
      if (spot.kind === 'list') return many.read(spot);
      const value = item.read(spot);
      return value === undefined ? undefined : [value];
    },
  };
}

/** Different shapes for different kinds of YAML value, so that it is clear which was meant. */
export function byKind<T>(
  expected: string,
  shapes: Partial<Record<Exclude<Kind, 'empty'>, Shape<T>>>,
): Shape<T> {
  return {
    expected,
    schema: (defs) => ({ anyOf: Object.values(shapes).map((shape) => shape.schema(defs)) }),
    read(spot) {
      const shape = spot.kind === 'empty' ? undefined : shapes[spot.kind];
      if (shape !== undefined) return shape.read(spot);
      if (shapes.text !== undefined && (spot.kind === 'number' || spot.kind === 'boolean')) {
        return shapes.text.read(spot);
      }
      return wrongKind(spot, expected);
    },
  };
}

/** The same values, converted; `then` reports what it refuses. */
export function map<A, B>(
  shape: Shape<A>,
  then: (value: A, spot: SourceValue) => B | undefined,
): Shape<B> {
  return {
    expected: shape.expected,
    schema: (defs) => shape.schema(defs),
    read(spot) {
      const value = shape.read(spot);
      return value === undefined ? undefined : then(value, spot);
    },
  };
}

/** A shape with a name of its own in the JSON Schema, which may contain itself. */
export function named<T>(name: string, expected: string, shape: () => Shape<T>): Shape<T> {
  return {
    expected,
    schema: (defs) => defs.reference(name, () => shape().schema(defs)),
    read: (spot) => shape().read(spot),
  };
}

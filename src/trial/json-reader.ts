// Reads plain JSON by its expected shape. Each mistake is recorded as one sentence with its path,
// and reading goes on, so that all are reported at once.

import { likelyMeant } from '../core/nearest.ts';
import { oneOf } from '../language/diagnostic.ts';

export class JsonReader {
  readonly problems: string[];
  readonly #value: unknown;
  readonly #path: string;

  constructor(value: unknown, path: string, problems: string[]) {
    this.#value = value;
    this.#path = path;
    this.problems = problems;
  }

  report(found: string, expected: string): void {
    const place = this.#path === '' ? 'the file' : this.#path;
    this.problems.push(`${place} is ${found}, expected ${expected}`);
  }

  text(): string {
    return this.#kind('string', 'text') ? (this.#value as string) : '';
  }

  boolean(): boolean {
    return this.#kind('boolean', 'true or false') ? (this.#value as boolean) : false;
  }

  number(): number {
    return this.#kind('number', 'a number') ? (this.#value as number) : 0;
  }

  wholeNumber(): number {
    const value = this.number();
    if (Number.isInteger(value) && value >= 0) return value;
    this.report(String(value), 'a whole number from 0');
    return 0;
  }

  as<T>(read: (reader: JsonReader) => T): T {
    return read(this);
  }

  record(): Readonly<Record<string, unknown>> {
    const value = this.#value;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Readonly<Record<string, unknown>>;
    }
    this.report(describe(value), 'an object in braces');
    return {};
  }

  entries<T>(read: (reader: JsonReader, key: string) => T): readonly (readonly [string, T])[] {
    return Object.entries(this.record()).map(([key, value]) => [
      key,
      read(new JsonReader(value, this.#below(key), this.problems), key),
    ]);
  }

  items<T>(read: (reader: JsonReader, index: number) => T): readonly T[] {
    if (!Array.isArray(this.#value)) {
      this.report(describe(this.#value), 'a list in brackets');
      return [];
    }
    return this.#value.map((value, n) =>
      read(new JsonReader(value, `${this.#path}[${n}]`, this.problems), n),
    );
  }

  required(key: string): JsonReader | null {
    const found = this.optional(key);
    if (found === null && this.#isRecord()) {
      this.problems.push(`${this.#below(key)} is missing`);
    }
    return found;
  }

  optional(key: string): JsonReader | null {
    if (!this.#isRecord() || !Object.hasOwn(this.record(), key)) return null;
    return new JsonReader(this.record()[key], this.#below(key), this.problems);
  }

  isNull(): boolean {
    return this.#value === null;
  }

  is(value: string): boolean {
    return this.#value === value;
  }

  isNumber(): boolean {
    return typeof this.#value === 'number';
  }

  /** `otherwise`: the hint for a key that resembles none of these. */
  onlyKeys(keys: readonly string[], otherwise?: string): void {
    for (const key of Object.keys(this.record())) {
      if (keys.includes(key)) continue;
      const close = likelyMeant(key, keys);
      const end =
        close === null ? (otherwise ?? `expected ${oneOf(keys)}`) : `did you mean "${close}"?`;
      this.problems.push(`${this.#below(key)} is not a field; ${end}`);
    }
  }

  #isRecord(): boolean {
    return typeof this.#value === 'object' && this.#value !== null && !Array.isArray(this.#value);
  }

  #below(key: string): string {
    return this.#path === '' ? key : `${this.#path}.${key}`;
  }

  #kind(kind: 'string' | 'boolean' | 'number', expected: string): boolean {
    if (typeof this.#value === kind) return true;
    this.report(describe(this.#value), expected);
    return false;
  }
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return JSON.stringify(value);
}

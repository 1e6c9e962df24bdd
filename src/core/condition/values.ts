// Values at run time, and the one for a missing value: a gap, which carries its reasons up to the
// logical part that asked. Nothing here throws, whatever people or TaskRouter wrote.

import type { Facts } from '../facts.ts';
import { formatSpan } from '../schedule/span.ts';
import { ownOf } from './path.ts';
import type { Type } from './vocabulary.ts';

/** A value that is not known, with a sentence for each reason. */
export class Gap {
  readonly why: readonly string[];
  constructor(why: readonly string[]) {
    this.why = why;
  }
}

/** What one evaluation carries along: a macro's variable, and how far back `count` may look. */
export interface Frame {
  local: unknown;
  readonly countSince: number | undefined;
}

/** A compiled part: its value, or a `Gap`. Instants and durations are numbers of ms. */
export type Evaluator = (facts: Facts, frame: Frame) => unknown;

export function gap(...why: readonly string[]): Gap {
  return new Gap(why);
}

/** The reasons of several gaps, each once. */
export function joinGaps(a: Gap | null, b: Gap): Gap {
  return a === null ? b : new Gap([...new Set([...a.why, ...b.why])]);
}

/** What a value is, for sentences: `"gold"`, `3`, `a list`. */
export function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a map';
  if (typeof value === 'string') return JSON.stringify(truncate(value));
  return String(value);
}

/** A value as a trace or a reason prints it. */
export function show(value: unknown, type: Type): string {
  if (value instanceof Gap || value === undefined) return '?';
  if (type === 'duration' && typeof value === 'number') return formatSpan(value);
  if (type === 'instant' && typeof value === 'number') return isoOf(value);
  if (typeof value === 'number') {
    return Number.isInteger(value) ? `${value}` : `${Math.round(value * 1_000) / 1_000}`;
  }
  return typeof value === 'boolean' ? String(value) : truncate(JSON.stringify(value));
}

function isoOf(at: number): string {
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : '?';
}

function truncate(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}

/** CEL's equality: by value, numbers as numbers; values of different types are never equal. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => equal(item, b[index]));
  }
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && equal(ownOf(a, key), ownOf(b, key)));
}

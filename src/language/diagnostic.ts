// What people see of a mistake in their rules: one sentence and its position. The codes are a
// closed set; each has a fixture named for it in test/fixtures/rules-bad.

import { likelyMeant } from '../core/nearest.ts';
import type { Code } from './codes.ts';
import { CODES } from './codes.ts';

export type Severity = 'error' | 'warning';

export interface Diagnostic {
  readonly code: Code;
  readonly severity: Severity;
  /** Relative to the rules folder; `.` is the folder itself. */
  readonly file: string;
  /** Line and column count from 1, columns in UTF-16 units as editors count them. */
  readonly line: number;
  readonly column: number;
  /** What was found, what was expected and, where there is one, the nearest valid name. */
  readonly message: string;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

const TOP: Position = { line: 1, column: 1 };

export function diagnostic(
  code: Code,
  file: string,
  message: string,
  at: Position = TOP,
): Diagnostic {
  const { line, column } = at;
  return { code, severity: CODES[code].severity, file, line, column, message };
}

/** By file, line and column; the same mistake at the same place once. */
export function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Map(
    diagnostics.map((d) => [`${d.file}:${d.line}:${d.column}:${d.code}:${d.message}`, d]),
  );
  return [...seen.values()].sort(
    (a, b) =>
      compareText(a.file, b.file) ||
      a.line - b.line ||
      a.column - b.column ||
      compareText(a.message, b.message),
  );
}

/** Code-unit order: the same on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** `; did you mean "x"?` for a near name, else `; expected a or b`, as the end of a sentence. */
export function suggestion(found: string, valid: readonly string[]): string {
  const near = likelyMeant(found, valid);
  if (near !== null) return `; did you mean "${near}"?`;
  if (valid.length === 0) return '';
  return `; expected ${oneOf(valid)}`;
}

/** At most eight names, so that the sentence stays readable. */
export function oneOf(names: readonly string[]): string {
  const shown = names.length > 8 ? [...names.slice(0, 7), `${names.length - 7} others`] : names;
  if (shown.length === 1) return shown[0] ?? '';
  return `${shown.slice(0, -1).join(', ')} or ${shown[shown.length - 1]}`;
}

/** User text in quotes, cut to a length that fits into a sentence. */
export function quote(text: string, longest = 60): string {
  const line = text.replace(/\s+/g, ' ');
  return `"${line.length > longest ? `${line.slice(0, longest - 1)}…` : line}"`;
}

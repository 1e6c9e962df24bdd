// Mistakes and findings as a terminal shows them: the place as editors and CI parse it, the
// sentence, and the line itself with a caret under the character in question.

import { join } from 'node:path';
import type { SourceFile } from '../language/decode.ts';
import type { Severity } from '../language/diagnostic.ts';

export interface Problem {
  readonly severity: Severity | 'note';
  /** Relative to the rules folder; `.` is the folder itself. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** Further lines below the source line, such as a witness. */
  readonly witness?: readonly string[];
}

const LONGEST_LINE = 120;

export function showProblem(
  problem: Problem,
  folder: string,
  files: ReadonlyMap<string, SourceFile>,
): readonly string[] {
  const { severity, line, column, message } = problem;
  const witness = (problem.witness ?? []).map((each) => `    ${each}`);
  if (problem.file === '.') return [`${folder}: ${severity}: ${message}`, ...witness];
  const place = `${join(folder, problem.file)}:${line}:${column}`;
  const source = files.get(problem.file)?.text.split(/\r\n|\r|\n/)[line - 1];
  const shown = source === undefined ? [] : sourceLines(source, column);
  return [`${place}: ${severity}: ${message}`, ...shown, ...witness];
}

/** Long lines are cut around the place; a tab is shown as one space so that the caret is right. */
function sourceLines(source: string, column: number): readonly string[] {
  const from = Math.max(0, column - 1 - LONGEST_LINE / 2);
  const text = source.slice(from, from + LONGEST_LINE).replaceAll('\t', ' ');
  if (text.trim() === '') return [];
  return [`  ${text.trimEnd()}`, `  ${' '.repeat(Math.max(0, column - 1 - from))}^`];
}

/** `1 error`, `2 errors`. */
/** `2026-06-10T09:00:00.250Z` → `2026-06-10T09:00:00Z`: people need no milliseconds. */
export function wholeSecond(instant: string): string {
  return instant.replace(/\.\d+Z$/, 'Z');
}

/** `there is no such file`, or the system's own words. */
export function unreadableFile(file: string, error: unknown): string {
  const code = error instanceof Error ? Reflect.get(error, 'code') : null;
  if (code === 'ENOENT') return `${file}: there is no such file`;
  if (code === 'EISDIR') return `${file}: this is a folder, expected a file`;
  return `${file}: it cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}

export function counted(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

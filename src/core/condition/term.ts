// What compiling passes around: the term a part was compiled to, and what was read and what was
// wrong so far.

import type { Ast } from './parse.ts';
import type { ConditionError, ConditionErrorCode, ConditionScope, Mention } from './types.ts';
import { type Evaluator, gap } from './values.ts';
import type { Type } from './vocabulary.ts';

/** A part of a condition, compiled. */
export interface Term {
  readonly type: Type;
  /** The type of a list's items. */
  readonly element: Type;
  readonly run: Evaluator;
  /** As written, for sentences. */
  readonly text: string;
}

/** A fact that a part reads, as a trace shows it. */
export interface Observed {
  readonly label: string;
  readonly type: Type;
  readonly run: Evaluator;
}

/** What has been read so far; becomes `Reads`. */
export interface CollectedReads {
  worker: boolean;
  activity: boolean;
  allChannels: boolean;
  now: boolean;
  since: boolean;
  readonly attributes: Set<string>;
  readonly channels: Set<string>;
  readonly queues: Set<string>;
  readonly groups: Set<string>;
  readonly groupLoads: Set<string>;
  readonly counts: { type: string; windowMs: number }[];
}

export interface CompileContext {
  readonly text: string;
  readonly scope: ConditionScope;
  readonly errors: ConditionError[];
  readonly mentions: Mention[];
  readonly reads: CollectedReads;
  /** The facts of the logical part that is being compiled. */
  observed: Observed[];
  /** The variable of the macro that is being compiled; macros do not nest. */
  local: { readonly name: string; readonly type: Type } | null;
}

export function term(ast: Ast, context: CompileContext, type: Type, run: Evaluator): Term {
  return { type, element: 'any', run, text: textOf(ast, context) };
}

export function textOf(ast: Ast, context: CompileContext): string {
  return context.text.slice(ast.start, ast.end);
}

/** Records a mistake and returns a term that fits everywhere, so that it is reported once. */
export function reportMistake(
  ast: { readonly start: number; readonly end: number },
  context: CompileContext,
  code: ConditionErrorCode,
  message: string,
): Term {
  context.errors.push({ code, message, start: ast.start, end: ast.end });
  const nothing = gap(message);
  return { type: 'wrong', element: 'wrong', run: () => nothing, text: '' };
}

export function observe(context: CompileContext, label: string, made: Term): Term {
  // Inside a macro a fact depends on its variable, which a trace does not have.
  if (context.local === null) context.observed.push({ label, type: made.type, run: made.run });
  return made;
}

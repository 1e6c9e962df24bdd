// Functions and methods that conditions may call. The set is closed: nothing that depends on the
// machine's clock or zone, and nothing whose text hides its cost (regular expressions).

import { parseSpan, spanMs } from '../schedule/span.ts';
import { instantOf } from '../schedule/zone.ts';
import type { Ast } from './parse.ts';
import { type CompileContext, reportMistake, type Term, term, textOf } from './term.ts';
import { describe, type Evaluator, Gap, gap } from './values.ts';
import {
  CALLED_FACTS,
  FUNCTIONS,
  hint,
  MACROS,
  METHODS,
  TYPE_LABELS,
  type Type,
} from './vocabulary.ts';

type CallAst = Extract<Ast, { kind: 'call' }>;

/** A function of one or two values: what it takes, what it gives, and how. */
interface Definition {
  readonly takes: readonly Type[][];
  readonly gives: Type;
  /** A value, or the sentence that says why there is none. */
  apply(values: readonly unknown[]): { value: unknown } | { why: string };
}

const ok = (value: unknown) => ({ value });
const TEXT: Type[] = ['string'];

const text = (gives: Type, apply: (a: string, b: string) => unknown, args = 2): Definition => ({
  takes: Array.from({ length: args }, () => TEXT),
  gives,
  apply: ([a, b]) => ok(apply(a as string, b as string)),
});

const size: Definition = {
  takes: [['string', 'list', 'map']],
  gives: 'int',
  apply: ([value]) => {
    if (typeof value === 'string') return ok([...value].length);
    return ok(Array.isArray(value) ? value.length : Object.keys(value as object).length);
  },
};

const DEFINITIONS: Readonly<Record<string, Definition>> = {
  size,
  duration: { takes: [TEXT], gives: 'duration', apply: ([value]) => durationOf(value as string) },
  timestamp: { takes: [TEXT], gives: 'instant', apply: ([value]) => timestampOf(value as string) },
  int: {
    takes: [['string', 'int', 'double']],
    gives: 'int',
    apply: ([value]) => numberOf(value, true),
  },
  double: {
    takes: [['string', 'int', 'double']],
    gives: 'double',
    apply: ([value]) => numberOf(value, false),
  },
  string: {
    takes: [['string', 'int', 'double', 'bool']],
    gives: 'string',
    apply: ([value]) => ok(String(value)),
  },
  '.size': size,
  '.startsWith': text('bool', (a, b) => a.startsWith(b)),
  '.endsWith': text('bool', (a, b) => a.endsWith(b)),
  '.contains': text('bool', (a, b) => a.includes(b)),
  '.lowerAscii': text('string', (a) => a.replace(/[A-Z]/g, (c) => c.toLowerCase()), 1),
  '.upperAscii': text('string', (a) => a.replace(/[a-z]/g, (c) => c.toUpperCase()), 1),
  '.trim': text('string', (a) => a.trim(), 1),
};

function durationOf(written: string): { value: unknown } | { why: string } {
  const span = parseSpan(written);
  if (span !== null) return ok(spanMs(span));
  return { why: `found "${written}" where a duration is expected, such as "90s", "15m" or "2h"` };
}

function timestampOf(written: string): { value: unknown } | { why: string } {
  const complete = /[T ].*(Z|[+-]\d{2}:?\d{2})$/.test(written);
  const at = complete ? instantOf(written, 'UTC') : null;
  if (at !== null) return ok(at);
  return {
    why: `found "${written}" where an instant with its offset is expected, such as "2026-06-10T09:00:00Z"`,
  };
}

function numberOf(value: unknown, whole: boolean): { value: unknown } | { why: string } {
  const trimmed = typeof value === 'string' ? value.trim() : value;
  const number = trimmed === '' ? Number.NaN : Number(trimmed);
  if (Number.isFinite(number)) return ok(whole ? Math.trunc(number) : number);
  return { why: `found ${describe(value)} where a number is expected` };
}

/** A call that is neither a fact nor a macro. */
export function callTerm(ast: CallAst, args: readonly Term[], context: CompileContext): Term {
  const key = ast.on === null ? ast.name : `.${ast.name}`;
  const definition = Object.hasOwn(DEFINITIONS, key) ? DEFINITIONS[key] : undefined;
  if (definition === undefined) return unknownFunction(ast, context);
  if (args.length !== definition.takes.length) {
    const needed = definition.takes.length - (ast.on === null ? 0 : 1);
    const message = `found ${ast.args.length} arguments in ${textOf(ast, context)} where ${ast.name} takes ${needed}`;
    return reportMistake(ast, context, 'condition.wrong_arguments', message);
  }
  for (const [index, takes] of definition.takes.entries()) {
    const arg = args[index];
    if (arg === undefined || arg.type === 'any' || arg.type === 'wrong') continue;
    if (takes.includes(arg.type)) continue;
    const message = `found ${arg.text}, which is ${TYPE_LABELS[arg.type]}, where ${ast.name} takes ${typeNames(takes)}`;
    return reportMistake(ast, context, 'condition.type', message);
  }
  return folded(ast, definition, args, context);
}

function typeNames(types: readonly Type[]): string {
  return [...new Set(types.map((type) => TYPE_LABELS[type]))].join(' or ');
}

/** A call on literals is evaluated, and its mistake reported, when the rules load. */
function folded(
  ast: CallAst,
  definition: Definition,
  args: readonly Term[],
  context: CompileContext,
): Term {
  const literals = [...(ast.on === null ? [] : [ast.on]), ...ast.args];
  if (!literals.every((each) => each.kind === 'value' || each.kind === 'number')) {
    return term(ast, context, definition.gives, applied(definition, args));
  }
  const values = literals.map((each) => ('value' in each ? each.value : null));
  const result = definition.apply(values);
  if ('value' in result) return term(ast, context, definition.gives, () => result.value);
  const code =
    ast.name === 'duration'
      ? 'condition.bad_duration'
      : ast.name === 'timestamp'
        ? 'condition.bad_instant'
        : 'condition.wrong_arguments';
  return reportMistake(ast.args[0] ?? ast, context, code, result.why);
}

function applied(definition: Definition, args: readonly Term[]): Evaluator {
  return (facts, frame) => {
    const values: unknown[] = [];
    for (const [index, arg] of args.entries()) {
      const value = arg.run(facts, frame);
      if (value instanceof Gap) return value;
      const takes = definition.takes[index] ?? [];
      if (!takes.some((type) => isOf(value, type))) {
        return gap(`${arg.text} is ${describe(value)} where ${typeNames(takes)} is expected`);
      }
      values.push(value);
    }
    const result = definition.apply(values);
    return 'value' in result ? result.value : gap(result.why);
  };
}

function isOf(value: unknown, type: Type): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'int':
    case 'double':
      return typeof value === 'number';
    case 'bool':
      return typeof value === 'boolean';
    case 'list':
      return Array.isArray(value);
    case 'map':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return false;
  }
}

function unknownFunction(ast: CallAst, context: CompileContext): Term {
  if (ast.name === 'matches') {
    const message =
      'found matches(): regular expressions are not supported, because their run time has no bound; use startsWith, endsWith, contains or ==';
    return reportMistake(ast, context, 'condition.regex', message);
  }
  if (/^get[A-Z]/.test(ast.name)) {
    const message = `found ${ast.name}(): the time of day and the weekday belong in a schedule; use "during"`;
    return reportMistake(ast, context, 'condition.unsupported', message);
  }
  const known = ast.on === null ? [...CALLED_FACTS, ...FUNCTIONS] : [...METHODS, ...MACROS];
  const message = `found ${ast.name}() where one of ${known.join(', ')} is expected${hint(ast.name, known)}`;
  return reportMistake(ast, context, 'condition.unknown_function', message);
}

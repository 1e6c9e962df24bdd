// Parses CEL text into our own tree; the one file that knows the CEL package. Only its grammar is
// used: names, types and meaning are checked and compiled in the files next to this one.

import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import type { ConditionError } from './types.ts';

export const MAX_CONDITION_LENGTH = 2_000;
const LIMITS = {
  maxAstNodes: 400,
  maxDepth: 24,
  maxListElements: 200,
  maxMapEntries: 1,
  maxCallArguments: 4,
};

export type BinaryOperator =
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'in'
  | '+'
  | '-'
  | '*'
  | '/'
  | '%';

/** Offsets in the condition's text, including parentheses that would otherwise be unbalanced. */
interface At {
  readonly start: number;
  readonly end: number;
}

export type Ast = At &
  (
    | { readonly kind: 'value'; readonly value: string | boolean | null }
    | { readonly kind: 'number'; readonly value: number; readonly int: boolean }
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'field'; readonly of: Ast; readonly name: string }
    | { readonly kind: 'index'; readonly of: Ast; readonly key: Ast }
    | {
        readonly kind: 'call';
        readonly name: string;
        readonly on: Ast | null;
        readonly args: readonly Ast[];
      }
    | { readonly kind: 'list'; readonly items: readonly Ast[] }
    | { readonly kind: 'choice'; readonly when: Ast; readonly yes: Ast; readonly no: Ast }
    | { readonly kind: 'and' | 'or'; readonly parts: readonly Ast[] }
    | { readonly kind: 'not' | 'minus'; readonly of: Ast }
    | {
        readonly kind: 'binary';
        readonly op: BinaryOperator;
        readonly left: Ast;
        readonly right: Ast;
      }
    | { readonly kind: 'unsupported'; readonly what: string }
  );

const grammar = new Environment({ unlistedVariablesAreDyn: true, limits: LIMITS });

/** The tree of a condition, or the one mistake in its grammar. */
export function parseCel(text: string): Ast | ConditionError {
  if (text.length > MAX_CONDITION_LENGTH) {
    const message = `the condition has ${text.length} characters where at most ${MAX_CONDITION_LENGTH} are allowed`;
    return { code: 'condition.too_long', message, start: MAX_CONDITION_LENGTH, end: text.length };
  }
  if (text.trim() === '') {
    const message = 'the condition is empty where an expression is expected';
    return { code: 'condition.empty', message, start: 0, end: text.length };
  }
  try {
    return convert(grammar.parse(text).ast, text);
  } catch (error) {
    return mistakeOf(error, text);
  }
}

function mistakeOf(error: unknown, text: string): ConditionError {
  const { code, range, summary } = error as {
    code?: string;
    range?: { start: number; end: number };
    summary?: string;
  };
  // Not an error of the parser: a bug, which must not pass for a person's mistake.
  if (code === undefined) throw error;
  const start = Math.min(range?.start ?? 0, text.length);
  const end = Math.min(Math.max(range?.end ?? start, start), text.length);
  if (code === 'limit_exceeded') {
    const message = 'the condition is too large or too deeply nested; split it over several rules';
    return { code: 'condition.too_big', message, start, end };
  }
  if (code === 'invalid_macro_argument') {
    const message = `found "${text.slice(start, end)}" where a variable's name is expected, such as skills.exists(s, s == "es")`;
    return { code: 'condition.wrong_arguments', message, start, end };
  }
  return {
    code: 'condition.syntax',
    message: syntaxSentence(code, summary, text, start),
    start,
    end,
  };
}

const WORD_OPERATORS: Readonly<Record<string, string>> = {
  and: '&&',
  or: '||',
  not: '!',
  '=': '==',
};

function syntaxSentence(
  code: string,
  summary: string | undefined,
  text: string,
  start: number,
): string {
  const rest = text.slice(start);
  if (rest.trim() === '') return 'the condition ends where more is expected';
  if (code.startsWith('unterminated')) return 'found text that begins with a quote and never ends';
  const word = /^\s*([A-Za-z_]\w*|\S)/.exec(rest)?.[1] ?? rest;
  const meant = WORD_OPERATORS[word.toLowerCase()];
  if (meant !== undefined) return `found "${word}" where an operator is expected: write ${meant}`;
  if (code === 'reserved_identifier') return `found "${word}", a word that CEL reserves for itself`;
  if (['unexpected_token', 'expected_token', 'unexpected_character'].includes(code)) {
    return `found "${word}" where a value, an operator or the end is expected`;
  }
  return `${(summary ?? 'it cannot be read').replace(/^./, (first) => first.toLowerCase())}`;
}

function convert(node: ASTNode, text: string): Ast {
  const at = balanced(text, node.start, node.end);
  const inner = (child: ASTNode) => convert(child, text);
  switch (node.op) {
    case 'value':
      return { ...at, ...literal(node.args, text.slice(node.start, node.end)) };
    case 'id':
      return { ...at, kind: 'name', name: node.args };
    case '.':
      return { ...at, kind: 'field', of: inner(node.args[0]), name: node.args[1] };
    case '[]':
      return { ...at, kind: 'index', of: inner(node.args[0]), key: inner(node.args[1]) };
    case 'call':
      return { ...at, kind: 'call', name: node.args[0], on: null, args: node.args[1].map(inner) };
    case 'rcall': {
      const [name, on, args] = node.args;
      return { ...at, kind: 'call', name, on: inner(on), args: args.map(inner) };
    }
    case 'list':
      return { ...at, kind: 'list', items: node.args.map(inner) };
    case '?:': {
      const [when, yes, no] = node.args;
      return { ...at, kind: 'choice', when: inner(when), yes: inner(yes), no: inner(no) };
    }
    case '&&':
    case '||':
      return {
        ...at,
        kind: node.op === '&&' ? 'and' : 'or',
        parts: chain(node, node.op).map(inner),
      };
    case '!_':
      return { ...at, kind: 'not', of: inner(node.args) };
    case '-_':
      return { ...at, kind: 'minus', of: inner(node.args) };
    case 'map':
      return { ...at, kind: 'unsupported', what: 'a map in braces' };
    case '.?':
    case '[?]':
      return { ...at, kind: 'unsupported', what: 'optional access' };
    default:
      return {
        ...at,
        kind: 'binary',
        op: node.op,
        left: inner(node.args[0]),
        right: inner(node.args[1]),
      };
  }
}

type Literal =
  | { readonly kind: 'value'; readonly value: string | boolean | null }
  | { readonly kind: 'number'; readonly value: number; readonly int: boolean }
  | { readonly kind: 'unsupported'; readonly what: string };

function literal(value: unknown, written: string): Literal {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) {
    return { kind: 'value', value };
  }
  if (typeof value === 'number') return { kind: 'number', value, int: false };
  if (typeof value === 'bigint' && Number.isSafeInteger(Number(value))) {
    return { kind: 'number', value: Number(value), int: true };
  }
  return { kind: 'unsupported', what: `the literal ${written}` };
}

/** `a && b && c` is one part with three children, however it was nested. */
function chain(node: ASTNode, op: '&&' | '||'): ASTNode[] {
  if (node.op !== op) return [node];
  return [...chain(node.args[0], op), ...chain(node.args[1], op)];
}

/** The parser's ranges leave out outer parentheses; includes those that would be unbalanced. */
function balanced(text: string, start: number, end: number): At {
  let open = 0;
  let missing = 0;
  for (const [token] of text
    .slice(start, end)
    .matchAll(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[()]/g)) {
    if (token === '(') open += 1;
    if (token !== ')') continue;
    if (open > 0) open -= 1;
    else missing += 1;
  }
  let first = start;
  let last = end;
  for (; missing > 0 && first > 0; missing--) first = text.lastIndexOf('(', first - 1);
  for (; open > 0 && last < text.length; open--) last = text.indexOf(')', last) + 1;
  return { start: first, end: last };
}

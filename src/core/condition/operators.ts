// Comparison, arithmetic and membership, each compiled for the types it is given. What can never
// fit is reported when rules load; a wrong type of an attribute, when it is evaluated.

import type { Ast, BinaryOperator } from './parse.ts';
import { ownOf } from './path.ts';
import { type CompileContext, reportMistake, type Term, term } from './term.ts';
import { describe, type Evaluator, equal, Gap, gap } from './values.ts';
import { TYPE_LABELS, type Type } from './vocabulary.ts';

type BinaryAst = Extract<Ast, { kind: 'binary' }>;
type Pair = readonly [left: Term, right: Term];

export function binaryTerm(ast: BinaryAst, pair: Pair, context: CompileContext): Term {
  const [left, right] = pair;
  if (left.type === 'wrong' || right.type === 'wrong') {
    return { ...left, type: 'wrong', element: 'wrong' };
  }
  switch (ast.op) {
    case '==':
    case '!=':
      return equality(ast, pair, context);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return ordering(ast, pair, context);
    case 'in':
      return membership(ast, pair, context);
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return arithmetic(ast, pair, context);
  }
}

export function isNumber(type: Type): boolean {
  return type === 'int' || type === 'double';
}

function isTime(type: Type): boolean {
  return type === 'instant' || type === 'duration';
}

function mismatch(ast: BinaryAst, [left, right]: Pair, context: CompileContext): Term {
  const how =
    timeHint(left, right) ??
    timeHint(right, left) ??
    `"${ast.op}" does not go with ${TYPE_LABELS[left.type]} and ${TYPE_LABELS[right.type]}`;
  const message = `found ${left.text} ${ast.op} ${right.text}: ${how}`;
  return reportMistake(ast, context, 'condition.type', message);
}

/** Attributes hold text or numbers, never instants: says how to convert them, does not guess. */
function timeHint(attribute: Term, other: Term): string | null {
  if (attribute.type !== 'any' || !isTime(other.type)) return null;
  const wrapper = other.type === 'instant' ? 'timestamp' : 'duration';
  return `an attribute is not of type ${other.type}; write ${wrapper}(${attribute.text})`;
}

function equality(ast: BinaryAst, pair: Pair, context: CompileContext): Term {
  const [left, right] = pair;
  const same = left.type === right.type || (isNumber(left.type) && isNumber(right.type));
  const open = [left, right].some(({ type }) => type === 'any' || type === 'null');
  if (!(same || (open && !isTime(left.type) && !isTime(right.type)))) {
    return mismatch(ast, pair, context);
  }
  const wanted = ast.op === '==';
  return term(
    ast,
    context,
    'bool',
    both(pair, (a, b) => equal(a, b) === wanted),
  );
}

function both([left, right]: Pair, apply: (a: unknown, b: unknown) => unknown): Evaluator {
  return (facts, frame) => {
    const a = left.run(facts, frame);
    if (a instanceof Gap) return a;
    const b = right.run(facts, frame);
    return b instanceof Gap ? b : apply(a, b);
  };
}

type Comparer = (a: number | string, b: number | string) => boolean;

const COMPARE: Readonly<Record<'<' | '<=' | '>' | '>=', Comparer>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function ordering(ast: BinaryAst, pair: Pair, context: CompileContext): Term {
  const [left, right] = pair;
  const op = ast.op as keyof typeof COMPARE;
  const numbers = isNumber(left.type) && isNumber(right.type);
  if (numbers || (left.type === right.type && (isTime(left.type) || left.type === 'string'))) {
    return term(ast, context, 'bool', compareKnown(pair, op));
  }
  const others = [left.type, right.type].filter((type) => type !== 'any');
  if (others.length === 2 || !others.every((type) => isNumber(type) || type === 'string')) {
    return mismatch(ast, pair, context);
  }
  const compare = COMPARE[op];
  const checked = both(pair, (a, b) => {
    if (typeof a === 'number' && typeof b === 'number') return compare(a, b);
    if (typeof a === 'string' && typeof b === 'string') return compare(a, b);
    return gap(incomparable(pair, a, b));
  });
  return term(ast, context, 'bool', checked);
}

/** The hot path: both sides are known to be of one type, so only gaps are checked. */
function compareKnown([left, right]: Pair, op: keyof typeof COMPARE): Evaluator {
  const compare = COMPARE[op];
  return (facts, frame) => {
    const a = left.run(facts, frame);
    if (a instanceof Gap) return a;
    const b = right.run(facts, frame);
    return b instanceof Gap ? b : compare(a as number, b as number);
  };
}

function incomparable([left, right]: Pair, a: unknown, b: unknown): string {
  const [wrong, value, other] = left.type === 'any' ? [left, a, b] : [right, b, a];
  const wanted = typeof other === 'number' ? 'a number' : 'text';
  return `${wrong.text} is ${describe(value)} where ${wanted} is compared`;
}

function membership(ast: BinaryAst, pair: Pair, context: CompileContext): Term {
  const [left, right] = pair;
  if (!['any', 'list', 'map'].includes(right.type)) {
    const message = `found "in" before ${right.text}, which is ${TYPE_LABELS[right.type]} where a list is expected`;
    return reportMistake(ast, context, 'condition.type', message);
  }
  const run = both(pair, (item, list) => {
    if (Array.isArray(list)) return isAmong(item, list);
    if (typeof list === 'object' && list !== null) {
      return typeof item === 'string' && ownOf(list, item) !== undefined;
    }
    return gap(`${right.text} is ${describe(list)} where a list is expected after "in"`);
  });
  return left.type === 'wrong' ? left : term(ast, context, 'bool', run);
}

function isAmong(item: unknown, list: readonly unknown[]): boolean {
  for (const each of list) if (equal(item, each)) return true;
  return false;
}

/** Arithmetic on instants and durations; two instants are never added. */
const TIME_RESULT: Readonly<Record<string, Type>> = {
  'instant + duration': 'instant',
  'duration + instant': 'instant',
  'duration + duration': 'duration',
  'instant - instant': 'duration',
  'instant - duration': 'instant',
  'duration - duration': 'duration',
};

function arithmetic(ast: BinaryAst, pair: Pair, context: CompileContext): Term {
  const [left, right] = pair;
  if (isTime(left.type) || isTime(right.type)) {
    const type = TIME_RESULT[`${left.type} ${ast.op} ${right.type}`];
    if (type === undefined) return mismatch(ast, pair, context);
    return term(ast, context, type, numeric(ast.op, pair, false));
  }
  if (left.type === 'string' && right.type === 'string' && ast.op === '+') {
    return term(
      ast,
      context,
      'string',
      both(pair, (a, b) => `${a}${b}`),
    );
  }
  const fits = (each: Term) => isNumber(each.type) || each.type === 'any';
  if (!fits(left) || !fits(right)) return mismatch(ast, pair, context);
  const whole = left.type === 'int' && right.type === 'int';
  return term(ast, context, whole ? 'int' : 'double', numeric(ast.op, pair, whole));
}

function numeric(op: BinaryOperator, pair: Pair, whole: boolean): Evaluator {
  const apply = NUMERIC[op as keyof typeof NUMERIC];
  return both(pair, (a, b) => {
    if (typeof a !== 'number' || typeof b !== 'number') {
      const [wrong, value] = typeof a === 'number' ? [pair[1], b] : [pair[0], a];
      return gap(`${wrong.text} is ${describe(value)} where a number is expected`);
    }
    // As in CEL: whole numbers divide to a whole number, and division by zero has no result.
    if (b === 0 && (op === '%' || (op === '/' && whole))) return gap('it divides by zero');
    const result = apply(a, b);
    return whole && op === '/' ? Math.trunc(result) : result;
  });
}

const NUMERIC: Readonly<Record<'+' | '-' | '*' | '/' | '%', (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

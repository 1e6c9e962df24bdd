/**
 * Evaluates an expression for one Worker and one Task. A missing key is NULL, which equals nothing;
 * a scalar operator on an array, and an array operator on two scalars, is false.
 */
import type { Expression, Operand, Operator, Path, Value } from './parse.ts';
import { parseExpression } from './parse.ts';

/** Resolves a path to its value; a missing value or an object is null. */
export type Lookup = (path: Path) => Value;
export type Predicate = (lookup: Lookup) => boolean;

/** Expressions are few and evaluated often: each text is compiled once, into a bounded cache. */
const COMPILED_MAX = 2_000;
const compiled = new Map<string, { predicate: Predicate; roots: ReadonlySet<string> }>();

/** Throws an ExpressionError when the text is not an expression. */
export function compileExpression(text: string): {
  predicate: Predicate;
  roots: ReadonlySet<string>;
} {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  const tree = parseExpression(text);
  const made = { predicate: build(tree), roots: rootsOf(tree) };
  if (compiled.size >= COMPILED_MAX) compiled.clear();
  compiled.set(text, made);
  return made;
}

function build(tree: Expression): Predicate {
  switch (tree.kind) {
    case 'and': {
      const parts = tree.parts.map(build);
      return (lookup) => parts.every((part) => part(lookup));
    }
    case 'or': {
      const parts = tree.parts.map(build);
      return (lookup) => parts.some((part) => part(lookup));
    }
    case 'compare': {
      const { operator, left, right } = tree;
      return (lookup) => compare(operator, value(left, lookup), value(right, lookup));
    }
  }
}

function value(operand: Operand, lookup: Lookup): Value {
  return operand.kind === 'constant' ? operand.value : lookup(operand.path);
}

function compare(operator: Operator, left: Value, right: Value): boolean {
  switch (operator) {
    case 'HAS':
      return Array.isArray(left) && !Array.isArray(right) && includes(left, right);
    case 'IN':
      return Array.isArray(right) && !Array.isArray(left) && includes(right, left);
    case 'NOT IN':
      return Array.isArray(right) && !Array.isArray(left) && !includes(right, left);
    default:
      return !Array.isArray(left) && !Array.isArray(right) && scalar(operator, left, right);
  }
}

type ScalarOperator = Exclude<Operator, 'HAS' | 'IN' | 'NOT IN'>;
type Scalar = Exclude<Value, Value[]>;

function scalar(operator: ScalarOperator, left: Scalar, right: Scalar): boolean {
  switch (operator) {
    case '==':
      return left !== null && left === right;
    case '!=':
      return left === null || left !== right;
    case 'CONTAINS':
      return left !== null && right !== null && String(left).includes(String(right));
    case '<':
      return order(left, right, (sign) => sign < 0);
    case '<=':
      return order(left, right, (sign) => sign <= 0);
    case '>':
      return order(left, right, (sign) => sign > 0);
    case '>=':
      return order(left, right, (sign) => sign >= 0);
  }
}

/** Orders numbers with numbers and strings with strings; any other pair is always false. */
function order(left: Scalar, right: Scalar, holds: (sign: number) => boolean): boolean {
  if (typeof left === 'number' && typeof right === 'number') return holds(left - right);
  if (typeof left === 'string' && typeof right === 'string')
    return holds(left < right ? -1 : left > right ? 1 : 0);
  return false;
}

function includes(list: readonly Value[], item: Value): boolean {
  return item !== null && list.some((entry) => entry === item);
}

function rootsOf(tree: Expression): ReadonlySet<string> {
  if (tree.kind !== 'compare') return new Set(tree.parts.flatMap((part) => [...rootsOf(part)]));
  return new Set(
    [tree.left, tree.right].flatMap((side) => (side.kind === 'path' ? [String(side.path[0])] : [])),
  );
}

/** Walks parsed JSON along a path. */
export function dig(root: unknown, path: Path): Value {
  let at: unknown = root;
  for (const step of path) {
    if (Array.isArray(at)) at = typeof step === 'number' ? at[step] : undefined;
    else if (at !== null && typeof at === 'object' && Object.hasOwn(at, String(step)))
      at = (at as Record<string, unknown>)[String(step)];
    else return null;
  }
  return toValue(at);
}

function toValue(found: unknown): Value {
  if (Array.isArray(found)) return found.map(toValue);
  if (typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean')
    return found;
  return null;
}

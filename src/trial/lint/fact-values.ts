// What conditions ask about, and the values at which their answers may change: every literal that a
// fact is compared with, and its neighbours. Read from the condition's own tree.

import type { Condition } from '../../core/condition/condition.ts';
import { type Ast, parseCel } from '../../core/condition/parse.ts';
import { parseSpan, spanMs } from '../../core/schedule/span.ts';
import { readVariable, type Variable, variableKey } from './variables.ts';

/** The values of interest of one fact. */
export interface FactValues {
  readonly variable: Variable;
  readonly numbers: Set<number>;
  readonly texts: Set<string>;
  /** Members of a list. */
  readonly items: Set<string | number>;
  /** Lengths of a list or text. */
  readonly sizes: Set<number>;
  flag: boolean;
}

const trees = new WeakMap<Condition, Ast>();

/** Parsed once, because many searches use the same condition. */
function treeOf(condition: Condition): Ast | null {
  const known = trees.get(condition);
  if (known !== undefined) return known;
  const tree = parseCel(condition.text);
  if ('code' in tree) return null;
  trees.set(condition, tree);
  return tree;
}

export class FactValueCollector {
  readonly byKey = new Map<string, FactValues>();
  /** Epoch ms that `now` is compared with. */
  readonly instants = new Set<number>();
  /** False if a condition has a form whose turning points are not all known. */
  exact = true;

  valuesOf(variable: Variable): FactValues {
    const key = variableKey(variable);
    const found = this.byKey.get(key) ?? {
      variable,
      numbers: new Set(),
      texts: new Set(),
      items: new Set(),
      sizes: new Set(),
      flag: false,
    };
    this.byKey.set(key, found);
    return found;
  }

  addCondition(condition: Condition | null): void {
    if (condition === null) return;
    const tree = treeOf(condition);
    if (tree !== null) this.#logic(tree);
  }

  #logic(ast: Ast): void {
    if (ast.kind === 'and' || ast.kind === 'or') for (const part of ast.parts) this.#logic(part);
    else if (ast.kind === 'not') this.#logic(ast.of);
    else this.#leaf(ast);
  }

  #leaf(ast: Ast): void {
    const leaf: Leaf = { facts: [], numbers: [], texts: [], instants: [], sized: false };
    gather(ast, leaf, this);
    if (!isPlain(ast)) this.exact = false;
    for (const at of leaf.instants) this.instants.add(at);
    const listed = ast.kind === 'binary' && ast.op === 'in' && variable(ast.right) !== null;
    for (const fact of leaf.facts) {
      const numbers = listed ? fact.items : leaf.sized ? fact.sizes : fact.numbers;
      for (const n of leaf.numbers) numbers.add(n);
      for (const text of leaf.texts) (listed ? fact.items : fact.texts).add(text);
      if (leaf.numbers.length + leaf.texts.length === 0) fact.flag = true;
    }
  }
}

interface Leaf {
  readonly facts: FactValues[];
  readonly numbers: number[];
  readonly texts: string[];
  readonly instants: number[];
  sized: boolean;
}

const variable = (ast: Ast) => readVariable(ast);

function gather(ast: Ast, leaf: Leaf, collector: FactValueCollector): void {
  const read = variable(ast);
  if (read !== null) {
    leaf.facts.push(collector.valuesOf(read));
    return;
  }
  switch (ast.kind) {
    case 'value':
      if (typeof ast.value === 'string') leaf.texts.push(ast.value);
      return;
    case 'number':
      leaf.numbers.push(ast.value);
      return;
    case 'call':
      gatherCall(ast, leaf, collector);
      return;
    case 'binary':
      gather(ast.left, leaf, collector);
      gather(ast.right, leaf, collector);
      return;
    default:
      for (const child of children(ast)) gather(child, leaf, collector);
  }
}

function children(ast: Ast): readonly Ast[] {
  switch (ast.kind) {
    case 'list':
      return ast.items;
    case 'choice':
      return [ast.when, ast.yes, ast.no];
    case 'and':
    case 'or':
      return ast.parts;
    case 'not':
    case 'minus':
    case 'field':
      return [ast.of];
    case 'index':
      return [ast.of, ast.key];
    default:
      return [];
  }
}

function gatherCall(
  ast: Extract<Ast, { kind: 'call' }>,
  leaf: Leaf,
  collector: FactValueCollector,
): void {
  const written = literal(ast);
  if (written?.kind === 'duration') leaf.numbers.push(written.value);
  if (written?.kind === 'instant') leaf.instants.push(written.value);
  if (written !== null) return;
  if (ast.name === 'size') leaf.sized = true;
  if (ast.on !== null) gather(ast.on, leaf, collector);
  // A macro's variable is not a fact; what it is compared with are members of the list.
  const inner: Leaf = MACROS.includes(ast.name) ? { ...leaf, texts: [], numbers: [] } : leaf;
  for (const arg of ast.args) gather(arg, inner, collector);
  if (inner === leaf) return;
  for (const fact of leaf.facts) {
    for (const member of [...inner.texts, ...inner.numbers]) fact.items.add(member);
  }
}

const MACROS = ['exists', 'all', 'exists_one', 'filter', 'map'];

function literal(ast: Ast): { kind: 'duration' | 'instant'; value: number } | null {
  if (ast.kind !== 'call' || ast.on !== null) return null;
  const [argument] = ast.args;
  if (argument?.kind !== 'value' || typeof argument.value !== 'string') return null;
  if (ast.name === 'duration') return { kind: 'duration', value: durationMs(argument.value) };
  if (ast.name !== 'timestamp') return null;
  const at = Date.parse(argument.value);
  return Number.isNaN(at) ? null : { kind: 'instant', value: at };
}

function durationMs(text: string): number {
  const span = parseSpan(text);
  return span === null ? 0 : spanMs(span);
}

/** One fact compared with literals: then only the literals and their neighbours matter. */
function isPlain(ast: Ast): boolean {
  if (isExactVariable(ast)) return true;
  if (ast.kind === 'value') return true;
  if (ast.kind === 'call' && ast.name === 'has' && ast.args.length === 1) return true;
  if (ast.kind !== 'binary') return false;
  const { left, right } = ast;
  if (ast.op === 'in' && right.kind === 'list') {
    return isExactVariable(left) && right.items.every(isLiteral);
  }
  return (isExactVariable(left) && isLiteral(right)) || (isLiteral(left) && isExactVariable(right));
}

function isLiteral(ast: Ast): boolean {
  if (ast.kind === 'number' || ast.kind === 'value') return true;
  if (ast.kind === 'minus') return isLiteral(ast.of);
  return literal(ast)?.kind === 'duration';
}

function isExactVariable(ast: Ast): boolean {
  const read = variable(ast);
  if (read === null || read.kind === 'since') return false;
  return !(read.kind === 'channel' && read.field === 'load');
}

// Turns the tree of a condition into functions, checking every name and type on the way. Below the
// logical parts values are plain; at `&&`, `||` and `!` they become holds, fails or unknown.

import { countFact, factField, isSource, literalKey, outOfScope, plainFact } from './facts.ts';
import { callTerm } from './functions.ts';
import { attributePresent, channelPresent, hasTerm, macroTerm } from './macros.ts';
import { binaryTerm, isNumber } from './operators.ts';
import type { Ast } from './parse.ts';
import { ownOf } from './path.ts';
import {
  type CompileContext,
  type Observed,
  reportMistake,
  type Term,
  term,
  textOf,
} from './term.ts';
import { describe, type Evaluator, Gap, gap, joinGaps } from './values.ts';
import { CALLED_FACTS, FUNCTIONS, hint, MACROS, PLAIN_FACTS, TYPE_LABELS } from './vocabulary.ts';

/** A logical part, as a trace shows it; a leaf has the facts that it reads. */
export interface Logic {
  readonly kind: 'and' | 'or' | 'not' | 'leaf';
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly run: Evaluator;
  readonly parts: readonly Logic[];
  readonly observed: readonly Observed[];
}

/** The whole condition, or one operand of `&&`, `||`, `!`: true, false or a gap. */
export function compileLogic(ast: Ast, context: CompileContext): Logic {
  const place = { text: textOf(ast, context), start: ast.start, end: ast.end };
  if (ast.kind === 'and' || ast.kind === 'or') {
    const parts = ast.parts.map((part) => compileLogic(part, context));
    const run = parts.map((part) => part.run).reduce(ast.kind === 'and' ? and : or);
    return { ...place, kind: ast.kind, run, parts, observed: [] };
  }
  if (ast.kind === 'not') {
    const part = compileLogic(ast.of, context);
    return { ...place, kind: 'not', run: not(part.run), parts: [part], observed: [] };
  }
  context.observed = [];
  const run = truth(ast, compileTerm(ast, context), context);
  return { ...place, kind: 'leaf', run, parts: [], observed: context.observed };
}

function truth(ast: Ast, leaf: Term, context: CompileContext): Evaluator {
  if (leaf.type === 'bool' || leaf.type === 'wrong') return leaf.run;
  if (leaf.type !== 'any') {
    const message = `found ${leaf.text}, which is ${TYPE_LABELS[leaf.type]}, where a condition is expected: something true or false`;
    reportMistake(ast, context, 'condition.not_bool', message);
  }
  return (facts, frame) => {
    const value = leaf.run(facts, frame);
    if (typeof value === 'boolean' || value instanceof Gap) return value;
    return gap(`${leaf.text} is ${describe(value)} where true or false is expected`);
  };
}

function and(left: Evaluator, right: Evaluator): Evaluator {
  return (facts, frame) => {
    const a = left(facts, frame);
    if (a === false) return false;
    const b = right(facts, frame);
    if (b === false || a === true) return b;
    return b instanceof Gap ? joinGaps(a as Gap, b) : a;
  };
}

function or(left: Evaluator, right: Evaluator): Evaluator {
  return (facts, frame) => {
    const a = left(facts, frame);
    if (a === true) return true;
    const b = right(facts, frame);
    if (b === true || a === false) return b;
    return b instanceof Gap ? joinGaps(a as Gap, b) : a;
  };
}

function not(of: Evaluator): Evaluator {
  return (facts, frame) => {
    const value = of(facts, frame);
    return value instanceof Gap ? value : value !== true;
  };
}

function compileTerm(ast: Ast, context: CompileContext): Term {
  switch (ast.kind) {
    case 'value': {
      const type = ast.value === null ? 'null' : typeof ast.value === 'string' ? 'string' : 'bool';
      return term(ast, context, type, () => ast.value);
    }
    case 'number':
      return term(ast, context, ast.int ? 'int' : 'double', () => ast.value);
    case 'name':
      return nameTerm(ast, ast.name, context);
    case 'field':
    case 'index':
      return factField(ast, context) ?? accessTerm(ast, context);
    case 'call':
      return callAny(ast, context);
    case 'list':
      return listTerm(ast, context);
    case 'choice':
      return choiceTerm(ast, context);
    case 'and':
    case 'or':
    case 'not':
      return innerLogic(ast, context);
    case 'minus':
      return minusTerm(ast, compileTerm(ast.of, context), context);
    case 'binary':
      return binaryOrPresence(ast, context);
    case 'unsupported': {
      const message = `found ${ast.what}, which conditions here do not have`;
      return reportMistake(ast, context, 'condition.unsupported', message);
    }
  }
}

/**
 * Logic inside a value, as in a macro or `(a && b) == c`: its facts belong to the leaf around it.
 */
function innerLogic(ast: Ast, context: CompileContext): Term {
  const outer = context.observed;
  const logic = compileLogic(ast, context);
  context.observed = [...outer, ...observedIn(logic)];
  return term(ast, context, 'bool', logic.run);
}

function observedIn(logic: Logic): readonly Observed[] {
  return [...logic.observed, ...logic.parts.flatMap(observedIn)];
}

function nameTerm(ast: Ast, name: string, context: CompileContext): Term {
  if (name === context.local?.name) {
    const made = term(ast, context, context.local.type, (_facts, frame) => frame.local);
    return { ...made, element: 'any' };
  }
  const refused = outOfScope(ast, name, context);
  if (refused !== null) return refused;
  if (CALLED_FACTS.includes(name)) {
    const message = `found ${name} by itself where ${name}("name") is expected`;
    return reportMistake(ast, context, 'condition.wrong_arguments', message);
  }
  if (name === 'worker' || name === 'activity') {
    const example = name === 'worker' ? 'worker.team' : 'activity.name';
    const message = `found ${name} by itself where one of its fields is expected, such as ${example}`;
    return reportMistake(ast, context, 'condition.type', message);
  }
  return plainFact(ast, name, context) ?? unknownName(ast, name, context);
}

function unknownName(ast: Ast, name: string, context: CompileContext): Term {
  const known = context.scope === 'where' ? ['worker'] : [...PLAIN_FACTS, ...CALLED_FACTS];
  // `worker.skill-level` is read as a subtraction: say what was meant.
  const before = /([A-Za-z_]\w*)-$/.exec(context.text.slice(0, ast.start))?.[1];
  const meant =
    before === undefined
      ? hint(name, known) || `; an attribute is written worker.${name}`
      : `; an attribute whose name has a hyphen is written worker["${before}-${name}"]`;
  const message = `found "${name}" where ${known.join(', ')} are known${meant}`;
  return reportMistake(ast, context, 'condition.unknown_name', message);
}

function callAny(ast: Extract<Ast, { kind: 'call' }>, context: CompileContext): Term {
  if (ast.on === null) {
    const refused = outOfScope(ast, ast.name, context);
    if (refused !== null) return refused;
    if (ast.name === 'count') return countFact(ast, context);
    if (ast.name === 'has') return hasTerm(ast, context, compileTerm);
    if (isSource(ast)) {
      const message = `found ${textOf(ast, context)} by itself where one of its fields is expected, such as .${ast.name === 'queue' ? 'waiting' : 'available'}`;
      return reportMistake(ast, context, 'condition.type', message);
    }
    if (PLAIN_FACTS.includes(ast.name)) {
      const message = `found ${ast.name}(...), but ${ast.name} is not a function${ast.name === 'channels' ? '; did you mean channel("name")?' : ''}`;
      return reportMistake(ast, context, 'condition.unknown_function', message);
    }
  } else if (MACROS.includes(ast.name)) {
    return macroTerm(ast, context, compileTerm);
  }
  const on = ast.on === null || !knownMethod(ast) ? [] : [compileTerm(ast.on, context)];
  const args = knownMethod(ast) ? ast.args.map((arg) => compileTerm(arg, context)) : [];
  return callTerm(ast, [...on, ...args], context);
}

/** False for an unknown function, whose arguments are then not checked. */
function knownMethod(ast: Extract<Ast, { kind: 'call' }>): boolean {
  return ast.on !== null || FUNCTIONS.includes(ast.name);
}

function accessTerm(ast: Extract<Ast, { kind: 'field' | 'index' }>, context: CompileContext): Term {
  const of = compileTerm(ast.of, context);
  const name = literalKey(ast);
  const key = ast.kind === 'index' && name === null ? compileTerm(ast.key, context) : null;
  if (of.type === 'wrong' || key?.type === 'wrong') return { ...of, type: 'wrong' };
  if (!['any', 'list', 'map'].includes(of.type)) {
    const message = `found ${textOf(ast, context)}, but ${of.text} is ${TYPE_LABELS[of.type]} and has no fields`;
    return reportMistake(ast, context, 'condition.type', message);
  }
  if (key !== null && key.type !== 'any' && key.type !== 'string' && !isNumber(key.type)) {
    const message = `found ${key.text} in brackets where a position or a quoted name is expected`;
    return reportMistake(ast, context, 'condition.type', message);
  }
  const written = textOf(ast, context);
  const run: Evaluator = (facts, frame) => {
    const value = of.run(facts, frame);
    if (value instanceof Gap) return value;
    const at = key === null ? name : key.run(facts, frame);
    if (at instanceof Gap) return at;
    const found =
      typeof at === 'number' && Array.isArray(value) ? value[at] : ownOf(value, String(at));
    return found === undefined ? gap(`${written} is absent`) : found;
  };
  return term(ast, context, of.type === 'list' ? of.element : 'any', run);
}

function listTerm(ast: Extract<Ast, { kind: 'list' }>, context: CompileContext): Term {
  const items = ast.items.map((item) => compileTerm(item, context));
  const [first] = items;
  const alike = first !== undefined && items.every((item) => item.type === first.type);
  const run: Evaluator = (facts, frame) => {
    const values: unknown[] = [];
    for (const item of items) {
      const value = item.run(facts, frame);
      if (value instanceof Gap) return value;
      values.push(value);
    }
    return values;
  };
  return { ...term(ast, context, 'list', run), element: alike ? first.type : 'any' };
}

function choiceTerm(ast: Extract<Ast, { kind: 'choice' }>, context: CompileContext): Term {
  const when = innerLogic(ast.when, context);
  const yes = compileTerm(ast.yes, context);
  const no = compileTerm(ast.no, context);
  const numbers = isNumber(yes.type) && isNumber(no.type);
  const open = [yes, no].find((side) => side.type === 'any' || side.type === 'wrong');
  if (yes.type !== no.type && !numbers && open === undefined) {
    const message = `found ${TYPE_LABELS[yes.type]} and ${TYPE_LABELS[no.type]} as the two outcomes where one type is expected`;
    return reportMistake(ast, context, 'condition.type', message);
  }
  const type = yes.type === no.type ? yes.type : numbers ? 'double' : (open?.type ?? 'any');
  return term(ast, context, type, (facts, frame) => {
    const chosen = when.run(facts, frame);
    if (chosen instanceof Gap) return chosen;
    return chosen === true ? yes.run(facts, frame) : no.run(facts, frame);
  });
}

function minusTerm(ast: Ast, of: Term, context: CompileContext): Term {
  if (of.type === 'wrong') return of;
  if (!isNumber(of.type) && of.type !== 'any' && of.type !== 'duration') {
    const message = `found a minus before ${of.text}, which is ${TYPE_LABELS[of.type]}`;
    return reportMistake(ast, context, 'condition.type', message);
  }
  return term(ast, context, of.type === 'any' ? 'double' : of.type, (facts, frame) => {
    const value = of.run(facts, frame);
    if (typeof value === 'number') return -value;
    return value instanceof Gap ? value : gap(`${of.text} is ${describe(value)}, not a number`);
  });
}

/** `"voice" in channels` and `"team" in worker` test for presence: absent is false, not unknown. */
function binaryOrPresence(ast: Extract<Ast, { kind: 'binary' }>, context: CompileContext): Term {
  const { left, right } = ast;
  const name = left.kind === 'value' && typeof left.value === 'string' ? left.value : null;
  if (ast.op === 'in' && name !== null && right.kind === 'name') {
    if (right.name === 'worker') return attributePresent(ast, name, context);
    if (right.name === 'channels') return channelPresent(ast, name, context);
  }
  return binaryTerm(ast, [compileTerm(left, context), compileTerm(right, context)], context);
}

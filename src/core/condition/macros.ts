// `exists`, `all`, `exists_one`, `filter` and `map` over a list, and `has`. They do not nest, so
// that the cost of a condition is at most proportional to its list.

import { type Facts, isUnknown } from '../facts.ts';
import { isSource, workerPath } from './facts.ts';
import type { Ast } from './parse.ts';
import { ownOf } from './path.ts';
import { type CompileContext, reportMistake, type Term, term, textOf } from './term.ts';
import { describe, type Evaluator, type Frame, Gap, gap, joinGaps } from './values.ts';
import { CALLED_FACTS, PLAIN_FACTS, TYPE_LABELS } from './vocabulary.ts';

type CallAst = Extract<Ast, { kind: 'call' }>;
type Compile = (ast: Ast, context: CompileContext) => Term;

const MAX_LIST_LENGTH = 1_000;

export function macroTerm(ast: CallAst, context: CompileContext, compile: Compile): Term {
  const [variable, body, transform, ...more] = ast.args;
  const mapped = ast.name === 'map' && transform !== undefined;
  if (!ast.on || !body || variable?.kind !== 'name' || more.length > 0 || (transform && !mapped)) {
    const message = `found ${textOf(ast, context)} where list.${ast.name}(item, condition) is expected`;
    return reportMistake(ast, context, 'condition.wrong_arguments', message);
  }
  if (context.local !== null) {
    const message = `found ${ast.name}() inside another such call; they cannot be nested`;
    return reportMistake(ast, context, 'condition.nested_macro', message);
  }
  if ([...PLAIN_FACTS, ...CALLED_FACTS].includes(variable.name)) {
    const message = `found "${variable.name}" as a variable, but it is a fact's name; choose another`;
    return reportMistake(variable, context, 'condition.wrong_arguments', message);
  }
  const list = compile(ast.on, context);
  if (!['any', 'list', 'map', 'wrong'].includes(list.type)) {
    const message = `found ${list.text}, which is ${TYPE_LABELS[list.type]}, where ${ast.name}() needs a list`;
    return reportMistake(ast.on, context, 'condition.type', message);
  }
  context.local = { name: variable.name, type: list.type === 'list' ? list.element : 'any' };
  const inner = compile(body, context);
  const result = transform === undefined ? inner : compile(transform, context);
  context.local = null;
  const chooses = ast.name !== 'map' || transform !== undefined;
  if (chooses && !['bool', 'any', 'wrong'].includes(inner.type)) {
    const message = `found ${inner.text}, which is ${TYPE_LABELS[inner.type]}, where ${ast.name}() needs true or false`;
    return reportMistake(body, context, 'condition.not_bool', message);
  }
  const parts = { list, chosen: chooses ? inner : null, result };
  return finished(ast, context, parts);
}

interface Parts {
  readonly list: Term;
  readonly chosen: Term | null;
  readonly result: Term;
}

function finished(ast: CallAst, context: CompileContext, parts: Parts): Term {
  const { list, chosen, result } = parts;
  switch (ast.name) {
    case 'exists':
      return term(ast, context, 'bool', quantified(parts, true));
    case 'all':
      return term(ast, context, 'bool', quantified(parts, false));
    case 'exists_one':
      return term(
        ast,
        context,
        'bool',
        collected(list, chosen, null, (found) => found.length === 1),
      );
    case 'filter': {
      const run = collected(list, chosen, null, (found) => found);
      return { ...term(ast, context, 'list', run), element: list.element };
    }
    default: {
      const run = collected(list, chosen, result, (found) => found);
      return { ...term(ast, context, 'list', run), element: result.type };
    }
  }
}

/** `exists` is an `||` over the items and `all` an `&&`; an unknown item decides nothing alone. */
function quantified({ list, chosen }: Parts, decisive: boolean): Evaluator {
  return (facts, frame) => {
    const items = itemsOf(list, facts, frame);
    if (items instanceof Gap) return items;
    let unknown: Gap | null = null;
    for (const item of items) {
      const verdict = choose(chosen, item, facts, frame);
      if (verdict instanceof Gap) unknown = joinGaps(unknown, verdict);
      else if (verdict === decisive) return decisive;
    }
    return unknown ?? !decisive;
  };
}

function collected(
  list: Term,
  chosen: Term | null,
  result: Term | null,
  finish: (found: unknown[]) => unknown,
): Evaluator {
  return (facts, frame) => {
    const items = itemsOf(list, facts, frame);
    if (items instanceof Gap) return items;
    const found: unknown[] = [];
    for (const item of items) {
      const verdict = choose(chosen, item, facts, frame);
      if (verdict instanceof Gap) return verdict;
      if (!verdict) continue;
      frame.local = item;
      const value = result === null ? item : result.run(facts, frame);
      if (value instanceof Gap) return value;
      found.push(value);
    }
    return finish(found);
  };
}

function choose(chosen: Term | null, item: unknown, facts: Facts, frame: Frame): boolean | Gap {
  if (chosen === null) return true;
  frame.local = item;
  const verdict = chosen.run(facts, frame);
  if (typeof verdict === 'boolean' || verdict instanceof Gap) return verdict;
  return gap(`${chosen.text} is ${describe(verdict)} where true or false is expected`);
}

function itemsOf(list: Term, facts: Facts, frame: Frame): readonly unknown[] | Gap {
  const value = list.run(facts, frame);
  if (value instanceof Gap) return value;
  const items =
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.keys(value)
      : value;
  if (!Array.isArray(items))
    return gap(`${list.text} is ${describe(value)} where a list is expected`);
  if (items.length <= MAX_LIST_LENGTH) return items;
  return gap(
    `${list.text} has ${items.length} items where at most ${MAX_LIST_LENGTH} are looked at`,
  );
}

/** `has(worker.x)`, `has(channels.voice)`, `has(activity.available_since)`: absent is false. */
export function hasTerm(ast: CallAst, context: CompileContext, compile: Compile): Term {
  const [field, ...more] = ast.args;
  if (field?.kind !== 'field' || more.length > 0) {
    const message = `found ${textOf(ast, context)} where has(worker.something) is expected`;
    return reportMistake(ast, context, 'condition.wrong_arguments', message);
  }
  if (field.of.kind === 'name' && field.of.name === 'channels') {
    return channelPresent(ast, field.name, context);
  }
  const made = compile(field, context);
  if (made.type === 'wrong') return made;
  return term(ast, context, 'bool', presence(field, made));
}

/** An unknown fact is not absent: only what was read can be missing. */
function presence(field: Extract<Ast, { kind: 'field' }>, made: Term): Evaluator {
  if (workerPath(field) !== null) {
    return (facts, frame) => {
      if (isUnknown(facts.worker)) return gap(facts.worker.unknown);
      return !(made.run(facts, frame) instanceof Gap);
    };
  }
  if (!isSource(field.of)) return (facts, frame) => !(made.run(facts, frame) instanceof Gap);
  const nullable = field.of.kind === 'name' && field.name === 'available_since';
  return (facts, frame) => {
    if (nullable && facts.activity.availableSince === null) return false;
    const value = made.run(facts, frame);
    return value instanceof Gap ? value : true;
  };
}

export function channelPresent(ast: Ast, name: string, context: CompileContext): Term {
  if (context.scope === 'where') {
    const message = 'found channels in a "where", which sees only the Worker';
    return reportMistake(ast, context, 'condition.out_of_scope', message);
  }
  context.reads.allChannels = true;
  return term(ast, context, 'bool', ({ channels }) =>
    isUnknown(channels) ? gap(channels.unknown) : channels.has(name),
  );
}

/** Whether `worker.a` exists, as `"a" in worker` asks. */
export function attributePresent(ast: Ast, name: string, context: CompileContext): Term {
  context.reads.worker = true;
  context.reads.attributes.add(name);
  return term(ast, context, 'bool', ({ worker }) =>
    isUnknown(worker) ? gap(worker.unknown) : ownOf(worker.attributes, name) !== undefined,
  );
}

// The facts a condition can name, compiled: each knows what it reads, how a trace spells it, and
// which sentence says that it is not known.

import { type Facts, isUnknown } from '../facts.ts';
import { formatSpan, parseSpan, spanMs } from '../schedule/span.ts';
import { STATE_LIMITS } from '../state.ts';
import type { Ast } from './parse.ts';
import { ownOf, readAttribute } from './path.ts';
import { type CompileContext, observe, reportMistake, type Term, term, textOf } from './term.ts';
import { type Evaluator, Gap, gap } from './values.ts';
import {
  CALLED_FACTS,
  COUNTED_TYPES,
  FIELDS,
  hint,
  PLAIN_FACTS,
  type RecordKind,
} from './vocabulary.ts';

type FieldAst = Extract<Ast, { kind: 'field' | 'index' }>;
type CallAst = Extract<Ast, { kind: 'call' }>;

interface Place {
  readonly start: number;
  readonly end: number;
}

/** Something with fields: an Activity, a Worker Channel, a TaskQueue, a group. */
interface Source {
  readonly kind: RecordKind;
  /** Of a TaskQueue or a group. */
  readonly name?: string;
  readonly label: string;
  readonly run: Evaluator;
  /** The name comes from a macro's variable. */
  readonly varies: boolean;
}

/** The key that a field or an index names literally; null when it is computed. */
export function literalKey(ast: FieldAst): string | null {
  if (ast.kind === 'field') return ast.name;
  return ast.key.kind === 'value' && typeof ast.key.value === 'string' ? ast.key.value : null;
}

/** `worker.a.b` as its path, in any mixture of dots and brackets. */
export function workerPath(ast: Ast): string[] | null {
  if (ast.kind === 'name') return ast.name === 'worker' ? [] : null;
  if (ast.kind !== 'field' && ast.kind !== 'index') return null;
  const before = workerPath(ast.of);
  const key = literalKey(ast);
  return before === null || key === null ? null : [...before, key];
}

export function outOfScope(ast: Ast, name: string, context: CompileContext): Term | null {
  if (context.scope !== 'where' || name === 'worker') return null;
  if (![...PLAIN_FACTS, ...CALLED_FACTS].includes(name)) return null;
  const message = `"${name}" cannot be used here: a "where" sees only the Worker (its attributes, sid and friendly_name)`;
  return reportMistake(ast, context, 'condition.out_of_scope', message);
}

/** A field of one of the facts; null when `ast` is a field of something else. */
export function factField(ast: FieldAst, context: CompileContext): Term | null {
  const path = workerPath(ast);
  if (path !== null) return attribute(ast, path, context);
  if (ast.of.kind === 'name' && ast.of.name === 'worker' && context.local?.name !== 'worker') {
    const message = `found worker[${textOf(keyOf(ast), context)}] where an attribute's quoted name is expected`;
    return reportMistake(ast, context, 'condition.not_literal', message);
  }
  const source = sourceOf(ast.of, context);
  if (source === null || source === 'reported') return source === null ? null : alreadyReported();
  return recordField(ast, source, context);
}

/** Whether this is a fact with fields, which by itself is not a value. */
export function isSource(ast: Ast): boolean {
  if (ast.kind === 'name') return ast.name === 'activity';
  if (ast.kind === 'call')
    return ast.on === null && ['channel', 'queue', 'group'].includes(ast.name);
  if (ast.kind !== 'field' && ast.kind !== 'index') return false;
  return ast.of.kind === 'name' && ast.of.name === 'channels';
}

function keyOf(ast: FieldAst): Ast {
  return ast.kind === 'index' ? ast.key : ast;
}

/** The position of the field's name. */
function keyPlace(ast: FieldAst): Place {
  return ast.kind === 'index' ? ast.key : { start: ast.end - ast.name.length, end: ast.end };
}

function alreadyReported(): Term {
  return { type: 'wrong', element: 'wrong', run: () => gap(), text: '' };
}

function attribute(ast: Ast, path: readonly string[], context: CompileContext): Term {
  const { reads } = context;
  reads.worker = true;
  const label = `worker.${path.join('.')}`;
  const [first = '', ...more] = path;
  if (more.length === 0 && (first === 'sid' || first === 'friendly_name')) {
    const key = first === 'sid' ? 'sid' : 'friendlyName';
    const own: Evaluator = ({ worker }) => (isUnknown(worker) ? gap(worker.unknown) : worker[key]);
    return observe(context, label, term(ast, context, 'string', own));
  }
  reads.attributes.add(path.join('.'));
  context.mentions.push({
    kind: 'attribute',
    name: path.join('.'),
    start: ast.start,
    end: ast.end,
  });
  const absent = gap(`${label} is absent`);
  const run: Evaluator = ({ worker }) => {
    if (isUnknown(worker)) return gap(worker.unknown);
    const { attributes } = worker;
    const value = more.length === 0 ? ownOf(attributes, first) : readAttribute(attributes, path);
    return value === undefined ? absent : value;
  };
  return observe(context, label, term(ast, context, 'any', run));
}

/** `reported`: it is such a fact, but malformed, and the mistake was recorded. */
function sourceOf(ast: Ast, context: CompileContext): Source | null | 'reported' {
  if (!isSource(ast)) return null;
  if (ast.kind === 'call') return calledSource(ast, context);
  if (ast.kind === 'name') {
    if (outOfScope(ast, 'activity', context) !== null) return 'reported';
    context.reads.activity = true;
    return { kind: 'activity', label: 'activity', run: (facts) => facts.activity, varies: false };
  }
  if (ast.kind !== 'field' && ast.kind !== 'index') return null;
  if (outOfScope(ast, 'channels', context) !== null) return 'reported';
  const name = literalKey(ast);
  if (name !== null) return channelNamed(keyPlace(ast), name, context);
  return channelByVariable(keyOf(ast), context);
}

function calledSource(ast: CallAst, context: CompileContext): Source | 'reported' {
  if (outOfScope(ast, ast.name, context) !== null) return 'reported';
  const [argument, ...more] = ast.args;
  const name = argument?.kind === 'value' ? argument.value : null;
  if (argument === undefined || typeof name !== 'string' || more.length > 0) {
    const message = `found ${textOf(ast, context)} where ${ast.name}("name") with one quoted name is expected`;
    reportMistake(argument ?? ast, context, 'condition.not_literal', message);
    return 'reported';
  }
  if (ast.name === 'channel') return channelNamed(argument, name, context);
  const kind = ast.name === 'queue' ? 'queue' : 'group';
  context.reads[kind === 'queue' ? 'queues' : 'groups'].add(name);
  context.mentions.push({ kind, name, start: argument.start, end: argument.end });
  const run: Evaluator =
    kind === 'queue' ? (facts) => facts.queue(name) : (facts) => facts.group(name);
  return { kind, name, label: `${kind}.${name}`, run, varies: false };
}

function channelNamed(at: Place, name: string, context: CompileContext): Source {
  context.reads.channels.add(name);
  context.mentions.push({ kind: 'channel', name, start: at.start, end: at.end });
  const run: Evaluator = (facts) => facts.channel(name);
  return { kind: 'channel', label: `channel.${name}`, run, varies: false };
}

function channelByVariable(key: Ast, context: CompileContext): Source | 'reported' {
  if (key.kind !== 'name' || key.name !== context.local?.name) {
    const message = `found channels[${textOf(key, context)}] where a quoted name or a macro's variable is expected`;
    reportMistake(key, context, 'condition.not_literal', message);
    return 'reported';
  }
  context.reads.allChannels = true;
  const run: Evaluator = (facts, frame) =>
    typeof frame.local === 'string'
      ? facts.channel(frame.local)
      : gap('channels is indexed by what is not a name');
  return { kind: 'channel', label: 'channel', run, varies: true };
}

function recordField(ast: FieldAst, source: Source, context: CompileContext): Term {
  const name = literalKey(ast);
  const fields = FIELDS[source.kind];
  const field = name !== null && Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field === undefined) {
    const known = Object.keys(fields);
    const found = name ?? textOf(keyOf(ast), context);
    const message = `found "${found}" where a field of ${source.kind} is expected: ${known.join(', ')}${hint(found, known)}`;
    return reportMistake(keyPlace(ast), context, 'condition.unknown_field', message);
  }
  if (field.type === 'instant') context.reads.since = true;
  if (source.kind === 'group' && field.key === 'load' && source.name !== undefined) {
    context.reads.groupLoads.add(source.name);
  }
  const label = `${source.label}.${name}`;
  const made = term(ast, context, field.type, readField(source.run, field.key, label));
  return source.varies ? made : observe(context, label, made);
}

function readField(source: Evaluator, key: string, label: string): Evaluator {
  return (facts, frame) => {
    const record = source(facts, frame);
    if (record instanceof Gap) return record;
    if (isUnknown(record)) return gap(record.unknown);
    const value = (record as Readonly<Record<string, unknown>>)[key];
    if (value === null) return gap(`${label} is not there: the Worker is in no available Activity`);
    return isUnknown(value) ? gap(value.unknown) : value;
  };
}

/** `now`, or `channels` as the list of their names. */
export function plainFact(ast: Ast, name: string, context: CompileContext): Term | null {
  if (name === 'now') {
    context.reads.now = true;
    return observe(
      context,
      'now',
      term(ast, context, 'instant', (facts) => facts.at),
    );
  }
  if (name !== 'channels') return null;
  context.reads.allChannels = true;
  const names = observe(context, 'channels', term(ast, context, 'list', channelNames));
  return { ...names, element: 'string' };
}

function channelNames({ channels }: Facts): unknown {
  return isUnknown(channels) ? gap(channels.unknown) : [...channels.keys()];
}

/** `count("reservation.timeout", duration("15m"))`. */
export function countFact(ast: CallAst, context: CompileContext): Term {
  const [event, window, ...more] = ast.args;
  const type = event?.kind === 'value' && typeof event.value === 'string' ? event.value : null;
  if (event === undefined || type === null || window === undefined || more.length > 0) {
    const message = `found ${textOf(ast, context)} where count("event type", duration("15m")) is expected`;
    return reportMistake(event ?? ast, context, 'condition.not_literal', message);
  }
  if (!COUNTED_TYPES.includes(type)) {
    const near = hint(type, COUNTED_TYPES) || ', such as "reservation.timeout"';
    const message = `found "${type}" where an event of a Reservation is expected${near}`;
    return reportMistake(event, context, 'condition.unknown_event', message);
  }
  const windowMs = literalDuration(window);
  if (windowMs === null) {
    const message = `found ${textOf(window, context)} where a written duration is expected, such as duration("15m")`;
    return reportMistake(window, context, 'condition.not_literal', message);
  }
  if (windowMs > STATE_LIMITS.countedMs) {
    const most = formatSpan(STATE_LIMITS.countedMs);
    const message = `found ${textOf(window, context)} where ${most} or less is expected, because older events are not kept`;
    return reportMistake(window, context, 'condition.wrong_arguments', message);
  }
  context.reads.counts.push({ type, windowMs });
  context.mentions.push({ kind: 'event', name: type, start: event.start, end: event.end });
  const run: Evaluator = (facts, frame) => {
    const counted = facts.count(type, windowMs, frame.countSince);
    return isUnknown(counted) ? gap(counted.unknown) : counted;
  };
  const label = `count(${type}, ${formatSpan(windowMs)})`;
  return observe(context, label, term(ast, context, 'double', run));
}

function literalDuration(ast: Ast): number | null {
  if (ast.kind !== 'call' || ast.on !== null || ast.name !== 'duration') return null;
  const [argument] = ast.args;
  if (argument?.kind !== 'value' || typeof argument.value !== 'string') return null;
  const span = parseSpan(argument.value);
  return span === null || spanMs(span) === 0 ? null : spanMs(span);
}

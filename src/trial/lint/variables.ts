// The facts that a condition can depend on, as the linter handles them: how each is recognised in a
// condition's tree, named in a sentence, and set in a situation.

import { literalKey, workerPath } from '../../core/condition/facts.ts';
import type { Ast } from '../../core/condition/parse.ts';
import { FIELDS } from '../../core/condition/vocabulary.ts';
import { formatSpan } from '../../core/schedule/span.ts';
import { IDLE_GROUP, IDLE_QUEUE, type Situation } from '../situation.ts';

export type Variable =
  | { readonly kind: 'attribute'; readonly path: readonly string[] }
  | { readonly kind: 'identity'; readonly field: 'sid' | 'friendly_name' }
  | { readonly kind: 'activity'; readonly field: 'name' | 'available' }
  /** How long the Activity has lasted, ms. */
  | { readonly kind: 'since' }
  | { readonly kind: 'channel'; readonly name: string; readonly field: string }
  | { readonly kind: 'queue' | 'group'; readonly name: string; readonly field: string }
  | { readonly kind: 'count'; readonly type: string; readonly window: string };

export function variableKey(v: Variable): string {
  switch (v.kind) {
    case 'attribute':
      return `worker.${v.path.join('.')}`;
    case 'identity':
      return `worker.${v.field}`;
    case 'activity':
      return `activity.${v.field}`;
    case 'since':
      return 'activity.since';
    case 'channel':
    case 'queue':
    case 'group':
      return `${v.kind}.${v.name}.${v.field}`;
    case 'count':
      return `count(${v.type})`;
  }
}

/** The fact that this part of a condition reads; null if the part is not a fact by itself. */
export function readVariable(ast: Ast): Variable | null {
  if (ast.kind !== 'call' && ast.kind !== 'field' && ast.kind !== 'index') return null;
  if (ast.kind === 'call') return countOf(ast);
  const path = workerPath(ast);
  if (path !== null) return attributeOf(path);
  const field = literalKey(ast);
  if (field === null) return null;
  const { of } = ast;
  if (of.kind === 'name' && of.name === 'activity') return activityOf(field);
  const record = recordNamed(of);
  if (record === null || !Object.hasOwn(FIELDS[record.kind], field)) return null;
  return { ...record, field };
}

function attributeOf(path: readonly string[]): Variable | null {
  const [first, ...more] = path;
  if (first === undefined) return null;
  if (more.length === 0 && (first === 'sid' || first === 'friendly_name')) {
    return { kind: 'identity', field: first };
  }
  return { kind: 'attribute', path };
}

function activityOf(field: string): Variable | null {
  if (field === 'name' || field === 'available') return { kind: 'activity', field };
  return field === 'since' || field === 'available_since' ? { kind: 'since' } : null;
}

function recordNamed(
  ast: Ast,
): { readonly kind: 'channel' | 'queue' | 'group'; readonly name: string } | null {
  if (ast.kind === 'call' && ast.on === null) {
    const [argument] = ast.args;
    const name = argument?.kind === 'value' ? argument.value : null;
    if (typeof name !== 'string') return null;
    if (ast.name === 'channel' || ast.name === 'queue' || ast.name === 'group') {
      return { kind: ast.name, name };
    }
    return null;
  }
  if (ast.kind !== 'field' && ast.kind !== 'index') return null;
  if (ast.of.kind !== 'name' || ast.of.name !== 'channels') return null;
  const name = literalKey(ast);
  return name === null ? null : { kind: 'channel', name };
}

function countOf(ast: Extract<Ast, { kind: 'call' }>): Variable | null {
  if (ast.on !== null || ast.name !== 'count') return null;
  const [type, window] = ast.args;
  if (type?.kind !== 'value' || typeof type.value !== 'string') return null;
  const length = window?.kind === 'call' ? window.args[0] : undefined;
  const text = length?.kind === 'value' ? String(length.value) : '';
  return { kind: 'count', type: type.value, window: text };
}

/** Puts a value of the fact into a situation. */
export function setVariable(s: Situation, v: Variable, value: unknown): void {
  switch (v.kind) {
    case 'attribute':
      setAttribute(s.attributes, v.path, value);
      return;
    case 'identity':
      if (v.field === 'sid') s.sid = String(value);
      else s.name = String(value);
      return;
    case 'activity':
      s.activity = { ...s.activity, [v.field]: value };
      return;
    case 'since':
      s.activity = { ...s.activity, since: s.at - Number(value) };
      return;
    case 'channel':
      setChannel(s, v, value);
      return;
    case 'queue': {
      const key = FIELDS.queue[v.field]?.key ?? v.field;
      s.queues[v.name] = { ...(s.queues[v.name] ?? IDLE_QUEUE), [key]: value };
      return;
    }
    case 'group':
      s.groups[v.name] = { ...(s.groups[v.name] ?? IDLE_GROUP), [v.field]: value };
      return;
    case 'count':
      s.events[v.type] = Number(value);
      return;
  }
}

/** A load is set by the number of Tasks in hand, rounded. */
function setChannel(s: Situation, v: Variable & { kind: 'channel' }, value: unknown): void {
  const now = s.channels[v.name] ?? { capacity: 1, available: true, assigned: 0 };
  s.channels[v.name] =
    v.field === 'load'
      ? { ...now, assigned: Math.max(0, Math.round(Number(value) * now.capacity)) }
      : { ...now, [v.field]: value };
}

function setAttribute(
  attributes: Record<string, unknown>,
  path: readonly string[],
  value: unknown,
): void {
  const [first, ...rest] = path;
  if (first === undefined) return;
  if (rest.length === 0) {
    attributes[first] = value;
    return;
  }
  const inner = attributes[first];
  const next: Record<string, unknown> =
    typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? { ...inner } : {};
  attributes[first] = next;
  setAttribute(next, rest, value);
}

/** A value of it as shown in a sentence. */
export function showValue(v: Variable, value: unknown): string {
  const isTime = v.kind === 'since' || (v.kind === 'queue' && v.field === 'longest_wait');
  if (isTime) return formatSpan(Number(value));
  return typeof value === 'string' && v.kind !== 'attribute' ? value : JSON.stringify(value);
}

// TaskRouter's own expressions, as pasted from a TaskQueue's target Workers:
// `languages HAS "es" AND team == "support"`. Parsed when rules load, matched against a Worker.

import { readAttribute } from './condition/path.ts';
import {
  type Comparison,
  type Operand,
  parseExpression,
  type Scalar,
  type TargetError,
  type TargetNode,
} from './expression-parse.ts';
import { isUnknown, type Known, type Unknown } from './facts.ts';

export type { TargetError } from './expression-parse.ts';

export interface TargetExpression {
  readonly text: string;
  readonly root: TargetNode;
  /** What TaskRouter may reject, although it was understood here. */
  readonly warnings: readonly TargetError[];
}

export type ParsedTarget =
  | { readonly ok: true; readonly expression: TargetExpression }
  | { readonly ok: false; readonly error: TargetError };

export interface TargetChannel {
  readonly capacity: number;
  readonly assigned: number;
  /** Reservations that use capacity, including pending and wrapping ones; default: `assigned`. */
  readonly reserved?: number;
}

/** What an expression can see of a Worker. */
export interface TargetWorker {
  readonly sid: string;
  readonly friendlyName: string;
  readonly activitySid?: string;
  readonly activityName?: string;
  readonly attributes: unknown;
  /** By unique name, for `worker.channel.<unique_name>.…`. */
  readonly channels?: ReadonlyMap<string, TargetChannel>;
}

/** Parses an expression over a Worker's attributes, with or without `worker.` before them. */
export function parseTarget(text: string): ParsedTarget {
  const nodes = parseExpression(text);
  if ('message' in nodes) return { ok: false, error: nodes };
  return { ok: true, expression: { text, ...nodes } };
}

/** Unknown only where the expression reads what was not given (Activity, Worker Channels). */
export function matchesTarget(expression: TargetExpression, worker: TargetWorker): Known<boolean> {
  return matches(expression.root, worker);
}

function matches(node: TargetNode, worker: TargetWorker): Known<boolean> {
  if (node.kind === 'compare') {
    const left = lookUp(node.left, worker);
    if (isUnknown(left)) return left;
    const right = lookUp(node.right, worker);
    return isUnknown(right) ? right : compare(node.op, left.value, right.value);
  }
  // Kleene logic: one decisive part is enough, whatever else is unknown.
  const decisive = node.kind === 'or';
  let unknown: Unknown | null = null;
  for (const part of node.parts) {
    const result = matches(part, worker);
    if (isUnknown(result)) unknown ??= result;
    else if (result === decisive) return decisive;
  }
  return unknown ?? !decisive;
}

/** A missing key is TaskRouter's NULL, here undefined. */
function lookUp(operand: Operand, worker: TargetWorker): Found | Unknown {
  if (operand.kind === 'constant') return { value: operand.value };
  return builtIn(operand.path, worker) ?? { value: attributeAt(operand.path, worker.attributes) };
}

/** Wraps the value, so that a map attribute with a key `unknown` is not taken for an `Unknown`. */
interface Found {
  readonly value: unknown;
}

function builtIn(path: readonly (string | number)[], worker: TargetWorker): Found | Unknown | null {
  const [first, channel, field] = path;
  if (first === 'channel' && path.length === 3 && typeof channel === 'string') {
    return channelField(channel, field, worker);
  }
  if (path.length > 1) return null;
  if (first === 'sid') return { value: worker.sid };
  if (first === 'friendly_name') return { value: worker.friendlyName };
  const activity = { unknown: "the Worker's Activity is not known" };
  if (first === 'activity_sid') return known(worker.activitySid, activity);
  return first === 'activity_name' ? known(worker.activityName, activity) : null;
}

function known(value: string | undefined, otherwise: Unknown): Found | Unknown {
  return value === undefined ? otherwise : { value };
}

function channelField(
  name: string,
  field: string | number | undefined,
  worker: TargetWorker,
): Found | Unknown | null {
  const fields = ['configured_capacity', 'assigned_tasks', 'available_capacity_percentage'];
  if (!fields.includes(String(field))) return null;
  if (worker.channels === undefined) {
    return { unknown: "the Worker's Worker Channels are not known" };
  }
  const channel = worker.channels.get(name);
  if (channel === undefined) return { value: undefined };
  const { capacity, assigned, reserved = assigned } = channel;
  if (field === 'configured_capacity') return { value: capacity };
  if (field === 'assigned_tasks') return { value: assigned };
  const free = capacity === 0 ? 0 : Math.floor((1 - reserved / capacity) * 100);
  return { value: Math.max(0, free) };
}

function attributeAt(path: readonly (string | number)[], attributes: unknown): unknown {
  let value = attributes;
  for (const key of path) {
    if (typeof key === 'number') value = Array.isArray(value) ? value[key] : undefined;
    else value = readAttribute(value, [key]);
  }
  return value;
}

function compare(op: Comparison, left: unknown, right: unknown): boolean {
  switch (op) {
    case '==':
      return isScalar(left) && left === right;
    case '!=':
      return !isCompound(left) && !isCompound(right) && !(isScalar(left) && left === right);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return ordered(op, left, right);
    case 'CONTAINS':
      return isScalar(left) && isScalar(right) && String(left).includes(String(right));
    case 'HAS':
      return Array.isArray(left) && isScalar(right) && left.includes(right);
    case 'IN':
      return Array.isArray(right) && isScalar(left) && right.includes(left);
    case 'NOT IN':
      return Array.isArray(right) && !isCompound(left) && !right.includes(left);
  }
}

/** NULL is neither scalar nor compound: unequal to every scalar, and unordered. */
function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function isCompound(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function ordered(op: '<' | '<=' | '>' | '>=', left: unknown, right: unknown): boolean {
  const alike = typeof left === typeof right;
  if (!alike || typeof left === 'boolean' || !isScalar(left) || !isScalar(right)) return false;
  switch (op) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
}

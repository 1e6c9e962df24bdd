// Which rules of a set can apply to a Worker. Most rules compare one attribute with one value, as
// in `worker.team == "support"`, so they are found by it; only the rest are checked one by one.

import { workerPath } from './condition/facts.ts';
import { type Ast, parseCel } from './condition/parse.ts';
import { readAttribute } from './condition/path.ts';
import type { Attributes } from './facts.ts';
import type { RuleVerdict } from './judge.ts';
import type { Rule, RuleSet, Who } from './rules.ts';

/** A test of the attribute at `path`. `is`: it equals the value; `has`: it contains it. */
interface Key {
  readonly path: readonly string[];
  readonly kind: 'is' | 'has';
  readonly value: string | number | boolean;
}

interface Lookup {
  readonly path: readonly string[];
  readonly kind: Key['kind'];
  readonly rules: Map<unknown, number[]>;
}

export interface RuleIndex {
  /** The rules that are not switched off, in the order of the set. */
  readonly rules: readonly Rule[];
  /** For each of them, the verdict on a Worker that it is not for. */
  readonly outside: readonly RuleVerdict[];
  readonly always: readonly number[];
  readonly lookups: readonly Lookup[];
}

const cache = new WeakMap<RuleSet, RuleIndex>();

/** Computed once per rule set, for its first Worker. */
export function ruleIndexOf(set: RuleSet): RuleIndex {
  const known = cache.get(set) ?? buildIndex(set);
  cache.set(set, known);
  return known;
}

/** Indexes into `concern.rules`, ascending: every rule whose `who` may hold. */
export function candidateRules(concern: RuleIndex, attributes: Attributes): readonly number[] {
  if (concern.lookups.length === 0) return concern.always;
  const found = new Set<number>();
  for (const { path, kind, rules } of concern.lookups) {
    const value = readAttribute(attributes, path);
    const values = kind === 'is' ? [value] : members(value);
    for (const each of values) for (const index of rules.get(each) ?? []) found.add(index);
  }
  if (found.size === 0) return concern.always;
  for (const index of concern.always) found.add(index);
  return [...found].sort((a, b) => a - b);
}

/** What `in` searches: the items of a list, the keys of a map. */
function members(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

function buildIndex(set: RuleSet): RuleIndex {
  const rules = set.rules.filter((rule) => (rule.mode ?? set.defaults.mode) !== 'disabled');
  const always: number[] = [];
  const lookups = new Map<string, Lookup>();
  for (const [index, rule] of rules.entries()) {
    const keys = keysOf(rule.who, set);
    if (keys === null) always.push(index);
    else for (const key of keys) addLookup(lookups, key, index);
  }
  return { rules, outside: rules.map(outsideWho), always, lookups: [...lookups.values()] };
}

function outsideWho(rule: Rule): RuleVerdict {
  const reason = 'rule.outside_who';
  const nothing = { unknown: [], ramp: null, state: undefined, lookAt: null };
  return { rule, claims: false, reason, ...nothing };
}

function addLookup(lookups: Map<string, Lookup>, { path, kind, value }: Key, index: number): void {
  const id = `${kind} ${path.join('.')}`;
  const lookup: Lookup = lookups.get(id) ?? { path, kind, rules: new Map() };
  lookups.set(id, lookup);
  const rules = lookup.rules.get(value) ?? [];
  rules.push(index);
  lookup.rules.set(value, rules);
}

/** `who` can hold only if one of these does; null: the text does not show such keys. */
function keysOf(who: Who, set: RuleSet): readonly Key[] | null {
  switch (who.kind) {
    case 'where':
      return keysIn(who.where.text);
    case 'group': {
      const group = set.groups.get(who.name);
      return group?.kind === 'where' ? keysIn(group.where.text) : null;
    }
    case 'any':
      return eachOf(who.of.map((each) => keysOf(each, set)));
    case 'everyone':
    case 'not':
      return null;
  }
}

function keysIn(text: string): readonly Key[] | null {
  const tree = parseCel(text);
  return 'code' in tree ? null : keysOfTree(tree);
}

function keysOfTree(ast: Ast): readonly Key[] | null {
  if (ast.kind === 'or') return eachOf(ast.parts.map(keysOfTree));
  if (ast.kind === 'and') {
    // Each part is necessary, so the keys of one suffice; the fewest values exclude the most.
    const keyed = ast.parts.map(keysOfTree).filter((keys) => keys !== null);
    return keyed.sort((a, b) => a.length - b.length)[0] ?? null;
  }
  if (ast.kind !== 'binary') return null;
  const { left, right } = ast;
  if (ast.op === '==') return keyFrom('is', left, right) ?? keyFrom('is', right, left);
  if (ast.op !== 'in') return null;
  if (right.kind === 'list') return eachOf(right.items.map((item) => keyFrom('is', left, item)));
  return keyFrom('has', right, left);
}

function keyFrom(kind: Key['kind'], fact: Ast, literal: Ast): readonly Key[] | null {
  const path = workerPath(fact);
  const value = literal.kind === 'value' || literal.kind === 'number' ? literal.value : null;
  if (path === null || value === null || path.length === 0) return null;
  // These two are not among the attributes.
  if (path.length === 1 && (path[0] === 'sid' || path[0] === 'friendly_name')) return null;
  return [{ path, kind, value }];
}

function eachOf(parts: readonly (readonly Key[] | null)[]): readonly Key[] | null {
  const keys: Key[] = [];
  for (const part of parts) {
    if (part === null) return null;
    keys.push(...part);
  }
  return keys;
}

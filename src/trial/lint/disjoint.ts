// A quick check for two rules that can never apply to one Worker because they require different
// values of one attribute. It saves a search; if it cannot tell, it says that they may meet.

import type { Ast } from '../../core/condition/parse.ts';
import { parseCel } from '../../core/condition/parse.ts';
import type { Rule, RuleSet, Who } from '../../core/rules.ts';
import { readVariable, variableKey } from './variables.ts';

type Required = ReadonlyMap<string, string>;

const remembered = new WeakMap<Rule, Required>();

export function areDisjoint(a: Rule, b: Rule, set: RuleSet): boolean {
  const [first, second] = [requiredBy(a, set), requiredBy(b, set)];
  for (const [key, value] of first) {
    const other = second.get(key);
    if (other !== undefined && other !== value) return true;
  }
  return false;
}

function requiredBy(rule: Rule, set: RuleSet): Required {
  const known = remembered.get(rule) ?? new Map(required(rule.who, set));
  remembered.set(rule, known);
  return known;
}

function required(who: Who, set: RuleSet): readonly (readonly [string, string])[] {
  if (who.kind === 'where') return equalities(who.where.text);
  if (who.kind !== 'group') return [];
  const group = set.groups.get(who.name);
  return group?.kind === 'where' ? equalities(group.where.text) : [];
}

function equalities(text: string): readonly (readonly [string, string])[] {
  const tree = parseCel(text);
  return 'code' in tree ? [] : fromTree(tree);
}

function fromTree(ast: Ast): readonly (readonly [string, string])[] {
  if (ast.kind === 'and') return ast.parts.flatMap(fromTree);
  if (ast.kind !== 'binary' || ast.op !== '==') return [];
  const [fact, value] = ast.left.kind === 'value' ? [ast.right, ast.left] : [ast.left, ast.right];
  const variable = readVariable(fact);
  if (variable?.kind !== 'attribute' || value.kind !== 'value') return [];
  return [[variableKey(variable), JSON.stringify(value.value)]];
}

// The dimensions in which situations differ for some rules: who the Worker is, and what the facts
// are. Each is a list of values; a search goes through their product.

import type { TargetNode } from '../../core/expression-parse.ts';
import type { During, Rule, RuleSet, Who } from '../../core/rules.ts';
import type { Zone } from '../../core/schedule/schedule.ts';
import { spanMs } from '../../core/schedule/span.ts';
import { inQueue, type Situation } from '../situation.ts';
import { FactValueCollector, type FactValues } from './fact-values.ts';
import { setVariable, showValue, type Variable, variableKey } from './variables.ts';

export interface Option {
  /** For a witness; empty: the fact is left as it is. */
  readonly label: string;
  set(s: Situation): void;
}

export interface Dimension {
  readonly key: string;
  readonly options: readonly Option[];
}

export interface Dimensions {
  /** Who the Worker is. */
  readonly workers: readonly Dimension[];
  /** What the facts are. */
  readonly facts: readonly Dimension[];
  readonly instants: readonly number[];
  /** Whether the product leaves nothing out that could change an answer. */
  readonly exact: boolean;
  /** Whether hours are in each Worker's own zone, of which only one is tried. */
  readonly byWorker: boolean;
}

const ABSENT: Option = { label: '', set() {} };
/** Text that no rule is likely to name. */
const OTHER = 'another';
const MINUTE_MS = 60_000;

export function dimensionsOf(rules: readonly Rule[], set: RuleSet): Dimensions {
  const workers = new FactValueCollector();
  const facts = new FactValueCollector();
  const fixed: Dimension[] = [];
  workers.addCondition(set.defaults.optOut);
  for (const rule of rules) {
    collectWho(rule.who, set, workers);
    fixed.push(...timeDimensions(rule, set));
    for (const each of [rule.when?.enter, rule.when?.exit, rule.release?.or]) {
      facts.addCondition(each ?? null);
    }
  }
  // An attribute that a condition reads belongs to the Worker, like one that `who` reads.
  for (const [key, values] of facts.byKey) {
    if (!isPersonal(values.variable)) continue;
    facts.byKey.delete(key);
    mergeValues(workers.valuesOf(values.variable), values);
  }
  const taken = new Set(fixed.map(({ key }) => key));
  const workerDimensions = [...workers.byKey.values()]
    .map(dimensionOf)
    .filter(({ key }) => !taken.has(key));
  return {
    workers: [...once(fixed), ...workerDimensions],
    facts: [...facts.byKey.values()].map(dimensionOf),
    instants: [...facts.instants],
    byWorker: rules.some((rule) =>
      [set.defaults.zone, ...zonesOf(rule, set)].some(({ kind }) => kind === 'worker'),
    ),
    exact: workers.exact && facts.exact && facts.instants.size === 0 && !readsNow(rules),
  };
}

function isPersonal({ kind }: Variable): boolean {
  return kind === 'attribute' || kind === 'identity';
}

function readsNow(rules: readonly Rule[]): boolean {
  return rules.some(({ when, release }) =>
    [when?.enter, when?.exit, release?.or].some((each) => each?.reads.now || each?.reads.since),
  );
}

function once(dimensions: readonly Dimension[]): readonly Dimension[] {
  return [...new Map(dimensions.map((each) => [each.key, each])).values()];
}

function mergeValues(into: FactValues, from: FactValues): void {
  for (const n of from.numbers) into.numbers.add(n);
  for (const text of from.texts) into.texts.add(text);
  for (const item of from.items) into.items.add(item);
  for (const size of from.sizes) into.sizes.add(size);
  into.flag ||= from.flag;
}

function collectWho(who: Who, set: RuleSet, collector: FactValueCollector): void {
  switch (who.kind) {
    case 'everyone':
      return;
    case 'where':
      collector.addCondition(who.where);
      return;
    case 'not':
      collectWho(who.of, set, collector);
      return;
    case 'any':
      for (const each of who.of) collectWho(each, set, collector);
      return;
    case 'group': {
      const group = set.groups.get(who.name);
      if (group?.kind === 'where') collector.addCondition(group.where);
      if (group?.kind === 'target') collectTarget(group.target.root, collector);
      if (group?.kind === 'queue') {
        collector.valuesOf({ kind: 'attribute', path: [inQueue(group.queue)] }).flag = true;
      }
      return;
    }
  }
}

function collectTarget(node: TargetNode, collector: FactValueCollector): void {
  if (node.kind !== 'compare') {
    for (const part of node.parts) collectTarget(part, collector);
    return;
  }
  const [left, right] = [node.left, node.right];
  const operand = left.kind === 'path' ? left : right;
  const constant = left.kind === 'constant' ? left : right;
  const path =
    operand.kind === 'path' ? operand.path.filter((each) => typeof each === 'string') : [];
  if (operand.kind !== 'path' || constant.kind !== 'constant' || path.length === 0) {
    collector.exact = false;
    return;
  }
  const plain = path.length === operand.path.length && path[0] !== 'channel';
  if (!plain || node.op === 'CONTAINS') collector.exact = false;
  const found = collector.valuesOf({ kind: 'attribute', path });
  for (const value of Array.isArray(constant.value) ? constant.value : [constant.value]) {
    if (typeof value === 'boolean') found.flag = true;
    else if (node.op === 'HAS') found.items.add(value);
    else if (typeof value === 'number') found.numbers.add(value);
    else found.texts.add(value);
  }
}

/** What a rule's schedules and ramp need to know about a Worker. */
function timeDimensions(rule: Rule, set: RuleSet): Dimension[] {
  const found: Dimension[] = [];
  const zone = set.defaults.zone;
  const during = rule.during === null ? [] : attributesOf(rule.during);
  for (const path of during) {
    const names = [...set.schedules.keys()];
    found.push(attribute(path, names));
  }
  const zones: Zone[] = [zone, ...zonesOf(rule, set)];
  for (const each of zones) if (each.kind === 'worker') found.push(attribute(each.path, ['UTC']));
  if (rule.ramp !== null) found.push(...rampDimensions(rule));
  return found;
}

function attribute(path: readonly string[], values: readonly string[]): Dimension {
  const variable: Variable = { kind: 'attribute', path };
  return {
    key: variableKey(variable),
    options: values.map((value) => ({
      label: `${variableKey(variable)} = ${JSON.stringify(value)}`,
      set: (s) => setVariable(s, variable, value),
    })),
  };
}

function attributesOf(during: During): readonly (readonly string[])[] {
  if (during.kind === 'attribute') return [during.path];
  return during.kind === 'any' ? during.of.flatMap(attributesOf) : [];
}

function zonesOf({ during }: Rule, set: RuleSet): readonly Zone[] {
  const names = during === null ? [] : schedulesOf(during, set);
  return names.flatMap((name) =>
    (set.schedules.get(name)?.alternatives ?? []).flatMap(({ zone }) => zone ?? []),
  );
}

export function schedulesOf(during: During, set: RuleSet): readonly string[] {
  if (during.kind === 'schedule') return [during.name];
  if (during.kind === 'attribute') return [...set.schedules.keys()];
  return during.kind === 'any' ? during.of.flatMap((each) => schedulesOf(each, set)) : [];
}

/** One instant within each step. */
function rampDimensions({ ramp }: Rule): readonly Dimension[] {
  if (ramp === null) return [];
  const ages = ramp.steps.map((step) => spanMs(step.after) + MINUTE_MS);
  const { since } = ramp;
  if (since.kind === 'activity') {
    const variable: Variable = { kind: 'since' };
    const options = ages.map((age) => ({
      label: `activity.since ${showValue(variable, age)} ago`,
      set: (s: Situation) => setVariable(s, variable, age),
    }));
    return [{ key: 'activity.since', options }];
  }
  const variable: Variable = { kind: 'attribute', path: since.path };
  const options = ages.map((age) => ({
    label: `${variableKey(variable)} ${showValue({ kind: 'since' }, age)} ago`,
    set: (s: Situation) => setVariable(s, variable, new Date(s.at - age).toISOString()),
  }));
  return [{ key: variableKey(variable), options }];
}

/** The values at which an answer may change, most useful first; last: the fact left as it is. */
export function dimensionOf(fact: FactValues): Dimension {
  const { variable } = fact;
  const values: unknown[] = [
    ...fact.texts,
    ...listsOf(fact),
    ...numbersOf(fact),
    ...(fact.flag ? [true, false] : []),
  ];
  if (fact.texts.size > 0) values.push(OTHER);
  const key = variableKey(variable);
  const options: Option[] = values.map((value) => ({
    label: `${key} = ${showValue(variable, value)}`,
    set: (s) => setVariable(s, variable, value),
  }));
  return { key, options: [...options, ABSENT] };
}

function listsOf({ items, sizes }: FactValues): readonly unknown[] {
  const all = [...items];
  const lists: unknown[] = all.map((item) => [item]);
  if (all.length > 1) lists.push(all);
  for (const size of around([...sizes], 1)) {
    lists.push(Array.from({ length: Math.min(size, 20) }, (_, i) => all[i] ?? `${OTHER} ${i}`));
  }
  return lists;
}

function numbersOf({ variable, numbers }: FactValues): readonly number[] {
  const time =
    variable.kind === 'since' || (variable.kind === 'queue' && variable.field === 'longest_wait');
  if (variable.kind === 'attribute') return withMiddles([...numbers]);
  const found = around([...numbers], time ? 1_000 : 1);
  const whole = !time && variable.kind !== 'channel' && variable.kind !== 'group';
  return whole ? found.filter(Number.isInteger) : found;
}

/** Each number, then its neighbours; none below zero. */
function around(numbers: readonly number[], step: number): readonly number[] {
  const beside = numbers.flatMap((n) => [n + step, n - step]);
  return [...new Set([...numbers, ...beside])].filter((n) => n >= 0);
}

/** An attribute may be any number, so the middles between values of interest count too. */
function withMiddles(numbers: readonly number[]): readonly number[] {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middles = sorted.slice(1).map((n, i) => (n + (sorted[i] ?? n)) / 2);
  const beside = numbers.flatMap((n) => [n + 1, n - 1]);
  return [...new Set([...numbers, ...beside, ...middles])];
}

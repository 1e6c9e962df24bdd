// What a rule asks of one Worker Channel, as plain numbers: a ramp stands for all of its steps.

import type { Rule, RuleSet, Setting } from '../../core/rules.ts';

export type NumberKind = 'set' | 'add' | 'min' | 'max';

export function settingOn(rule: Rule, channel: string): Setting | null {
  return rule.then.channels.get(channel) ?? rule.then.any;
}

/** The numbers that this part of a setting can be; none: it is not written. */
export function numbersOf(rule: Rule, value: Setting['set']): readonly number[] {
  if (value === null) return [];
  if (value !== 'ramp') return [value];
  return (rule.ramp?.steps ?? []).flatMap(({ value: n }) => (n === 'end' ? [] : [n]));
}

/** Every channel that any rule names; `any` applies to others too, but those are not known. */
export function channelsNamed(set: RuleSet, rules: readonly Rule[]): readonly string[] {
  const names = new Set<string>(set.defaults.baseline.keys());
  for (const { then } of rules) for (const name of then.channels.keys()) names.add(name);
  return [...names].sort();
}

/** `3`, or `1, 2 or 3`. */
export function listed(numbers: readonly number[]): string {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  return sorted.length <= 1
    ? `${sorted[0] ?? 0}`
    : `${sorted.slice(0, -1).join(', ')} or ${sorted.at(-1)}`;
}

// What the rules of a set ask of one Worker Channel, by kind, collected once for all questions.

import type { Rule } from '../../core/rules.ts';
import { type NumberKind, numbersOf, settingOn } from './effects.ts';

export type Effect = 'set' | 'min' | 'max' | 'pause';
export const EFFECTS: readonly Effect[] = ['set', 'min', 'max', 'pause'];

export function effectNumbers(rule: Rule, channel: string, kind: NumberKind): readonly number[] {
  return numbersOf(rule, settingOn(rule, channel)?.[kind] ?? null);
}

/** A `min` or `max` next to an `add` limits only that add. */
export function hasEffect(rule: Rule, channel: string, effect: Effect): boolean {
  const setting = settingOn(rule, channel);
  if (setting === null) return false;
  if (effect === 'pause') return setting.pause;
  if (effect !== 'set' && setting.add !== null) return false;
  return setting[effect] !== null;
}

/** What all rules together ask of a channel. */
interface ChannelEffects extends Readonly<Record<Effect, readonly Rule[]>> {
  readonly numbers: Readonly<Record<NumberKind, readonly number[]>>;
}

const gathered = new WeakMap<readonly Rule[], Map<string, ChannelEffects>>();

export function channelEffects(rules: readonly Rule[], channel: string): ChannelEffects {
  const channels = gathered.get(rules) ?? new Map<string, ChannelEffects>();
  gathered.set(rules, channels);
  const known = channels.get(channel) ?? gather(rules, channel);
  channels.set(channel, known);
  return known;
}

function gather(rules: readonly Rule[], channel: string): ChannelEffects {
  const having = (effect: Effect) => rules.filter((rule) => hasEffect(rule, channel, effect));
  const numbers = (kind: NumberKind) => [
    ...new Set(rules.flatMap((rule) => effectNumbers(rule, channel, kind))),
  ];
  const adds = rules.flatMap((rule) => effectNumbers(rule, channel, 'add'));
  return {
    ...{ set: having('set'), min: having('min'), max: having('max'), pause: having('pause') },
    numbers: { set: numbers('set'), min: numbers('min'), max: numbers('max'), add: adds },
  };
}

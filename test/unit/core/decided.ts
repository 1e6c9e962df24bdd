// One decision in one call, for the tests of `decide`.

import { type Decision, decide } from '../../../src/core/decide.ts';
import type { Rule } from '../../../src/core/rules.ts';
import type { RuleState, WorkerState } from '../../../src/core/state.ts';
import { T0, type WorkerSpec, type WorldSpec, worker, world } from '../../support/builders.ts';
import { type RuleSetSpec, rule, ruleSet } from '../../support/rules.ts';

export interface Given extends RuleSetSpec {
  readonly who?: WorkerSpec;
  readonly state?: WorkerState;
  readonly around?: WorldSpec;
  readonly at?: number;
}

export function decided(rules: readonly Rule[], given: Given = {}): Decision {
  const { who, state = worker(who), around, at = T0, ...spec } = given;
  return decide(ruleSet(rules, spec), state, world(around), at);
}

export const verdict = (rules: readonly Rule[], given: Given = {}) => {
  const first = decided(rules, given).verdicts[0];
  return { claims: first?.claims, reason: first?.reason };
};

export const yes = (reason: string) => ({ claims: true, reason });
export const no = (reason: string) => ({ claims: false, reason });

export const claiming = (since: number, when = ''): RuleState => ({
  when,
  phase: 'claiming',
  since,
});
export const held = { baseline: { value: 1 }, claimed: true, edit: null, seenFree: true } as const;
export const OVERLOAD = 'queue("Support").waiting >= 20';
export const overload = rule('overload', { chat: { add: 1 } }, { when: OVERLOAD });
export const overloaded = { rules: { overload: claiming(T0, overload.when?.id) } };

/** What each channel should be: capacity, and whether it is available. */
export function wantedChannels({ channels }: Decision) {
  return Object.fromEntries(
    channels.map((c) => [c.channel, [c.desired.capacity.value, c.desired.available.value]]),
  );
}

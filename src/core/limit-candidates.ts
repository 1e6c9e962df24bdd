// Whether one Worker is a candidate of a rule with a `limit`. It is judged for that rule alone,
// whomever the rule has chosen, so that a walk over all Workers is cheap.

import { matchesWhere } from './condition/condition.ts';
import { contextOf, isTargeted, type World } from './decide.ts';
import { judge } from './judge.ts';
import { type Candidate, toCandidate } from './limit.ts';
import type { Limit, Rule, RuleSet } from './rules.ts';
import { channelIn, type WorkerState } from './state.ts';
import { activityOf, factsOf } from './worker-facts.ts';

export type LimitedRule = Rule & { readonly limit: Limit };

export function limitedRules(rules: RuleSet): readonly LimitedRule[] {
  return rules.rules.filter((rule): rule is LimitedRule => rule.limit !== null);
}

/**
 * null: not a candidate. 'unknown' while the Worker's attributes are: it then stays what it was.
 */
export function evaluateCandidate(
  rule: Rule,
  { rules, state }: { readonly rules: RuleSet; readonly state: WorkerState },
  world: World,
  at: number,
): Candidate | null | 'unknown' {
  if (state.gone !== null || world.modeOf(rule) === 'disabled') return null;
  const attributes = state.attributes?.value;
  if (!attributes) return 'unknown';
  const facts = factsOf(state, world, at, { worker: false, channels: false });
  const { optOut } = rules.defaults;
  if (optOut !== null && matchesWhere(optOut, facts) === true) return null;
  const { claims } = judge(rule, { ...contextOf(rules, state, world, at), attributes, facts });
  return claims ? toCandidate(rule, state, world.directory) : null;
}

/** Whether the Worker's channels have to be read because a `least_loaded` rule needs its load. */
export function mustKnowLoad(
  rules: RuleSet,
  state: WorkerState,
  world: World,
  at: number,
): boolean {
  return limitedRules(rules).some(
    (rule) =>
      rule.limit.pick === 'least_loaded' &&
      isUnread(rule, state) &&
      activityOf(state, world.directory).available === true &&
      world.modeOf(rule) !== 'disabled' &&
      isTargeted(rule.who, { rules, state }, world, at) === true,
  );
}

function isUnread({ then }: Rule, state: WorkerState): boolean {
  if (state.listedAt === null) return true;
  const names = then.any === null ? [...then.channels.keys()] : Object.keys(state.channels);
  return names.some((name) => channelIn(state, name)?.stale === true);
}

// One pass over a Worker, some of whose channels headroom may not act on: free channels are held
// and planned, paused ones only followed, and released ones restored.

import type { ChannelDecision, Decision } from './decide.ts';
import { hold, type Taken } from './hold.ts';
import { earliest } from './instants.ts';
import { type Plan, type PlannedWrite, plan } from './plan.ts';
import { giveBack } from './release.ts';
import type { Mode, Rule, RuleSet } from './rules.ts';
import { standBy } from './stand-by.ts';
import type { WorkerState } from './state.ts';

export type HandsOff = 'observe' | 'paused' | 'released';

export interface Hands {
  /** Why headroom does not act on this channel, or null where it may. */
  off(channel: string): HandsOff | null;
  modeOf(rule: Rule): Mode;
}

export interface Handled {
  readonly taken: Taken;
  readonly planned: Plan;
  /** Writes that only restore what was released. */
  readonly givenBack: readonly PlannedWrite[];
}

/** The record after the decision, and the writes that follow from it. */
export function handled(
  state: WorkerState,
  decision: Decision,
  { rules, at }: { readonly rules: RuleSet; readonly at: number },
  hands: Hands,
): Handled {
  const off = (each: ChannelDecision) => hands.off(each.channel);
  const free = { ...decision, channels: decision.channels.filter((each) => off(each) === null) };
  const paused = decision.channels.filter((each) => off(each) !== null);
  const held = hold(state, free, rules, at);
  const planned = plan(free, held.state, rules.guardrails, at);
  const released = undecided(state, decision).filter(
    ({ channel }) => hands.off(channel) === 'released',
  );
  const given = giveBack(held.state, released, rules, at);
  return {
    taken: {
      state: standBy(given.state, paused, enforcedIn(decision, hands)),
      unknownBaseline: [...held.unknownBaseline, ...given.unknownBaseline],
      lookAt: held.lookAt,
    },
    planned: { ...planned, lookAt: earliest(planned.lookAt, held.lookAt) },
    givenBack: given.writes,
  };
}

/** Even if nothing can be decided, what headroom holds can be restored. */
function undecided(state: WorkerState, { stopped, channels }: Decision) {
  if (stopped !== 'worker.unknown') return channels;
  return Object.entries(state.channels).map(([channel, { capacity, available }]) => ({
    channel,
    edits: { capacity: capacity.edit, available: available.edit },
  }));
}

export function enforcedIn(
  { verdicts }: Decision,
  { modeOf }: Pick<Hands, 'modeOf'>,
): ReadonlySet<string> {
  const enforced = verdicts.filter(({ rule }) => modeOf(rule) === 'enforce');
  return new Set(enforced.map(({ rule }) => rule.name));
}

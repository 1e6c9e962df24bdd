// One pass over a Worker, some of whose channels headroom may not act on: free channels are held
// and planned, paused ones only followed, and released ones restored.

import type { ChannelDecision, Decision } from './decide.ts';
import { trackHandsOff } from './hands-off-channels.ts';
import { type HoldResult, hold } from './hold.ts';
import { earliest } from './instants.ts';
import { type Plan, type PlannedWrite, plan } from './plan.ts';
import { releaseChannels } from './release.ts';
import type { Mode, Rule, RuleSet } from './rules.ts';
import type { WorkerState } from './state.ts';

export type HandsOff = 'observe' | 'paused' | 'released';

export interface ActingScope {
  /** Why headroom does not act on this channel, or null where it may. */
  handsOff(channel: string): HandsOff | null;
  modeOf(rule: Rule): Mode;
}

export interface HeldAndPlanned {
  readonly held: HoldResult;
  readonly planned: Plan;
  /** Writes that only restore what was released. */
  readonly releaseWrites: readonly PlannedWrite[];
}

/** The record after the decision, and the writes that follow from it. */
export function holdAndPlan(
  state: WorkerState,
  decision: Decision,
  { rules, at }: { readonly rules: RuleSet; readonly at: number },
  scope: ActingScope,
): HeldAndPlanned {
  const off = (each: ChannelDecision) => scope.handsOff(each.channel);
  const free = { ...decision, channels: decision.channels.filter((each) => off(each) === null) };
  const paused = decision.channels.filter((each) => off(each) !== null);
  const held = hold(state, free, rules, at);
  const planned = plan(free, held.state, rules.guardrails, at);
  const released = releasableChannels(state, decision).filter(
    ({ channel }) => scope.handsOff(channel) === 'released',
  );
  const given = releaseChannels(held.state, released, rules.defaults.baseline, at);
  return {
    held: {
      state: trackHandsOff(given.state, paused, enforcedRules(decision, scope)),
      unknownBaseline: [...held.unknownBaseline, ...given.unknownBaseline],
      lookAt: held.lookAt,
    },
    planned: { ...planned, lookAt: earliest(planned.lookAt, held.lookAt) },
    releaseWrites: given.writes,
  };
}

/** Even if nothing can be decided, what headroom holds can be restored. */
function releasableChannels(state: WorkerState, { stopped, channels }: Decision) {
  if (stopped !== 'worker.unknown') return channels;
  return Object.entries(state.channels).map(([channel, { capacity, available }]) => ({
    channel,
    edits: { capacity: capacity.edit, available: available.edit },
  }));
}

export function enforcedRules(
  { verdicts }: Decision,
  { modeOf }: Pick<ActingScope, 'modeOf'>,
): ReadonlySet<string> {
  const enforced = verdicts.filter(({ rule }) => modeOf(rule) === 'enforce');
  return new Set(enforced.map(({ rule }) => rule.name));
}

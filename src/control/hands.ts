// Where a pass may act and where it keeps its hands off: what is free is taken, held and planned,
// what is paused only followed, and what was released given back.

import type { ChannelDecision, Decision } from '../core/decide.ts';
import { hold, type Taken } from '../core/hold.ts';
import type { WorkerSid } from '../core/ids.ts';
import { earliest } from '../core/instants.ts';
import { type Plan, type PlannedWrite, plan } from '../core/plan.ts';
import { giveBack } from '../core/release.ts';
import type { RuleSet } from '../core/rules.ts';
import { standBy } from '../core/stand-by.ts';
import type { WorkerState } from '../core/state.ts';
import type { ControlDeps } from './deps.ts';

/** How headroom keeps its hands off this channel, or null where it may act. */
export function handsOff(
  worker: WorkerSid,
  channel: string,
  deps: ControlDeps,
): 'observe' | 'paused' | 'released' | null {
  if (deps.observing()) return 'observe';
  const pause = deps.pauses?.over(worker, channel) ?? null;
  if (pause === null) return null;
  return pause.released ? 'released' : 'paused';
}

/** The record after the decision, the writes that follow from it, and those that only give back. */
export function settled(
  state: WorkerState,
  decision: Decision,
  rules: RuleSet,
  at: number,
  deps: ControlDeps,
): { readonly taken: Taken; readonly planned: Plan; readonly givenBack: readonly PlannedWrite[] } {
  const how = (each: ChannelDecision) => handsOff(state.sid, each.channel, deps);
  const free = { ...decision, channels: decision.channels.filter((each) => how(each) === null) };
  const paused = decision.channels.filter((each) => how(each) !== null);
  const held = hold(state, free, rules, at);
  const planned = plan(free, held.state, rules.guardrails, at);
  const released = undecided(state, decision).filter(
    ({ channel }) => handsOff(state.sid, channel, deps) === 'released',
  );
  const given = giveBack(held.state, released, rules, at);
  return {
    taken: {
      state: standBy(given.state, paused, enforcedIn(decision, deps)),
      unknownBaseline: [...held.unknownBaseline, ...given.unknownBaseline],
      lookAt: held.lookAt,
    },
    planned: { ...planned, lookAt: earliest(planned.lookAt, held.lookAt) },
    givenBack: given.writes,
  };
}

/** Also where nothing can be decided, what headroom holds can be given back. */
function undecided(state: WorkerState, { stopped, channels }: Decision) {
  if (stopped !== 'worker.unknown') return channels;
  return Object.entries(state.channels).map(([channel, { capacity, available }]) => ({
    channel,
    edits: { capacity: capacity.edit, available: available.edit },
  }));
}

export function enforcedIn({ verdicts }: Decision, deps: ControlDeps): ReadonlySet<string> {
  const world = deps.world();
  const enforced = verdicts.filter(({ rule }) => world.modeOf(rule) === 'enforce');
  return new Set(enforced.map(({ rule }) => rule.name));
}

/** Whether a write that was planned may still leave: a pause may have begun since. */
export async function mayLeave(
  worker: WorkerSid,
  write: PlannedWrite,
  deps: ControlDeps,
): Promise<boolean> {
  await deps.pauses?.newest();
  if (write.rule !== null && deps.pauses?.overRule(write.rule)) return false;
  const how = handsOff(worker, write.channel, deps);
  return how === null || (how === 'released' && write.rule === null);
}

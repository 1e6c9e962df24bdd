// Where a pass may act and where it must not: what the daemon only observes, what is paused and
// what was released. `core/hands-off.ts` implements what follows from that.

import type { Decision } from '../core/decide.ts';
import {
  enforcedRules as enforced,
  type HandsOff,
  type HeldAndPlanned,
  holdAndPlan,
} from '../core/hands-off.ts';
import type { WorkerSid } from '../core/ids.ts';
import type { PlannedWrite } from '../core/plan.ts';
import type { ControlDeps } from './deps.ts';
import type { Pass } from './pass.ts';
import type { Pause } from './pauses.ts';

/** Why headroom must not act on this channel, or null if it may. */
export function handsOff(worker: WorkerSid, channel: string, deps: ControlDeps): HandsOff | null {
  if (deps.observing()) return 'observe';
  return handsOffBy(deps.pauses?.forChannel(worker, channel) ?? null);
}

export function handsOffBy(pause: Pick<Pause, 'released'> | null): HandsOff | null {
  if (pause === null) return null;
  return pause.released ? 'released' : 'paused';
}

/** The record after the decision, the writes that follow from it, and those that only restore. */
export function applyDecision({ loaded, decision, rules, at, deps }: Pass): HeldAndPlanned {
  const { state } = loaded;
  const off = (channel: string) => handsOff(state.sid, channel, deps);
  return holdAndPlan(
    state,
    decision,
    { rules, at },
    { handsOff: off, modeOf: deps.world().modeOf },
  );
}

export function enforcedRules(decision: Decision, deps: ControlDeps): ReadonlySet<string> {
  return enforced(decision, deps.world());
}

/** Whether a planned write may still be sent: a pause may have begun since. */
export async function maySend(
  write: PlannedWrite,
  { worker, decision, deps }: Pick<Pass, 'worker' | 'decision' | 'deps'>,
): Promise<boolean> {
  await deps.pauses?.reread();
  if (decidingRules(write, decision).some((rule) => deps.pauses?.forRule(rule))) return false;
  const how = handsOff(worker, write.channel, deps);
  return how === null || (how === 'released' && write.rule === null);
}

/** Every rule that contributed to what is written; a restore has none. */
function decidingRules({ channel, to, rule }: PlannedWrite, { channels }: Decision) {
  const desired = channels.find((each) => each.channel === channel)?.desired;
  if (rule === null || desired === undefined) return [];
  return [
    ...(to.capacity === undefined ? [] : desired.capacity.by),
    ...(to.available === undefined ? [] : desired.available.by),
  ];
}

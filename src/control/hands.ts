// Where a pass may act and where it must not: what the daemon only observes, what is paused and
// what was released. `core/hands.ts` implements what follows from that.

import type { Decision } from '../core/decide.ts';
import { enforcedIn as enforced, type Handled, type HandsOff, handled } from '../core/hands.ts';
import type { WorkerSid } from '../core/ids.ts';
import type { PlannedWrite } from '../core/plan.ts';
import type { ControlDeps } from './deps.ts';
import type { Pass } from './pass.ts';
import type { Pause } from './pauses.ts';

/** Why headroom must not act on this channel, or null if it may. */
export function handsOff(worker: WorkerSid, channel: string, deps: ControlDeps): HandsOff | null {
  if (deps.observing()) return 'observe';
  return offBy(deps.pauses?.over(worker, channel) ?? null);
}

export function offBy(pause: Pick<Pause, 'released'> | null): HandsOff | null {
  if (pause === null) return null;
  return pause.released ? 'released' : 'paused';
}

/** The record after the decision, the writes that follow from it, and those that only restore. */
export function settled({ loaded, decision, rules, at, deps }: Pass): Handled {
  const { state } = loaded;
  const off = (channel: string) => handsOff(state.sid, channel, deps);
  return handled(state, decision, { rules, at }, { off, modeOf: deps.world().modeOf });
}

export function enforcedIn(decision: Decision, deps: ControlDeps): ReadonlySet<string> {
  return enforced(decision, deps.world());
}

/** Whether a planned write may still be sent: a pause may have begun since. */
export async function mayLeave(
  write: PlannedWrite,
  { worker, decision, deps }: Pick<Pass, 'worker' | 'decision' | 'deps'>,
): Promise<boolean> {
  await deps.pauses?.newest();
  if (decidersOf(write, decision).some((rule) => deps.pauses?.overRule(rule))) return false;
  const how = handsOff(worker, write.channel, deps);
  return how === null || (how === 'released' && write.rule === null);
}

/** Every rule that contributed to what is written; a restore has none. */
function decidersOf({ channel, to, rule }: PlannedWrite, { channels }: Decision) {
  const wish = channels.find((each) => each.channel === channel)?.wish;
  if (rule === null || wish === undefined) return [];
  return [
    ...(to.capacity === undefined ? [] : wish.capacity.by),
    ...(to.available === undefined ? [] : wish.available.by),
  ];
}

// What happens next if no fact changes: the Worker is stepped from look to look over the coming
// day, as the daemon would do.

import type { Decision } from '../core/decide.ts';
import { iso } from '../core/instants.ts';
import { planPass, simulateUntilQuiet } from '../core/simulated-pass.ts';
import type { WorkerState } from '../core/state.ts';
import { channelIn } from '../core/state.ts';
import type { ExplainInput, Next, NextChange, Setting } from './explain.types.ts';
import { wallClockText } from './wall-clock.ts';

const LIMITS = {
  hours: 24,
  /** Looks that are followed; a condition that reads `now` needs one a minute. */
  looks: 1_500,
  changes: 20,
} as const;

export function nextOf(input: ExplainInput, decision: Decision, channel?: string): Next {
  const { rules, world, at } = input;
  const end = at + LIMITS.hours * 3_600_000;
  const changes: NextChange[] = [];
  let step = simulateUntilQuiet(rules, input.state, world, at);
  for (let n = 0; n < LIMITS.looks && changes.length < LIMITS.changes; n += 1) {
    const next = step.lookAt;
    if (next === null || next > end) break;
    const before = step.state;
    step = simulateUntilQuiet(rules, before, world, next);
    changes.push(...changesOf(before, step.state, { step, at: next, input, channel }));
  }
  const first = planPass(rules, input.state, world, at).lookAt ?? decision.lookAt;
  const within = first !== null && first <= end;
  return { lookAt: within ? iso(first) : null, changes, hours: LIMITS.hours };
}

function changesOf(
  before: WorkerState,
  after: WorkerState,
  about: {
    readonly step: ReturnType<typeof simulateUntilQuiet>;
    readonly at: number;
    readonly input: ExplainInput;
    readonly channel: string | undefined;
  },
): readonly NextChange[] {
  const { step, at, input, channel } = about;
  return Object.keys(after.channels)
    .filter((name) => channel === undefined || name === channel)
    .sort()
    .flatMap((name) => {
      const [from, to] = [settingIn(before, name), settingIn(after, name)];
      if (from.capacity === to.capacity && from.available === to.available) return [];
      const rule = step.writes.findLast((write) => write.channel === name)?.rule ?? null;
      const wall = wallClockText(at, input.rules);
      return [{ at: iso(at), wall, channel: name, from, to, rule }];
    });
}

function settingIn(state: WorkerState, name: string): Setting {
  const observed = channelIn(state, name)?.observed;
  return { capacity: observed?.capacity ?? null, available: observed?.available ?? null };
}

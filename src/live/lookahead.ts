// The facts assumed when looking ahead: what has to be read (TaskQueues, groups, Activities,
// members of a `limit`) stays as it is now; what time ends (pauses, the hold and keep times of
// rules with one state) ends when it is due.

import { handsOffBy } from '../control/hands-off.ts';
import { inForce, type Pause, pauseOver } from '../control/pauses.ts';
import type { World } from '../core/decide.ts';
import type { Future } from '../core/lookahead.ts';
import { lookaheadShared, type SharedFuture } from '../core/lookahead-shared.ts';
import type { RuleSet } from '../core/rules.ts';
import type { SharedStates } from '../core/shared-rules.ts';

export interface LookaheadSources {
  readonly rules: RuleSet;
  /** As it is now. */
  readonly world: World;
  /** The states of the rules that have one state for all Workers. */
  readonly shared: SharedStates;
  /** The pauses in force, the broadest scope first. */
  readonly pauses: readonly Pause[];
}

/** Step by step, as `lookaheadOf`. */
export function* futureOf(
  { rules, world, shared, pauses }: LookaheadSources,
  range: { readonly from: number; readonly to: number },
): Generator<void, Future, void> {
  const now = frozen(world);
  const common = yield* lookaheadShared(rules, shared, now, range);
  const ends = pauses.flatMap(({ until }) =>
    until === null || until <= range.from ? [] : [until],
  );
  return {
    rules,
    world: (at) => worldAt(at, { now, common, pauses }),
    handsOff: ({ sid }, channel, at) => handsOffBy(pauseOver(inForce(pauses, at), sid, channel)),
    changeTimes: [...new Set([...ends, ...common.changeTimes])].sort((a, b) => a - b),
  };
}

/**
 * Looking ahead takes a while, during which statistics arrive and may become stale: the first value
 * read is kept.
 */
function frozen(world: World): World {
  const { directory, blindTo } = world;
  const at = <T>(read: (name: string) => T) => {
    const known = new Map<string, T>();
    return (name: string) => {
      const found = known.get(name) ?? read(name);
      known.set(name, found);
      return found;
    };
  };
  return {
    ...world,
    directory,
    queue: at((name) => world.queue(name)),
    group: at((name) => world.group(name)),
    ...(blindTo === undefined ? {} : { blindTo: at((type) => blindTo(type)) }),
  };
}

interface Parts {
  readonly now: World;
  readonly common: SharedFuture;
  readonly pauses: readonly Pause[];
}

function worldAt(at: number, { now, common, pauses }: Parts): World {
  const paused = new Map(
    inForce(pauses, at).flatMap((p) => (p.rule === null ? [] : [[p.rule, p] as const])),
  );
  return {
    ...now,
    shared: (rule) => common.verdict(rule, at),
    blocked({ name }) {
      const pause = paused.get(name);
      if (pause === undefined) return null;
      return { reason: 'rule.paused', why: `paused by ${pause.by}: ${pause.reason}` };
    },
  };
}

// When a rule that names no Worker fact would have held, according to the kept history of
// TaskQueues: the rule is judged again at each minute that is kept.

import type { Known, QueueFacts } from './facts.ts';
import { isShared } from './judge.ts';
import type { Rule, RuleSet } from './rules.ts';
import { judgeShared, type SharedStates } from './shared-rules.ts';

/** From and until, epoch ms; null: it still holds at the end. */
export type ClaimInterval = readonly [number, number | null];

/** What was known of each TaskQueue at one instant; a queue that is missing was not known. */
export interface QueueSnapshot {
  readonly at: number;
  readonly queues: Readonly<Record<string, QueueFacts>>;
}

/** By rule, oldest first; only rules that read a TaskQueue and have one state for all Workers. */
export function claimIntervals(
  rules: RuleSet,
  moments: readonly QueueSnapshot[],
): ReadonlyMap<string, readonly ClaimInterval[]> {
  const relevant = rules.rules.filter((rule) => isShared(rule) && queuesRead(rule).length > 0);
  const bands = new Map<string, ClaimInterval[]>(relevant.map(({ name }) => [name, []]));
  let states: SharedStates = {};
  for (const { at, queues } of moments) {
    const context = {
      queue: (name: string): Known<QueueFacts> =>
        (Object.hasOwn(queues, name) ? queues[name] : undefined) ?? { unknown: 'not kept' },
      group: () => ({ unknown: 'groups are not kept' }),
      modeOf: (rule: Rule) => rule.mode ?? rules.defaults.mode ?? 'enforce',
    };
    const judged = judgeShared({ ...rules, rules: relevant }, states, context, at);
    states = judged.states;
    for (const { name } of judged.flipped) flip(bands.get(name) ?? [], at);
  }
  return bands;
}

function flip(bands: ClaimInterval[], at: number): void {
  const last = bands.at(-1);
  if (last !== undefined && last[1] === null) bands[bands.length - 1] = [last[0], at];
  else bands.push([at, null]);
}

/** TaskQueues by friendly name that the rule's conditions read. */
export function queuesRead({ when, release }: Rule): readonly string[] {
  const conditions = [when?.enter, when?.exit, release?.or];
  return [...new Set(conditions.flatMap((each) => each?.reads.queues ?? []))];
}

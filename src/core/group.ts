// What conditions see of a group: how many Workers are in it, how many of them may be given Tasks,
// and how full their hands are.

import type { GroupFacts } from './facts.ts';
import { assignedOn, type WorkerState } from './state.ts';
import { activityOf, type Directory } from './view.ts';

/** Members counted one by one, so that nobody has to hold all of them at once. */
export interface Tally {
  readonly size: number;
  readonly available: number;
  readonly assigned: number;
  readonly capacity: number;
}

export const EMPTY_TALLY: Tally = { size: 0, available: 0, assigned: 0, capacity: 0 };

export function tallied(tally: Tally, state: WorkerState, directory: Directory): Tally {
  const counted = { ...tally, size: tally.size + 1 };
  if (activityOf(state, directory).available !== true) return counted;
  let { assigned, capacity } = tally;
  for (const [name, { observed }] of Object.entries(state.channels)) {
    if (!observed?.available) continue;
    assigned += assignedOn(state, name);
    capacity += observed.capacity;
  }
  return { ...counted, available: tally.available + 1, assigned, capacity };
}

/** `load`: Tasks in hand ÷ capacity, over all Worker Channels of those who are available. */
export function factsOfTally({ size, available, assigned, capacity }: Tally): GroupFacts {
  // Without capacity a group is as loaded as can be, not infinitely.
  return { size, available, load: capacity === 0 ? 1 : assigned / capacity };
}

export function groupFacts(members: readonly WorkerState[], directory: Directory): GroupFacts {
  return factsOfTally(
    members.reduce((tally, state) => tallied(tally, state, directory), EMPTY_TALLY),
  );
}

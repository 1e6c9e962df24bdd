// What conditions see of a group: how many Workers are in it, how many of them may be given Tasks,
// and how full their hands are.

import type { GroupFacts } from './facts.ts';
import { assignedOn, type WorkerState } from './state.ts';
import { activityOf, type Directory } from './view.ts';

/** `load`: Tasks in hand ÷ capacity, over all Worker Channels of those who are available. */
export function groupFacts(members: readonly WorkerState[], directory: Directory): GroupFacts {
  const available = members.filter((state) => activityOf(state, directory).available === true);
  let [assigned, capacity] = [0, 0];
  for (const state of available) {
    for (const [name, { observed }] of Object.entries(state.channels)) {
      if (!observed?.available) continue;
      assigned += assignedOn(state, name);
      capacity += observed.capacity;
    }
  }
  // Without capacity a group is as loaded as can be, not infinitely.
  const load = capacity === 0 ? 1 : assigned / capacity;
  return { size: members.length, available: available.length, load };
}

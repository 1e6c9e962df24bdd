// What conditions see of a group: how many Workers are in it, how many of them are available, and
// how loaded these are.

import type { GroupFacts } from './facts.ts';
import { assignedOn, type WorkerState } from './state.ts';
import { activityOf, type Directory } from './worker-facts.ts';

/** Totals over the members, added up one by one, so that they need not all be in memory. */
export interface GroupTotals {
  readonly size: number;
  readonly available: number;
  readonly assigned: number;
  readonly capacity: number;
  /** Available members of whom a Worker Channel was never read. */
  readonly unread: number;
}

export const EMPTY_TOTALS: GroupTotals = {
  size: 0,
  available: 0,
  assigned: 0,
  capacity: 0,
  unread: 0,
};

export function addToTotals(
  totals: GroupTotals,
  state: WorkerState,
  directory: Directory,
): GroupTotals {
  const counted = { ...totals, size: totals.size + 1 };
  if (activityOf(state, directory).available !== true) return counted;
  let { assigned, capacity } = totals;
  let isUnread = state.listedAt === null;
  for (const [name, { observed }] of Object.entries(state.channels)) {
    if (observed === null) isUnread = true;
    if (!observed?.available) continue;
    assigned += assignedOn(state, name);
    capacity += observed.capacity;
  }
  const unread = totals.unread + (isUnread ? 1 : 0);
  return { ...counted, available: totals.available + 1, assigned, capacity, unread };
}

/** `load`: Tasks in hand ÷ capacity, over all Worker Channels of those who are available. */
export function factsOfTotals({
  size,
  available,
  assigned,
  capacity,
  unread,
}: GroupTotals): GroupFacts {
  if (unread > 0) {
    const unknown = `the Worker Channels of ${unread} of its Workers have not been read yet`;
    return { size, available, load: { unknown } };
  }
  // A group without capacity has load 1, not infinity.
  return { size, available, load: capacity === 0 ? 1 : assigned / capacity };
}

export function groupFacts(members: readonly WorkerState[], directory: Directory): GroupFacts {
  return factsOfTotals(
    members.reduce((totals, state) => addToTotals(totals, state, directory), EMPTY_TOTALS),
  );
}

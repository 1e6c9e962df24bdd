// How journal entries that were read further back join those that the page keeps by itself.

import type { Entry } from './types.ts';

/** As many as the page reads at first, and far fewer than it keeps. */
const ANCHOR = 200;

/**
 * The entry from which to read back, null: there is none. Not the oldest one: once the page keeps
 * as many as it can, that one goes with the next entry that arrives, and a hole would come between.
 */
export function anchorOf(own: readonly Entry[]): string | null {
  return own[Math.min(own.length, ANCHOR) - 1]?.id ?? null;
}

/** Whether the page still keeps the entry that was read back from. */
export function includesAnchor(own: readonly Entry[], anchor: string | null): boolean {
  return anchor === null || own.some(({ id }) => id === anchor);
}

/** Both are newest first and may overlap. */
export function mergeEntries(own: readonly Entry[], older: readonly Entry[]): readonly Entry[] {
  if (older.length === 0) return own;
  const known = new Set(own.map(({ id }) => id));
  return [...own, ...older.filter(({ id }) => !known.has(id))];
}

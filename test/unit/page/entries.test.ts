// Journal entries read further back stay joined to those that the page keeps, however many arrive.

import { describe, expect, it } from 'vitest';
import { anchorOf, includesAnchor, mergeEntries } from '../../../page/src/live/entries.ts';
import { LIVE_LIMITS } from '../../../page/src/live/live.ts';
import type { Entry } from '../../../page/src/live/types.ts';

/** Newest first: `n` down to 1. */
const upTo = (n: number): readonly Entry[] =>
  Array.from({ length: n }, (_, i) => ({ id: `${n - i}` }) as unknown as Entry);
const kept = (n: number) => upTo(n).slice(0, LIVE_LIMITS.journal);
const ids = (entries: readonly Entry[]) => entries.map(({ id }) => Number(id));

describe('entries that were read back', () => {
  it.each([3, 200, 5_000])('stay joined while %i entries become many more', (n) => {
    const anchor = anchorOf(kept(n));
    expect(includesAnchor(kept(n), anchor)).toBe(true);
    expect(includesAnchor(kept(n + LIVE_LIMITS.journal / 2), anchor)).toBe(true);
  });

  it('no longer join once the page does not keep the entry that they follow', () => {
    const anchor = anchorOf(kept(300));
    expect(includesAnchor(kept(300 + LIVE_LIMITS.journal), anchor)).toBe(false);
  });

  it('follow those of the page, each once and without a hole', () => {
    const anchor = Number(anchorOf(kept(5_000)));
    const older = upTo(anchor - 1);
    expect(ids(mergeEntries(kept(5_000), older))).toEqual(ids(upTo(5_000)));
  });

  it('are followed from the newest on if the page has none', () => {
    expect([anchorOf([]), includesAnchor([], null), ids(mergeEntries([], upTo(2)))]).toEqual([
      null,
      true,
      [2, 1],
    ]);
  });
});

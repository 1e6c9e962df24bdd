// Journal entries read further back stay joined to those that the page keeps, however many arrive.

import { describe, expect, it } from 'vitest';
import { anchorIn, joined, joins } from '../../../page/src/live/entries.ts';
import { LIVE_LIMITS } from '../../../page/src/live/live.ts';
import type { Entry } from '../../../page/src/live/types.ts';

/** Newest first: `n` down to 1. */
const upTo = (n: number): readonly Entry[] =>
  Array.from({ length: n }, (_, i) => ({ id: `${n - i}` }) as unknown as Entry);
const kept = (n: number) => upTo(n).slice(0, LIVE_LIMITS.journal);
const ids = (entries: readonly Entry[]) => entries.map(({ id }) => Number(id));

describe('entries that were read back', () => {
  it.each([3, 200, 5_000])('stay joined while %i entries become many more', (n) => {
    const anchor = anchorIn(kept(n));
    expect(joins(kept(n), anchor)).toBe(true);
    expect(joins(kept(n + LIVE_LIMITS.journal / 2), anchor)).toBe(true);
  });

  it('no longer join once the page does not keep the entry that they follow', () => {
    const anchor = anchorIn(kept(300));
    expect(joins(kept(300 + LIVE_LIMITS.journal), anchor)).toBe(false);
  });

  it('follow those of the page, each once and without a hole', () => {
    const anchor = Number(anchorIn(kept(5_000)));
    const older = upTo(anchor - 1);
    expect(ids(joined(kept(5_000), older))).toEqual(ids(upTo(5_000)));
  });

  it('are followed from the newest on if the page has none', () => {
    expect([anchorIn([]), joins([], null), ids(joined([], upTo(2)))]).toEqual([null, true, [2, 1]]);
  });
});

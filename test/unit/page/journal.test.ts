// What the journal's filter lets through, what of it the API is asked for, and the words for how far
// a search has come.

import { describe, expect, it } from 'vitest';
import { apiQuery, filterEntries, filterOf, filters } from '../../../page/src/journal/filter.ts';
import { exportedText, searchedText, searchingText } from '../../../page/src/journal/progress.ts';
import type { Entry } from '../../../page/src/live/types.ts';

const entry = (at: number, part: Partial<Entry> = {}) =>
  ({ id: `${at}`, at, reason: 'rule.claimed', text: 'chat 1 → 3', ...part }) as unknown as Entry;
const ENTRIES = [
  entry(4, { reason: 'person.edit' }),
  entry(3, { text: 'Zoë' }),
  entry(2),
  entry(1),
];
const shown = (query: Record<string, string>) =>
  filterEntries(ENTRIES, filterOf(query)).map(({ at }) => at);
const iso = (at: number) => new Date(at).toISOString();

describe('the filter in the address', () => {
  it.each<[Record<string, string>, number[]]>([
    [{}, [4, 3, 2, 1]],
    [{ from: iso(2) }, [4, 3, 2]],
    [{ to: iso(3) }, [2, 1]],
    [{ from: iso(2), to: iso(4), q: 'zoe' }, [3]],
    [{ kind: 'person' }, [4]],
    [{ from: 'yesterday', kind: 'nothing', q: ' ' }, [4, 3, 2, 1]],
  ])('%j shows the entries at %j', (query, at) => {
    expect(shown(query)).toEqual(at);
    expect(filters(filterOf(query))).toBe(at.length < ENTRIES.length);
  });

  it('goes to the API as far as that filters by itself', () => {
    const query = { q: 'zoe', kind: 'observe', worker: 'WK1', from: iso(2), to: iso(4) };
    expect(apiQuery(filterOf(query))).toEqual({
      ...{ worker: 'WK1', reason: 'mode.observe', since: iso(2), until: iso(4) },
    });
    const kind = apiQuery(filterOf({ kind: 'change' }));
    expect(kind).toEqual({ worker: '', reason: null, since: null, until: null });
  });
});

describe('how far a search has come', () => {
  const at = Date.parse('2026-06-10T12:00:00.000Z');
  const progress = { read: 5_000, back: at, more: true };

  it('is said while it runs and once it has stopped', () => {
    const none = { ...progress, read: 0, back: null };
    expect([searchingText(none), searchedText(none)]).toEqual(['Searching…', '']);
    expect(searchingText(progress)).toMatch(/^Searching… back to .* \(5,000 entries\)\.$/);
    expect(searchedText({ ...progress, read: 1 })).toMatch(/^Searched back to .* \(1 entry\)\.$/);
    expect(searchedText({ ...progress, more: false })).toMatch(/^There are no older entries/);
  });

  it('an export says since when, and whether it stopped', () => {
    expect(exportedText(0, null, false)).toBe('Exported 0 entries.');
    expect(exportedText(1, at, false)).toMatch(/^Exported 1 entry since .*\d\.$/);
    expect(exportedText(50_000, at, true)).toMatch(/^Exported 50,000 entries since .*, the most/);
  });
});

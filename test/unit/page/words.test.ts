// How the page shows sentences and names that were written elsewhere.

import { describe, expect, it } from 'vitest';
import type { TimelineEntry } from '../../../page/src/live/types.ts';
import { upcomingLines } from '../../../page/src/timeline/upcoming.ts';
import { isolateBidi, searchText } from '../../../page/src/ui/names.ts';
import { readableText } from '../../../page/src/ui/readable-text.ts';

describe('a sentence of the daemon', () => {
  it("has instants in the viewer's time, and identifiers no longer than needed", () => {
    const sid = `WS${'f64b0e0a77cd076e1894050f4f277b93'}`;
    const text = `chat 3 → 2 by workspace ${sid}; respected until 2026-06-10T12:30:01.019Z`;
    expect(readableText(text)).toMatch(
      /^chat 3 → 2 by workspace WSf64b…7b93; respected until Wed,? 10 Jun, \d\d:\d\d$/,
    );
  });

  it('without either stays as it is', () => {
    const text = 'chat 3 → 4 by support-overload: Support has 7 waiting at 10:30';
    expect(readableText(text)).toBe(text);
  });
});

describe('a name', () => {
  it('is found without its accents and capitals, and with them', () => {
    const name = searchText('Kira Novák');
    expect(['novak', 'NOVÁK', 'ova'].every((typed) => name.includes(searchText(typed)))).toBe(true);
    expect(searchText('نوعة 🌻')).toBe('نوعة 🌻');
  });

  it('that runs from right to left is isolated, and no other', () => {
    expect(['Ana', 'Zoë 🌻', 'נועה', 'فريد Ben'].map(isolateBidi)).toEqual([
      ...['Ana', 'Zoë 🌻', '\u2068נועה\u2069', '\u2068فريد Ben\u2069'],
    ]);
  });
});

describe('what comes next', () => {
  const at = '2026-06-10T18:00:00.000Z';
  const turn = (part: Partial<TimelineEntry>): TimelineEntry => ({
    ...{ at, kind: 'begins', rule: 'day', channel: null, from: null, to: null, change: null },
    ...{ reason: null, text: 'day begins', conditional: false, workers: 1, some: ['Ana'] },
    ...part,
  });
  const dayOf = (of: string) => of.slice(0, 10);

  it('that reads the same is one line, with everybody it concerns', () => {
    const ahead = [
      turn({ workers: 12, some: ['Ana', 'Ben', 'Cleo'] }),
      turn({ reason: 'rule.fails', workers: 4, some: ['Dora'] }),
      turn({ conditional: true, some: ['Eva'] }),
    ];
    expect(upcomingLines(ahead, dayOf)).toMatchObject([
      { workers: 16, names: ['Ana', 'Ben'], same: false },
      { workers: 1, names: ['Eva'], same: true },
    ]);
  });

  it('shows an instant once, and marks where a day begins', () => {
    const later = '2026-06-11T08:00:00.000Z';
    const ahead = [turn({}), turn({ text: 'chat 1 → 3 (day)' }), turn({ at: later })];
    expect(upcomingLines(ahead, dayOf).map(({ same, newDay }) => [same, newDay])).toEqual([
      [false, false],
      [true, false],
      [false, true],
    ]);
  });
});

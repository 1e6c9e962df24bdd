// What the timeline shows of the past: pure.

import { kindOf } from '../journal/filter.ts';
import type { Entry } from '../live/types.ts';

export interface PastHour {
  /** epoch ms */
  readonly from: number;
  readonly total: number;
  /** Which rules or people changed most, and how often. */
  readonly by: readonly (readonly [string, number])[];
}

const HOUR_MS = 3_600_000;
const SHOWN = 4;

/** Changes by the hour, newest first; hours without any are left out. */
export function hoursOf(entries: readonly Entry[]): readonly PastHour[] {
  const hours = new Map<number, Map<string, number>>();
  for (const entry of entries) {
    const kind = kindOf(entry);
    // Another entry names who made an edit, and is not a second change.
    if (entry.to === null || entry.reason === 'person.named') continue;
    if (kind !== 'change' && kind !== 'person') continue;
    const from = Math.floor(entry.at / HOUR_MS) * HOUR_MS;
    const by = hours.get(from) ?? new Map<string, number>();
    const name = kind === 'person' ? 'people' : (entry.rule ?? 'restored to baseline');
    hours.set(from, by.set(name, (by.get(name) ?? 0) + 1));
  }
  return [...hours]
    .sort(([a], [b]) => b - a)
    .map(([from, by]) => {
      const most = [...by].sort(([, a], [, b]) => b - a);
      return { from, total: most.reduce((n, [, m]) => n + m, 0), by: most.slice(0, SHOWN) };
    });
}

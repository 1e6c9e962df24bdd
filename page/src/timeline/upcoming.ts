// What the timeline shows of the future: pure.

import type { TimelineEntry } from '../live/types.ts';

export interface UpcomingLine {
  readonly at: string;
  readonly text: string;
  readonly conditional: boolean;
  readonly workers: number;
  readonly names: readonly string[];
  /** The line before has the same instant. */
  readonly same: boolean;
  /** The line before is on another day. */
  readonly newDay: boolean;
}

/** Lines with the same text are merged: each Worker's story says why it changes. */
export function upcomingLines(
  ahead: readonly TimelineEntry[],
  dayOf: (at: string) => string,
): readonly UpcomingLine[] {
  const lines = new Map<string, UpcomingLine>();
  let before: string | null = null;
  for (const { at, text, conditional, workers, some } of ahead) {
    const key = `${at} ${text} ${conditional}`;
    const known = lines.get(key);
    if (known !== undefined) {
      const names = [...known.names, ...some].slice(0, SHOWN);
      lines.set(key, { ...known, workers: known.workers + workers, names });
      continue;
    }
    const newDay = before !== null && dayOf(before) !== dayOf(at);
    const line = { at, text, conditional, workers, names: some.slice(0, SHOWN) };
    lines.set(key, { ...line, same: before === at, newDay });
    before = at;
  }
  return [...lines.values()];
}

const SHOWN = 2;

// How far a search or an export has come, in words: pure.

import { when } from '../ui/time.ts';

export interface Progress {
  /** Entries looked through, and the instant of the last one. */
  readonly read: number;
  readonly back: number | null;
  /** There are older ones. */
  readonly more: boolean;
}

/** While it runs. */
export function searchingText({ read, back }: Progress): string {
  return back === null ? 'Searching…' : `Searching… back to ${when(back)} (${entryCount(read)}).`;
}

/** Once it has stopped. */
export function searchedText({ read, back, more }: Progress): string {
  if (!more) return 'There are no older entries that match.';
  return back === null ? '' : `Searched back to ${when(back)} (${entryCount(read)}).`;
}

/** What an export contains. `most`: it stopped there, and there are older ones. */
export function exportedText(count: number, oldest: number | null, most: boolean): string {
  if (oldest === null) return 'Exported 0 entries.';
  const since = `${entryCount(count)} since ${when(oldest)}`;
  return most
    ? `Exported ${since}, the most at once. For older ones, set “To” to that time and export again.`
    : `Exported ${since}.`;
}

const NUMBER = new Intl.NumberFormat('en-GB');

export function entryCount(n: number): string {
  return `${NUMBER.format(n)} ${n === 1 ? 'entry' : 'entries'}`;
}

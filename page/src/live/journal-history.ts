// Journal entries older than those the page keeps by itself: read page by page, and again once the
// page no longer keeps the entry at which they begin, so that no hole comes between.

import { useEffect, useState } from 'preact/hooks';
import { get, Refused } from './api.ts';
import { anchorOf, includesAnchor, mergeEntries } from './entries.ts';
import type { Live } from './live.ts';
import type { Entry } from './types.ts';

const LIMITS = { page: 500, pages: 20 } as const;

export interface JournalHistory {
  /** Newest first. */
  readonly entries: readonly Entry[];
  /** Why they are not all of those hours, as a sentence; null: they are. */
  readonly lacks: ((when: (at: number) => string) => string) | null;
}

interface ReadState {
  readonly entries: readonly Entry[];
  /** The entry after which `entries` go on, to be found among those of the page. */
  readonly after: string | null;
  /** Something older was left out. */
  readonly more: boolean;
  readonly fault: string | null;
}

const NONE_READ: ReadState = { entries: [], after: null, more: false, fault: null };

/** The entries of the last `hours`, as far back as `LIMITS` allows. */
export function useJournalHistory(live: Live, hours: number): JournalHistory {
  const [read, setRead] = useState(NONE_READ);
  const [turn, setTurn] = useState(0);
  const { journal } = live;
  const lost = journal.length > 0 && !includesAnchor(journal, read.after);
  useEffect(() => setRead(NONE_READ), [hours]);
  useEffect(() => {
    if (lost) setTurn((n) => n + 1);
  }, [lost]);
  useEffect(() => {
    const leave = new AbortController();
    readBack(live, hours, { take: setRead, signal: leave.signal }).catch((error) => {
      if (error instanceof Refused) setRead((now) => ({ ...now, fault: error.message }));
    });
    return () => leave.abort();
  }, [live, hours, turn]);
  const since = Date.now() - hours * 3_600_000;
  const all = mergeEntries(journal, read.entries);
  return { entries: all.filter(({ at }) => at >= since), lacks: incompleteText(read, all) };
}

function incompleteText(
  { more, fault }: ReadState,
  all: readonly Entry[],
): JournalHistory['lacks'] {
  if (fault !== null) return () => `Older entries could not be read: ${fault}`;
  const oldest = all.at(-1);
  if (!more || oldest === undefined) return null;
  return (when) => `Only entries since ${when(oldest.at)} are counted.`;
}

interface ReadOptions {
  readonly take: (read: ReadState) => void;
  readonly signal: AbortSignal;
}

async function readBack(live: Live, hours: number, { take, signal }: ReadOptions): Promise<void> {
  const since = Date.now() - hours * 3_600_000;
  const found: Entry[] = [];
  let before = anchorOf(live.journal);
  let after = before;
  for (let page = 0; page < LIMITS.pages; page += 1) {
    const answer: { journal: readonly Entry[]; next: string | null } = await get(
      'journal',
      { limit: LIMITS.page, before },
      signal,
    );
    found.push(...answer.journal);
    after ??= found[0]?.id ?? null;
    before = answer.next;
    const whole = before === null || (answer.journal.at(-1)?.at ?? 0) < since;
    const more = !whole && page === LIMITS.pages - 1;
    take({ entries: [...found], after, more, fault: null });
    if (whole) return;
  }
}

// Entries older than those the page keeps by itself: on request, or by themselves while a filter
// has found few. Only what matches is kept, until another filter is set or the view is left.

import { useEffect, useRef, useState } from 'preact/hooks';
import { Refused } from '../live/api.ts';
import { anchorOf, includesAnchor, mergeEntries } from '../live/entries.ts';
import type { Entry } from '../live/types.ts';
import { filterEntries, filters, type JournalFilter } from './filter.ts';
import { journalPages } from './pages.ts';

/** `read` and `found` end one search, which can be continued; so many entries per request. */
const LIMITS = { page: 200, searchPage: 500, read: 5_000, found: 200, typingMs: 300 } as const;

export interface OlderEntries {
  /** Those that match. */
  readonly entries: readonly Entry[];
  /** The entry of the page up to which they are complete; null: it had none. */
  readonly after: string | null;
  /** Where to continue; null: at the beginning. */
  readonly next: string | null;
  readonly more: boolean;
  /** How many entries were looked through, and the instant of the last one. */
  readonly read: number;
  readonly back: number | null;
}

const NONE_READ: OlderEntries = {
  ...{ entries: [], after: null, next: null, more: true },
  ...{ read: 0, back: null },
};

/** `own`: the entries that the page keeps, newest first. */
export function useOlderEntries(own: readonly Entry[], asked: JournalFilter) {
  const [all, setAll] = useState(NONE_READ);
  const [fault, setFault] = useState('');
  const [reading, setReading] = useState(false);
  const turn = useRef<AbortController | null>(null);
  // Once the page no longer keeps that entry, a hole would come between.
  const joined = own.length === 0 || includesAnchor(own, all.after);
  const older = joined ? all : NONE_READ;
  const searches = filters(asked) && own.length > 0;

  /** What was going on is stopped. */
  function begin(): AbortController {
    turn.current?.abort();
    turn.current = new AbortController();
    setReading(true);
    setFault('');
    return turn.current;
  }

  async function read(from: OlderEntries, leave: AbortController): Promise<void> {
    try {
      for await (const each of readOn(own, asked, { from, signal: leave.signal })) {
        if (leave.signal.aborted) return;
        setAll(each);
      }
    } catch (error) {
      if (leave.signal.aborted) return;
      if (error instanceof Refused) setFault(error.message);
    }
    setReading(false);
  }

  function stop(): void {
    turn.current?.abort();
    setReading(false);
  }

  useEffect(() => {
    setAll(NONE_READ);
    setFault('');
    if (!searches) return stop;
    const leave = begin();
    // Not with every letter.
    const delay = asked.search === '' ? 0 : LIMITS.typingMs;
    setTimeout(() => leave.signal.aborted || void read(NONE_READ, leave), delay);
    return stop;
  }, [JSON.stringify(asked), searches, joined]);

  const entries = mergeEntries(filterEntries(own, asked), older.entries);
  return { older, entries, fault, reading, stop, read: () => void read(older, begin()) };
}

interface Reading {
  readonly from: OlderEntries;
  readonly signal: AbortSignal;
}

async function* readOn(
  own: readonly Entry[],
  asked: JournalFilter,
  { from, signal }: Reading,
): AsyncGenerator<OlderEntries> {
  // Of one Worker or one period the page keeps few: they begin at the newest. Others begin where
  // those that are drawn first end.
  const few = asked.worker !== '' || asked.since !== null || asked.until !== null;
  const edge = few ? (own[0]?.id ?? null) : anchorOf(own);
  const before = from.next ?? (few ? null : edge);
  const searches = filters(asked);
  const limit = searches ? LIMITS.searchPage : LIMITS.page;
  let now = { ...from, after: from.after ?? edge };
  for await (const page of journalPages(asked, { before, limit, signal })) {
    now = {
      ...now,
      entries: [...now.entries, ...filterEntries(page.journal, asked)],
      next: page.next,
      more: page.next !== null,
      read: now.read + page.journal.length,
      back: page.journal.at(-1)?.at ?? now.back,
    };
    yield now;
    const found = now.entries.length - from.entries.length;
    if (!searches || found >= LIMITS.found || now.read - from.read >= LIMITS.read) return;
  }
}

// Entries older than those the page keeps by itself, read when they are asked for; of one Worker,
// the newest of theirs at once, since the page keeps few of each.

import { useEffect, useState } from 'preact/hooks';
import { get, Refused } from '../live/api.ts';
import { anchorOf, includesAnchor, mergeEntries } from '../live/entries.ts';
import type { Entry } from '../live/types.ts';

interface OlderEntries {
  readonly entries: readonly Entry[];
  /** The entry of the page up to which they are complete; null: it had none. */
  readonly after: string | null;
  /** Where to continue; null: at the beginning. */
  readonly next: string | null;
  readonly more: boolean;
}

const NONE_READ: OlderEntries = { entries: [], after: null, next: null, more: true };

/** `own`: the entries that the page keeps, newest first. */
export function useOlderEntries(own: readonly Entry[], worker: string) {
  const [all, setKept] = useState(NONE_READ);
  const [fault, setFault] = useState('');
  // Once the page no longer keeps that entry, a hole would come between.
  const kept = includesAnchor(own, all.after) ? all : NONE_READ;

  async function read(from: OlderEntries, signal?: AbortSignal): Promise<void> {
    // Of one Worker they begin at the newest, and otherwise where those that are drawn first end.
    const edge = worker === '' ? anchorOf(own) : (own[0]?.id ?? null);
    const before = from.next ?? (worker === '' ? edge : null);
    try {
      const page = await get<{ journal: readonly Entry[]; next: string | null }>(
        'journal',
        { limit: 200, before, worker },
        signal,
      );
      setKept({
        entries: [...from.entries, ...page.journal],
        after: from.after ?? edge,
        next: page.next,
        more: page.next !== null,
      });
      setFault('');
    } catch (error) {
      if (error instanceof Refused) setFault(error.message);
    }
  }

  useEffect(() => {
    const leave = new AbortController();
    setKept(NONE_READ);
    if (worker !== '') void read(NONE_READ, leave.signal);
    return () => leave.abort();
  }, [worker]);

  return {
    entries: mergeEntries(own, kept.entries),
    count: kept.entries.length,
    more: kept.more,
    fault,
    read: () => read(kept),
  };
}

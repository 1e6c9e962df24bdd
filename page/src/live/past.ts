// Journal entries older than those the page keeps by itself: read once, page by page.

import { useEffect, useState } from 'preact/hooks';
import { get } from './api.ts';
import type { Live } from './live.ts';
import type { Entry } from './types.ts';

const LIMITS = { page: 500, pages: 10 } as const;

/** Every entry of the last `hours`, newest first, as far back as `LIMITS` allows. */
export function usePast(live: Live, hours: number): readonly Entry[] {
  const [older, setOlder] = useState<readonly Entry[]>([]);
  useEffect(() => {
    const leave = new AbortController();
    setOlder([]);
    // What cannot be read is simply missing: the newest entries come by the stream.
    readBack(live, hours, { take: setOlder, signal: leave.signal }).catch(() => undefined);
    return () => leave.abort();
  }, [live, hours]);
  const known = new Set(live.journal.map(({ id }) => id));
  const since = Date.now() - hours * 3_600_000;
  const all = [...live.journal, ...older.filter(({ id }) => !known.has(id))];
  return all.filter(({ at }) => at >= since);
}

interface Reading {
  readonly take: (entries: readonly Entry[]) => void;
  readonly signal: AbortSignal;
}

async function readBack(live: Live, hours: number, { take, signal }: Reading): Promise<void> {
  const since = Date.now() - hours * 3_600_000;
  const found: Entry[] = [];
  let before = live.journal.at(-1)?.id ?? null;
  for (let page = 0; page < LIMITS.pages; page += 1) {
    const answer: { journal: readonly Entry[]; next: string | null } = await get(
      'journal',
      { limit: LIMITS.page, before },
      signal,
    );
    found.push(...answer.journal);
    take([...found]);
    before = answer.next;
    if (before === null || (answer.journal.at(-1)?.at ?? 0) < since) return;
  }
}

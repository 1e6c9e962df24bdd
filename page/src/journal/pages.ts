// The journal page by page as the API gives it, newest first.

import { get } from '../live/api.ts';
import type { Entry } from '../live/types.ts';
import { apiQuery, type JournalFilter } from './filter.ts';

export interface JournalPage {
  readonly journal: readonly Entry[];
  /** Where it goes on; null: nowhere. */
  readonly next: string | null;
}

interface Start {
  /** The entry before which it begins; null: at the newest. */
  readonly before: string | null;
  /** Entries per page, of those that the API itself lets through. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

export async function* journalPages(
  asked: JournalFilter,
  { before, limit, signal }: Start,
): AsyncGenerator<JournalPage> {
  let from = before;
  do {
    const page: JournalPage = await get(
      'journal',
      { ...apiQuery(asked), limit, before: from },
      signal,
    );
    yield page;
    from = page.next;
  } while (from !== null);
}

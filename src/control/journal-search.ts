// Searches the journal by worker, channel, rule, reason and time. One search scans a bounded number
// of entries and says where to continue, so no index is needed.

import type { JournalEntry, JournalPage, Store } from '../ports.ts';

export interface JournalQuery {
  readonly limit: number;
  readonly before?: string;
  readonly worker?: string;
  readonly channel?: string;
  readonly rule?: string;
  readonly reason?: string;
  /** epoch ms: `since` is included, `until` is not. */
  readonly since?: number;
  readonly until?: number;
}

export type HistoryQuery = (query: JournalQuery) => Promise<JournalPage>;

/** Entries per read, and reads per search. */
const PAGE = 1_000;
const PAGES = 20;
/**
 * Entries are in the order in which they were appended; their instants may be out of it by this.
 */
const MAX_DISORDER_MS = 10 * 60_000;

/** Newest first. */
export async function searchJournal(
  store: Pick<Store, 'readJournal'>,
  query: JournalQuery,
): Promise<JournalPage> {
  const { limit, before, worker } = query;
  const simple = { ...(before && { before }), ...(worker && { worker }) };
  if (!isNarrow(query)) return await store.readJournal({ limit, ...simple });
  const found: JournalPage['entries'][number][] = [];
  let from = before ?? null;
  for (let pages = 0; found.length <= limit; pages += 1) {
    if (pages === PAGES) return { entries: found, next: from };
    const page = await store.readJournal({ ...simple, limit: PAGE, ...(from && { before: from }) });
    found.push(...page.entries.filter((entry) => fits(entry, query)));
    from = page.next;
    const last = page.entries.at(-1);
    if (from === null || (last && last.at < (query.since ?? 0) - MAX_DISORDER_MS)) break;
  }
  const entries = found.slice(0, limit);
  return { entries, next: found.length > limit ? (entries.at(-1)?.id ?? null) : null };
}

function isNarrow({ channel, rule, reason, since, until }: JournalQuery): boolean {
  return [channel, rule, reason, since, until].some((part) => part !== undefined);
}

function fits(entry: JournalEntry, query: JournalQuery): boolean {
  const { channel, rule, reason, since, until } = query;
  return (
    (channel === undefined || entry.channel === channel) &&
    (rule === undefined || entry.rule === rule) &&
    (reason === undefined || entry.reason === reason) &&
    (since === undefined || entry.at >= since) &&
    (until === undefined || entry.at < until)
  );
}

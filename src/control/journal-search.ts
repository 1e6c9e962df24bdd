// The journal, looked through by more than whose it is: channel, rule, reason and time. The store keeps
// a bounded number of entries, so they are read until enough fit, and no index is needed.

import type { JournalEntry, JournalPage, Store } from '../ports.ts';

export interface JournalQuery {
  readonly limit: number;
  readonly before?: string;
  readonly worker?: string;
  readonly channel?: string;
  readonly rule?: string;
  readonly reason?: string;
  /** epoch ms: from this instant on, and before that one. */
  readonly since?: number;
  readonly until?: number;
}

/** Entries of one read. */
const PAGE = 1_000;

/** Newest first. */
export async function searchJournal(
  store: Pick<Store, 'readJournal'>,
  query: JournalQuery,
): Promise<JournalPage> {
  const { limit, before, worker } = query;
  const simple = { ...(before && { before }), ...(worker && { worker }) };
  if (!isNarrow(query)) return await store.readJournal({ limit, ...simple });
  const found: JournalPage['entries'][number][] = [];
  let from = before;
  do {
    const page = await store.readJournal({ ...simple, limit: PAGE, ...(from && { before: from }) });
    found.push(...page.entries.filter((entry) => fits(entry, query)));
    from = page.next ?? undefined;
  } while (from !== undefined && found.length <= limit);
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

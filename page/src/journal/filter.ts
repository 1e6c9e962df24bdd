// Which journal entries are shown, what the API can filter of it by itself, and how entries are
// exported: pure.

import type { Entry } from '../live/types.ts';
import { searchText } from '../ui/names.ts';

export interface JournalFilter {
  readonly search: string;
  readonly kind: Kind | '';
  /** A Worker's SID; empty: all. */
  readonly worker: string;
  /** epoch ms: `since` is included, `until` is not. */
  readonly since: number | null;
  readonly until: number | null;
}

export const KINDS = ['change', 'person', 'refused', 'observe', 'order', 'write'] as const;
export type Kind = (typeof KINDS)[number];

/** From the query of the address; what is not understood there filters nothing. */
export function filterOf(query: Readonly<Record<string, string>>): JournalFilter {
  const { q = '', kind, worker = '', from, to } = query;
  return {
    search: q,
    kind: KINDS.find((each) => each === kind) ?? '',
    worker,
    since: instantOf(from),
    until: instantOf(to),
  };
}

function instantOf(text: string | undefined): number | null {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? null : at;
}

export function filters({ search, kind, worker, since, until }: JournalFilter): boolean {
  return `${search.trim()}${kind}${worker}` !== '' || since !== null || until !== null;
}

/** What of it the API filters by itself. */
export function apiQuery({ kind, worker, since, until }: JournalFilter) {
  return {
    worker,
    // The only kind that is one reason.
    reason: kind === 'observe' ? 'mode.observe' : null,
    since: since === null ? null : new Date(since).toISOString(),
    until: until === null ? null : new Date(until).toISOString(),
  };
}

export function filterEntries(entries: readonly Entry[], asked: JournalFilter): readonly Entry[] {
  const search = searchText(asked.search.trim());
  const { kind, worker, since, until } = asked;
  return entries.filter(
    (entry) =>
      (kind === '' || kindOf(entry) === kind) &&
      (worker === '' || entry.worker === worker) &&
      (since === null || entry.at >= since) &&
      (until === null || entry.at < until) &&
      (search === '' || textOf(entry).includes(search)),
  );
}

export function kindOf({ reason }: Pick<Entry, 'reason'>): Kind {
  if (reason.startsWith('person.')) return 'person';
  if (reason === 'mode.observe') return 'observe';
  if (reason.startsWith('pause.') || reason.startsWith('jobs.')) return 'order';
  if (reason.startsWith('write.')) return 'write';
  if (reason === 'rule.claimed' || reason === 'baseline.restored') return 'change';
  return 'refused';
}

function textOf({ workerName, worker, channel, rule, text, actor, reason }: Entry): string {
  return searchText([workerName, worker, channel, rule, text, actor, reason].join(' '));
}

const COLUMNS = [
  'at',
  'worker',
  'workerName',
  'channel',
  'reason',
  'rule',
  'actor',
  'from',
  'to',
  'text',
] as const;

/**
 * RFC 4180, with a header and the mark by which spreadsheets know UTF-8; a value that a spreadsheet
 * would read as a formula is kept as text.
 */
export function csvOf(entries: readonly Entry[]): string {
  const lines = entries.map((entry) =>
    COLUMNS.map((column) => {
      const value = column === 'at' ? new Date(entry.at).toISOString() : entry[column];
      return quoted(
        value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : value,
      );
    }).join(','),
  );
  return `\ufeff${[COLUMNS.join(','), ...lines].join('\r\n')}\r\n`;
}

function quoted(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function jsonOf(entries: readonly Entry[]): string {
  const plain = entries.map(({ at, ...rest }) => ({ at: new Date(at).toISOString(), ...rest }));
  return `${JSON.stringify({ journal: plain }, null, 2)}\n`;
}

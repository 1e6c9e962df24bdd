// Which journal entries are shown, and how they are exported: pure.

import type { Entry } from '../live/types.ts';
import { searchText } from '../ui/names.ts';

export interface JournalFilter {
  readonly search: string;
  readonly reason: string;
  readonly worker: string;
}

export function filterEntries(entries: readonly Entry[], asked: JournalFilter): readonly Entry[] {
  const search = searchText(asked.search.trim());
  const { reason, worker } = asked;
  return entries.filter(
    (entry) =>
      (reason === '' || kindOf(entry) === reason) &&
      (worker === '' || entry.worker === worker) &&
      (search === '' || textOf(entry).includes(search)),
  );
}

export const KINDS = ['change', 'person', 'refused', 'observe', 'order', 'write'] as const;
export type Kind = (typeof KINDS)[number];

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

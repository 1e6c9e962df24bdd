// The buttons that export all that matches the filter: what the page has not read is read first.

import { useEffect, useRef, useState } from 'preact/hooks';
import { Refused } from '../live/api.ts';
import type { Entry } from '../live/types.ts';
import { csvOf, filterEntries, type JournalFilter, jsonOf } from './filter.ts';
import { journalPages } from './pages.ts';
import { exportedText, type Progress, searchingText } from './progress.ts';

/** Entries per request, and in one export. */
const LIMITS = { page: 500, entries: 50_000 } as const;

const FORMATS = {
  CSV: { file: 'journal.csv', type: 'text/csv', text: csvOf },
  JSON: { file: 'journal.json', type: 'application/json', text: jsonOf },
} as const;
type Format = keyof typeof FORMATS;

interface ExportsProps {
  readonly asked: JournalFilter;
  readonly onProgress: (sentence: string) => void;
}

export function Exports({ asked, onProgress }: ExportsProps) {
  const [running, setRunning] = useState<Format | null>(null);
  const turn = useRef<AbortController | null>(null);
  useEffect(() => () => turn.current?.abort(), []);

  async function run(format: Format): Promise<void> {
    const leave = new AbortController();
    turn.current = leave;
    setRunning(format);
    try {
      const { entries, more } = await collect(asked, leave.signal, onProgress);
      const { file, type, text } = FORMATS[format];
      save(file, type, text(entries));
      onProgress(exportedText(entries.length, entries.at(-1)?.at ?? null, more));
    } catch (error) {
      if (leave.signal.aborted) onProgress('Export cancelled.');
      else if (error instanceof Refused) onProgress(`Not exported: ${error.message}`);
      else throw error;
    } finally {
      setRunning(null);
    }
  }

  return (
    <span class="export">
      {(['CSV', 'JSON'] as const).map((format) => (
        <button
          key={format}
          type="button"
          disabled={running !== null && running !== format}
          onClick={() => (running === null ? void run(format) : turn.current?.abort())}
        >
          {running === format ? 'Cancel export' : `Export ${format}`}
        </button>
      ))}
    </span>
  );
}

/** All that matches, newest first, up to the limit. */
async function collect(
  asked: JournalFilter,
  signal: AbortSignal,
  onProgress: (sentence: string) => void,
): Promise<{ readonly entries: readonly Entry[]; readonly more: boolean }> {
  const entries: Entry[] = [];
  let now: Progress = { read: 0, back: null, more: true };
  onProgress(searchingText(now));
  for await (const page of journalPages(asked, { before: null, limit: LIMITS.page, signal })) {
    entries.push(...filterEntries(page.journal, asked));
    const back = page.journal.at(-1)?.at ?? now.back;
    now = { read: now.read + page.journal.length, back, more: page.next !== null };
    if (entries.length >= LIMITS.entries) break;
    onProgress(searchingText(now));
  }
  const more = now.more || entries.length > LIMITS.entries;
  return { entries: entries.slice(0, LIMITS.entries), more };
}

function save(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

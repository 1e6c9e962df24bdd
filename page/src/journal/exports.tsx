// The buttons that export what the journal shows, and the sentence about what is in it.

import type { Entry } from '../live/types.ts';
import { when } from '../ui/time.ts';
import { csvOf, jsonOf } from './filter.ts';

interface ExportsProps {
  readonly shown: readonly Entry[];
  /** There are older entries, which were not read. */
  readonly more: boolean;
  readonly onTaken: (sentence: string) => void;
}

export function Exports({ shown, more, onTaken }: ExportsProps) {
  const take = (name: string, type: string, text: string) => {
    save(name, type, text);
    onTaken(takenText(shown, more));
  };
  return (
    <span class="export">
      <button type="button" onClick={() => take('journal.csv', 'text/csv', csvOf(shown))}>
        Export CSV
      </button>
      <button type="button" onClick={() => take('journal.json', 'application/json', jsonOf(shown))}>
        Export JSON
      </button>
    </span>
  );
}

function save(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** What an export contains, which is what is shown and may not be all. */
function takenText(shown: readonly Entry[], more: boolean): string {
  const oldest = shown.at(-1);
  if (oldest === undefined) return 'Exported 0 entries.';
  const many = `${shown.length} ${shown.length === 1 ? 'entry' : 'entries'}`;
  const rest = more ? '; older entries are not included' : '';
  return `Exported ${many} since ${when(oldest.at)}${rest}.`;
}

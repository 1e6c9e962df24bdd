// The last hour in numbers, each with its entries one click away.

import type { Kind } from '../journal/filter.ts';
import type { JournalHistory } from '../live/journal-history.ts';
import { hashOf } from '../route.ts';
import { when } from '../ui/time.ts';
import { Fact, Facts } from './facts.tsx';
import { recentOf } from './last-hour.ts';

export function LastHour({ history: { entries, lacks } }: { history: JournalHistory }) {
  const { writes, failing, heldBack, edits } = recentOf(entries);
  return (
    <section class={`panel${failing > 0 ? ' bad' : ''}`} aria-labelledby="health-recent">
      <h2 id="health-recent">The last hour</h2>
      <Facts>
        <Fact name="Writes">{inJournal(writes, 'change')}</Fact>
        <Fact name="Channels with failed writes">{inJournal(failing, 'write')}</Fact>
        <Fact name="Held back">{inJournal(heldBack, 'refused')}</Fact>
        <Fact name="Manual edits">{inJournal(edits, 'person')}</Fact>
      </Facts>
      {lacks !== null && <p class="muted">{lacks(when)}</p>}
    </section>
  );
}

function inJournal(n: number, kind: Kind) {
  if (n === 0) return '0';
  const from = new Date(Date.now() - 3_600_000).toISOString();
  return <a href={hashOf({ view: 'journal', query: { kind, from } })}>{n}</a>;
}

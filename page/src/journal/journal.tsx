// The journal: what changed or was refused, by whom and why, as it happens. It can be stopped for
// reading, searched, and exported.

import { useState } from 'preact/hooks';
import { nameOf } from '../floor/channel-status.ts';
import type { Live } from '../live/live.ts';
import { useTopics } from '../live/topics.ts';
import type { Entry } from '../live/types.ts';
import { hashOf, type Route, setQuery } from '../route.ts';
import { Choice, Instant, Search } from '../ui/fields.tsx';
import { focusContent } from '../ui/focus.ts';
import { isolateBidi, stripBidiControls } from '../ui/names.ts';
import { readableText } from '../ui/readable-text.ts';
import { day, when } from '../ui/time.ts';
import { Exports } from './exports.tsx';
import { filterOf, filters, type JournalFilter, type Kind, kindOf } from './filter.ts';
import { useOlderEntries } from './older-entries.ts';
import { searchedText, searchingText } from './progress.ts';

/** How many rows are drawn until older ones are requested. */
const DRAWN = 200;

export function JournalView({ live, route }: { live: Live; route: Route }) {
  useTopics(live.topics, 'journal');
  const [stopped, setStopped] = useState<readonly Entry[] | null>(null);
  const asked = filterOf(route.query);
  const search = useOlderEntries(stopped ?? live.journal, asked);
  const { entries, older } = search;
  const waiting = stopped === null ? 0 : newerThan(stopped[0], live.journal);
  const [exported, setExported] = useState('');

  return (
    <section class="journal" aria-labelledby="journal-title">
      <h1 id="journal-title">Journal</h1>
      <div class="tools">
        <Search
          label="Search Workers, rules, reasons"
          value={asked.search}
          onSearch={(q) => setQuery({ q })}
        />
        <Choice
          label="Show"
          value={asked.kind}
          options={{ '': 'all', ...KIND_WORDS }}
          onChoose={(kind) => setQuery({ kind })}
        />
        <Instant label="From" at={asked.since} onChoose={(from) => setQuery({ from })} />
        <Instant label="To" at={asked.until} onChoose={(to) => setQuery({ to })} />
        {asked.worker !== '' && (
          <button type="button" onClick={() => showAll({ worker: null })}>
            Only {nameIn(entries, live, asked.worker)}{' '}
            <span class="hidden">: show all Workers</span>
            <span aria-hidden="true">✕</span>
          </button>
        )}
      </div>
      <div class="tools journal-acts">
        <button
          type="button"
          aria-pressed={stopped !== null}
          onClick={() => setStopped(stopped === null ? live.journal : null)}
        >
          {stopped === null ? 'Stop updates' : `Continue (${waiting} new)`}
        </button>
        <Exports asked={asked} onProgress={setExported} />
        <p role="status" class="muted">
          {exported}
        </p>
      </div>
      {entries.length > 0 && <Entries entries={entries.slice(0, DRAWN + older.entries.length)} />}
      {entries.length === 0 && !search.reading && (
        <EmptyJournal asked={asked} complete={!older.more || live.journal.length === 0} />
      )}
      {live.journal.length > 0 && <Older search={search} filtered={filters(asked)} />}
    </section>
  );
}

interface OlderProps {
  readonly search: ReturnType<typeof useOlderEntries>;
  readonly filtered: boolean;
}

/** How far back the entries go, and the button that reads on, or stops a search. */
function Older({ search: { older, entries, fault, reading, read, stop }, filtered }: OlderProps) {
  const searching = filtered && reading;
  const words = filtered ? 'Search further back' : 'Load older entries';
  const searched = entries.length > 0 || older.more ? searchedText(older) : '';
  return (
    <p class="older">
      <span role="status" class="muted">
        {fault || (filtered && (searching ? searchingText(older) : searched))}
      </span>
      {(older.more || searching) && (
        <button type="button" onClick={searching ? stop : read}>
          {searching ? 'Stop search' : words}
        </button>
      )}
    </p>
  );
}

/** The Worker's name; for a deleted Worker, the last one in the journal. */
function nameIn(entries: readonly Entry[], { workers }: Live, sid: string): string {
  const known = workers.get(sid);
  if (known !== undefined) return nameOf(known);
  return isolateBidi(entries.find(({ worker }) => worker === sid)?.workerName ?? sid);
}

/** The button that asks for it goes away with the filter, and the focus with the button. */
function showAll(without: Readonly<Record<string, null>>): void {
  setQuery(without);
  focusContent();
}

function EmptyJournal({ asked, complete }: { asked: JournalFilter; complete: boolean }) {
  const { since, until } = asked;
  const wrong = since !== null && until !== null && since >= until;
  const none = complete ? 'No entries match.' : 'No entries match so far.';
  return (
    <div class="empty">
      <p role="status">
        {wrong ? '“From” is not before “To”.' : filters(asked) ? none : 'No entries yet.'}
      </p>
      {filters(asked) && (
        <button
          type="button"
          onClick={() => showAll({ q: null, kind: null, worker: null, from: null, to: null })}
        >
          Clear filters
        </button>
      )}
    </div>
  );
}

/** How many of these entries, newest first, are newer than that one. */
function newerThan(entry: Entry | undefined, entries: readonly Entry[]): number {
  const place = entries.findIndex(({ id }) => id === entry?.id);
  return place < 0 ? entries.length : place;
}

const KIND_WORDS: Readonly<Record<Kind, string>> = {
  change: 'changes',
  person: 'manual edits',
  refused: 'held back',
  observe: 'observe mode',
  order: 'pauses and releases',
  write: 'write problems',
};

function Entries({ entries }: { entries: readonly Entry[] }) {
  return (
    <table class="entries">
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">Worker</th>
          <th scope="col">Change and reason</th>
          <th scope="col">By</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry, i) => (
          <EntryRow key={entry.id} entry={entry} newDay={startsDay(entry, entries[i - 1])} />
        ))}
      </tbody>
    </table>
  );
}

function startsDay(entry: Entry, newer: Entry | undefined): boolean {
  return newer !== undefined && day(entry.at) !== day(newer.at);
}

function EntryRow({ entry, newDay }: { entry: Entry; newDay: boolean }) {
  const { at, worker, workerName, channel, text, actor } = entry;
  const name = isolateBidi(workerName ?? worker ?? '');
  return (
    <tr class={`k-${kindOf(entry)}${newDay ? ' new-day' : ''}`}>
      <td>
        <time dateTime={new Date(at).toISOString()}>{when(at, undefined, true)}</time>
      </td>
      <td>
        {worker !== null && channel !== null ? (
          <a href={hashOf({ view: 'floor', query: { worker, channel } })}>{name}</a>
        ) : (
          name
        )}
      </td>
      <td>{readableText(stripBidiControls(text))}</td>
      <td title={stripBidiControls(actor)}>{readableText(stripBidiControls(actor))}</td>
    </tr>
  );
}

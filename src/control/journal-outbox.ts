// What a record still has to report to the journal. An entry is saved in one step with the change
// that it reports, and leaves the record once the journal has it: if the store goes down in
// between, or the process dies, no entry is lost or duplicated.

import type { WorkerState } from '../core/state.ts';
import type { JournalEntry } from '../ports.ts';
import type { ControlDeps } from './deps.ts';
import { searchJournal } from './journal-search.ts';
import type { LoadedRecord } from './records.ts';

export const OUTBOX_LIMITS = {
  /** More than one pass reports; beyond this the newest are kept. */
  entries: 64,
  /** More than one Worker gets in the time that is searched. */
  searched: 1_000,
} as const;

export function withOutboxEntries(
  state: WorkerState,
  entries: readonly JournalEntry[],
): WorkerState {
  if (entries.length === 0) return state;
  const outbox = [...(state.untold ?? []), ...entries].slice(-OUTBOX_LIMITS.entries);
  return { ...state, untold: outbox };
}

/** `loaded`: as it was just saved. */
export async function flushOutbox(loaded: LoadedRecord, deps: ControlDeps): Promise<LoadedRecord> {
  const { untold: outbox = [] } = loaded.state;
  if (outbox.length === 0) return loaded;
  await deps.journal.append(outbox);
  return await removeFlushed(loaded, outbox, deps);
}

/**
 * Appends what an earlier pass could not append, or not mark as appended: the journal shows which.
 * Only one pass of a Worker runs at a time, so nobody else is about to append it.
 */
export async function recoverOutbox(
  loaded: LoadedRecord,
  deps: ControlDeps,
): Promise<LoadedRecord> {
  const { sid, untold: outbox = [] } = loaded.state;
  if (outbox.length === 0) return loaded;
  const since = Math.min(...outbox.map(({ at }) => at));
  const { entries } = await searchJournal(deps.store, {
    limit: OUTBOX_LIMITS.searched,
    worker: sid,
    since,
  });
  const journaled = new Set(entries.map(entryKey));
  const left = outbox.filter((entry) => !journaled.has(entryKey(entry)));
  if (left.length > 0) await deps.journal.append(left);
  return await removeFlushed(loaded, outbox, deps);
}

function removeFlushed(
  loaded: LoadedRecord,
  entries: readonly JournalEntry[],
  { records, clock }: ControlDeps,
): Promise<LoadedRecord> {
  const flushed = new Set(entries.map(entryKey));
  const next = (before: WorkerState): WorkerState => {
    const { untold: outbox, ...state } = before;
    if (outbox === undefined) return before;
    return withOutboxEntries(
      state,
      outbox.filter((entry) => !flushed.has(entryKey(entry))),
    );
  };
  return records.change(loaded.state.sid, clock.now(), next, loaded);
}

/** The same text at the same instant is the same entry. */
function entryKey({ at, channel, reason, rule, actor, text }: JournalEntry): string {
  return JSON.stringify([at, channel, reason, rule, actor, text]);
}

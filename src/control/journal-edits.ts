// The journal entries of changes that others made: the edit when it is found, and its author if
// that is known only later.

import { actorText } from '../core/actor.ts';
import { iso } from '../core/instants.ts';
import type { FoundEdit } from '../core/observe.ts';
import type { DetectedEdit, Field, WorkerState } from '../core/state.ts';
import type { JournalEntry } from '../ports.ts';
import type { ControlDeps } from './deps.ts';
import { describeSetting, journalEntry } from './journal.ts';

/** The actor of an edit whose author is not known. */
const UNKNOWN_ACTOR = 'person';

export function editEntries(
  state: WorkerState,
  edits: readonly FoundEdit[],
  deps: ControlDeps,
): readonly JournalEntry[] {
  return edits.map(({ channel, field, from, to, by }) => {
    const edit = state.channels[channel]?.[field].edit;
    const respected = edit ? `; ${respectedText(edit.until)}` : '';
    const change = { from: { [field]: from }, to: { [field]: to } };
    const who = by === undefined ? 'a person' : actorText(by, state.sid);
    return journalEntry(state, deps.clock.now(), {
      channel,
      reason: 'person.edit',
      ...change,
      actor: by === undefined ? UNKNOWN_ACTOR : who,
      text: `${channel} ${describeSetting(change.from)} → ${describeSetting(change.to)} by ${who}${respected}`,
    });
  });
}

/** The journal is append-only, so the author gets an entry of its own. */
export function authorEntry(
  state: WorkerState,
  { channel, field, edited }: { channel: string; field: Field; edited: DetectedEdit },
  at: number,
): JournalEntry {
  const { from, to, by } = edited;
  const who = by === null ? UNKNOWN_ACTOR : actorText(by, state.sid);
  const change = { from: { [field]: from }, to: { [field]: to } };
  const what = `${channel} ${describeSetting(change.from)} → ${describeSetting(change.to)}`;
  const text = `${what} at ${iso(edited.at)} was made by ${who}`;
  return journalEntry(state, at, { channel, reason: 'person.named', ...change, actor: who, text });
}

function respectedText(until: number | null): string {
  return until === null
    ? 'respected until the rules ask for another value'
    : `respected until ${iso(until)}`;
}

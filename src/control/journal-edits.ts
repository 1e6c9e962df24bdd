// The journal entries of changes that others made: the edit when it is found, and its author if
// that is known only later.

import { actorText } from '../core/actor.ts';
import { iso } from '../core/instants.ts';
import type { Found } from '../core/observe.ts';
import type { Edited, Field, WorkerState } from '../core/state.ts';
import type { JournalEntry } from '../ports.ts';
import type { ControlDeps } from './deps.ts';
import { describe, entry } from './journal.ts';

/** The actor of an edit whose author is not known. */
const SOMEBODY = 'person';

export function editEntries(
  state: WorkerState,
  edits: readonly Found[],
  deps: ControlDeps,
): readonly JournalEntry[] {
  return edits.map(({ channel, field, from, to, by }) => {
    const edit = state.channels[channel]?.[field].edit;
    const respected = edit ? `; ${respectedText(edit.until)}` : '';
    const change = { from: { [field]: from }, to: { [field]: to } };
    const who = by === undefined ? 'a person' : actorText(by, state.sid);
    return entry(state, deps.clock.now(), {
      channel,
      reason: 'person.edit',
      ...change,
      actor: by === undefined ? SOMEBODY : who,
      text: `${channel} ${describe(change.from)} → ${describe(change.to)} by ${who}${respected}`,
    });
  });
}

/** The journal is append-only, so the author gets an entry of its own. */
export function namedEntry(
  state: WorkerState,
  { channel, field, edited }: { channel: string; field: Field; edited: Edited },
  at: number,
): JournalEntry {
  const { from, to, by } = edited;
  const who = by === null ? SOMEBODY : actorText(by, state.sid);
  const change = { from: { [field]: from }, to: { [field]: to } };
  const what = `${channel} ${describe(change.from)} → ${describe(change.to)}`;
  const text = `${what} at ${iso(edited.at)} was made by ${who}`;
  return entry(state, at, { channel, reason: 'person.named', ...change, actor: who, text });
}

function respectedText(until: number | null): string {
  return until === null
    ? 'kept until the rules ask for something else'
    : `respected until ${iso(until)}`;
}

// Explains a Worker at an instant other than now: the past from the journal, the future by stepping
// the same core.

import type { HistoryQuery } from '../control/journal-search.ts';
import { isUnknown } from '../core/facts.ts';
import { iso } from '../core/instants.ts';
import type { RuleSet } from '../core/rules.ts';
import { instantOf, zoneFor } from '../core/schedule/zone.ts';
import { simulateUntilQuiet } from '../core/simulated-pass.ts';
import type { WorkerState } from '../core/state.ts';
import type { JournalEntry } from '../ports.ts';
import { type ExplainRequest, isChange } from './explain.ts';

/** The last change of one Worker Channel up to that instant: when, by whom and why. */
export interface PastChannel {
  readonly channel: string;
  readonly last:
    | (Pick<JournalEntry, 'actor' | 'reason' | 'rule' | 'from' | 'to' | 'text'> & {
        /** ISO instant. */
        readonly at: string;
      })
    | null;
}

export interface PastExplanation {
  /** ISO instant. */
  readonly at: string;
  readonly worker: { readonly sid: string; readonly friendlyName: string | null };
  readonly channels: readonly PastChannel[];
  /** When this Worker's oldest kept entry was made, if not all channels were found; else null. */
  readonly keptSince: string | null;
}

/** The most looks at one Worker until a future instant; each takes a fraction of a millisecond. */
const MOST_LOOKS = 2_000;

/** An instant, or a wall-clock time in the zone of the rules; null if it is neither. */
export function parseInstant(text: string, rules: RuleSet): number | null {
  const zone = zoneFor(rules.defaults.zone, {});
  return instantOf(text, isUnknown(zone) ? 'UTC' : zone);
}

/**
 * The Worker as it will be at `at` if only time passes; null: too much happens until then. Step by
 * step, as `lookaheadOf`.
 */
export function* stateAt(
  request: ExplainRequest,
  at: number,
): Generator<void, WorkerState | null, void> {
  const { rules, world } = request;
  let outcome = simulateUntilQuiet(rules, request.state, world, request.at);
  for (let n = 0; outcome.lookAt !== null && outcome.lookAt <= at; n += 1) {
    if (n === MOST_LOOKS) return null;
    outcome = simulateUntilQuiet(rules, outcome.state, world, outcome.lookAt);
    yield;
  }
  return outcome.state;
}

/**
 * The journal is read backwards from `at` until each channel's last change is found, or its end.
 */
export async function explainPast(
  state: WorkerState,
  { at, channel }: { readonly at: number; readonly channel: string | undefined },
  search: HistoryQuery,
): Promise<PastExplanation> {
  const wanted = channel === undefined ? Object.keys(state.channels).sort() : [channel];
  const found = new Map<string, JournalEntry>();
  let oldest: number | null = null;
  let before: string | null = null;
  do {
    const page = await search({
      ...{ limit: PAGE, worker: state.sid },
      ...(before !== null && { before }),
    });
    for (const entry of page.entries) {
      oldest = entry.at;
      const { channel: of } = entry;
      if (entry.at > at || of === null || found.has(of)) continue;
      if (entry.to !== null && isChange(entry)) found.set(of, entry);
    }
    before = page.next;
  } while (before !== null && wanted.some((name) => !found.has(name)));
  const all = wanted.every((name) => found.has(name));
  return {
    at: iso(at),
    worker: { sid: state.sid, friendlyName: state.name?.value ?? null },
    channels: wanted.map((name) => ({ channel: name, last: lastOf(found.get(name)) })),
    keptSince: all || oldest === null ? null : iso(oldest),
  };
}

const PAGE = 500;

function lastOf(entry: JournalEntry | undefined): PastChannel['last'] {
  if (entry === undefined) return null;
  const { at, actor, reason, rule, from, to, text } = entry;
  return { at: iso(at), actor, reason, rule, from, to, text };
}

// Where a journal entry goes: the store, the log and the metrics.

import { describeSetting } from '../control/journal.ts';
import { REASONS } from '../core/reasons.ts';
import type { JournalEntry } from '../ports.ts';
import type { ControlParts } from './wire-control.ts';

export async function recordEntries(
  entries: readonly JournalEntry[],
  { options, store, metrics }: ControlParts,
): Promise<void> {
  if (entries.length === 0) return;
  metrics.journalled(entries);
  for (const e of entries) {
    const { worker, channel, reason, rule, actor, from, to } = e;
    const fields = { worker, channel, reason, rule, actor, from, to };
    options.log.info(fields, logText(e, options.identity.emulated));
  }
  await store.appendJournal(entries);
}

/**
 * The journal is behind a token and contains everything; a log may go anywhere. A `why` may name a
 * person, so the log has the rule's name instead. The emulator's people are not real. Exported for
 * its test.
 */
export function logText(e: JournalEntry, emulated: boolean): string {
  if (emulated) return `${e.workerName ?? e.worker ?? ''} ${e.text}`.trim();
  const change = e.from && e.to ? ` ${describeSetting(e.from)} → ${describeSetting(e.to)}` : '';
  const place = [e.worker, e.channel].filter((part) => part !== null).join(' ');
  const parts = [`${place}${change}`, e.rule, REASONS[e.reason]];
  return parts.filter((part) => part !== null && part !== '').join(': ');
}

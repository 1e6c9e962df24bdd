// How much room the guardrails that count Workers leave, according to the ledger.

import { amountOf } from '../limit.ts';
import type { Guardrails, KeepOpen } from '../rules.ts';
import { floorName } from './floor-memberships.ts';
import { floorOf } from './guardrails.ts';
import { dropFrom, dropThrough, type Histogram, total } from './histogram.ts';
import type { GuardrailLedger } from './ledger-shards.ts';
import { openWorkers } from './worker-standing.ts';

/** Free places of `keep_open`: how many more Workers may close. */
export function freePlaces(ledger: GuardrailLedger, keep: KeepOpen): number {
  // A share of an unknown number leaves no room.
  if (isUncounted(ledger, keep)) return 0;
  return openWorkers(ledger, keep) - floorOf(keep, floorMembers(ledger, keep));
}

/** Members of its group: those that reported, or those counted on record if that is more. */
export function floorMembers(
  { floors, roster: groupSizes }: GuardrailLedger,
  keep: KeepOpen,
): number {
  const name = floorName(keep);
  const counted = groupSizes?.members?.[name] ?? 0;
  return Math.max(floors[name]?.members ?? 0, counted);
}

export function isUncounted(
  { roster: groupSizes }: GuardrailLedger,
  { atLeast }: KeepOpen,
): boolean {
  return 'share' in atLeast && groupSizes?.members === null;
}

/** Free places of `max_change`; null: there is no such guardrail. */
export function remainingBudget(
  { maxChange }: Guardrails,
  { claimable, spent }: GuardrailLedger,
): number | null {
  if (maxChange === null) return null;
  return Math.max(0, amountOf(maxChange.workers, claimable) - total(spent));
}

/** The ledger without what has expired. */
export function withoutExpired(
  { maxChange }: Guardrails,
  ledger: GuardrailLedger,
  at: number,
): GuardrailLedger {
  const floors = Object.entries(ledger.floors).map(([name, floor]) => [
    name,
    { ...floor, held: dropThrough(floor.held, at) },
  ]);
  return {
    ...ledger,
    floors: Object.fromEntries(floors),
    spent: maxChange === null ? ledger.spent : withinSpan(ledger.spent, at, maxChange.perMs),
  };
}

/** What lies further ahead was stamped by a clock that has since been set back (see `isWithin`). */
function withinSpan(histogram: Histogram, at: number, spanMs: number): Histogram {
  return dropFrom(dropThrough(histogram, at - spanMs), at + spanMs);
}

// How much room the guardrails that count Workers leave, according to the books.

import { amountOf } from '../limit.ts';
import type { Guardrails, KeepOpen } from '../rules.ts';
import { floorOf } from './guardrails.ts';
import type { Books } from './shelves.ts';
import { openAt } from './standing.ts';
import { floorName } from './stands.ts';
import { dropFrom, dropTo, type Tally, total } from './tally.ts';

/** Free places of `keep_open`: how many more Workers may close. */
export function placesAt(books: Books, keep: KeepOpen): number {
  // A share of an unknown number leaves no room.
  if (isUncounted(books, keep)) return 0;
  return openAt(books, keep) - floorOf(keep, membersAt(books, keep));
}

/** Members of its group: those that reported, or those counted on record if that is more. */
export function membersAt({ floors, roster }: Books, keep: KeepOpen): number {
  const name = floorName(keep);
  const counted = roster?.members?.[name] ?? 0;
  return Math.max(floors[name]?.members ?? 0, counted);
}

export function isUncounted({ roster }: Books, { atLeast }: KeepOpen): boolean {
  return 'share' in atLeast && roster?.members === null;
}

/** Free places of `max_change`; null: there is no such guardrail. */
export function budgetOf({ maxChange }: Guardrails, { claimable, spent }: Books): number | null {
  if (maxChange === null) return null;
  return Math.max(0, amountOf(maxChange.workers, claimable) - total(spent));
}

/** The books without what has expired. */
export function aged({ maxChange }: Guardrails, books: Books, at: number): Books {
  const floors = Object.entries(books.floors).map(([name, floor]) => [
    name,
    { ...floor, held: dropTo(floor.held, at) },
  ]);
  return {
    ...books,
    floors: Object.fromEntries(floors),
    spent: maxChange === null ? books.spent : within(books.spent, at, maxChange.perMs),
  };
}

/** What lies further ahead was stamped by a clock that has since been set back (see `isWithin`). */
function within(tally: Tally, at: number, spanMs: number): Tally {
  return dropFrom(dropTo(tally, at - spanMs), at + spanMs);
}

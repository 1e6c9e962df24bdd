// How much room the guardrails that count Workers leave, by what the books count.

import { floorOf } from './guardrails.ts';
import { amountOf } from './limit.ts';
import type { Guardrails, KeepOpen } from './rules.ts';
import type { Books } from './shelves.ts';
import { openAt } from './standing.ts';
import { floorName } from './stands.ts';
import { dropTo, total } from './tally.ts';

/** Places of `keep_open` that are free: how many more may close. */
export function placesAt(books: Books, keep: KeepOpen): number {
  const { members } = books.floors[floorName(keep)] ?? { members: 0 };
  return openAt(books, keep) - floorOf(keep, members);
}

/** Places of `max_change` that are free; null: there is no such guardrail. */
export function budgetOf({ maxChange }: Guardrails, { claimable, spent }: Books): number | null {
  if (maxChange === null) return null;
  return Math.max(0, amountOf(maxChange.workers, claimable) - total(spent));
}

/** The books without what is over by now. */
export function aged({ maxChange }: Guardrails, books: Books, at: number): Books {
  const floors = Object.entries(books.floors).map(([name, floor]) => [
    name,
    { ...floor, held: dropTo(floor.held, at) },
  ]);
  return {
    ...books,
    floors: Object.fromEntries(floors),
    spent: maxChange === null ? books.spent : dropTo(books.spent, at - maxChange.perMs),
  };
}

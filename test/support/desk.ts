// The desk at which passes ask the guardrails that count Workers, with its books and shelves in
// memory and no other process beside it. Standings can be shelved at any time, half or in full.

import { type Ask, attend } from '../../src/core/guardrails/books.ts';
import { call, inLineOf, mustCall } from '../../src/core/guardrails/calls.ts';
import {
  type Books,
  EMPTY_BOOKS,
  EMPTY_SHELF,
  handedOver,
  isCurrent,
  type Shelf,
  shelfOf,
  shelved,
  standingIn,
} from '../../src/core/guardrails/shelves.ts';
import {
  type Counts,
  NO_COUNTS,
  NOWHERE,
  recounted,
  type Standing,
} from '../../src/core/guardrails/standing.ts';
import type { Guardrails } from '../../src/core/rules.ts';

export class Desk {
  books: Books = { ...EMPTY_BOOKS, id: 'books' };
  readonly shelves = new Map<number, Shelf>();
  readonly #rails: Guardrails;

  constructor(rails: Guardrails) {
    this.#rails = rails;
  }

  standing(worker: string): Standing {
    const index = shelfOf(worker);
    const shelf = this.shelves.get(index) ?? EMPTY_SHELF;
    if (!isCurrent(shelf, this.books, index)) throw new Error(`the shelf of ${worker} is old`);
    return standingIn(this.books, shelf, worker);
  }

  ask(asks: readonly Ask[], at: number) {
    const before = this.books;
    const known = (worker: string) => this.standing(worker);
    const { books, answers } = attend(this.#rails, before, known, asks, at);
    this.books = books;
    let called: readonly string[] = [];
    if (mustCall(this.#rails, before, books, at)) {
      const line = inLineOf([...this.workers()], known);
      ({ books: this.books, called } = call(this.#rails, books, line, at));
    }
    return { answers, call: called };
  }

  /** Shelves every standing that can be; `died`: before the books rely on it. */
  shelve(died = false): void {
    const stored = new Map<number, Shelf>();
    for (const index of new Set(Object.keys(this.books.recent).map(shelfOf))) {
      const shelf = shelved(this.shelves.get(index) ?? EMPTY_SHELF, this.books, index);
      this.shelves.set(index, shelf);
      stored.set(index, shelf);
    }
    if (!died) this.books = handedOver(this.books, stored);
  }

  workers(): ReadonlySet<string> {
    const kept = [...this.shelves.values()].flatMap(({ standings }) => Object.keys(standings));
    return new Set([...kept, ...Object.keys(this.books.recent)]);
  }

  /** The Workers in line, the oldest first. */
  get line(): readonly string[] {
    const waits = [...this.workers()].filter((worker) => this.standing(worker).waits !== null);
    const ticket = (worker: string) => this.standing(worker).waits?.ticket ?? 0;
    return waits.sort((a, b) => ticket(a) - ticket(b));
  }
}

/** The counts, recomputed from every single standing. */
export function countedAnew(standings: Iterable<Standing>): Counts {
  let counts = NO_COUNTS;
  for (const standing of standings) counts = recounted(counts, NOWHERE, standing);
  return counts;
}

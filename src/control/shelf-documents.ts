// The shelves of the guardrails' books, one document each, and copies of those that were read. A
// copy is read again when the books rely on a newer one.

import { firstOf, type InLine, inLineOf } from '../core/guardrails/calls.ts';
import {
  type Books,
  EMPTY_SHELF,
  isCurrent,
  ready,
  SHELVES,
  type Shelf,
  shelfOf,
  shelved,
  standingIn,
} from '../core/guardrails/shelves.ts';
import { NOWHERE, type Standing } from '../core/guardrails/standing.ts';
import type { Store } from '../ports.ts';
import { SharedDocument } from './documents.ts';

export class ShelfDocuments {
  readonly #documents: readonly SharedDocument<Shelf>[];
  /** The Workers of each shelf that are in line, so that the line is found without a walk. */
  readonly #lines = new WeakMap<Shelf, readonly InLine[]>();

  constructor(store: Store) {
    this.#documents = Array.from(
      { length: SHELVES },
      (_, index) => new SharedDocument(store, `guardrails:shelf:${index}`, EMPTY_SHELF),
    );
  }

  /** Reads the shelves that these books rely on for these Workers' standings. */
  async catchUp(books: Books, workers: readonly string[]): Promise<void> {
    await this.#refresh(books, new Set(workers.map(shelfOf)));
  }

  standing(books: Books, worker: string): Standing {
    return standingIn(books, this.#documents[shelfOf(worker)]?.current() ?? EMPTY_SHELF, worker);
  }

  /** The first in line for each thing that is waited for. */
  async line(books: Books): Promise<readonly InLine[]> {
    await this.#refresh(books, this.#documents.keys());
    const shelves = this.#documents.map((document) => document.current());
    const { recent } = books;
    const kept = shelves
      .filter(({ id }) => id === books.id)
      .flatMap((shelf) => this.#lineOf(shelf))
      .filter(({ worker }) => !Object.hasOwn(recent, worker));
    return firstOf([...kept, ...inLineOf(Object.keys(recent), (w) => this.standing(books, w))]);
  }

  /** Moves what is ready to its shelves; answers the shelves that hold it now. */
  async store(books: Books): Promise<ReadonlyMap<number, Shelf>> {
    const indexes = [...new Set(ready(books).map(shelfOf))];
    const stored = new Map<number, Shelf>();
    await Promise.all(
      indexes.map(async (index) => {
        const document = this.#documents[index];
        if (document === undefined) return;
        const before = document.current();
        const after = shelved(before, books, index);
        // If somebody else is changing it too, it is tried again after the next answers.
        if (after === before || (await document.save(after))) stored.set(index, after);
      }),
    );
    return stored;
  }

  async #refresh(books: Books, indexes: Iterable<number>): Promise<void> {
    const reads: Promise<unknown>[] = [];
    for (const index of indexes) {
      const document = this.#documents[index];
      const isOld = document && !isCurrent(document.current(), books, index);
      if (isOld) reads.push(document.refresh());
    }
    await Promise.all(reads);
  }

  #lineOf(shelf: Shelf): readonly InLine[] {
    const known = this.#lines.get(shelf);
    if (known !== undefined) return known;
    const line = inLineOf(
      Object.keys(shelf.standings),
      (worker) => shelf.standings[worker] ?? NOWHERE,
    );
    this.#lines.set(shelf, line);
    return line;
  }
}

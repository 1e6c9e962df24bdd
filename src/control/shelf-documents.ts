// The shelves of the guardrails' books, a document each, and a copy of those that were read. A copy
// is read anew when the books rely on a newer one.

import { firstOf, type InLine, inLineOf } from '../core/calls.ts';
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
} from '../core/shelves.ts';
import { NOWHERE, type Standing } from '../core/standing.ts';
import type { Json, Store } from '../ports.ts';

interface Copy {
  readonly shelf: Shelf;
  readonly version: number;
  /** Who of them is in line, so that the line is found without looking at everybody. */
  readonly line: readonly InLine[];
}

const NO_COPY: Copy = { shelf: EMPTY_SHELF, version: 0, line: [] };

export class ShelfDocuments {
  readonly #store: Store;
  readonly #copies = new Map<number, Copy>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Until each of these Workers' standing can be told with these books. */
  async catchUp(books: Books, workers: readonly string[]): Promise<void> {
    await this.#readAll(books, new Set(workers.map(shelfOf)));
  }

  standing(books: Books, worker: string): Standing {
    return standingIn(books, this.#copy(shelfOf(worker)).shelf, worker);
  }

  /** The first in line, for each thing that they wait for. */
  async line(books: Books): Promise<readonly InLine[]> {
    await this.#readAll(
      books,
      Array.from({ length: SHELVES }, (_, index) => index),
    );
    const shelves = [...this.#copies.values()].filter(({ shelf }) => shelf.id === books.id);
    const { recent } = books;
    const kept = shelves
      .flatMap(({ line }) => line)
      .filter(({ worker }) => !Object.hasOwn(recent, worker));
    return firstOf([...kept, ...inLineOf(Object.keys(recent), (w) => this.standing(books, w))]);
  }

  /** Puts what is ready onto its shelves; answers those that hold it now. */
  async store(books: Books): Promise<ReadonlyMap<number, Shelf>> {
    const indexes = [...new Set(ready(books).map(shelfOf))];
    const stored = new Map<number, Shelf>();
    await Promise.all(
      indexes.map(async (index) => {
        const shelf = await this.#put(books, index);
        if (shelf !== null) stored.set(index, shelf);
      }),
    );
    return stored;
  }

  /** null: somebody else is changing it, and will be done before it is tried again. */
  async #put(books: Books, index: number): Promise<Shelf | null> {
    const { shelf, version } = this.#copy(index);
    const after = shelved(shelf, books, index);
    if (after === shelf) return shelf;
    const json = after as unknown as Json;
    if (await this.#store.putDocument(documentOf(index), json, version)) {
      this.#take(index, after, version + 1);
      return after;
    }
    await this.#read(index);
    return null;
  }

  async #readAll(books: Books, indexes: Iterable<number>): Promise<void> {
    const old = [...indexes].filter((i) => !isCurrent(this.#copy(i).shelf, books, i));
    await Promise.all(old.map((index) => this.#read(index)));
  }

  async #read(index: number): Promise<void> {
    const found = await this.#store.getDocument(documentOf(index));
    // Only this class saves it, so its form is known.
    if (found !== null) this.#take(index, found.value as unknown as Shelf, found.version);
  }

  #take(index: number, shelf: Shelf, version: number): void {
    if (version < this.#copy(index).version) return;
    const workers = Object.keys(shelf.standings);
    const line = inLineOf(workers, (worker) => shelf.standings[worker] ?? NOWHERE);
    this.#copies.set(index, { shelf, version, line });
  }

  #copy(index: number): Copy {
    return this.#copies.get(index) ?? NO_COPY;
  }
}

function documentOf(index: number): string {
  return `guardrails:shelf:${index}`;
}

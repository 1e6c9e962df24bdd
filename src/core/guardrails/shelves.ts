// The books stay small because they keep each Worker's standing only for a while; one of many
// shelves then takes it over. The books take precedence over the shelves, so a crash between the
// two changes nothing, and any process may write a shelf at any time.

import { hash } from '../hash.ts';
import { type Counts, isAlike, NO_COUNTS, NOWHERE, recounted, type Standing } from './standing.ts';

export interface Books extends Counts {
  /** Chosen when the books were begun; reports to other books are not known here. */
  readonly id: string;
  /** Incremented with every change of a Worker's standing. */
  readonly n: number;
  /** Standings that changed lately, each with the `n` of that change. */
  readonly recent: Readonly<Record<string, { readonly n: number; readonly standing: Standing }>>;
  /** Per shelf: up to which `n` the books rely on it. */
  readonly shelved: readonly number[];
  /** Absent: only Workers that reported their standing count. */
  readonly roster?: Roster;
}

/**
 * How many of the Workers on record are in the group of each floor, whether or not they have
 * reported yet. Without that, new books would take the first few for the whole group.
 */
export interface Roster {
  /** The id of the rule set by which they were counted. */
  readonly rules: string;
  /** epoch ms */
  readonly at: number;
  /** By floor; null: not everybody is on record yet. */
  readonly members: Readonly<Record<string, number>> | null;
}

export interface Shelf {
  readonly id: string;
  /** Contains every change up to this `n`. */
  readonly upTo: number;
  readonly standings: Readonly<Record<string, Standing>>;
}

/** With 15,000 Workers, thirty on each shelf. */
export const SHELVES = 512;

export const EMPTY_BOOKS: Books = { id: '', n: 0, ...NO_COUNTS, recent: {}, shelved: [] };
export const EMPTY_SHELF: Shelf = { id: '', upTo: 0, standings: {} };

export function shelfOf(worker: string): number {
  return hash(worker) % SHELVES;
}

/** Whether this copy is as new as the books require. */
export function isCurrent(shelf: Shelf, books: Books, index: number): boolean {
  const needed = books.shelved[index] ?? 0;
  return needed === 0 || (shelf.id === books.id && shelf.upTo >= needed);
}

export function standingIn(books: Books, shelf: Shelf, worker: string): Standing {
  if (Object.hasOwn(books.recent, worker)) return books.recent[worker]?.standing ?? NOWHERE;
  if (shelf.id !== books.id || !Object.hasOwn(shelf.standings, worker)) return NOWHERE;
  return shelf.standings[worker] ?? NOWHERE;
}

/** The books with one Worker's new standing; the same object if it did not change. */
export function entered(books: Books, worker: string, was: Standing, is: Standing): Books {
  if (isAlike(was, is)) return books;
  const n = books.n + 1;
  const recent = { ...books.recent, [worker]: { n, standing: is } };
  return { ...books, ...recounted(books, was, is), n, recent };
}

/** The shelf with what the books know; the same object if it is at least as new. */
export function shelved(shelf: Shelf, books: Books, index: number): Shelf {
  const known = shelf.id === books.id ? shelf : EMPTY_SHELF;
  if (books.n <= known.upTo) return shelf;
  const standings = { ...known.standings };
  for (const [worker, { standing }] of Object.entries(books.recent)) {
    if (shelfOf(worker) !== index) continue;
    if (isAlike(standing, NOWHERE)) delete standings[worker];
    else standings[worker] = standing;
  }
  return { id: books.id, upTo: books.n, standings };
}

/** Workers the books can hand over now; a called one stays until it has asked or is late. */
export function ready({ recent }: Books): readonly string[] {
  return Object.keys(recent).filter((worker) => !isCalled(recent[worker]?.standing ?? NOWHERE));
}

export function isCalled({ waits }: Standing): boolean {
  return waits !== null && waits.calledAt !== null && !waits.late;
}

/** The books without what these shelves, by their index, have taken over. */
export function handedOver(books: Books, shelves: ReadonlyMap<number, Shelf>): Books {
  const recent = { ...books.recent };
  for (const worker of ready(books)) {
    const upTo = shelves.get(shelfOf(worker))?.upTo ?? 0;
    if ((recent[worker]?.n ?? 0) <= upTo) delete recent[worker];
  }
  const relied = Array.from({ length: SHELVES }, (_, index) =>
    Math.max(books.shelved[index] ?? 0, shelves.get(index)?.upTo ?? 0),
  );
  return { ...books, recent, shelved: relied };
}

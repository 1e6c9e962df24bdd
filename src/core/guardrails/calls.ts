// Who in line is told that there may be a place: those who would be let through now, in their
// order, though they are not there to ask. Looking through the line costs more than an answer, so
// it is done only when the counts say that somebody is to be called.

import { isWithin } from '../instants.ts';
import type { Guardrails } from '../rules.ts';
import { aged, budgetOf, placesAt } from './room.ts';
import { type Books, entered, isCalled } from './shelves.ts';
import { floorsIn, type Standing } from './standing.ts';
import { floorName } from './stands.ts';
import { total } from './tally.ts';

/** How many may be called and not have come yet. */
const CALLED_AT_ONCE = 32;
/**
 * How far a line is looked through: those who were called, some who are called now, and some spare.
 */
const LOOKED_THROUGH = 4 * CALLED_AT_ONCE;

export interface InLine {
  readonly worker: string;
  readonly standing: Standing;
  /** Ascending in the order of the line: by rank, and by ticket within each. */
  readonly place: number;
}

/** Those of them who wait for something, in no order. */
export function inLineOf(
  workers: readonly string[],
  standingOf: (worker: string) => Standing,
): readonly InLine[] {
  return workers.flatMap((worker) => {
    const standing = standingOf(worker);
    const { waits } = standing;
    // One who is late holds up nobody, and comes by itself.
    if (waits === null || waits.late) return [];
    const place = Math.min(...Object.values(waits.lacks)) * MOST_TICKETS + waits.ticket;
    return [{ worker, standing, place }];
  });
}

const MOST_TICKETS = 1e15;

/** The first who wait for each thing, in their order. */
export function firstOf(line: readonly InLine[]): readonly InLine[] {
  const places = new Map<string, number[]>();
  for (const { standing, place } of line) {
    for (const what of Object.keys(standing.waits?.lacks ?? {})) {
      const of = places.get(what);
      if (of === undefined) places.set(what, [place]);
      else of.push(place);
    }
  }
  const last = new Map<string, number>();
  for (const [what, of] of places) {
    // Numbers alone are sorted many times faster than what they are the places of.
    const end = Float64Array.from(of).sort()[LOOKED_THROUGH] ?? Number.POSITIVE_INFINITY;
    last.set(what, end);
  }
  const isFirst = ({ standing, place }: InLine) =>
    Object.keys(standing.waits?.lacks ?? {}).some((what) => place < (last.get(what) ?? 0));
  return line.filter(isFirst).sort((a, b) => a.place - b.place);
}

/** Whether somebody in line is to be called, now that the books went from `was` to `is`. */
export function mustCall(guardrails: Guardrails, was: Books, is: Books, at: number): boolean {
  if (is.waiting === 0) return false;
  const [before, books] = [aged(guardrails, was, at), aged(guardrails, is, at)];
  const called = calledIn(books);
  // Half of them are called together: one look through the line for each who came would cost more.
  if (called.length > CALLED_AT_ONCE / 2) return false;
  const free = (budgetOf(guardrails, books) ?? Number.POSITIVE_INFINITY) - called.length;
  const calledAt = (floor: string) => called.filter((each) => lacks(each, floor)).length;
  const room = guardrails.keepOpen.map((keep) => {
    const [name, places] = [floorName(keep), placesAt(books, keep)];
    return { name, free: places > calledAt(name), rose: places > placesAt(before, keep) };
  });
  return Object.entries(books.line).some(([lacked, ranks]) => {
    const uncalled = ranks.reduce((sum, tally) => sum + total(tally), 0);
    const told = called.filter(({ waits }) => waits?.lacks[lacked] !== undefined).length;
    if (uncalled <= told) return false;
    const floors = room.filter(({ name }) => floorsIn(lacked).includes(name));
    // Without a budget only one who was written lately gets through, so a rise is looked at once.
    return floors.every((floor) => floor.free) && (free > 0 || floors.some(({ rose }) => rose));
  });
}

function lacks({ waits }: Standing, floor: string): boolean {
  return Object.keys(waits?.lacks ?? {}).some((lacked) => floorsIn(lacked).includes(floor));
}

/** The first in line who may pass and were not called yet, with the books that say they are. */
export function call(
  guardrails: Guardrails,
  given: Books,
  line: readonly InLine[],
  at: number,
): { readonly books: Books; readonly called: readonly string[] } {
  let books = aged(guardrails, given, at);
  let budget = budgetOf(guardrails, books) ?? Number.POSITIVE_INFINITY;
  let most = CALLED_AT_ONCE - calledIn(books).length;
  const places = new Map(
    guardrails.keepOpen.map((keep) => [floorName(keep), placesAt(books, keep)]),
  );
  const perMs = guardrails.maxChange?.perMs ?? 0;
  const called: string[] = [];
  for (const { worker, standing } of firstOf(line)) {
    const { waits, spentAt } = standing;
    if (most === 0) break;
    if (waits === null) continue;
    const isFree = spentAt !== null && isWithin(spentAt, at, perMs);
    if (!isFree && budget <= 0) continue;
    // One write that may pass is enough.
    const floors = Object.keys(waits.lacks)
      .map(floorsIn)
      .find((names) => names.every((name) => (places.get(name) ?? 1) > 0));
    if (floors === undefined) continue;
    for (const name of floors) places.set(name, (places.get(name) ?? 1) - 1);
    if (!isFree) budget -= 1;
    if (isCalled(standing)) continue;
    books = entered(books, worker, standing, { ...standing, waits: { ...waits, calledAt: at } });
    called.push(worker);
    most -= 1;
  }
  return { books: called.length === 0 ? given : books, called };
}

function calledIn({ recent }: Books): readonly Standing[] {
  return Object.values(recent).flatMap(({ standing }) => (isCalled(standing) ? [standing] : []));
}

// Which Workers in line are called because there may be a place: those that would be let through
// now, in order, though they are not there to ask. Searching the line costs more than an answer, so
// it is done only when the counts show that somebody is to be called.

import { isWithin } from '../instants.ts';
import type { Guardrails } from '../rules.ts';
import { floorName } from './floor-memberships.ts';
import { freePlaces, remainingBudget, withoutExpired } from './free-places.ts';
import { total } from './histogram.ts';
import { type GuardrailLedger, isCalled, withStanding } from './ledger-shards.ts';
import { floorsIn, type WaitingPlace, type WorkerStanding } from './worker-standing.ts';

/** At most this many are called and have not asked yet. */
const MAX_CALLED = 32;
/** How much of a line is searched: those already called, those to be called now, and some spare. */
const MAX_SEARCHED = 4 * MAX_CALLED;

export interface WaitingWorker {
  readonly worker: string;
  readonly standing: WorkerStanding;
}

/** One thing that one of them lacks. */
interface Lack extends WaitingWorker {
  readonly waits: WaitingPlace;
  readonly lacked: string;
  /** Ascending in the order in which it is given out: by rank, then by ticket. */
  readonly place: number;
}

/** Those of the Workers that wait for something, in no order. */
export function waitingWorkers(
  workers: readonly string[],
  standingOf: (worker: string) => WorkerStanding,
): readonly WaitingWorker[] {
  return workers.flatMap((worker) => {
    const standing = standingOf(worker);
    const { waits } = standing;
    // A late Worker blocks nobody, and asks again by itself.
    return waits === null || waits.late ? [] : [{ worker, standing }];
  });
}

const TICKETS_PER_RANK = 1e15;

/** Everything they lack, in no order. */
function lacksOf(line: readonly WaitingWorker[]): readonly Lack[] {
  return line.flatMap(({ worker, standing }) => {
    const { waits } = standing;
    if (waits === null) return [];
    return Object.entries(waits.lacks).map(([lacked, rank]) => {
      return { worker, standing, waits, lacked, place: rank * TICKETS_PER_RANK + waits.ticket };
    });
  });
}

/** The first in line for each thing. */
export function firstInLine(line: readonly WaitingWorker[]): readonly WaitingWorker[] {
  const all = lacksOf(line);
  const places = new Map<string, number[]>();
  for (const { lacked, place } of all) {
    const of = places.get(lacked);
    if (of === undefined) places.set(lacked, [place]);
    else of.push(place);
  }
  const last = new Map<string, number>();
  for (const [what, of] of places) {
    // Sorting plain numbers is many times faster than sorting the objects they belong to.
    const end = Float64Array.from(of).sort()[MAX_SEARCHED] ?? Number.POSITIVE_INFINITY;
    last.set(what, end);
  }
  const first = all.filter(({ lacked, place }) => place < (last.get(lacked) ?? 0));
  const workers = new Set(first.map(({ worker }) => worker));
  return line.filter(({ worker }) => workers.has(worker));
}

/** Whether anybody in line is to be called, now that the ledger changed from `was` to `is`. */
export function shouldCall(
  guardrails: Guardrails,
  was: GuardrailLedger,
  is: GuardrailLedger,
  at: number,
): boolean {
  if (is.waiting === 0) return false;
  const [before, ledger] = [
    withoutExpired(guardrails, was, at),
    withoutExpired(guardrails, is, at),
  ];
  const called = calledStandings(ledger);
  // Called at least half of the limit at a time: a search for each single one would cost more.
  if (called.length > MAX_CALLED / 2) return false;
  const free = (remainingBudget(guardrails, ledger) ?? Number.POSITIVE_INFINITY) - called.length;
  const calledAt = (floor: string) => called.filter((each) => lacks(each, floor)).length;
  const room = guardrails.keepOpen.map((keep) => {
    const [name, places] = [floorName(keep), freePlaces(ledger, keep)];
    return { name, free: places > calledAt(name), rose: places > freePlaces(before, keep) };
  });
  return Object.entries(ledger.line).some(([lacked, ranks]) => {
    const uncalled = ranks.reduce((sum, histogram) => sum + total(histogram), 0);
    const alreadyCalled = called.filter(({ waits }) => waits?.lacks[lacked] !== undefined).length;
    if (uncalled <= alreadyCalled) return false;
    const floors = room.filter(({ name }) => floorsIn(lacked).includes(name));
    // With the budget spent, only Workers written lately get through: search only after a rise.
    return floors.every((floor) => floor.free) && (free > 0 || floors.some(({ rose }) => rose));
  });
}

function lacks({ waits }: WorkerStanding, floor: string): boolean {
  return Object.keys(waits?.lacks ?? {}).some((lacked) => floorsIn(lacked).includes(floor));
}

/** The first in line that may pass and were not called yet, and the ledger with their calls. */
export function callNext(
  guardrails: Guardrails,
  given: GuardrailLedger,
  line: readonly WaitingWorker[],
  at: number,
): { readonly ledger: GuardrailLedger; readonly called: readonly string[] } {
  let ledger = withoutExpired(guardrails, given, at);
  let budget = remainingBudget(guardrails, ledger) ?? Number.POSITIVE_INFINITY;
  let most = MAX_CALLED - calledStandings(ledger).length;
  const places = new Map(
    guardrails.keepOpen.map((keep) => [floorName(keep), freePlaces(ledger, keep)]),
  );
  const perMs = guardrails.maxChange?.perMs ?? 0;
  const called: string[] = [];
  const passing = new Set<string>();
  // The first for one thing may be behind others for another: each thing has its own order.
  const inOrder = lacksOf(line).toSorted((a, b) => a.place - b.place);
  for (const { worker, standing, waits, lacked } of inOrder) {
    const { spentAt } = standing;
    if (most === 0) break;
    // One write that may pass is enough.
    if (passing.has(worker)) continue;
    const isFree = spentAt !== null && isWithin(spentAt, at, perMs);
    if (!isFree && budget <= 0) continue;
    const floors = floorsIn(lacked);
    if (!floors.every((name) => (places.get(name) ?? 1) > 0)) continue;
    passing.add(worker);
    for (const name of floors) places.set(name, (places.get(name) ?? 1) - 1);
    if (!isFree) budget -= 1;
    if (isCalled(standing)) continue;
    ledger = withStanding(ledger, worker, standing, {
      ...standing,
      waits: { ...waits, calledAt: at },
    });
    called.push(worker);
    most -= 1;
  }
  return { ledger: called.length === 0 ? given : ledger, called };
}

function calledStandings({ recent }: GuardrailLedger): readonly WorkerStanding[] {
  return Object.values(recent).flatMap(({ standing }) => (isCalled(standing) ? [standing] : []));
}

// What the guardrails that count Workers know of one Worker, and of all of them as counts. The
// counts follow each change of one Worker, so their size does not depend on the number of Workers.

import type { KeepOpen } from '../rules.ts';
import { CLAIMABLE, floorName } from './floor-memberships.ts';
import { decrement, EMPTY_HISTOGRAM, type Histogram, increment, total } from './histogram.ts';

/** In line for a place. */
export interface WaitingPlace {
  /** The lower one came earlier; kept until nothing is refused any more. */
  readonly ticket: number;
  /** What its writes lack, each with the rank of the most urgent write that lacks just that. */
  readonly lacks: Readonly<Record<string, number>>;
  /** When it was called, because there may be a place; null: it was not. */
  readonly calledAt: number | null;
  /** It was called and did not ask in time: it blocks nobody. */
  readonly late: boolean;
}

export interface WorkerStanding {
  /** As returned by `floorMembershipsOf`. */
  readonly stands: readonly string[];
  /** Until when places are held for writes that close a channel, by floor. */
  readonly held: Readonly<Record<string, number>>;
  /** When it was written last, where `max_change` counts that. */
  readonly spentAt: number | null;
  readonly waits: WaitingPlace | null;
}

export const NO_STANDING: WorkerStanding = { stands: [], held: {}, spentAt: null, waits: null };

/** What a write lacks that `max_change` refused. Floor names differ from it: they have a slash. */
export const BUDGET = 'max_change';

/** What a write lacks that all of these floors refused. No name contains an ampersand. */
export function lackKey(floors: readonly string[]): string {
  return floors.join(' & ');
}

/** The floors named in it; none for the budget. */
export function floorsIn(lacked: string): readonly string[] {
  return lacked === BUDGET ? [] : lacked.split(' & ');
}

export interface FloorCount {
  readonly members: number;
  readonly open: number;
  /** Of the open ones, how many hold a place to close, by when it expires. */
  readonly held: Histogram;
}

export interface LedgerCounts {
  /** How many Workers rules can claim at all. */
  readonly claimable: number;
  readonly floors: Readonly<Record<string, FloorCount>>;
  /** Workers by the instant at which they were written last. */
  readonly spent: Histogram;
  /** Workers in line by what they lack, then by rank and ticket. */
  readonly line: Readonly<Record<string, readonly Histogram[]>>;
  readonly waiting: number;
}

export const NO_COUNTS: LedgerCounts = {
  claimable: 0,
  floors: {},
  spent: EMPTY_HISTOGRAM,
  line: {},
  waiting: 0,
};
export const NO_FLOOR: FloorCount = { members: 0, open: 0, held: EMPTY_HISTOGRAM };

export function isOpenAt({ stands }: WorkerStanding, floor: string): boolean {
  return stands.includes(`+${floor}`);
}

export function isSameStanding(a: WorkerStanding, b: WorkerStanding): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** The counts after one Worker changed from `was` to `is`. */
export function updatedCounts(
  counts: LedgerCounts,
  was: WorkerStanding,
  is: WorkerStanding,
): LedgerCounts {
  return {
    claimable: counts.claimable + claims(is) - claims(was),
    floors: floorsAfter(counts.floors, was, is),
    spent: spentAfter(counts.spent, was, is),
    line: lineAfter(counts.line, was, is),
    waiting: counts.waiting + waitingCount(is) - waitingCount(was),
  };
}

function claims({ stands }: WorkerStanding): number {
  return stands.includes(CLAIMABLE) ? 1 : 0;
}

function waitingCount({ waits }: WorkerStanding): number {
  return waits === null || waits.late ? 0 : 1;
}

function floorsAfter(
  before: LedgerCounts['floors'],
  was: WorkerStanding,
  is: WorkerStanding,
): LedgerCounts['floors'] {
  const floors = { ...before };
  for (const [sign, { stands, held }] of [[-1, was] as const, [1, is] as const]) {
    for (const each of stands.filter((name) => name !== CLAIMABLE)) {
      const name = each.slice(1);
      const floor = floors[name] ?? NO_FLOOR;
      const open = isOpenAt({ ...is, stands }, name) ? sign : 0;
      floors[name] = { ...floor, members: floor.members + sign, open: floor.open + open };
    }
    for (const [name, until] of Object.entries(held)) {
      const floor = floors[name] ?? NO_FLOOR;
      floors[name] = {
        ...floor,
        held: sign < 0 ? decrement(floor.held, until) : increment(floor.held, until),
      };
    }
  }
  // A floor that is no longer in the rules is dropped once it is empty.
  const stays = Object.entries(floors).filter(([, f]) => f.members > 0 || total(f.held) > 0);
  return Object.fromEntries(stays);
}

/** A Worker whose `spentAt` was cleared stays counted until the window is over. */
function spentAfter(before: Histogram, was: WorkerStanding, is: WorkerStanding): Histogram {
  if (is.spentAt === null || is.spentAt === was.spentAt) return before;
  return increment(was.spentAt === null ? before : decrement(before, was.spentAt), is.spentAt);
}

function lineAfter(
  before: LedgerCounts['line'],
  was: WorkerStanding,
  is: WorkerStanding,
): LedgerCounts['line'] {
  const line: Record<string, readonly Histogram[]> = { ...before };
  for (const [change, { waits }] of [[decrement, was] as const, [increment, is] as const]) {
    if (waits === null || waits.late) continue;
    for (const [what, rank] of Object.entries(waits.lacks)) {
      const ranks = line[what] ?? RANKS;
      line[what] = ranks.with(rank, change(ranks[rank] ?? EMPTY_HISTOGRAM, waits.ticket));
    }
  }
  const stays = Object.entries(line).filter(([, ranks]) => ranks.some((r) => total(r) > 0));
  return Object.fromEntries(stays);
}

/** One per possible `rank` of a write. */
const RANKS: readonly Histogram[] = [
  EMPTY_HISTOGRAM,
  EMPTY_HISTOGRAM,
  EMPTY_HISTOGRAM,
  EMPTY_HISTOGRAM,
];

/** How many are open at this floor and hold no place to close. */
export function openWorkers({ floors }: LedgerCounts, keep: KeepOpen): number {
  const { open, held } = floors[floorName(keep)] ?? NO_FLOOR;
  return open - total(held);
}

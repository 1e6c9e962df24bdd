// One change of the guardrail ledger: what a batch of requests takes from it, request by request.
// The ledger holds counts, so the cost of an answer does not depend on the number of Workers or the
// length of the line.

import { isWithin } from '../instants.ts';
import type { PlannedWrite, Refusal } from '../plan.ts';
import type { Guardrails, KeepOpen } from '../rules.ts';
import { floorName } from './floor-memberships.ts';
import { freePlaces, remainingBudget, withoutExpired } from './free-places.ts';
import { closes } from './guardrails.ts';
import { countBefore, countWithinStep, type Histogram, keyAt, total } from './histogram.ts';
import { type GuardrailLedger, isCalled, withStanding } from './ledger-shards.ts';
import {
  BUDGET,
  floorsIn,
  isOpenAt,
  lackKey,
  NO_STANDING,
  type WaitingPlace,
  type WorkerStanding,
} from './worker-standing.ts';

export const LEDGER_LIMITS = {
  /** How long a place is held for a write whose outcome was not seen. */
  holdMs: 10 * 60_000,
  /** How soon a Worker with a held place is looked at again, in case no event arrives. */
  confirmMs: 60_000,
  /** How soon a Worker refused for `keep_open` is looked at again, if it was not called. */
  againMs: 5 * 60_000,
  /** The same while the whole group was not counted yet. */
  uncountedMs: 5_000,
  /** How long a called Worker that does not ask blocks the others. */
  calledMs: 15_000,
} as const;

/** One Worker's request: its standing, and what its pass would write. */
export interface WriteRequest {
  readonly worker: string;
  readonly memberships: readonly string[];
  readonly writes: readonly PlannedWrite[];
}

/** A Worker's standing, where the ledger does not contain it. */
export type StandingLookup = (worker: string) => WorkerStanding;

export interface RequestedWrite {
  readonly worker: string;
  readonly write: PlannedWrite;
  readonly rank: number;
  readonly ticket: number;
}

export interface RefusedWrite {
  readonly refusal: Refusal;
  readonly rank: number;
  readonly lacks: string;
}

/** The ledger while the requests of one batch change it; nothing is changed in place. */
export class LedgerTransaction {
  readonly #guardrails: Guardrails;
  readonly #lookup: StandingLookup;
  readonly #at: number;
  readonly #initial: GuardrailLedger;
  #ledger: GuardrailLedger;
  /** The former standing of each Worker whose standing was changed here. */
  readonly #previousStandings = new Map<string, WorkerStanding>();
  /** Workers that the budget refused here, in order, each with its turn (epoch ms). */
  readonly #retryTimes = new Map<string, number>();

  constructor(guardrails: Guardrails, given: GuardrailLedger, known: StandingLookup, at: number) {
    this.#guardrails = guardrails;
    this.#initial = given;
    this.#lookup = known;
    this.#at = at;
    this.#ledger = withoutExpired(guardrails, given, at);
  }

  standingOf(worker: string): WorkerStanding {
    const { recent } = this.#ledger;
    return (Object.hasOwn(recent, worker) && recent[worker]?.standing) || this.#lookup(worker);
  }

  #setStanding(worker: string, is: WorkerStanding): void {
    const was = this.standingOf(worker);
    if (!this.#previousStandings.has(worker)) this.#previousStandings.set(worker, was);
    this.#ledger = withStanding(this.#ledger, worker, was, is);
  }

  result(): GuardrailLedger {
    const isSame = ([worker, was]: [string, WorkerStanding]) =>
      JSON.stringify(was) === JSON.stringify(this.standingOf(worker));
    return [...this.#previousStandings].every(isSame) ? this.#initial : this.#ledger;
  }

  /** Marks called Workers that did not ask in time as late: they block nobody. */
  markLate(asking: ReadonlySet<string>): void {
    for (const [worker, { standing }] of Object.entries(this.#ledger.recent)) {
      const { waits } = standing;
      if (waits === null || !isCalled(standing) || asking.has(worker)) continue;
      if (isWithin(waits.calledAt ?? 0, this.#at, LEDGER_LIMITS.calledMs)) continue;
      this.#setStanding(worker, { ...standing, waits: { ...waits, late: true } });
    }
  }

  /** Records its standing and takes it out of the line; places it no longer needs become free. */
  register({ worker, memberships, writes }: WriteRequest): void {
    const was = this.standingOf(worker);
    const { keepOpen } = this.#guardrails;
    // A Worker that asks and does not close it has closed it already, or no longer wants to.
    const stillCloses = (floor: string) =>
      memberships.includes(`+${floor}`) &&
      keepOpen.some(
        (keep) => floorName(keep) === floor && writes.some((w) => closesFloor(w, keep)),
      );
    const held = Object.entries(was.held).filter(
      ([floor, until]) => this.#at < until && stillCloses(floor),
    );
    const leaves = memberships.length === 0 && writes.length === 0;
    const kept = { ...was, spentAt: this.#isSpent(was) ? was.spentAt : null };
    const now = { ...kept, stands: memberships, held: Object.fromEntries(held), waits: null };
    this.#setStanding(worker, leaves ? NO_STANDING : now);
  }

  #isSpent({ spentAt }: WorkerStanding): boolean {
    const { maxChange } = this.#guardrails;
    return maxChange !== null && spentAt !== null && isWithin(spentAt, this.#at, maxChange.perMs);
  }

  refusalOf(request: RequestedWrite): RefusedWrite | null {
    const { worker, write } = request;
    const { channel } = write;
    const standing = this.standingOf(worker);
    const free = remainingBudget(this.#guardrails, this.#ledger);
    const lacks = this.#guardrails.keepOpen.filter((keep) => {
      const name = floorName(keep);
      if (
        !closesFloor(write, keep) ||
        !isOpenAt(standing, name) ||
        Object.hasOwn(standing.held, name)
      )
        return false;
      // Of those ahead, only as many as the budget admits can take a place here.
      const ahead = Math.min(this.#aheadAt(name, request), free ?? Number.POSITIVE_INFINITY);
      return freePlaces(this.#ledger, keep) <= ahead;
    });
    if (lacks.length > 0) {
      // Any Worker's change may raise the count, so no instant can be given.
      const refusal: Refusal = { channel, reason: 'keep_open.floor', until: null };
      return { refusal, rank: request.rank, lacks: lackKey(lacks.map(floorName)) };
    }
    if (free === null || this.#isSpent(standing)) return null;
    if (this.#ahead(BUDGET, request) + this.#aheadWithRoom(request) < free) return null;
    const until = this.#retryAt(request, free);
    const refusal: Refusal = { channel, reason: 'max_change.spent', until };
    return { refusal, rank: request.rank, lacks: BUDGET };
  }

  /** How many Workers in line lack exactly this and come first. */
  #ahead(lacked: string, { rank, ticket }: RequestedWrite): number {
    const ranks: readonly Histogram[] = this.#ledger.line[lacked] ?? [];
    return ranks.slice(0, rank + 1).reduce((sum, histogram, i) => {
      return sum + (i < rank ? total(histogram) : countBefore(histogram, ticket));
    }, 0);
  }

  /** How many of them lack a place at this floor, whatever else they lack. */
  #aheadAt(floor: string, request: RequestedWrite): number {
    const lacked = Object.keys(this.#ledger.line).filter((each) => floorsIn(each).includes(floor));
    return lacked.reduce((sum, each) => sum + this.#ahead(each, request), 0);
  }

  /** How many of them lack only floors that have room now, so that they lack only the budget. */
  #aheadWithRoom(request: RequestedWrite): number {
    const room = new Map(
      this.#guardrails.keepOpen.map((keep) => [floorName(keep), freePlaces(this.#ledger, keep)]),
    );
    const lacked = Object.keys(this.#ledger.line).filter((each) => each !== BUDGET);
    return lacked.reduce((sum, each) => {
      const places = floorsIn(each).map((floor) => room.get(floor) ?? 0);
      return sum + Math.min(this.#ahead(each, request), Math.max(0, Math.min(...places)));
    }, 0);
  }

  /** Places become free one by one; the first in line takes the first of them, and so on. */
  #retryAt(request: RequestedWrite, free: number): number {
    const known = this.#retryTimes.get(request.worker);
    if (known !== undefined) return known;
    const perMs = this.#guardrails.maxChange?.perMs ?? 0;
    const { spent, line } = this.#ledger;
    const own = line[BUDGET]?.[request.rank];
    const ahead = this.#ahead(BUDGET, request) + (own ? countWithinStep(own, request.ticket) : 0);
    const place = Math.max(0, ahead - free) + this.#retryTimes.size;
    // Those ahead that have a place take it now.
    const all = total(spent) + Math.min(ahead, free);
    const first = all === 0 ? this.#at : (keyAt(spent, place % all) ?? this.#at);
    const retryTime = first + perMs * (1 + (all === 0 ? 0 : Math.floor(place / all)));
    this.#retryTimes.set(request.worker, retryTime);
    return retryTime;
  }

  /** Takes the place before the write is sent. */
  grant({ worker, write }: RequestedWrite): void {
    const standing = this.standingOf(worker);
    const { keepOpen, maxChange } = this.#guardrails;
    const held = { ...standing.held };
    for (const keep of keepOpen) {
      const name = floorName(keep);
      // A write that opens counts only once it is seen: nobody is closed because of it.
      if (closesFloor(write, keep) && isOpenAt(standing, name))
        held[name] = this.#at + LEDGER_LIMITS.holdMs;
    }
    const spentAt = maxChange === null ? standing.spentAt : this.#at;
    this.#setStanding(worker, { ...standing, held, spentAt });
  }

  /** A Worker that is refused again keeps its place in line. */
  enqueue(worker: string, refused: readonly RefusedWrite[]): void {
    if (refused.length === 0) return;
    const lacks: Record<string, number> = {};
    for (const { lacks: lacked, rank } of refused) {
      lacks[lacked] = Math.min(lacks[lacked] ?? rank, rank);
    }
    const ticket = this.#previousStandings.get(worker)?.waits?.ticket ?? this.#ledger.n + 1;
    const waits: WaitingPlace = { ticket, lacks, calledAt: null, late: false };
    this.#setStanding(worker, { ...this.standingOf(worker), waits });
  }
}

function closesFloor(write: PlannedWrite, { channel }: KeepOpen): boolean {
  return write.channel === channel && closes(write);
}

// The desk at which passes ask the guardrails that count Workers, with its books and shelves in
// memory and no other process beside it. Standings can be shelved at any time, half or in full.

import { answerRequests } from '../../src/core/guardrails/admission.ts';
import {
  EMPTY_LEDGER,
  EMPTY_SHARD,
  type GuardrailLedger,
  isCurrent,
  type LedgerShard,
  mergedShard,
  shardOf,
  standingIn,
  withoutFlushed,
} from '../../src/core/guardrails/ledger-shards.ts';
import type { WriteRequest } from '../../src/core/guardrails/ledger-transaction.ts';
import { callNext, shouldCall, waitingWorkers } from '../../src/core/guardrails/waiting-line.ts';
import {
  type LedgerCounts,
  NO_COUNTS,
  NO_STANDING,
  updatedCounts,
  type WorkerStanding,
} from '../../src/core/guardrails/worker-standing.ts';
import type { Guardrails } from '../../src/core/rules.ts';

export class GuardrailHarness {
  books: GuardrailLedger = { ...EMPTY_LEDGER, id: 'books' };
  readonly shelves = new Map<number, LedgerShard>();
  readonly #rails: Guardrails;

  constructor(rails: Guardrails) {
    this.#rails = rails;
  }

  standing(worker: string): WorkerStanding {
    const index = shardOf(worker);
    const shelf = this.shelves.get(index) ?? EMPTY_SHARD;
    if (!isCurrent(shelf, this.books, index)) throw new Error(`the shelf of ${worker} is old`);
    return standingIn(this.books, shelf, worker);
  }

  ask(asks: readonly WriteRequest[], at: number) {
    const before = this.books;
    const known = (worker: string) => this.standing(worker);
    const { ledger, answers } = answerRequests(this.#rails, before, known, asks, at);
    this.books = ledger;
    let called: readonly string[] = [];
    if (shouldCall(this.#rails, before, ledger, at)) {
      const line = waitingWorkers([...this.workers()], known);
      ({ ledger: this.books, called } = callNext(this.#rails, ledger, line, at));
    }
    return { answers, call: called };
  }

  /** Shelves every standing that can be; `died`: before the books rely on it. */
  shelve(died = false): void {
    const stored = new Map<number, LedgerShard>();
    for (const index of new Set(Object.keys(this.books.recent).map(shardOf))) {
      const shelf = mergedShard(this.shelves.get(index) ?? EMPTY_SHARD, this.books, index);
      this.shelves.set(index, shelf);
      stored.set(index, shelf);
    }
    if (!died) this.books = withoutFlushed(this.books, stored);
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
export function recountedFrom(standings: Iterable<WorkerStanding>): LedgerCounts {
  let counts = NO_COUNTS;
  for (const standing of standings) counts = updatedCounts(counts, NO_STANDING, standing);
  return counts;
}

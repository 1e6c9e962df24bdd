// The guardrails that count Workers as passes ask them, with their ledger and shards in memory and
// no other process beside them. Standings can be moved to shards at any time, half or in full.

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
  ledger: GuardrailLedger = { ...EMPTY_LEDGER, id: 'books' };
  readonly shards = new Map<number, LedgerShard>();
  readonly #rails: Guardrails;

  constructor(rails: Guardrails) {
    this.#rails = rails;
  }

  standing(worker: string): WorkerStanding {
    const index = shardOf(worker);
    const shard = this.shards.get(index) ?? EMPTY_SHARD;
    if (!isCurrent(shard, this.ledger, index)) throw new Error(`the shard of ${worker} is old`);
    return standingIn(this.ledger, shard, worker);
  }

  ask(requests: readonly WriteRequest[], at: number) {
    const before = this.ledger;
    const known = (worker: string) => this.standing(worker);
    const { ledger, answers } = answerRequests(this.#rails, before, known, requests, at);
    this.ledger = ledger;
    let called: readonly string[] = [];
    if (shouldCall(this.#rails, before, ledger, at)) {
      const line = waitingWorkers([...this.workers()], known);
      ({ ledger: this.ledger, called } = callNext(this.#rails, ledger, line, at));
    }
    return { answers, call: called };
  }

  /** Moves every standing that can be; `died`: before the ledger relies on the shards. */
  moveToShards(died = false): void {
    const stored = new Map<number, LedgerShard>();
    for (const index of new Set(Object.keys(this.ledger.recent).map(shardOf))) {
      const shard = mergedShard(this.shards.get(index) ?? EMPTY_SHARD, this.ledger, index);
      this.shards.set(index, shard);
      stored.set(index, shard);
    }
    if (!died) this.ledger = withoutFlushed(this.ledger, stored);
  }

  workers(): ReadonlySet<string> {
    const kept = [...this.shards.values()].flatMap(({ standings }) => Object.keys(standings));
    return new Set([...kept, ...Object.keys(this.ledger.recent)]);
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

// The shards of the guardrail ledger, one document each, and copies of those that were read. A
// copy is read again when the ledger relies on a newer one.

import {
  EMPTY_SHARD,
  flushableWorkers,
  type GuardrailLedger,
  isCurrent,
  type LedgerShard,
  mergedShard,
  SHARD_COUNT,
  shardOf,
  standingIn,
} from '../core/guardrails/ledger-shards.ts';
import {
  firstInLine,
  type WaitingWorker,
  waitingWorkers,
} from '../core/guardrails/waiting-line.ts';
import { NO_STANDING, type WorkerStanding } from '../core/guardrails/worker-standing.ts';
import type { Store } from '../ports.ts';
import { SharedDocument } from './shared-document.ts';

export class LedgerShards {
  readonly #documents: readonly SharedDocument<LedgerShard>[];
  /** The waiting Workers of each shard, so that the line is found without a walk over all. */
  readonly #lines = new WeakMap<LedgerShard, readonly WaitingWorker[]>();

  constructor(flush: Store) {
    this.#documents = Array.from(
      { length: SHARD_COUNT },
      (_, index) => new SharedDocument(flush, `guardrails:shelf:${index}`, EMPTY_SHARD),
    );
  }

  /** Reads the shards that this ledger relies on for these Workers' standings. */
  async refreshFor(ledger: GuardrailLedger, workers: readonly string[]): Promise<void> {
    await this.#refresh(ledger, new Set(workers.map(shardOf)));
  }

  standing(ledger: GuardrailLedger, worker: string): WorkerStanding {
    return standingIn(ledger, this.#documents[shardOf(worker)]?.current() ?? EMPTY_SHARD, worker);
  }

  /** The first in line for each thing that is waited for. */
  async waitingLine(ledger: GuardrailLedger): Promise<readonly WaitingWorker[]> {
    await this.#refresh(ledger, this.#documents.keys());
    const shards = this.#documents.map((document) => document.current());
    const { recent } = ledger;
    const waiting = shards
      .filter(({ id }) => id === ledger.id)
      .flatMap((shard) => this.#lineOf(shard))
      .filter(({ worker }) => !Object.hasOwn(recent, worker));
    return firstInLine([
      ...waiting,
      ...waitingWorkers(Object.keys(recent), (w) => this.standing(ledger, w)),
    ]);
  }

  /** Moves the standings that are ready to their shards; answers the shards that hold them now. */
  async store(ledger: GuardrailLedger): Promise<ReadonlyMap<number, LedgerShard>> {
    const indexes = [...new Set(flushableWorkers(ledger).map(shardOf))];
    const stored = new Map<number, LedgerShard>();
    await Promise.all(
      indexes.map(async (index) => {
        const document = this.#documents[index];
        if (document === undefined) return;
        const before = document.current();
        const after = mergedShard(before, ledger, index);
        // If somebody else is changing it too, it is tried again after the next answers.
        if (after === before || (await document.save(after))) stored.set(index, after);
      }),
    );
    return stored;
  }

  async #refresh(ledger: GuardrailLedger, indexes: Iterable<number>): Promise<void> {
    const reads: Promise<unknown>[] = [];
    for (const index of indexes) {
      const document = this.#documents[index];
      const isOld = document && !isCurrent(document.current(), ledger, index);
      if (isOld) reads.push(document.refresh());
    }
    await Promise.all(reads);
  }

  #lineOf(shard: LedgerShard): readonly WaitingWorker[] {
    const known = this.#lines.get(shard);
    if (known !== undefined) return known;
    const line = waitingWorkers(
      Object.keys(shard.standings),
      (worker) => shard.standings[worker] ?? NO_STANDING,
    );
    this.#lines.set(shard, line);
    return line;
  }
}

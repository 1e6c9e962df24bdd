// The ledger stays small because it keeps each Worker's standing only for a while; one of many
// shards then takes it over. The ledger takes precedence over its shards, so a crash between the
// two changes nothing, and any process may write a shard at any time.

import { hash } from '../hash.ts';
import {
  isSameStanding,
  type LedgerCounts,
  NO_COUNTS,
  NO_STANDING,
  updatedCounts,
  type WorkerStanding,
} from './worker-standing.ts';

export interface GuardrailLedger extends LedgerCounts {
  /** Chosen when the ledger was begun; reports to another ledger are not known here. */
  readonly id: string;
  /** Incremented with every change of a Worker's standing. */
  readonly n: number;
  /** Standings that changed lately, each with the `n` of that change. */
  readonly recent: Readonly<
    Record<string, { readonly n: number; readonly standing: WorkerStanding }>
  >;
  /** Per shard: up to which `n` the ledger relies on it. */
  readonly shelved: readonly number[];
  /** The size of each floor's group. Absent: only Workers that reported their standing count. */
  readonly roster?: GroupSizes;
}

/**
 * How many of the Workers on record are in the group of each floor, whether or not they have
 * reported yet. Without that, a new ledger would take the first few for the whole group.
 */
export interface GroupSizes {
  /** The id of the rule set by which they were counted. */
  readonly rules: string;
  /** epoch ms */
  readonly at: number;
  /** By floor; null: not everybody is on record yet. */
  readonly members: Readonly<Record<string, number>> | null;
}

export interface LedgerShard {
  readonly id: string;
  /** Contains every change up to this `n`. */
  readonly upTo: number;
  readonly standings: Readonly<Record<string, WorkerStanding>>;
}

/** With 15,000 Workers, thirty in each shard. */
export const SHARD_COUNT = 512;

export const EMPTY_LEDGER: GuardrailLedger = {
  id: '',
  n: 0,
  ...NO_COUNTS,
  recent: {},
  shelved: [],
};
export const EMPTY_SHARD: LedgerShard = { id: '', upTo: 0, standings: {} };

export function shardOf(worker: string): number {
  return hash(worker) % SHARD_COUNT;
}

/** Whether this copy is as new as the ledger requires. */
export function isCurrent(shard: LedgerShard, ledger: GuardrailLedger, index: number): boolean {
  const needed = ledger.shelved[index] ?? 0;
  return needed === 0 || (shard.id === ledger.id && shard.upTo >= needed);
}

export function standingIn(
  ledger: GuardrailLedger,
  shard: LedgerShard,
  worker: string,
): WorkerStanding {
  if (Object.hasOwn(ledger.recent, worker)) return ledger.recent[worker]?.standing ?? NO_STANDING;
  if (shard.id !== ledger.id || !Object.hasOwn(shard.standings, worker)) return NO_STANDING;
  return shard.standings[worker] ?? NO_STANDING;
}

/** The ledger with one Worker's new standing; the same object if it did not change. */
export function withStanding(
  ledger: GuardrailLedger,
  worker: string,
  was: WorkerStanding,
  is: WorkerStanding,
): GuardrailLedger {
  if (isSameStanding(was, is)) return ledger;
  const n = ledger.n + 1;
  const recent = { ...ledger.recent, [worker]: { n, standing: is } };
  return { ...ledger, ...updatedCounts(ledger, was, is), n, recent };
}

/** The shard with what the ledger knows; the same object if it is at least as new. */
export function mergedShard(
  shard: LedgerShard,
  ledger: GuardrailLedger,
  index: number,
): LedgerShard {
  const known = shard.id === ledger.id ? shard : EMPTY_SHARD;
  if (ledger.n <= known.upTo) return shard;
  const standings = { ...known.standings };
  for (const [worker, { standing }] of Object.entries(ledger.recent)) {
    if (shardOf(worker) !== index) continue;
    if (isSameStanding(standing, NO_STANDING)) delete standings[worker];
    else standings[worker] = standing;
  }
  return { id: ledger.id, upTo: ledger.n, standings };
}

/** Whose standing can move to its shard now; a called one's stays until it has asked or is late. */
export function flushableWorkers({ recent }: GuardrailLedger): readonly string[] {
  return Object.keys(recent).filter((worker) => !isCalled(recent[worker]?.standing ?? NO_STANDING));
}

export function isCalled({ waits }: WorkerStanding): boolean {
  return waits !== null && waits.calledAt !== null && !waits.late;
}

/** The ledger without what these shards, by their index, have taken over. */
export function withoutFlushed(
  ledger: GuardrailLedger,
  shards: ReadonlyMap<number, LedgerShard>,
): GuardrailLedger {
  const recent = { ...ledger.recent };
  for (const worker of flushableWorkers(ledger)) {
    const upTo = shards.get(shardOf(worker))?.upTo ?? 0;
    if ((recent[worker]?.n ?? 0) <= upTo) delete recent[worker];
  }
  const relied = Array.from({ length: SHARD_COUNT }, (_, index) =>
    Math.max(ledger.shelved[index] ?? 0, shards.get(index)?.upTo ?? 0),
  );
  return { ...ledger, recent, shelved: relied };
}

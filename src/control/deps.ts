// The dependencies of the control loop; `daemon/wire-control.ts` supplies them, tests supply a
// stepped clock.

import type { World } from '../core/decide.ts';
import type { WorkerSid } from '../core/ids.ts';
import type { ObserveOptions } from '../core/observe.ts';
import type { RuleSet } from '../core/rules.ts';
import type { Clock, Gateway, JournalEntry, Store } from '../ports.ts';
import type { FactsKeeper } from './facts-keeper.ts';
import type { Guard } from './guard.ts';
import { handsOff } from './hands-off.ts';
import type { Members } from './members.ts';
import type { Pauses } from './pauses.ts';
import type { Records } from './records.ts';

export interface ControlDeps {
  readonly store: Store;
  readonly records: Records;
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly journal: { append(entries: readonly JournalEntry[]): Promise<void> };
  /** The rule set in force; null: there never was a valid one. */
  rules(): RuleSet | null;
  world(): World;
  /** Nothing may be written at all. */
  observing(): boolean;
  /** What people paused; absent: nothing. */
  readonly pauses?: Pick<Pauses, 'forChannel' | 'forRule' | 'reread'>;
  /** The members of rules with a `limit`; absent: no limit applies. */
  readonly members?: Pick<Members, 'afterPass' | 'workerRemoved' | 'mustKnowLoad'>;
  /** The guardrails that count Workers; absent: none applies. */
  readonly guard?: Pick<Guard, 'permit' | 'removeWorker' | 'mustSeeOpen' | 'preview'>;
  /** The groups whose load rules read; absent: none. */
  readonly groups?: Pick<FactsKeeper, 'mustKnowLoad'>;
  /** The urgency of the reads of this pass; absent: `read`. */
  readonly readsFor?: 'resync';
  /** How many calls wait for the rate; absent: none. */
  callsWaiting?(): number;
  readonly limits: ControlLimits;
}

export interface ControlLimits {
  /** Time-out of one request to TaskRouter. */
  readonly requestTimeoutMs: number;
  /** The full read of every claimed Worker is spread over this. */
  readonly resyncMs: number;
  /** When to look at a Worker again after TaskRouter was unreachable and the job gave up. */
  readonly unreachableMs: number;
  /** The maximum time that a `Retry-After` is respected before the job is retried. */
  readonly longestWaitMs: number;
  /** When to look at a Worker again after TaskRouter refused our credentials or a value. */
  readonly refusedMs: number;
}

export const CONTROL_LIMITS = {
  requestTimeoutMs: 10_000,
  unreachableMs: 5 * 60_000,
  longestWaitMs: 60_000,
  refusedMs: 60_000,
  /** More calls waiting than this: the rate is short, and what is not urgent is postponed. */
  shortOfCalls: 2,
  /** When to look at a Worker with postponed writes again, in case the queue lost its pass. */
  deferredPassMs: 60_000,
  /** When to read a channel again if a pass could trust none of its reads. */
  unreadMs: 1_000,
  /** An event this shortly before a listing is newer than what the listing may show. */
  settleMs: 30_000,
} as const;

export function observeOptions(worker: WorkerSid, deps: ControlDeps): ObserveOptions {
  return {
    at: deps.clock.now(),
    requestTimeoutMs: deps.limits.requestTimeoutMs,
    respectMs: deps.rules()?.defaults.respectMs ?? 0,
    // Without rules nobody knows how long an edit is respected: it stays until rules decide.
    handsOff: (channel) => deps.rules() === null || handsOff(worker, channel, deps) !== null,
  };
}

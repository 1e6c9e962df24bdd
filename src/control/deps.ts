// What the control loop works with; `daemon/wire-control.ts` puts it together, tests put in a
// stepped clock.

import type { World } from '../core/decide.ts';
import type { WorkerSid } from '../core/ids.ts';
import type { ObserveOptions } from '../core/observe.ts';
import type { RuleSet } from '../core/rules.ts';
import type { Clock, Gateway, JournalEntry, Store } from '../ports.ts';
import type { Guard } from './guard.ts';
import { handsOff } from './hands.ts';
import type { Members } from './members.ts';
import type { Pauses } from './pauses.ts';
import type { Records } from './records.ts';
import type { SurroundingsKeeper } from './surroundings.ts';

export interface ControlDeps {
  readonly store: Store;
  readonly records: Records;
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly journal: { append(entries: readonly JournalEntry[]): Promise<void> };
  /** The rule set in force; null while there never was a valid one. */
  rules(): RuleSet | null;
  world(): World;
  /** Nothing may be written at all. */
  observing(): boolean;
  /** What people paused; absent: nothing ever is. */
  readonly pauses?: Pick<Pauses, 'over' | 'overRule' | 'newest'>;
  /** Whom rules with a `limit` take; absent: no limit acts. */
  readonly members?: Pick<Members, 'noticed' | 'gone' | 'mustKnowLoad'>;
  /** The guardrails that count Workers; absent: none acts. */
  readonly guard?: Pick<Guard, 'attend' | 'gone' | 'mustSeeOpen' | 'preview'>;
  /** The groups whose load rules look at; absent: there is none. */
  readonly groups?: Pick<SurroundingsKeeper, 'mustKnowLoad'>;
  /** What reads are for in this pass; absent: somebody waits for it. */
  readonly readsFor?: 'resync';
  /** How many calls wait for their turn in the rate; absent: none ever does. */
  callsWaiting?(): number;
  readonly limits: ControlLimits;
}

export interface ControlLimits {
  /** Time-out of one request to TaskRouter. */
  readonly requestTimeoutMs: number;
  /** The full read of every claimed Worker is spread over this. */
  readonly resyncMs: number;
  /** When a Worker is looked at again though TaskRouter cannot be reached and the job gave up. */
  readonly unreachableMs: number;
  /** The longest that a `Retry-After` is heeded before one call tries again. */
  readonly longestWaitMs: number;
  /** The same after it refused our credentials or a value. */
  readonly refusedMs: number;
}

export const CONTROL_LIMITS = {
  requestTimeoutMs: 10_000,
  unreachableMs: 5 * 60_000,
  longestWaitMs: 60_000,
  refusedMs: 60_000,
  /** More calls waiting than this: the rate is short, and what is not urgent stands back. */
  shortOfCalls: 2,
  /** When a Worker that stood back is looked at again, should the queue have lost it. */
  stoodBackMs: 60_000,
  /** When a channel is read again of which no read of a pass could be believed. */
  unreadMs: 1_000,
  /** After a read, what events told in this time before it is newer than it may show. */
  settleMs: 30_000,
} as const;

export function observeOptions(worker: WorkerSid, deps: ControlDeps): ObserveOptions {
  return {
    at: deps.clock.now(),
    requestTimeoutMs: deps.limits.requestTimeoutMs,
    respectMs: deps.rules()?.defaults.respectMs ?? 0,
    handsOff: (channel) => handsOff(worker, channel, deps) !== null,
  };
}

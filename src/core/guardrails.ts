// The guardrails that look beyond one Worker: `keep_open` and `max_change`. They choose among writes
// that are already planned; what they refuse is told with its reason, and they never cause a write.

import { amountOf } from './limit.ts';
import { type PlannedWrite, type Refusal, rank } from './plan.ts';
import type { Guardrails, KeepOpen } from './rules.ts';
import { channelIn, type WorkerState } from './state.ts';

/** A write that one Worker's pass asks for. */
export interface Wanted {
  readonly worker: string;
  readonly write: PlannedWrite;
}

/** One guardrail `keep_open` and who is open for it now. */
export interface Floor {
  readonly keep: KeepOpen;
  /** Everyone in the group. */
  readonly members: ReadonlySet<string>;
  readonly open: ReadonlySet<string>;
}

/** Which Workers were written lately, the oldest first. */
export type Spent = readonly { readonly worker: string; readonly at: number }[];

export interface Ledger {
  readonly floors: readonly Floor[];
  readonly spent: Spent;
  /** How many Workers rules can claim at all. */
  readonly claimable: number;
}

export interface Refused {
  readonly worker: string;
  readonly refusal: Refusal;
}

export interface Admitted {
  readonly writes: readonly Wanted[];
  readonly refused: readonly Refused[];
  readonly ledger: Ledger;
}

/** Admits writes in the order of their urgency until a guardrail says no. */
export function admit(
  guardrails: Guardrails,
  wanted: readonly Wanted[],
  before: Ledger,
  at: number,
): Admitted {
  const writes: Wanted[] = [];
  const refused: Refused[] = [];
  let ledger = { ...before, spent: recent(guardrails, before.spent, at) };
  for (const each of [...wanted].sort((a, b) => rank(a.write) - rank(b.write))) {
    const refusal = refusalOf(guardrails, each, ledger);
    if (refusal === null) {
      writes.push(each);
      ledger = entered(ledger, each, at);
    } else {
      refused.push({ worker: each.worker, refusal });
    }
  }
  return { writes, refused, ledger };
}

function recent({ maxChange }: Guardrails, spent: Spent, at: number): Spent {
  return maxChange === null ? [] : spent.filter((s) => s.at + maxChange.perMs > at);
}

function refusalOf(
  { maxChange }: Guardrails,
  { worker, write }: Wanted,
  { floors, spent, claimable }: Ledger,
): Refusal | null {
  const floor = floors.find((each) => breaks(each, worker, write));
  // The count may rise with anyone's change, so no instant can be promised.
  if (floor !== undefined)
    return { channel: write.channel, reason: 'keep_open.floor', until: null };
  if (maxChange === null || spent.some((s) => s.worker === worker)) return null;
  if (new Set(spent.map((s) => s.worker)).size < amountOf(maxChange.workers, claimable))
    return null;
  const until = (spent[0]?.at ?? 0) + maxChange.perMs;
  return { channel: write.channel, reason: 'max_change.spent', until };
}

/** Closing one who is open, where as few are open as may be. */
function breaks({ keep, members, open }: Floor, worker: string, write: PlannedWrite): boolean {
  if (write.channel !== keep.channel || !closes(write) || !open.has(worker)) return false;
  return open.size - 1 < floorOf(keep, members.size);
}

/** A number is what it says, also where the group has fewer; a share is of the whole group. */
function floorOf({ atLeast }: KeepOpen, size: number): number {
  return 'count' in atLeast ? atLeast.count : amountOf(atLeast, size);
}

function closes({ to }: PlannedWrite): boolean {
  return to.available === false || to.capacity === 0;
}

/** A write that opens is not counted until it is seen: nobody is closed on its account. */
function entered(ledger: Ledger, { worker, write }: Wanted, at: number): Ledger {
  const floors = ledger.floors.map((floor) => {
    if (floor.keep.channel !== write.channel || !closes(write)) return floor;
    return { ...floor, open: new Set([...floor.open].filter((sid) => sid !== worker)) };
  });
  const others = ledger.spent.filter((s) => s.worker !== worker);
  return { ...ledger, floors, spent: [...others, { worker, at }] };
}

/** Open is: in an available Activity, available, and with room for at least one Task. */
export function isOpen(state: WorkerState, channel: string, activityAvailable: boolean): boolean {
  const held = channelIn(state, channel);
  if (!activityAvailable || !held?.observed || held.stale) return false;
  return held.observed.available && held.observed.capacity >= 1;
}

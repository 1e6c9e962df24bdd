// The guardrails that consider more than one Worker: `keep_open` and `max_change`. They choose
// among writes that are already planned, give the reason of each refusal, and never cause a write.

import { amountOf } from '../limit.ts';
import { type PlannedWrite, type Refusal, rank } from '../plan.ts';
import type { Guardrails, KeepOpen } from '../rules.ts';
import { channelIn, type WorkerState } from '../state.ts';

/** A write that one Worker's pass asks for. */
export interface WorkerWrite {
  readonly worker: string;
  readonly write: PlannedWrite;
}

/** One `keep_open` guardrail and the Workers that are open for it now. */
export interface Floor {
  readonly keep: KeepOpen;
  /** Everyone in the group. */
  readonly members: ReadonlySet<string>;
  readonly open: ReadonlySet<string>;
}

/** Which Workers were written lately, the oldest first. */
export type Spent = readonly { readonly worker: string; readonly at: number }[];

export interface GuardrailState {
  readonly floors: readonly Floor[];
  readonly spent: Spent;
  /** How many Workers rules can claim at all. */
  readonly claimable: number;
}

export interface Refused {
  readonly worker: string;
  readonly refusal: Refusal;
}

export interface AdmissionResult {
  readonly writes: readonly WorkerWrite[];
  readonly refused: readonly Refused[];
  readonly state: GuardrailState;
}

/** Admits writes by urgency, within each in the given order, unless a guardrail refuses. */
export function admit(
  guardrails: Guardrails,
  wanted: readonly WorkerWrite[],
  before: GuardrailState,
  at: number,
): AdmissionResult {
  const writes: WorkerWrite[] = [];
  const refused: Refused[] = [];
  const draft = newDraft(guardrails, before, at);
  for (const each of [...wanted].sort((a, b) => rank(a.write) - rank(b.write))) {
    const refusal = refusalOf(each, draft, at);
    if (refusal === null) {
      writes.push(each);
      recordWrite(draft, each, at);
    } else {
      refused.push({ worker: each.worker, refusal });
    }
  }
  const spent = [...draft.spent].map(([worker, since]) => ({ worker, at: since }));
  const floors = before.floors.map((floor, i) => ({ ...floor, open: draft.open[i] ?? floor.open }));
  return { writes, refused, state: { ...before, floors, spent } };
}

/** The ledger while it is being changed; it never leaves `admit`. */
interface AdmissionDraft {
  readonly floors: readonly Floor[];
  /** Who is still open, per floor. */
  readonly open: readonly Set<string>[];
  /** Who was written in the window and when, the oldest first. */
  readonly spent: Map<string, number>;
  readonly budget: { readonly most: number; readonly perMs: number } | null;
  /** The instants of `spent`, once they are needed. */
  times: readonly number[] | null;
  /** Workers that the budget refused, in order, each with its turn (epoch ms). */
  readonly retryTimes: Map<string, number>;
}

function newDraft(
  { maxChange }: Guardrails,
  { floors, spent, claimable }: GuardrailState,
  at: number,
): AdmissionDraft {
  const lately = maxChange === null ? [] : spent.filter((s) => s.at + maxChange.perMs > at);
  const budget = maxChange && {
    most: amountOf(maxChange.workers, claimable),
    perMs: maxChange.perMs,
  };
  return {
    floors,
    open: floors.map(({ open }) => new Set(open)),
    spent: new Map(lately.map((each) => [each.worker, each.at])),
    budget,
    times: null,
    retryTimes: new Map(),
  };
}

function refusalOf(
  { worker, write }: WorkerWrite,
  draft: AdmissionDraft,
  at: number,
): Refusal | null {
  const { channel } = write;
  const { floors, open, spent, budget } = draft;
  const floor = floors.some((each, i) => breaksFloor(each, open[i] ?? each.open, worker, write));
  // Any Worker's change may raise the count, so no instant can be given.
  if (floor) return { channel, reason: 'keep_open.floor', until: null };
  if (budget === null || spent.has(worker) || spent.size < budget.most) return null;
  return { channel, reason: 'max_change.spent', until: retryAt(worker, draft, at) };
}

/** Places become free one by one; the first refused takes the first of them, and so on. */
function retryAt(worker: string, draft: AdmissionDraft, at: number): number {
  const { spent, budget, retryTimes } = draft;
  const perMs = budget?.perMs ?? 0;
  const known = retryTimes.get(worker);
  if (known !== undefined) return known;
  draft.times ??= [...spent.values()];
  const { times } = draft;
  const place = retryTimes.size;
  const round = times.length === 0 ? 0 : Math.floor(place / times.length);
  const retryTime = (times[place % Math.max(1, times.length)] ?? at) + perMs * (1 + round);
  retryTimes.set(worker, retryTime);
  return retryTime;
}

function recordWrite(draft: AdmissionDraft, { worker, write }: WorkerWrite, at: number): void {
  const { floors, open, spent } = draft;
  // A write that opens counts only once it is seen: nobody is closed because of it.
  for (const [i, { keep }] of floors.entries()) {
    if (keep.channel === write.channel && closes(write)) open[i]?.delete(worker);
  }
  // Deleted first, so that the newest comes last.
  spent.delete(worker);
  spent.set(worker, at);
  // Its place now becomes free later.
  draft.times = null;
}

/** Whether the write closes an open Worker and leaves too few open. */
function breaksFloor(
  { keep, members }: Floor,
  open: ReadonlySet<string>,
  worker: string,
  write: PlannedWrite,
): boolean {
  if (write.channel !== keep.channel || !closes(write) || !open.has(worker)) return false;
  return open.size - 1 < floorOf(keep, members.size);
}

/** A number applies as it is, even to a smaller group; a share is of the whole group. */
export function floorOf({ atLeast }: KeepOpen, size: number): number {
  return 'count' in atLeast ? atLeast.count : amountOf(atLeast, size);
}

/** A write after which no Task arrives on this channel. */
export function closes({ to }: PlannedWrite): boolean {
  return to.available === false || to.capacity === 0;
}

/** Open means: in an available Activity, available, and with room for at least one Task. */
export function isOpen(state: WorkerState, channel: string, activityAvailable: boolean): boolean {
  const held = channelIn(state, channel);
  if (!activityAvailable || !held?.observed || held.stale) return false;
  return held.observed.available && held.observed.capacity >= 1;
}

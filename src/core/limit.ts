// Which Workers a rule with a `limit` chooses. Members stay while they are candidates, so that one
// Task more or less does not make a Worker join or leave; only free places are given out.

import { isUnknown } from './facts.ts';
import { hash } from './hash.ts';
import { isWithin } from './instants.ts';
import type { Amount, Limit, Rule } from './rules.ts';
import { assignedOn, channelIn, type WorkerState } from './state.ts';
import { activityOf, type Directory } from './worker-facts.ts';

/** A Worker in `who`, in an available Activity, for whom the rule's condition holds. */
export interface Candidate {
  readonly sid: string;
  /** Tasks in hand ÷ capacity over the channels that the rule claims; capacity 0 counts as 1. */
  readonly load: number;
  /** Since when the Worker has no Task in hand, epoch ms; null: it has one. */
  readonly idleSince: number | null;
}

/** The Workers that a rule has chosen; one set per rule. */
export interface Membership {
  readonly members: readonly string[];
  /** How many places are open now; with `step` this grows to what the limit allows. */
  readonly places: number;
  /** When places were opened last, epoch ms. */
  readonly grewAt: number | null;
}

export const NO_MEMBERS: Membership = { members: [], places: 0, grewAt: null };

export interface ChosenMembers {
  readonly membership: Membership;
  /** When the next places open, epoch ms. */
  readonly lookAt: number | null;
}

/** The amount as a number of Workers, at most `all`; a share is rounded up. */
export function amountOf(amount: Amount, all: number): number {
  if ('count' in amount) return Math.min(amount.count, all);
  // 7% of 100 is 7, though 0.07 × 100 is a little more.
  return Math.max(0, Math.min(all, Math.ceil(amount.share * all - 1e-9)));
}

export function chooseMembers(
  rule: { readonly name: string; readonly limit: Limit },
  candidates: readonly Candidate[],
  before: Membership,
  at: number,
): ChosenMembers {
  const { limit } = rule;
  const all = candidates.length;
  if (all === 0) return { membership: NO_MEMBERS, lookAt: null };
  const target = amountOf(limit.workers, all);
  const { places, grewAt } = openNextStep(limit, before, { target, all }, at);
  const ranked = [...candidates].sort((a, b) => compare(rule, a, b)).map(({ sid }) => sid);
  const stay = ranked.filter((sid) => before.members.includes(sid)).slice(0, places);
  const join = ranked.filter((sid) => !stay.includes(sid)).slice(0, places - stay.length);
  const waits = limit.step !== null && places < target && grewAt !== null;
  return {
    membership: { members: [...stay, ...join].sort(), places, grewAt },
    lookAt: waits ? grewAt + (limit.step?.everyMs ?? 0) : null,
  };
}

/** Only one step is taken, however late the look: `step` means a few at a time. */
function openNextStep(
  { step }: Limit,
  { places, grewAt }: Membership,
  { target, all }: { readonly target: number; readonly all: number },
  at: number,
): Pick<Membership, 'places' | 'grewAt'> {
  if (places >= target) return { places: target, grewAt };
  if (step === null) return { places: target, grewAt: at };
  if (grewAt !== null && isWithin(grewAt, at, step.everyMs)) return { places, grewAt };
  return { places: Math.min(target, places + amountOf(step.workers, all)), grewAt: at };
}

function compare({ name, limit }: { name: string; limit: Limit }, a: Candidate, b: Candidate) {
  return preference(limit, name, a) - preference(limit, name, b) || (a.sid < b.sid ? -1 : 1);
}

function preference({ pick }: Limit, rule: string, { sid, load, idleSince }: Candidate): number {
  switch (pick) {
    case 'least_loaded':
      return load;
    case 'longest_idle':
      return idleSince ?? Number.MAX_SAFE_INTEGER;
    case 'random_stable':
      return hash(`${rule}/${sid}`);
  }
}

/** The Worker as a candidate of this rule; null while its Activity is not available. */
export function toCandidate(
  rule: Rule,
  state: WorkerState,
  directory: Directory,
): Candidate | null {
  const { available, availableSince } = activityOf(state, directory);
  if (available !== true) return null;
  const held = Object.values(state.reservations);
  const busy = held.some(({ status }) => status === 'accepted' || status === 'wrapping');
  const began = availableSince === null || isUnknown(availableSince) ? 0 : availableSince;
  const latest = Math.max(began, ...held.map(({ at }) => at));
  return { sid: state.sid, load: loadOf(rule, state), idleSince: busy ? null : latest };
}

function loadOf({ then }: Rule, state: WorkerState): number {
  const names = then.any === null ? [...then.channels.keys()] : Object.keys(state.channels);
  const read = names.flatMap((name) => {
    const observed = channelIn(state, name)?.observed;
    return observed ? [{ assigned: assignedOn(state, name), capacity: observed.capacity }] : [];
  });
  const capacity = read.reduce((sum, channel) => sum + channel.capacity, 0);
  const assigned = read.reduce((sum, channel) => sum + channel.assigned, 0);
  return capacity === 0 ? 1 : assigned / capacity;
}

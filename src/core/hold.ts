// Takes what a decision claims into the record and gives back what it no longer claims: baselines
// are kept when a claim begins, and forgotten once what they say is in force again.

import type { ChannelDecision, Decision } from './decide.ts';
import type { RuleSet } from './rules.ts';
import {
  type ChannelState,
  type Edit,
  type FieldState,
  newChannel,
  type WorkerState,
} from './state.ts';

/** The record after a decision, and the channels that stay as they are for want of a baseline. */
export interface Taken {
  readonly state: WorkerState;
  readonly unknownBaseline: readonly string[];
}

export function hold(state: WorkerState, decision: Decision, rules: RuleSet): Taken {
  const channels: Record<string, ChannelState> = { ...state.channels };
  const unknownBaseline: string[] = [];
  for (const each of decision.channels) {
    const before = channels[each.channel] ?? newChannel();
    const after = holdChannel(before, each, rules.defaults.baseline.get(each.channel) ?? null);
    if (wasUnknown(before) && !wasUnknown(after)) unknownBaseline.push(each.channel);
    channels[each.channel] = after;
  }
  return { state: { ...state, channels, rules: decision.rules }, unknownBaseline };
}

function wasUnknown(channel: ChannelState): boolean {
  return channel.capacity.baseline === 'unknown' || channel.available.baseline === 'unknown';
}

function holdChannel(
  before: ChannelState,
  { wish, edits }: ChannelDecision,
  declared: number | null,
): ChannelState {
  const observed = before.stale ? null : before.observed;
  return {
    ...before,
    winner: wish.winner,
    capacity: holdField(before.capacity, {
      claimed: wish.claimsCapacity,
      desired: wish.capacity.value,
      observed: observed?.capacity ?? null,
      declared,
      edit: edits.capacity,
    }),
    available: holdField(before.available, {
      claimed: wish.claimsAvailable,
      desired: wish.available.value,
      observed: observed?.available ?? null,
      declared: declared === null ? null : true,
      edit: edits.available,
    }),
  };
}

interface Now<T> {
  readonly claimed: boolean;
  readonly desired: T | null;
  readonly observed: T | null;
  readonly declared: T | null;
  readonly edit: Edit<T> | null;
}

function holdField<T>(field: FieldState<T>, now: Now<T>): FieldState<T> {
  if (now.observed === null) return { ...field, claimed: now.claimed, edit: now.edit };
  return now.claimed ? take(field, now, now.observed) : give(field, now, now.observed);
}

/**
 * A claim begins: what is there now is what it goes back to. Where this store never saw the field
 * free and it already is as rules want it, it may be our own doing from before the store was lost.
 */
function take<T>(field: FieldState<T>, now: Now<T>, observed: T): FieldState<T> {
  const suspicious = !field.seenFree && observed === now.desired;
  const baseline = field.baseline ?? (suspicious ? 'unknown' : { value: observed });
  return { ...field, claimed: true, edit: now.edit, baseline };
}

/** No claim any more: held until the baseline is in force again, then forgotten. */
function give<T>(field: FieldState<T>, now: Now<T>, observed: T): FieldState<T> {
  const { baseline } = field;
  if (baseline === null || (baseline === 'unknown' && now.declared === null)) {
    return { baseline: null, claimed: false, edit: null, seenFree: true };
  }
  const home = now.declared ?? (baseline === 'unknown' ? null : baseline.value);
  if (observed === home && now.edit === null) {
    return { baseline: null, claimed: false, edit: null, seenFree: true };
  }
  return { ...field, claimed: false, edit: now.edit };
}

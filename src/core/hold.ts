// Records what a decision claims, and gives back what it no longer claims: baselines are kept when
// a claim begins, and forgotten once they are in effect again.

import type { ChannelDecision, Decision } from './decide.ts';
import type { DesiredSetting } from './desired-setting.ts';
import { withinBounds } from './fold.ts';
import { earliest, isWithin } from './instants.ts';
import type { RuleSet } from './rules.ts';
import {
  type ChannelState,
  channelIn,
  type Edit,
  type Field,
  type FieldState,
  newChannel,
  type OwnWrite,
  STATE_LIMITS,
  type WorkerState,
} from './state.ts';

const FIELDS: readonly Field[] = ['capacity', 'available'];

/** Whether headroom holds a field of this Worker Channel: there is a baseline to be restored. */
export function isHeld(channel: Pick<ChannelState, Field>): boolean {
  return FIELDS.some((field) => channel[field].baseline !== null);
}

/** The record after a decision, and the channels that stay as they are for lack of a baseline. */
export interface HoldResult {
  readonly state: WorkerState;
  readonly unknownBaseline: readonly string[];
  /**
   * When to let go of a channel that is held only because our own write may still land, epoch ms.
   */
  readonly lookAt: number | null;
}

export function hold(
  state: WorkerState,
  decision: Decision,
  rules: RuleSet,
  at: number,
): HoldResult {
  const changed: [string, ChannelState][] = [];
  const unknownBaseline: string[] = [];
  let lookAt: number | null = null;
  for (const each of decision.channels) {
    const before = channelIn(state, each.channel) ?? newChannel();
    const after = holdChannel(before, each, rules, at);
    if (lostUnknownBaseline(before, after) && !rules.defaults.baseline.has(each.channel)) {
      unknownBaseline.push(each.channel);
    }
    if (after !== channelIn(state, each.channel)) changed.push([each.channel, after]);
    lookAt = earliest(lookAt, releaseAt(after, at));
  }
  const channels =
    changed.length === 0 ? state.channels : { ...state.channels, ...Object.fromEntries(changed) };
  return { state: { ...state, rules: decision.rules, channels }, unknownBaseline, lookAt };
}

function releaseAt(channel: ChannelState, at: number): number | null {
  const held = FIELDS.filter(
    (field) => channel[field].baseline !== null && !channel[field].claimed,
  );
  return earliest(...held.map((field) => mayLandUntil(channel, field, at)));
}

function lostUnknownBaseline(before: ChannelState, after: ChannelState): boolean {
  return (['capacity', 'available'] as const).some(
    (field) => before[field].baseline === 'unknown' && after[field].baseline === null,
  );
}

function holdChannel(
  before: ChannelState,
  { channel, claims, desired, edits, shadow }: ChannelDecision,
  { defaults, guardrails }: RuleSet,
  at: number,
): ChannelState {
  const observed = before.stale ? null : before.observed;
  const declared = defaults.baseline.get(channel) ?? null;
  const bounds = guardrails.bounds.get(channel);
  const winner = desired.winner;
  const by = decidedBy(desired, shadow === null ? claims : []);
  const capacity = holdField(before.capacity, {
    claimed: desired.claimsCapacity,
    // What would be written: our write from before the store was lost was limited too.
    desired: observed && withinBounds(desired.capacity, observed.capacity, bounds),
    observed: observed?.capacity ?? null,
    declared,
    edit: edits.capacity,
    unsure: mayLandUntil(before, 'capacity', at) !== null,
  });
  const available = holdField(before.available, {
    claimed: desired.claimsAvailable,
    desired: desired.available.value,
    observed: observed?.available ?? null,
    declared: declared === null ? null : true,
    edit: edits.available,
    unsure: mayLandUntil(before, 'available', at) !== null,
  });
  const same =
    capacity === before.capacity &&
    available === before.available &&
    winner === before.winner &&
    before.by?.length === by.length &&
    by.every((rule, i) => rule === before.by?.[i]);
  // Most passes change nothing, and an unchanged object needs no comparison later.
  return same ? before : { ...before, winner, by, capacity, available };
}

/** The decisive rule of each field; if the claims change nothing, all rules that claim. */
function decidedBy({ capacity, available }: DesiredSetting, claims: ChannelDecision['claims']) {
  const decisive = [available.by.at(-1), capacity.by.at(-1)].filter((rule) => rule !== undefined);
  const rules = decisive.length > 0 ? decisive : claims.map(({ rule }) => rule);
  return [...new Set(rules)];
}

/** Until when an own write whose answer was lost may still land, epoch ms; null: none may. */
function mayLandUntil({ writes }: ChannelState, field: Field, at: number): number | null {
  const mayLand = ({ answeredAt, landed }: OwnWrite) =>
    !landed && isWithin(answeredAt, at, STATE_LIMITS.writesMs);
  const lost = writes.filter((w) => w.field === field && mayLand(w));
  if (lost.length === 0) return null;
  return Math.max(...lost.map((w) => w.answeredAt)) + STATE_LIMITS.writesMs;
}

interface HoldInput<T> {
  readonly claimed: boolean;
  readonly desired: T | null;
  readonly observed: T | null;
  readonly declared: T | null;
  readonly edit: Edit<T> | null;
  /** An own write whose answer was lost may still land. */
  readonly unsure: boolean;
}

function holdField<T>(field: FieldState<T>, now: HoldInput<T>): FieldState<T> {
  const next = nextFieldState(field, now);
  const same =
    next.baseline === field.baseline &&
    next.claimed === field.claimed &&
    next.edit === field.edit &&
    next.seenFree === field.seenFree;
  return same ? field : next;
}

function nextFieldState<T>(field: FieldState<T>, now: HoldInput<T>): FieldState<T> {
  // A claim begins only once the field was read, because that value is its baseline.
  if (now.observed === null) {
    return { ...field, claimed: now.claimed && field.baseline !== null, edit: now.edit };
  }
  return now.claimed ? beginHold(field, now, now.observed) : endHold(field, now, now.observed);
}

/**
 * A claim begins: the current value is the baseline. If this store never saw the field unclaimed
 * and it is as rules want it, it may be our own write from before the store was lost.
 */
function beginHold<T>(field: FieldState<T>, now: HoldInput<T>, observed: T): FieldState<T> {
  const suspicious = !field.seenFree && observed === now.desired;
  const baseline = field.baseline ?? (suspicious ? 'unknown' : { value: observed });
  return { ...field, claimed: true, edit: now.edit, baseline };
}

/** No claim any more: held until the baseline is in force again, then forgotten. */
function endHold<T>(field: FieldState<T>, now: HoldInput<T>, observed: T): FieldState<T> {
  const { baseline } = field;
  if (baseline === null || (baseline === 'unknown' && now.declared === null)) {
    return { baseline: null, claimed: false, edit: null, seenFree: true };
  }
  const home = now.declared ?? (baseline === 'unknown' ? null : baseline.value);
  if (observed === home && now.edit === null && !now.unsure) {
    return { baseline: null, claimed: false, edit: null, seenFree: true };
  }
  return { ...field, claimed: false, edit: now.edit };
}

// The difference between what each Worker Channel should be and what it is, as a value: which
// fields to write, from what, to what and why, and which writes the guardrails hold back.

import type { ChannelDecision, Decision } from './decide.ts';
import { withinBounds } from './fold.ts';
import { earliest, isWithin } from './instants.ts';
import { contestedUntil, isContested } from './observe.ts';
import type { Reason } from './reasons.ts';
import type { Guardrails } from './rules.ts';
import { type ChannelState, channelIn, type WorkerState } from './state.ts';

/** Exactly the fields that differ. */
export interface Change {
  readonly capacity?: number;
  readonly available?: boolean;
}

export interface PlannedWrite {
  readonly channel: string;
  readonly from: Change;
  readonly to: Change;
  /** Toward less work: never held back by `min_dwell`. */
  readonly protective: boolean;
  /** A hard rule asks for it. */
  readonly hard: boolean;
  readonly reason: Reason;
  /** The deciding rule; null for a restore. */
  readonly rule: string | null;
}

export interface Refusal {
  readonly channel: string;
  readonly reason: Reason;
  /** epoch ms; null: time alone does not end it. */
  readonly until: number | null;
}

export interface Plan {
  /** In the order in which to write: hard, toward less work, restores, toward more work. */
  readonly writes: readonly PlannedWrite[];
  readonly refusals: readonly Refusal[];
  readonly lookAt: number | null;
}

/**
 * `state` is the record after `hold`. Nothing is planned for a channel that has to be read first.
 */
export function plan(
  decision: Decision,
  state: WorkerState,
  guardrails: Guardrails,
  at: number,
): Plan {
  const writes: PlannedWrite[] = [];
  const refusals: Refusal[] = [];
  for (const each of decision.channels) {
    const channel = channelIn(state, each.channel);
    if (!channel?.observed || channel.stale || channel.intent !== null) continue;
    const wanted = differences(each, channel, guardrails);
    if (wanted.length === 0) continue;
    if (isContested(channel, at)) {
      const until = contestedUntil(channel, at);
      refusals.push({ channel: each.channel, reason: 'channel.contested', until });
      continue;
    }
    const { lastWriteAt } = channel;
    const dwell = (lastWriteAt ?? 0) + guardrails.minDwellMs;
    const waits = lastWriteAt !== null && isWithin(lastWriteAt, at, guardrails.minDwellMs);
    const allowed = waits ? wanted.filter((w) => w.protective) : wanted;
    if (allowed.length < wanted.length) {
      refusals.push({ channel: each.channel, reason: 'dwell.waiting', until: dwell });
    }
    if (allowed.length > 0) writes.push(merged(each, allowed));
  }
  writes.sort((a, b) => rank(a) - rank(b) || (a.channel < b.channel ? -1 : 1));
  return { writes, refusals, lookAt: earliest(...refusals.map((r) => r.until)) };
}

interface Difference {
  readonly from: Change;
  readonly to: Change;
  readonly protective: boolean;
  readonly hard: boolean;
  readonly reason: Reason;
  readonly rule: string | null;
}

function differences(
  each: ChannelDecision,
  channel: ChannelState,
  guardrails: Guardrails,
): readonly Difference[] {
  const { desired } = each;
  const { observed } = channel;
  if (observed === null) return [];
  const found: Difference[] = [];
  const capacity = clamped(each, guardrails, observed.capacity);
  const holdsCapacity = desired.claimsCapacity || channel.capacity.baseline !== null;
  if (holdsCapacity && capacity !== null && capacity !== observed.capacity) {
    found.push({
      from: { capacity: observed.capacity },
      to: { capacity },
      protective: capacity < observed.capacity,
      ...reasonFor(each, desired.capacity.by, each.edits.capacity !== null),
    });
  }
  const available = desired.available.value;
  const holdsAvailable = desired.claimsAvailable || channel.available.baseline !== null;
  if (holdsAvailable && available !== null && available !== observed.available) {
    found.push({
      from: { available: observed.available },
      to: { available },
      protective: !available,
      ...reasonFor(each, desired.available.by, each.edits.available !== null),
    });
  }
  return found;
}

/** The wished capacity within `bounds`; `observed` null: not read. */
export function clamped(
  { channel, desired }: Pick<ChannelDecision, 'channel' | 'desired'>,
  { bounds }: Guardrails,
  observed: number | null = null,
): number | null {
  return withinBounds(desired.capacity, observed, bounds.get(channel));
}

/** Why a field is written: the deciding rule; without one, the person's edit or the baseline. */
function reasonFor(each: ChannelDecision, by: readonly string[], edited: boolean) {
  const rule = by.at(-1) ?? null;
  if (rule === null) {
    const reason: Reason = edited ? 'person.edit' : 'baseline.restored';
    return { rule, reason, hard: false };
  }
  const hard = each.claims.some((c) => c.rule === rule && c.hard);
  return { rule, reason: 'rule.claimed' as const, hard };
}

/** Both fields of one Worker Channel go in one request. */
function merged(each: ChannelDecision, parts: readonly Difference[]): PlannedWrite {
  const first = parts.find((p) => p.rule !== null) ?? parts[0];
  return {
    channel: each.channel,
    from: Object.assign({}, ...parts.map((p) => p.from)) as Change,
    to: Object.assign({}, ...parts.map((p) => p.to)) as Change,
    protective: parts.some((p) => p.protective),
    hard: parts.some((p) => p.hard),
    reason: first?.reason ?? 'baseline.restored',
    rule: first?.rule ?? null,
  };
}

/** The order of writes when not all of them may be made. */
const BY_URGENCY = ['hard', 'lower', 'restore', 'raise'] as const;

export function urgencyOf(write: PlannedWrite): (typeof BY_URGENCY)[number] {
  if (write.hard) return 'hard';
  if (write.protective) return 'lower';
  return write.rule === null ? 'restore' : 'raise';
}

export function rank(write: PlannedWrite): number {
  return BY_URGENCY.indexOf(urgencyOf(write));
}

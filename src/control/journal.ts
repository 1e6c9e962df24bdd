// Every decision that changed or refused something, as an entry with its reason and one sentence.
// What stays the same from pass to pass is reported once per episode.

import { fillWhy } from '../core/condition/why.ts';
import type { DesiredSetting } from '../core/desired-setting.ts';
import type { HoldResult } from '../core/hold.ts';
import { iso } from '../core/instants.ts';
import { CONTESTED_EDITS } from '../core/observe.ts';
import { type Change, clamped, type Plan, type PlannedWrite, type Refusal } from '../core/plan.ts';
import { REASONS, type Reason } from '../core/reasons.ts';
import { type Intent, type WorkerState, withChannel } from '../core/state.ts';
import { factsOf } from '../core/worker-facts.ts';
import type { Failure, JournalEntry } from '../ports.ts';
import type { ControlDeps } from './deps.ts';
import type { Pass } from './pass.ts';

/** A record in which what was reported is marked, and the entries to append. */
export interface JournalNotes {
  readonly state: WorkerState;
  readonly entries: readonly JournalEntry[];
}

/** What an entry's text is made from: the decision and its context. */
type EntryContext = Pick<Pass, 'decision' | 'deps' | 'at'>;

const HEADROOM = 'headroom';

export function journalEntry(
  state: WorkerState,
  at: number,
  more: Pick<JournalEntry, 'reason' | 'text'> & Partial<JournalEntry>,
): JournalEntry {
  return {
    at,
    worker: state.sid,
    workerName: state.name?.value ?? null,
    channel: null,
    rule: null,
    from: null,
    to: null,
    actor: HEADROOM,
    ...more,
  };
}

/** The fields whose baseline is unknown. */
function unknownFields(before: WorkerState, channel: string): readonly string[] {
  const held = before.channels[channel];
  return (['capacity', 'available'] as const).filter((f) => held?.[f].baseline === 'unknown');
}

/** Channels that stay as they are for lack of a baseline; `before` still holds them. */
export function unknownBaselineEntries(
  channels: readonly string[],
  before: WorkerState,
  at: number,
): readonly JournalEntry[] {
  return channels.map((channel) => {
    const what = unknownFields(before, channel).join(' and ');
    const text = `${channel}: ${what} stays as it is: ${REASONS['baseline.unknown']}`;
    return journalEntry(before, at, { channel, reason: 'baseline.unknown', text });
  });
}

/** What a pass reports besides its writes: refusals, unknown baselines, what is only observed. */
export function passNotes(pass: Pass, taken: HoldResult, planned: Plan): JournalNotes {
  const { decision, at } = pass;
  const before = pass.loaded.state;
  const shadow = shadowNotes(taken.state, pass);
  let { state } = shadow;
  const entries = [...shadow.entries];
  entries.push(...unknownBaselineEntries(taken.unknownBaseline, before, at));
  state = endedEpisodes(state, planned);
  for (const refusal of planned.refusals) {
    if (state.channels[refusal.channel]?.refused === refusal.reason) continue;
    state = withChannel(state, refusal.channel, { refused: refusal.reason });
    entries.push(refusedEntry(state, refusal, at));
  }
  if (decision.stopped !== before.told) {
    state = { ...state, told: decision.stopped };
    if (decision.stopped !== null) {
      const text = `nothing is written: ${REASONS[decision.stopped]}`;
      entries.push(journalEntry(state, at, { reason: decision.stopped, text }));
    }
  }
  return { state, entries };
}

/** The values of a record's `refused` for a write that is held back, not for one that failed. */
const HELD_BACK: readonly (string | null)[] = [
  'dwell.waiting',
  'channel.contested',
  'keep_open.floor',
  'max_change.spent',
];

/**
 * Marks the end of an episode: the channel is no longer held back, or, after a failed write,
 * nothing is to be written to it any more.
 */
function endedEpisodes(before: WorkerState, { refusals, writes }: Plan): WorkerState {
  let state = before;
  for (const [name, { refused, observed, stale, intent }] of Object.entries(before.channels)) {
    if (refused === null || refusals.some((r) => r.channel === name)) continue;
    // Until it is read, it is not known whether anything is to be written.
    const settled = observed !== null && !stale && intent === null;
    const over =
      HELD_BACK.includes(refused) || (settled && !writes.some((w) => w.channel === name));
    if (over) state = withChannel(state, name, { refused: null });
  }
  return state;
}

function refusedEntry(state: WorkerState, refusal: Refusal, at: number): JournalEntry {
  const { channel, reason } = refusal;
  const until = refusal.until === null ? '' : `; next attempt at ${iso(refusal.until)}`;
  const why =
    reason === 'channel.contested'
      ? `more than ${CONTESTED_EDITS} changes by somebody else within an hour`
      : REASONS[reason];
  return journalEntry(state, at, {
    channel,
    reason,
    text: `${channel} is not written: ${why}${until}`,
  });
}

/** What observing rules would do, reported when it changes. */
export function shadowNotes(before: WorkerState, context: EntryContext): JournalNotes {
  const { decision, deps, at } = context;
  let state = before;
  const entries: JournalEntry[] = [];
  for (const each of decision.channels) {
    const desired = each.shadow ?? (deps.observing() ? each.desired : null);
    const change = desired === null ? null : shadowOf(each.channel, desired, before, deps);
    const shadow = change === null ? null : describeSetting(change.to);
    if ((before.channels[each.channel]?.shadow ?? null) === shadow) continue;
    state = withChannel(state, each.channel, { shadow });
    if (change === null) continue;
    const rule = desired?.capacity.by.at(-1) ?? desired?.available.by.at(-1) ?? null;
    const why = rule === null ? `: ${REASONS['baseline.restored']}` : byRule(rule, before, context);
    const text = `would set ${each.channel} ${describeSetting(change.from)} → ${describeSetting(change.to)}${why}`;
    entries.push(
      journalEntry(state, at, {
        channel: each.channel,
        reason: 'mode.observe',
        rule,
        ...change,
        text,
      }),
    );
  }
  return { state, entries };
}

function shadowOf(
  channel: string,
  desired: DesiredSetting,
  state: WorkerState,
  deps: ControlDeps,
): { from: Change; to: Change } | null {
  const observed = state.channels[channel]?.observed;
  const guardrails = deps.rules()?.guardrails;
  if (!observed || !guardrails) return null;
  const wished = clamped({ channel, desired }, guardrails, observed.capacity);
  const capacity = desired.claimsCapacity ? wished : null;
  const available = desired.claimsAvailable ? desired.available.value : null;
  const from: { capacity?: number; available?: boolean } = {};
  const to: { capacity?: number; available?: boolean } = {};
  if (capacity !== null && capacity !== observed.capacity) {
    from.capacity = observed.capacity;
    to.capacity = capacity;
  }
  if (available !== null && available !== observed.available) {
    from.available = observed.available;
    to.available = available;
  }
  return Object.keys(to).length === 0 ? null : { from, to };
}

export function writtenEntry(
  state: WorkerState,
  each: PlannedWrite,
  { decision, deps }: Pick<Pass, 'decision' | 'deps'>,
): JournalEntry {
  const at = deps.clock.now();
  const { channel, reason, rule, from, to } = each;
  const text = `${channel} ${sentence(state, each, { decision, deps, at })}`;
  return journalEntry(state, at, { channel, reason, rule, from, to, text });
}

/** `1 → 3 by day-chat: …; open → paused by on-a-call: …`: each field with what decided it. */
function sentence(
  state: WorkerState,
  { channel, reason, from, to }: PlannedWrite,
  context: EntryContext,
): string {
  const desired = context.decision.channels.find((c) => c.channel === channel)?.desired;
  const parts = (['capacity', 'available'] as const).flatMap((field) => {
    if (to[field] === undefined) return [];
    const rule = desired?.[field].by.at(-1) ?? null;
    // A field that no rule decided was restored, whatever the reason of the other field is.
    const back = reason === 'person.edit' ? reason : 'baseline.restored';
    const why = rule === null ? `: ${REASONS[back]}` : byRule(rule, state, context);
    return [
      {
        change: `${describeSetting({ [field]: from[field] })} → ${describeSetting({ [field]: to[field] })}`,
        why,
      },
    ];
  });
  const [first, second] = parts;
  if (first && second && first.why === second.why) {
    return `${describeSetting(from)} → ${describeSetting(to)}${first.why}`;
  }
  return parts.map((p) => `${p.change}${p.why}`).join('; ');
}

const FAILED: Readonly<Record<Failure['kind'], Reason>> = {
  throttled: 'write.throttled',
  unavailable: 'write.failed',
  network: 'write.failed',
  refused: 'write.refused',
  gone: 'write.gone',
  invalid: 'write.invalid',
};

/** A record's `refused` as a reason code: a guardrail's, or that of the last failed write. */
export function refusalOf(refused: string | null): Reason | null {
  if (refused === null) return null;
  return Object.hasOwn(FAILED, refused) ? FAILED[refused as Failure['kind']] : (refused as Reason);
}

export function failedEntry(
  state: WorkerState,
  { channel, from, to, rule }: PlannedWrite,
  failure: Failure,
  deps: ControlDeps,
): JournalEntry {
  const reason = FAILED[failure.kind];
  const text = `${channel} ${describeSetting(from)} → ${describeSetting(to)} was not confirmed: ${failure.message}`;
  return journalEntry(state, deps.clock.now(), { channel, reason, rule, from, to, text });
}

/** A write of ours whose answer was lost; the intent says what it was. */
export interface Landed {
  readonly channel: string;
  readonly intent: Intent;
}

export function landedEntries(
  state: WorkerState,
  landed: readonly Landed[],
  deps: ControlDeps,
): readonly JournalEntry[] {
  return landed.map(({ channel, intent }) => {
    const [from, to]: [Change, Change] = [intentSide(intent, 'from'), intentSide(intent, 'to')];
    const text = `${channel} ${describeSetting(from)} → ${describeSetting(to)}: written; the answer was lost`;
    return journalEntry(state, deps.clock.now(), { channel, reason: 'write.done', from, to, text });
  });
}

function intentSide({ capacity, available }: Intent, side: 'from' | 'to'): Change {
  return {
    ...(capacity && { capacity: capacity[side] }),
    ...(available && { available: available[side] }),
  };
}

/** The rule's name, and its own `why` with the placeholders filled. */
function byRule(rule: string, state: WorkerState, { decision, deps, at }: EntryContext): string {
  const found = decision.verdicts.find((v) => v.rule.name === rule)?.rule;
  if (!found?.why) return ` by ${rule}`;
  const facts = factsOf(state, deps.world(), at, { worker: false, channels: false });
  return ` by ${rule}: ${fillWhy(found.why, facts)}`;
}

/** `3`, `paused`, `3, open`: what a Worker Channel is set to, for people. */
export function describeSetting({ capacity, available }: Change): string {
  const parts: string[] = [];
  if (capacity !== undefined) parts.push(String(capacity));
  if (available !== undefined) parts.push(available ? 'open' : 'paused');
  return parts.join(', ');
}

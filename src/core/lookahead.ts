// What time alone will do to one Worker. Its record is stepped to each instant at which its next
// passes would look again; nothing else happens, unknown facts stay unknown, and every write
// succeeds. Two successive instants give what changed, and what is written because of it.

import { type Decision, decide, type World } from './decide.ts';
import { prune } from './evolve.ts';
import { type HandsOff, holdAndPlan } from './hands-off.ts';
import { earliest } from './instants.ts';
import type { RuleVerdict } from './judge.ts';
import type { Change, PlannedWrite, Refusal } from './plan.ts';
import type { Reason } from './reasons.ts';
import type { RuleSet } from './rules.ts';
import { applyWrite, MAX_PASSES } from './simulated-pass.ts';
import type { WorkerState } from './state.ts';

export type LookaheadEvent =
  /** The rule's time: `during` began or ended, or `until` has passed. */
  | { readonly kind: 'begins' | 'ends'; readonly rule: string; readonly reason: Reason }
  /** The rule's claim: a hold, keep or release time is over, or a counted event left its window. */
  | { readonly kind: 'claims' | 'lets_go'; readonly rule: string; readonly reason: Reason }
  /** From one number to the next; null: no claim. */
  | {
      readonly kind: 'ramp';
      readonly rule: string;
      readonly from: number | null;
      readonly to: number | null;
    }
  /** A person's edit is no longer respected, or a channel is no longer contested. */
  | { readonly kind: 'edit_ends' | 'contest_ends'; readonly channel: string }
  | {
      readonly kind: 'write';
      readonly channel: string;
      readonly from: Change;
      readonly to: Change;
      readonly rule: string | null;
      readonly reason: Reason;
    };

export interface LookaheadEntry {
  /** epoch ms */
  readonly at: number;
  readonly event: LookaheadEvent;
  /** Depends on a condition whose facts may have changed by then: true if nothing else changes. */
  readonly conditional: boolean;
}

/** Everything that is the same for all Workers. */
export interface Future {
  readonly rules: RuleSet;
  /** What conditions see at that instant; whatever has to be read stays as it is now. */
  world(at: number): World;
  handsOff(state: WorkerState, channel: string, at: number): HandsOff | null;
  /** When something changes for all Workers (a pause, a rule with one state), ascending. */
  readonly changeTimes: readonly number[];
}

export interface LookaheadRange {
  /** epoch ms */
  readonly from: number;
  readonly to: number;
  /** At most this many instants after the first. */
  readonly steps: number;
}

export interface LookaheadResult {
  readonly ahead: readonly LookaheadEntry[];
  /** Complete up to this instant (epoch ms): the range's end, unless the steps ran out. */
  readonly until: number;
  readonly steps: number;
  /** Something has to be read first, so the writes that follow a turn are not known. */
  readonly unread: boolean;
}

/** Step by step, so that the caller may do other work in between. */
export function* lookaheadOf(
  start: WorkerState,
  future: Future,
  range: LookaheadRange,
): Generator<void, LookaheadResult, void> {
  const ahead: LookaheadEntry[] = [];
  let unread = false;
  let before: LookaheadInstant | null = null;
  const instants = lookaheadInstants(start, future, range);
  for (;;) {
    const { done, value } = instants.next();
    if (done) return { ahead, unread, ...value };
    if (before !== null) ahead.push(...changesBetween(before, value));
    unread ||= value.unread;
    before = value;
    yield;
  }
}

/** Yields the instants, the first at the start of the range; returns how far it came. */
export function* lookaheadInstants(
  start: WorkerState,
  future: Future,
  range: LookaheadRange,
): Generator<LookaheadInstant, { readonly until: number; readonly steps: number }, void> {
  let now = settledAt(start, future, range.from);
  yield now;
  for (let steps = 0; ; steps += 1) {
    const at = nextOf(now, future);
    if (at === null || at >= range.to) return { until: range.to, steps };
    if (steps >= range.steps) return { until: at, steps };
    now = settledAt(now.state, future, at);
    yield now;
  }
}

/** One instant, once its passes have nothing left to do. */
export interface LookaheadInstant {
  readonly at: number;
  readonly state: WorkerState;
  readonly decision: Decision;
  readonly writes: readonly PlannedWrite[];
  readonly refusals: readonly Refusal[];
  readonly lookAt: number | null;
  readonly unread: boolean;
}

function settledAt(start: WorkerState, future: Future, at: number): LookaheadInstant {
  const world = future.world(at);
  const writes: PlannedWrite[] = [];
  let last = runPass(start, future, world, at);
  writes.push(...last.writes);
  for (let n = 1; n < MAX_PASSES && last.writes.length > 0; n += 1) {
    last = runPass(last.state, future, world, at);
    writes.push(...last.writes);
  }
  return { ...last, writes };
}

function runPass(before: WorkerState, future: Future, world: World, at: number): LookaheadInstant {
  const { rules } = future;
  const decision = decide(rules, before, world, at);
  const handsOff = (channel: string) => future.handsOff(before, channel, at);
  const scope = { handsOff, modeOf: world.modeOf };
  const { held, planned, releaseWrites } = holdAndPlan(before, decision, { rules, at }, scope);
  const writes = [...releaseWrites, ...planned.writes];
  const state = writes.reduce((s, w) => applyWrite(s, w, at), prune(held.state, rules, at));
  return {
    ...{ at, state, decision, writes },
    refusals: planned.refusals,
    lookAt: earliest(decision.lookAt, planned.lookAt),
    unread: decision.needs.worker || decision.needs.channels,
  };
}

/** Ignores a look scheduled for a past instant, which would repeat for ever. */
function nextOf({ at, lookAt }: LookaheadInstant, { changeTimes }: Future): number | null {
  const own = lookAt !== null && lookAt > at ? lookAt : null;
  return earliest(
    own,
    changeTimes.find((time) => time > at),
  );
}

function changesBetween(
  before: LookaheadInstant,
  after: LookaheadInstant,
): readonly LookaheadEntry[] {
  const { at } = after;
  const known = new Map(before.decision.verdicts.map((v) => [v.rule.name, v]));
  const turned = after.decision.verdicts.flatMap((verdict) => {
    const was = known.get(verdict.rule.name);
    const event = was === undefined ? null : ruleChange(was, verdict);
    return was === undefined || event === null ? [] : [{ was, verdict, event }];
  });
  const onFacts = turned.some(
    ({ was, verdict }) => dependsOnFacts(verdict) && (holds(was) || holds(verdict)),
  );
  return [
    ...turned.map(({ verdict, event }) => ({
      at,
      event,
      conditional: event.kind !== 'begins' && event.kind !== 'ends' && dependsOnFacts(verdict),
    })),
    ...endedEdits(before, after).map((event) => ({ at, event, conditional: false })),
    ...endedContests(before, after).map((event) => ({ at, event, conditional: false })),
    ...after.writes.map(({ channel, from, to, rule, reason }) => ({
      at,
      event: { kind: 'write', channel, from, to, rule, reason } as const,
      conditional: onFacts || channelDependsOnFacts(after, channel),
    })),
  ];
}

function dependsOnFacts({ rule: { when, ramp } }: RuleVerdict): boolean {
  return when !== null || ramp?.since.kind === 'activity';
}

/** Whether a rule that claims this channel depends on facts. */
function channelDependsOnFacts({ decision }: LookaheadInstant, channel: string): boolean {
  const claims = decision.channels.find((each) => each.channel === channel)?.claims ?? [];
  const names = new Set(claims.map(({ rule }) => rule));
  return decision.verdicts.some(
    (verdict) => names.has(verdict.rule.name) && dependsOnFacts(verdict),
  );
}

function ruleChange(before: RuleVerdict, after: RuleVerdict): LookaheadEvent | null {
  const rule = after.rule.name;
  const { reason } = after;
  const claim = holds(after) ? 'claims' : 'lets_go';
  const moved: LookaheadEvent | null =
    holds(before) === holds(after) ? null : { kind: claim, rule, reason };
  // Around a pause, only a change of the claim is reported.
  if (before.reason === 'rule.paused' || reason === 'rule.paused') return moved;
  if (isInTime(before) !== isInTime(after)) {
    return { kind: isInTime(after) ? 'begins' : 'ends', rule, reason };
  }
  const ramp = after.rule.ramp !== null && isInTime(after) && before.ramp !== after.ramp;
  return ramp ? { kind: 'ramp', rule, from: before.ramp, to: after.ramp } : moved;
}

const OUT_OF_TIME: readonly Reason[] = ['schedule.outside', 'rule.expired'];

function isInTime({ reason }: RuleVerdict): boolean {
  return !OUT_OF_TIME.includes(reason);
}

/** Which Workers a `limit` will choose is not predicted: one that only waits for it counts too. */
function holds({ claims, reason }: RuleVerdict): boolean {
  return claims || reason === 'limit.waiting';
}

function endedEdits({ decision: before }: LookaheadInstant, { decision: after }: LookaheadInstant) {
  const living = new Set(after.channels.filter(isEdited).map(({ channel }) => channel));
  return before.channels
    .filter((each) => isEdited(each) && !living.has(each.channel))
    .map(({ channel }) => ({ kind: 'edit_ends', channel }) as const);
}

function isEdited({ edits }: Decision['channels'][number]): boolean {
  return edits.capacity !== null || edits.available !== null;
}

function endedContests(before: LookaheadInstant, after: LookaheadInstant) {
  const contested = ({ refusals }: LookaheadInstant) =>
    refusals.filter(({ reason }) => reason === 'channel.contested').map(({ channel }) => channel);
  const still = contested(after);
  return contested(before)
    .filter((channel) => !still.includes(channel))
    .map((channel) => ({ kind: 'contest_ends', channel }) as const);
}

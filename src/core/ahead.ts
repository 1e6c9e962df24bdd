// What time alone will do to one Worker. Its record is stepped to each instant at which its next
// passes would look again; nothing else happens, unknown facts stay unknown, and every write
// succeeds. Two successive instants give what changed, and what is written because of it.

import { type Decision, decide, type World } from './decide.ts';
import { prune } from './evolve.ts';
import { type HandsOff, handled } from './hands.ts';
import { earliest } from './instants.ts';
import type { RuleVerdict } from './judge.ts';
import type { Change, PlannedWrite, Refusal } from './plan.ts';
import type { Reason } from './reasons.ts';
import type { RuleSet } from './rules.ts';
import type { WorkerState } from './state.ts';
import { MOST_PASSES, take } from './step.ts';

export type Turn =
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

export interface Ahead {
  /** epoch ms */
  readonly at: number;
  readonly turn: Turn;
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
  readonly turns: readonly number[];
}

export interface Range {
  /** epoch ms */
  readonly from: number;
  readonly to: number;
  /** At most this many instants after the first. */
  readonly steps: number;
}

export interface Foreseen {
  readonly ahead: readonly Ahead[];
  /** Complete up to this instant (epoch ms): the range's end, unless the steps ran out. */
  readonly until: number;
  readonly steps: number;
  /** Something has to be read first, so the writes that follow a turn are not known. */
  readonly unread: boolean;
}

/** Step by step, so that the caller may do other work in between. */
export function* aheadOf(
  start: WorkerState,
  future: Future,
  range: Range,
): Generator<void, Foreseen, void> {
  const ahead: Ahead[] = [];
  let unread = false;
  let before: Instant | null = null;
  const instants = instantsOf(start, future, range);
  for (;;) {
    const { done, value } = instants.next();
    if (done) return { ahead, unread, ...value };
    if (before !== null) ahead.push(...turnsOf(before, value));
    unread ||= value.unread;
    before = value;
    yield;
  }
}

/** Yields the instants, the first at the start of the range; returns how far it came. */
export function* instantsOf(
  start: WorkerState,
  future: Future,
  range: Range,
): Generator<Instant, { readonly until: number; readonly steps: number }, void> {
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
export interface Instant {
  readonly at: number;
  readonly state: WorkerState;
  readonly decision: Decision;
  readonly writes: readonly PlannedWrite[];
  readonly refusals: readonly Refusal[];
  readonly lookAt: number | null;
  readonly unread: boolean;
}

function settledAt(start: WorkerState, future: Future, at: number): Instant {
  const world = future.world(at);
  const writes: PlannedWrite[] = [];
  let last = passed(start, future, world, at);
  writes.push(...last.writes);
  for (let n = 1; n < MOST_PASSES && last.writes.length > 0; n += 1) {
    last = passed(last.state, future, world, at);
    writes.push(...last.writes);
  }
  return { ...last, writes };
}

function passed(before: WorkerState, future: Future, world: World, at: number): Instant {
  const { rules } = future;
  const decision = decide(rules, before, world, at);
  const off = (channel: string) => future.handsOff(before, channel, at);
  const hands = { off, modeOf: world.modeOf };
  const { taken, planned, givenBack } = handled(before, decision, { rules, at }, hands);
  const writes = [...givenBack, ...planned.writes];
  const state = writes.reduce((s, w) => take(s, w, at), prune(taken.state, rules, at));
  return {
    ...{ at, state, decision, writes },
    refusals: planned.refusals,
    lookAt: earliest(decision.lookAt, planned.lookAt),
    unread: decision.needs.worker || decision.needs.channels,
  };
}

/** Ignores a look scheduled for a past instant, which would repeat for ever. */
function nextOf({ at, lookAt }: Instant, { turns }: Future): number | null {
  const own = lookAt !== null && lookAt > at ? lookAt : null;
  return earliest(
    own,
    turns.find((turn) => turn > at),
  );
}

function turnsOf(before: Instant, after: Instant): readonly Ahead[] {
  const { at } = after;
  const known = new Map(before.decision.verdicts.map((v) => [v.rule.name, v]));
  const turned = after.decision.verdicts.flatMap((verdict) => {
    const was = known.get(verdict.rule.name);
    const turn = was === undefined ? null : turnOf(was, verdict);
    return was === undefined || turn === null ? [] : [{ was, verdict, turn }];
  });
  const onFacts = turned.some(
    ({ was, verdict }) => hangs(verdict) && (holds(was) || holds(verdict)),
  );
  return [
    ...turned.map(({ verdict, turn }) => ({
      at,
      turn,
      conditional: turn.kind !== 'begins' && turn.kind !== 'ends' && hangs(verdict),
    })),
    ...editsOver(before, after).map((turn) => ({ at, turn, conditional: false })),
    ...contestsOver(before, after).map((turn) => ({ at, turn, conditional: false })),
    ...after.writes.map(({ channel, from, to, rule, reason }) => ({
      at,
      turn: { kind: 'write', channel, from, to, rule, reason } as const,
      conditional: onFacts || onCondition(after, channel),
    })),
  ];
}

function hangs({ rule: { when, ramp } }: RuleVerdict): boolean {
  return when !== null || ramp?.since.kind === 'activity';
}

/** Whether a rule that claims this channel depends on facts. */
function onCondition({ decision }: Instant, channel: string): boolean {
  const claims = decision.channels.find((each) => each.channel === channel)?.claims ?? [];
  const names = new Set(claims.map(({ rule }) => rule));
  return decision.verdicts.some((verdict) => names.has(verdict.rule.name) && hangs(verdict));
}

function turnOf(before: RuleVerdict, after: RuleVerdict): Turn | null {
  const rule = after.rule.name;
  const { reason } = after;
  const claim = holds(after) ? 'claims' : 'lets_go';
  const moved: Turn | null = holds(before) === holds(after) ? null : { kind: claim, rule, reason };
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

function editsOver({ decision: before }: Instant, { decision: after }: Instant) {
  const living = new Set(after.channels.filter(isEdited).map(({ channel }) => channel));
  return before.channels
    .filter((each) => isEdited(each) && !living.has(each.channel))
    .map(({ channel }) => ({ kind: 'edit_ends', channel }) as const);
}

function isEdited({ edits }: Decision['channels'][number]): boolean {
  return edits.capacity !== null || edits.available !== null;
}

function contestsOver(before: Instant, after: Instant) {
  const contested = ({ refusals }: Instant) =>
    refusals.filter(({ reason }) => reason === 'channel.contested').map(({ channel }) => channel);
  const still = contested(after);
  return contested(before)
    .filter((channel) => !still.includes(channel))
    .map((channel) => ({ kind: 'contest_ends', channel }) as const);
}

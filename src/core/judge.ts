// One rule, one Worker, one instant: whether the rule is for this Worker, is in its time, and its
// condition holds; hence what it claims, why, and when time alone may change that.

import { type Condition, evaluate, matchesWhere, type Verdict } from './condition/condition.ts';
import { evaluateDuring } from './during.ts';
import { matchesTarget, type TargetExpression } from './expression.ts';
import { type Attributes, type Facts, isUnknown, type Known } from './facts.ts';
import type { Claim } from './fold.ts';
import { earliest } from './instants.ts';
import { rampStep } from './ramp.ts';
import type { Reason } from './reasons.ts';
import type { Group, Rule, RuleSet, Setting, Who } from './rules.ts';
import { type Settled, settle, termsOf } from './settle.ts';
import type { RuleState, WorkerState } from './state.ts';

export interface JudgeContext {
  readonly rules: RuleSet;
  readonly state: WorkerState;
  readonly attributes: Attributes;
  readonly facts: Facts;
  /** The expression of a TaskQueue, for groups that name one; null: not known. */
  queueTarget(queue: string): TargetExpression | null;
  /** Why this rule may not act now, or null. */
  blocked(rule: Rule): RuleBlock | null;
  /** From when on every event of this type is on record, epoch ms. */
  countableSince(type: string): number;
  /**
   * The verdict on a rule that has one state for all Workers, judged separately; null: not known.
   * Absent: every rule is judged for each Worker.
   */
  shared?(rule: Rule): SharedVerdict | null;
  /** Missed events are still being read: unknown facts end no claim despite `if_stale: release`. */
  catchingUp(): boolean;
  readonly at: number;
}

/** Why a rule may not act, as a reason code and a sentence. */
export interface RuleBlock {
  readonly reason: Reason;
  readonly why: string;
}

/** The verdict on a rule whose conditions name no Worker fact, the same for all Workers. */
export interface SharedVerdict {
  readonly claims: boolean;
  readonly reason: Reason;
  readonly unknown: readonly string[];
}

/** The outcome of one rule in one decision, as `explain` shows it. */
export interface RuleVerdict {
  readonly rule: Rule;
  readonly claims: boolean;
  readonly reason: Reason;
  /** Why a fact was unknown, in sentences. */
  readonly unknown: readonly string[];
  /** The ramp's number now, where the rule has one. */
  readonly ramp: number | null;
  readonly state: RuleState | undefined;
  readonly lookAt: number | null;
}

/** Judges `rule`; never throws and never reads a clock. */
export function judge(rule: Rule, context: JudgeContext): RuleVerdict {
  const none = (reason: Reason, more: Partial<RuleVerdict> = {}): RuleVerdict => ({
    rule,
    claims: false,
    reason,
    unknown: [],
    ramp: null,
    state: undefined,
    lookAt: null,
    ...more,
  });
  const block = context.blocked(rule);
  if (block !== null) return none(block.reason, { unknown: [block.why] });
  if (rule.until !== null && context.at >= rule.until) return none('rule.expired');
  const who = whoIncludes(rule.who, context);
  if (who === false) return none('rule.outside_who');
  const during = evaluateDuring(rule, context);
  if (!during.covered) {
    return none(during.reason, { unknown: during.unknown, lookAt: during.lookAt });
  }
  const until = earliest(during.lookAt, rule.until);
  const ramp = rule.ramp === null ? null : rampStep(rule.ramp, context);
  if (ramp !== null && ramp.value === null) {
    return none(ramp.reason, { unknown: ramp.unknown, lookAt: earliest(until, ramp.lookAt) });
  }
  const judged = isUnknown(who)
    ? keepUndecided(rule, context, who.unknown)
    : judgeHere(rule, context);
  return {
    ...judged,
    ramp: ramp?.value ?? null,
    lookAt: earliest(judged.lookAt, until, ramp?.lookAt ?? null),
  };
}

function judgeHere(rule: Rule, context: JudgeContext): RuleVerdict {
  if (!isShared(rule) || context.shared === undefined) return judgeWhen(rule, context);
  const shared = context.shared(rule);
  if (shared === null) return keptShared(rule, context);
  // `who` may become unknown later: the Workers claimed now then stay claimed.
  const state = shared.claims ? standingState(rule, context) : undefined;
  return { rule, ...shared, ramp: null, state, lookAt: null };
}

/** One state for all Workers: its condition names no Worker fact. */
export function isShared(rule: Rule): boolean {
  return rule.when !== null && !rule.when.perWorker;
}

/** Not judged since the start: existing claims stay, and none begins. */
function keptShared(rule: Rule, context: JudgeContext): RuleVerdict {
  const state = stateOf(rule, context);
  const unknown = ['its condition was not judged yet'];
  const claims = state?.phase === 'claiming' || state?.phase === 'keeping';
  return { rule, claims, reason: 'facts.unknown', unknown, ramp: null, state, lookAt: null };
}

function standingState(rule: Rule, context: JudgeContext): RuleState | undefined {
  if (!mayBeUnknown(rule.who, context.rules)) return undefined;
  const since = stateOf(rule, context)?.since ?? context.at;
  return { when: rule.when?.id ?? '', phase: 'claiming', since };
}

/** A rule whose group is not known keeps its state, like one whose condition is unknown. */
function keepUndecided(rule: Rule, context: JudgeContext, why: string): RuleVerdict {
  const before = stateOf(rule, context);
  const held = { rule, reason: 'facts.unknown', unknown: [why], ramp: null } as const;
  const shared = isShared(rule) ? context.shared?.(rule) : undefined;
  if (shared?.claims === false) return { ...held, claims: false, state: undefined, lookAt: null };
  if (rule.when === null || shared !== undefined) {
    const ends = rule.ifStale === 'release' && !context.catchingUp();
    const state = ends ? undefined : before;
    return { ...held, claims: state !== undefined, state, lookAt: null };
  }
  const blind = {
    enter: 'unknown',
    exit: rule.when.exit === null ? null : 'unknown',
    or: rule.release?.or ? 'unknown' : null,
  } as const;
  return {
    ...held,
    ...pick(settle(termsOf(rule, rule.when, context.catchingUp), before, blind, context.at)),
  };
}

function pick({ claims, state, lookAt }: Settled) {
  return { claims, state, lookAt };
}

function stateOf(rule: Rule, { state }: JudgeContext): RuleState | undefined {
  return Object.hasOwn(state.rules, rule.name) ? state.rules[rule.name] : undefined;
}

/** Needs no state, unless `who` can become unknown. */
function standing(rule: Rule, context: JudgeContext): RuleVerdict {
  const state = standingState(rule, context);
  const reason = 'rule.standing';
  return { rule, claims: true, reason, unknown: [], ramp: null, state, lookAt: null };
}

function mayBeUnknown(who: Who, rules: RuleSet): boolean {
  switch (who.kind) {
    case 'everyone':
    case 'where':
      return false;
    case 'group':
      return (rules.groups.get(who.name)?.kind ?? 'where') !== 'where';
    case 'not':
      return mayBeUnknown(who.of, rules);
    case 'any':
      return who.of.some((each) => mayBeUnknown(each, rules));
  }
}

function judgeWhen(rule: Rule, context: JudgeContext): RuleVerdict {
  const { when, release } = rule;
  if (when === null) return standing(rule, context);
  const before = stateOf(rule, context);
  const { facts } = context;
  const enter = evaluate(when.enter, facts);
  const exit = when.exit === null ? null : evaluate(when.exit, facts);
  const { claiming, since } = latching(before, enter.verdict, context.at);
  const or = release?.or && claiming ? evaluate(release.or, facts, { countSince: since }) : null;
  const settled = settle(
    termsOf(rule, when, context.catchingUp),
    before,
    { enter: enter.verdict, exit: exit?.verdict ?? null, or: or?.verdict ?? null },
    context.at,
  );
  const unknown = [enter, exit, or].flatMap((e) => (e === null ? [] : e.unknown));
  const conditions = [when.enter, when.exit, release?.or ?? null];
  return {
    rule,
    ...settled,
    unknown: settled.reason === 'facts.unknown' ? [...new Set(unknown)] : [],
    ramp: null,
    lookAt: earliest(settled.lookAt, ...conditions.map((c) => nextTimeChange(c, context))),
  };
}

/** Whether the rule claims or is about to, and since when its release counts events. */
export function latching(before: RuleState | undefined, enter: Verdict, at: number) {
  const since = before?.phase === 'claiming' ? before.since : at;
  return { claiming: before?.phase === 'claiming' || enter === 'holds', since };
}

const MINUTE_MS = 60_000;

/**
 * When a condition may change although nothing happens: `now` advances, counted events leave their
 * window, or a window no longer overlaps a blind span.
 */
function nextTimeChange(condition: Condition | null, context: JudgeContext): number | null {
  if (condition === null) return null;
  const { reads } = condition;
  const minute = reads.now || reads.since ? nextMinute(context.at) : null;
  let first = minute;
  for (const { type, windowMs } of reads.counts) {
    const since = context.at - windowMs;
    const seen = context.countableSince(type);
    // `counted` is ascending by time.
    const oldest = context.state.counted.find((c) => c.type === type && c.at > since);
    for (const at of [seen, oldest?.at ?? since]) {
      if (at > since && Number.isFinite(at)) first = earliest(first, at + windowMs);
    }
  }
  return first;
}

function nextMinute(at: number): number {
  return (Math.floor(at / MINUTE_MS) + 1) * MINUTE_MS;
}

/** Whether a rule's `who` includes this Worker. A missing attribute means no. */
export function whoIncludes(who: Who, context: JudgeContext): Known<boolean> {
  switch (who.kind) {
    case 'everyone':
      return true;
    case 'where':
      return matchesWhere(who.where, context.facts);
    case 'group':
      return groupIncludes(context.rules.groups.get(who.name), context);
    case 'not': {
      const inner = whoIncludes(who.of, context);
      return isUnknown(inner) ? inner : !inner;
    }
    case 'any': {
      const each = who.of.map((w) => whoIncludes(w, context));
      return each.find((v) => v === true) ?? each.find((v) => isUnknown(v)) ?? false;
    }
  }
}

function groupIncludes(group: Group | undefined, context: JudgeContext): Known<boolean> {
  if (group === undefined) return false;
  if (group.kind === 'where') return matchesWhere(group.where, context.facts);
  const target = group.kind === 'target' ? group.target : context.queueTarget(group.queue);
  if (target === null) {
    const queue = group.kind === 'queue' ? group.queue : group.name;
    return { unknown: `the expression of TaskQueue "${queue}" is not known` };
  }
  return matchesTarget(target, targetView(context));
}

function targetView(context: JudgeContext) {
  const { state } = context;
  const activity = state.activities.at(-1);
  return {
    sid: state.sid as string,
    friendlyName: state.name?.value ?? '',
    attributes: context.attributes,
    ...(activity ? { activitySid: activity.activity, activityName: activity.name ?? '' } : {}),
  };
}

/** What the rule asks of one Worker Channel, with its ramp's number filled in; null: nothing. */
export function claimOn(verdict: RuleVerdict, channel: string): Claim | null {
  const { rule } = verdict;
  const setting = rule.then.channels.get(channel) ?? rule.then.any;
  if (!verdict.claims || setting === null || setting === undefined) return null;
  const number = (value: Setting['set']) => (value === 'ramp' ? verdict.ramp : value);
  return {
    rule: rule.name,
    priority: rule.priority,
    hard: rule.hard,
    set: number(setting.set),
    add: number(setting.add),
    min: number(setting.min),
    max: number(setting.max),
    pause: setting.pause,
  };
}

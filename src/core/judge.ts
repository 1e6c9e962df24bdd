// One rule, one Worker, one instant: is the rule for this Worker, is it in its time, does its
// condition hold, and so: what does it claim, why, and when may time alone change that?

import { type Condition, evaluate, matchesWhere } from './condition.ts';
import { duringOf } from './during.ts';
import { matchesTarget, type TargetExpression } from './expression.ts';
import { type Attributes, type Facts, isUnknown, type Known } from './facts.ts';
import type { Claim } from './fold.ts';
import { earliest } from './instants.ts';
import { rampStep } from './ramp.ts';
import type { Reason } from './reasons.ts';
import type { Group, Rule, RuleSet, Setting, Who } from './rules.ts';
import { settle } from './settle.ts';
import type { RuleState, WorkerState } from './state.ts';

export interface JudgeContext {
  readonly rules: RuleSet;
  readonly state: WorkerState;
  readonly attributes: Attributes;
  readonly facts: Facts;
  /** The expression of a TaskQueue, for groups that name one; null: not known. */
  queueTarget(queue: string): TargetExpression | null;
  /** Why this rule cannot act here, or null. */
  unsupported(rule: Rule): string | null;
  readonly at: number;
}

/** What became of one rule in one decision, as `explain` shows it. */
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
  const unsupported = context.unsupported(rule);
  if (unsupported !== null) return none('rule.unsupported', { unknown: [unsupported] });
  if (rule.until !== null && context.at >= rule.until) return none('rule.expired');
  const who = isFor(rule.who, context);
  if (isUnknown(who)) return heldBack(rule, context, who.unknown);
  if (!who) return none('rule.outside_who');
  const during = duringOf(rule, context);
  if (!during.covered) {
    return none(during.reason, { unknown: during.unknown, lookAt: during.lookAt });
  }
  const until = earliest(during.lookAt, rule.until);
  const ramp = rule.ramp === null ? null : rampStep(rule.ramp, context);
  if (ramp !== null && ramp.value === null) {
    return none(ramp.reason, { unknown: ramp.unknown, lookAt: earliest(until, ramp.lookAt) });
  }
  const judged = judgeWhen(rule, context);
  return {
    ...judged,
    ramp: ramp?.value ?? null,
    lookAt: earliest(judged.lookAt, until, ramp?.lookAt ?? null),
  };
}

/** A rule whose group is not known keeps what it last did, like one whose condition is unknown. */
function heldBack(rule: Rule, context: JudgeContext, why: string): RuleVerdict {
  const state = context.state.rules[rule.name];
  const claims = state?.phase === 'claiming' || state?.phase === 'keeping';
  return { rule, claims, reason: 'facts.unknown', unknown: [why], ramp: null, state, lookAt: null };
}

function judgeWhen(rule: Rule, context: JudgeContext): RuleVerdict {
  const none = { rule, unknown: [], ramp: null };
  if (rule.when === null) {
    return { ...none, claims: true, reason: 'rule.standing', state: undefined, lookAt: null };
  }
  const before = context.state.rules[rule.name];
  const began = before?.phase === 'claiming' || before?.phase === 'keeping' ? before.since : 0;
  const { facts } = context;
  const enter = evaluate(rule.when.enter, facts);
  const exit = rule.when.exit === null ? null : evaluate(rule.when.exit, facts);
  const or = rule.release?.or ? evaluate(rule.release.or, facts, { countSince: began }) : null;
  const settled = settle(
    { when: rule.when, release: rule.release, ifStale: rule.ifStale },
    before,
    { enter: enter.verdict, exit: exit?.verdict ?? null, or: or?.verdict ?? null },
    context.at,
  );
  const unknown = [enter, exit, or].flatMap((e) => (e === null ? [] : e.unknown));
  const conditions = [rule.when.enter, rule.when.exit, rule.release?.or ?? null];
  return {
    rule,
    claims: settled.claims,
    reason: settled.reason,
    unknown: settled.reason === 'facts.unknown' ? [...new Set(unknown)] : [],
    ramp: null,
    state: settled.state,
    lookAt: earliest(settled.lookAt, ...conditions.map((c) => movesAt(c, context))),
  };
}

const MINUTE_MS = 60_000;

/** When a condition may change though nothing happens: counted events age, `now` goes on. */
function movesAt(condition: Condition | null, context: JudgeContext): number | null {
  if (condition === null) return null;
  const { reads } = condition;
  const minute = reads.now || reads.since ? nextMinute(context.at) : null;
  const ages = reads.counts.flatMap(({ type, windowMs }) =>
    context.state.counted
      .filter((c) => c.type === type && c.at + windowMs > context.at)
      .map((c) => c.at + windowMs),
  );
  return earliest(minute, ...ages);
}

function nextMinute(at: number): number {
  return (Math.floor(at / MINUTE_MS) + 1) * MINUTE_MS;
}

/** Whether a rule's `who` means this Worker. A missing attribute means no. */
export function isFor(who: Who, context: JudgeContext): Known<boolean> {
  switch (who.kind) {
    case 'everyone':
      return true;
    case 'where':
      return matchesWhere(who.where, context.facts);
    case 'group':
      return isIn(context.rules.groups.get(who.name), context);
    case 'not': {
      const inner = isFor(who.of, context);
      return isUnknown(inner) ? inner : !inner;
    }
    case 'any': {
      const each = who.of.map((w) => isFor(w, context));
      return each.find((v) => v === true) ?? each.find((v) => isUnknown(v)) ?? false;
    }
  }
}

function isIn(group: Group | undefined, context: JudgeContext): Known<boolean> {
  if (group === undefined) return false;
  if (group.kind === 'where') return matchesWhere(group.where, context.facts);
  const target = group.kind === 'target' ? group.target : context.queueTarget(group.queue);
  if (target === null) {
    const queue = group.kind === 'queue' ? group.queue : group.name;
    return { unknown: `the expression of TaskQueue "${queue}" is not known` };
  }
  const matched = matchesTarget(target, targetView(context));
  return isUnknown(matched) ? false : matched;
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

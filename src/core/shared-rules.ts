// Rules whose condition names no Worker fact: one state for all Workers, judged on a tick and when
// statistics arrive, so that Workers get another pass only when it changes.

import { type Evaluation, evaluate } from './condition/condition.ts';
import { evaluateDuring } from './during.ts';
import type { Facts } from './facts.ts';
import { earliest } from './instants.ts';
import { isShared, latching, type SharedVerdict } from './judge.ts';
import type { During, Mode, Rule, RuleSet } from './rules.ts';
import { settle, termsOf } from './settle.ts';
import type { RuleState } from './state.ts';
import type { ExternalFacts } from './worker-facts.ts';

/** The state of each shared rule, by name; a missing rule is idle. */
export type SharedStates = Readonly<Record<string, RuleState>>;

export interface SharedJudgement {
  readonly states: SharedStates;
  /** By rule name, every shared rule that is not switched off. */
  readonly verdicts: ReadonlyMap<string, SharedVerdict>;
  /** Those whose claim began or ended: the Workers that they are for need another pass. */
  readonly flipped: readonly Rule[];
  /** When time alone may change any of this, epoch ms. */
  readonly lookAt: number | null;
}

export type SharedContext = Pick<ExternalFacts, 'queue' | 'group'> & {
  modeOf(rule: Rule): Mode;
  /** As in `JudgeContext`; absent: false. */
  catchingUp?(): boolean;
};

export function judgeShared(
  rules: RuleSet,
  before: SharedStates,
  context: SharedContext,
  at: number,
): SharedJudgement {
  const states: Record<string, RuleState> = {};
  const verdicts = new Map<string, SharedVerdict>();
  const flipped: Rule[] = [];
  let lookAt: number | null = null;
  const facts = factsForAll(context, at);
  const catchingUp = () => context.catchingUp?.() ?? false;
  for (const rule of rules.rules.filter(isShared)) {
    const held = Object.hasOwn(before, rule.name) ? before[rule.name] : undefined;
    if (context.modeOf(rule) === 'disabled') continue;
    const { state, verdict, ...next } = judgeOne(rule, held, { rules, facts, catchingUp });
    lookAt = earliest(lookAt, next.lookAt);
    if (state !== undefined) states[rule.name] = state;
    verdicts.set(rule.name, verdict);
    if (verdict.claims !== isClaiming(held)) flipped.push(rule);
  }
  return { states, verdicts, flipped, lookAt };
}

const MINUTE_MS = 60_000;

function isClaiming(state: RuleState | undefined): boolean {
  return state?.phase === 'claiming' || state?.phase === 'keeping';
}

interface Judging {
  readonly rules: RuleSet;
  readonly facts: Facts;
  catchingUp(): boolean;
}

function judgeOne(
  rule: Rule,
  before: RuleState | undefined,
  { rules, facts, catchingUp }: Judging,
): {
  readonly state: RuleState | undefined;
  readonly verdict: SharedVerdict;
  readonly lookAt: number | null;
} {
  const { when, release } = rule;
  const { at } = facts;
  const ended = outsideDuring(rule, rules, at);
  if (when === null || ended !== null) {
    const reason = ended ?? 'rule.standing';
    // The passes of its Workers schedule the look at the beginning of its time.
    return { state: undefined, verdict: { claims: false, reason, unknown: [] }, lookAt: null };
  }
  const enter = evaluate(when.enter, facts);
  const exit = when.exit === null ? null : evaluate(when.exit, facts);
  const { claiming } = latching(before, enter.verdict, at);
  const or = release?.or && claiming ? evaluate(release.or, facts) : null;
  const settled = settle(
    termsOf(rule, when, catchingUp),
    before,
    { enter: enter.verdict, exit: exit?.verdict ?? null, or: or?.verdict ?? null },
    at,
  );
  const { claims, reason } = settled;
  const unknown = reason === 'facts.unknown' ? whyUnknown([enter, exit, or]) : [];
  const conditions = [when.enter, when.exit, release?.or ?? null];
  const moves = conditions.some((condition) => condition?.reads.now === true);
  const minute = moves ? (Math.floor(at / MINUTE_MS) + 1) * MINUTE_MS : null;
  const verdict = { claims, reason, unknown };
  return { state: settled.state, verdict, lookAt: earliest(settled.lookAt, minute) };
}

function whyUnknown(evaluations: readonly (Evaluation | null)[]): readonly string[] {
  return [...new Set(evaluations.flatMap((each) => each?.unknown ?? []))];
}

/**
 * Outside its time a rule has no state. A `during` that differs per Worker is left to the Workers'
 * own passes: the one state then continues around the clock.
 */
function outsideDuring(rule: Rule, rules: RuleSet, at: number) {
  if (rule.until !== null && at >= rule.until) return 'rule.expired';
  if (rule.during === null || dependsOnWorker(rule.during, rules)) return null;
  const { covered, reason } = evaluateDuring(rule, { rules, attributes: {}, at });
  return covered ? null : reason;
}

function dependsOnWorker(during: During, rules: RuleSet): boolean {
  const ownZones = rules.defaults.zone.kind === 'worker';
  switch (during.kind) {
    case 'attribute':
      return true;
    case 'any':
      return during.of.some((each) => dependsOnWorker(each, rules));
    case 'calendar':
      return !rules.calendars.get(during.name)?.zone && ownZones;
    case 'schedule': {
      const alternatives = rules.schedules.get(during.name)?.alternatives ?? [];
      return alternatives.some(({ zone }) => (zone === null ? ownZones : zone.kind === 'worker'));
    }
  }
}

function factsForAll({ queue, group }: Pick<SharedContext, 'queue' | 'group'>, at: number): Facts {
  const unknown = { unknown: 'a condition for all Workers names no Worker' };
  return {
    at,
    worker: unknown,
    activity: { name: unknown, available: unknown, since: unknown, availableSince: unknown },
    channels: unknown,
    channel: () => unknown,
    queue,
    group,
    count: () => unknown,
  };
}

// Whether each rule claims the Worker, by the language's definition alone: a condition is true,
// false or unknown; a rule with one goes through idle, waiting, claiming, keeping and spent.

import { begins } from './channel.ts';
import type { Condition, Rule, Rules } from './language.ts';

export type Truth = true | false | null;

export interface Facts {
  readonly now: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly available: boolean;
  assigned(channel: string): number | null;
  /** null: it has not been read since it may have changed. */
  capacity(channel: string): number | null;
  /** Distinct Reservations for which this happened after the instant. */
  count(type: string, after: number): number;
}

/** The state of a rule; a rule without an entry is idle. */
export interface RulePhase {
  readonly phase: 'waiting' | 'claiming' | 'keeping' | 'spent';
  readonly since: number;
  readonly exitedAt: number;
  /** The text of the condition when it was last judged. */
  readonly written: string;
}

export type RulePhases = Readonly<Record<string, RulePhase>>;

export function truthOf(condition: Condition, facts: Facts, countSince = 0): Truth {
  if ('not' in condition) {
    const inner = truthOf(condition.not, facts, countSince);
    return inner === null ? null : !inner;
  }
  if ('all' in condition) {
    const parts = condition.all.map((part) => truthOf(part, facts, countSince));
    return parts.includes(false) ? false : parts.includes(null) ? null : true;
  }
  if ('any' in condition) {
    const parts = condition.any.map((part) => truthOf(part, facts, countSince));
    return parts.includes(true) ? true : parts.includes(null) ? null : false;
  }
  switch (condition.fact) {
    case 'available':
      return facts.available;
    case 'level': {
      const { level } = facts.attributes;
      return typeof level === 'number' ? level >= condition.atLeast : null;
    }
    case 'assigned':
    case 'capacity': {
      const number = facts[condition.fact](condition.channel);
      return number === null ? null : number >= condition.atLeast;
    }
    case 'count': {
      const after = Math.max(facts.now - condition.windowS * 1000, countSince);
      return facts.count(condition.type, after) >= condition.atLeast;
    }
  }
}

export function isIn({ from, to }: { from: number; to: number }, now: number): boolean {
  const minute = Math.floor(now / 60_000) % 1440;
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

export function isFor(rule: Rule, attributes: Readonly<Record<string, unknown>>): boolean {
  if (rule.who === null) return true;
  return (attributes.team === rule.who.team) !== rule.who.not;
}

/** Judges all rules at one instant: the state of each, and which of them claim. */
export function judge(
  rules: Rules,
  before: RulePhases,
  facts: Facts,
): { standings: RulePhases; claiming: readonly Rule[] } {
  const standings: Record<string, RulePhase> = {};
  const claiming: Rule[] = [];
  for (const rule of rules.rules) {
    if (rule.mode === 'disabled') continue;
    if (!isFor(rule, facts.attributes)) continue;
    if (rule.during !== null && !isIn(rule.during, facts.now)) continue;
    if (rule.when === null) {
      claiming.push(rule);
      continue;
    }
    const next = step(rule, rule.when, before[rule.name], facts);
    if (next !== null) standings[rule.name] = next;
    if (next?.phase === 'claiming' || next?.phase === 'keeping') claiming.push(rule);
  }
  return { standings, claiming };
}

function step(
  rule: Rule,
  when: NonNullable<Rule['when']>,
  found: RulePhase | undefined,
  facts: Facts,
): RulePhase | null {
  const { now } = facts;
  const written = JSON.stringify(when);
  const before = carriedOver(found, written, now);
  const enter = truthOf(when.enter, facts);
  const exit = when.exit === null ? not(enter) : truthOf(when.exit, facts);
  // If both hold, the rule is not entering.
  const entering = and(enter, not(exit));
  const stand = (phase: RulePhase['phase'], since: number, exitedAt = 0): RulePhase => ({
    ...{ phase, since, exitedAt, written },
  });
  // What ends a claim may already hold when it begins.
  const begun = (standing: RulePhase) =>
    rule.release === null ? standing : latched(rule, rule.release, standing, { entering, facts });
  if (before === null) {
    if (entering !== true) return null;
    return when.forS > 0 ? stand('waiting', now) : begun(stand('claiming', now));
  }
  if (before.phase === 'waiting') {
    if (entering === false) return null;
    const long = now >= before.since + when.forS * 1000;
    return entering === true && long ? begun(stand('claiming', now)) : before;
  }
  if (before.phase === 'spent') return entering === false ? null : before;
  if (before.phase === 'keeping') {
    if (entering === true) return begun(stand('claiming', before.since));
    if (entering === null && rule.ifStale === 'release') return null;
    return now >= before.exitedAt + when.keepS * 1000 ? null : before;
  }
  if (rule.release !== null) return latched(rule, rule.release, before, { entering, facts });
  if (exit === null) return rule.ifStale === 'release' ? null : before;
  if (exit === false) return before;
  return when.keepS > 0 ? stand('keeping', before.since, now) : null;
}

/** With a release, only that ends a claim, and `enter` has to fail before it claims again. */
function latched(
  rule: Rule,
  { afterS, or }: NonNullable<Rule['release']>,
  before: RulePhase,
  { entering, facts }: { entering: Truth; facts: Facts },
): RulePhase | null {
  const over = afterS !== null && facts.now >= before.since + afterS * 1000;
  const other = or === null ? false : truthOf(or, facts, before.since);
  if (over || other === true) return entering === false ? null : { ...before, phase: 'spent' };
  const stale = other === null && rule.ifStale === 'release';
  return stale ? { ...before, phase: 'spent' } : before;
}

/** A changed condition keeps a claim; a hold time that was running starts again. */
function carriedOver(found: RulePhase | undefined, written: string, now: number): RulePhase | null {
  if (found === undefined) return null;
  const [since, exitedAt] = [begins(found.since, now), begins(found.exitedAt, now)];
  const before = { ...found, since, exitedAt };
  if (before.written === written) return before;
  return before.phase === 'waiting' ? null : { ...before, written };
}

function not(truth: Truth): Truth {
  return truth === null ? null : !truth;
}

function and(a: Truth, b: Truth): Truth {
  return a === false || b === false ? false : a === null || b === null ? null : true;
}

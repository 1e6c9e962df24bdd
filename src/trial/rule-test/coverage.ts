// Which rules, and which of their branches, the tests of a folder covered: mistakes can hide where
// no test went.

import { isShared, type RuleVerdict } from '../../core/judge.ts';
import type { Reason } from '../../core/reasons.ts';
import type { Rule } from '../../core/rules.ts';
import type { SimulationStep } from '../../core/simulation.ts';
import type { RuleState } from '../../core/state.ts';

/** A rule and the branches of it that no test touched. */
export interface UncoveredRule {
  readonly rule: Rule;
  readonly branches: readonly string[];
  /** No branch at all was touched. */
  readonly whole: boolean;
}

export interface CoverageSummary {
  readonly rules: { readonly touched: number; readonly all: number };
  readonly branches: { readonly touched: number; readonly all: number };
  readonly untouched: readonly UncoveredRule[];
}

/** While its `during` or `who` does not apply, a rule shows nothing of its other branches. */
const OUTSIDE: readonly Reason[] = ['schedule.outside', 'schedule.unnamed'];
const NOT_EVALUATED: readonly Reason[] = [
  ...OUTSIDE,
  'zone.unknown',
  'rule.outside_who',
  'rule.expired',
];

export class Coverage {
  readonly #touched = new Map<string, Set<string>>();
  /** The last state of each rule for each Worker of the test that runs. */
  #before = new Map<string, RuleState | undefined>();

  /** To be called when another test begins. */
  begin(): void {
    this.#before = new Map();
  }

  note({ at, passes, state: after }: SimulationStep): void {
    for (const [worker, { decision }] of passes) {
      for (const judged of decision.verdicts) {
        const { name } = judged.rule;
        const state = isShared(judged.rule) ? after.shared?.[name] : judged.state;
        const verdict = { ...judged, state };
        const key = `${worker}\n${verdict.rule.name}`;
        for (const branch of branchesSeen(verdict, this.#before.get(key), at)) {
          const branches = this.#touched.get(verdict.rule.name) ?? new Set();
          this.#touched.set(verdict.rule.name, branches.add(branch));
        }
        this.#before.set(key, state);
      }
    }
  }

  /** `rules`: every rule of the folder, whether a test read it or not. */
  of(rules: readonly Rule[]): CoverageSummary {
    const each = rules.map((rule) => {
      const all = branchesOf(rule);
      const seen = this.#touched.get(rule.name) ?? new Set();
      const branches = all.filter((branch) => !seen.has(branch));
      return { rule, branches, whole: branches.length === all.length, all: all.length };
    });
    const sum = (of: (one: (typeof each)[number]) => number) => each.reduce((n, e) => n + of(e), 0);
    return {
      rules: { touched: each.filter(({ whole }) => !whole).length, all: rules.length },
      branches: { touched: sum((e) => e.all - e.branches.length), all: sum((e) => e.all) },
      untouched: each
        .filter(({ branches }) => branches.length > 0)
        .map(({ rule, branches, whole }) => ({ rule, branches, whole })),
    };
  }
}

/** In the order in which people read a rule. */
function branchesOf(rule: Rule): readonly string[] {
  const { during, when, release, ramp, limit } = rule;
  const steps = ramp?.steps.map(({ value }) => `ramp ${value}`) ?? [];
  const branches = [
    ...(during === null ? [] : ['during', 'outside during']),
    ...(when === null ? [] : ['enter']),
    ...(when === null || release !== null ? [] : ['exit']),
    ...(when !== null && when.keepMs > 0 && release === null ? ['keep'] : []),
    ...(release !== null && release.afterMs !== null ? ['release after'] : []),
    ...(release !== null && release.or !== null ? ['release or'] : []),
    ...new Set(steps),
    ...(limit === null ? [] : ['limit']),
  ];
  return branches.length === 0 ? ['claims'] : branches;
}

function branchesSeen(
  verdict: RuleVerdict,
  before: RuleState | undefined,
  at: number,
): readonly string[] {
  const { rule, claims, reason, ramp } = verdict;
  if (OUTSIDE.includes(reason)) return ['outside during', ...ended(verdict, before, at)];
  if (NOT_EVALUATED.includes(reason)) return [];
  const taken = claims || reason === 'limit.waiting';
  return [
    'during',
    ...(taken ? ['claims'] : []),
    ...(taken && rule.when !== null ? ['enter'] : []),
    ...(reason === 'limit.waiting' ? ['limit'] : []),
    ...(ramp === null ? [] : [`ramp ${ramp}`]),
    ...(reason === 'ramp.ended' ? ['ramp end'] : []),
    ...ended(verdict, before, at),
  ];
}

/** How a claim ended, if it ended just now. */
function ended(
  { rule, state, reason }: RuleVerdict,
  before: RuleState | undefined,
  at: number,
): readonly string[] {
  const keeps = state?.phase === 'keeping' ? ['exit', 'keep'] : [];
  if (before?.phase !== 'claiming' || state?.phase === 'claiming' || OUTSIDE.includes(reason)) {
    return keeps;
  }
  const { release } = rule;
  if (release === null) return reason === 'rule.fails' ? ['exit'] : keeps;
  const due = release.afterMs !== null && at >= before.since + release.afterMs;
  return [due ? 'release after' : 'release or'];
}

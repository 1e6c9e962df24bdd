// What the linter reports: one sentence about rules that are each correct but not together, and a
// witness, a situation that a person can follow by hand.

import type { Place, Rule, RuleSet } from '../../core/rules.ts';
import { wallClockText } from '../wall-clock.ts';
import type { SituationTrial } from './search.ts';

/** The closed set of findings; other people's tools filter on the codes. */
export const FINDINGS = {
  'lint.never_matches': 'a rule that can never claim',
  'lint.masked': 'a claim that never makes a difference because other rules decide',
  'lint.tie': 'two `set`s of one priority that can meet on one Worker Channel',
  'lint.oscillates': 'two rules that switch each other on and off',
  'lint.feeds_itself': 'a rule that switches itself on and off',
  'lint.out_of_bounds': 'a number outside the guardrail bounds',
  'lint.calendar_over': 'a calendar whose last day is over',
  'lint.for_too_long': 'a hold time longer than every window of its schedule',
  'lint.max_change': 'a boundary at which more Workers change than max_change lets through at once',
  'lint.overlap': '`enter` and `exit` thresholds that overlap',
  'lint.no_baseline': 'a claimed channel without a declared baseline',
  'lint.not_finished': 'the linter reached its limit; the rest was not checked',
} as const;

/** What only the Workspace can show (`check --live`). */
const LIVE_FINDINGS = {
  'live.no_channel': 'a Task Channel that the Workspace does not have',
  'live.no_queue': 'a TaskQueue that the Workspace does not have',
  'live.empty_group': 'a group without members',
  'live.matches_nobody': 'a rule that applies to nobody',
  'live.no_attribute': 'an attribute that no Worker has',
  'live.unnamed_schedule': 'an attribute of Workers that is not the name of a schedule',
  'live.bad_zone': 'an attribute of Workers that is not a time zone',
} as const;

export type FindingCode = keyof typeof FINDINGS | keyof typeof LIVE_FINDINGS;

export interface Witness {
  /** ISO instant; null: it does not depend on the time. */
  readonly at: string | null;
  /** The same as wall-clock time, in the zone of the set. */
  readonly wall: string | null;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly facts: readonly string[];
  /** What each rule would do, and the result. */
  readonly steps: readonly string[];
}

export interface Finding {
  readonly code: FindingCode;
  /** A note is not a fault: it says what the rules rely on, and `check` still succeeds. */
  readonly severity: 'warning' | 'note';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The rules that it is about, the one at the place first. */
  readonly rules: readonly string[];
  readonly message: string;
  readonly witness: Witness | null;
}

export function finding(
  code: FindingCode,
  rules: readonly Rule[],
  message: string,
  witness: Witness | null,
): Finding[] {
  const [first] = rules;
  if (first === undefined) return [];
  return [findingAt(code, first.at, { rules: rules.map(({ name }) => name), message, witness })];
}

export function findingAt(
  code: FindingCode,
  { file, line, column }: Place,
  found: Pick<Finding, 'rules' | 'message' | 'witness'>,
): Finding {
  const severity = code === 'lint.no_baseline' ? 'note' : 'warning';
  return { code, severity, file, line, column, ...found };
}

const PERSONAL = /^worker\./;

export function witness(trial: SituationTrial, set: RuleSet, steps: readonly string[]): Witness {
  const { situation, chosen } = trial;
  return {
    at: new Date(situation.at).toISOString(),
    wall: wallClockText(situation.at, set),
    attributes: situation.attributes,
    facts: chosen.filter((each) => !PERSONAL.test(each)),
    steps,
  };
}

/** A witness that is only an instant. */
export function momentWitness(at: number, set: RuleSet, steps: readonly string[]): Witness {
  const wall = wallClockText(at, set);
  return { at: new Date(at).toISOString(), wall, attributes: {}, facts: [], steps };
}

/** The witness as lines for people. */
export function witnessLines(found: Witness): readonly string[] {
  const { wall, attributes, facts, steps } = found;
  const who =
    Object.keys(attributes).length === 0 ? '' : `a Worker with ${JSON.stringify(attributes)}`;
  const head = [wall === null ? '' : `on ${wall}`, who, ...facts].filter((each) => each !== '');
  return [...(head.length > 0 ? [`${head.join(', ')}:`] : []), ...steps];
}

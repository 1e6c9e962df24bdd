// Conditions in CEL: checked when rules load, judged holds, fails or unknown. A fact that is missing
// makes only the smallest logical part unknown; `&&`, `||` and `!` are Kleene's, in either order.

import type { Condition, ConditionError, ConditionScope, Evaluation } from './condition.types.ts';
import type { Facts, Known } from './facts.ts';

export type {
  Condition,
  ConditionError,
  ConditionErrorCode,
  ConditionScope,
  Evaluation,
  Mention,
  Reads,
  Trace,
  Verdict,
} from './condition.types.ts';

export type Compiled =
  | { readonly ok: true; readonly condition: Condition }
  | { readonly ok: false; readonly errors: readonly ConditionError[] };

/** Parses and type-checks; all mistakes that can be told apart are returned at once. */
export function compileCondition(_text: string, _scope: ConditionScope): Compiled {
  throw new Error('to be written');
}

export interface EvaluateOptions {
  readonly trace?: boolean;
  /** Epoch ms; `count` looks no further back than this (a release counts since the claim began). */
  readonly countSince?: number;
}

export function evaluate(
  _condition: Condition,
  _facts: Facts,
  _options?: EvaluateOptions,
): Evaluation {
  throw new Error('to be written');
}

/**
 * For `where` and `opt_out`: an absent attribute means no. Unknown only while the Worker itself is.
 */
export function matchesWhere(_condition: Condition, _facts: Facts): Known<boolean> {
  throw new Error('to be written');
}

// TaskRouter's own expressions, as pasted from a TaskQueue's target Workers:
// `languages HAS "es" AND team == "support"`. Parsed when rules load, matched against a Worker.

import type { Known } from './facts.ts';

export interface TargetError {
  /** One sentence: what was found and what was expected. */
  readonly message: string;
  /** Offsets in the text. */
  readonly start: number;
  readonly end: number;
}

export interface TargetExpression {
  readonly text: string;
}

export type ParsedTarget =
  | { readonly ok: true; readonly expression: TargetExpression }
  | { readonly ok: false; readonly error: TargetError };

/** What an expression can see of a Worker. */
export interface TargetWorker {
  readonly sid: string;
  readonly friendlyName: string;
  readonly activitySid?: string;
  readonly activityName?: string;
  readonly attributes: unknown;
  /** By unique name, for `worker.channel.<unique_name>.…`. */
  readonly channels?: ReadonlyMap<string, { readonly capacity: number; readonly assigned: number }>;
}

export function parseTarget(_text: string): ParsedTarget {
  throw new Error('to be written');
}

/** Unknown only where the expression reads what was not given (Activity, Worker Channels). */
export function matchesTarget(
  _expression: TargetExpression,
  _worker: TargetWorker,
): Known<boolean> {
  throw new Error('to be written');
}

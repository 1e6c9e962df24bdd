// What a compiled condition is, what it reads, and what its judgement looks like.

import type { Facts } from '../facts.ts';

/** `where` sees the Worker only (groups, `opt_out`); `when` sees every fact. */
export type ConditionScope = 'where' | 'when';

export type ConditionErrorCode =
  | 'condition.empty'
  | 'condition.too_long'
  | 'condition.too_big'
  | 'condition.syntax'
  | 'condition.unknown_name'
  | 'condition.out_of_scope'
  | 'condition.unknown_field'
  | 'condition.unknown_function'
  | 'condition.wrong_arguments'
  | 'condition.not_literal'
  | 'condition.unknown_event'
  | 'condition.bad_duration'
  | 'condition.bad_instant'
  | 'condition.regex'
  | 'condition.nested_macro'
  | 'condition.unsupported'
  | 'condition.type'
  | 'condition.not_bool';

/** One mistake: a sentence, and its position as offsets in the condition's text. */
export interface ConditionError {
  readonly code: ConditionErrorCode;
  readonly message: string;
  readonly start: number;
  readonly end: number;
}

/** Everything a condition can ask about; what is not here cannot change its verdict. */
export interface Reads {
  /** It reads the Worker: an attribute, `sid` or `friendly_name`. */
  readonly worker: boolean;
  /** Dotted attribute paths, e.g. `team`, `address.city`. */
  readonly attributes: readonly string[];
  readonly activity: boolean;
  /** Worker Channels by unique name. */
  readonly channels: readonly string[];
  /** It reads `channels` as a whole. */
  readonly allChannels: boolean;
  readonly queues: readonly string[];
  readonly groups: readonly string[];
  /** Groups whose load it reads, so that their Workers' channels have to be read. */
  readonly groupLoads: readonly string[];
  readonly counts: readonly { readonly type: string; readonly windowMs: number }[];
  /** It reads `now`, so its verdict can change by time alone. */
  readonly now: boolean;
  /** It reads `activity.since` or `activity.available_since`. */
  readonly since: boolean;
}

/** A name written in the condition, for checks that it exists. */
export interface Mention {
  readonly kind: 'channel' | 'queue' | 'group' | 'event' | 'attribute';
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

export interface Condition {
  readonly text: string;
  readonly scope: ConditionScope;
  readonly reads: Reads;
  /** It names a Worker fact (worker, activity, channel, count): judged for each Worker. */
  readonly perWorker: boolean;
  readonly mentions: readonly Mention[];
  /** The compiled form; only `evaluate` calls it. */
  readonly program: Program;
}

export interface Program {
  judge(facts: Facts, countSince: number | undefined): Judgement;
  trace(facts: Facts, countSince: number | undefined): Trace;
}

export type Verdict = 'holds' | 'fails' | 'unknown';

export interface Judgement {
  readonly verdict: Verdict;
  /** Why it is unknown, one sentence per reason; empty otherwise. */
  readonly unknown: readonly string[];
}

/** One logical part of a condition with its own verdict and the facts that were seen. */
export interface Trace {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly verdict: Verdict;
  /** e.g. `queue.Support.waiting = 18`; empty where `children` carry them. */
  readonly values: readonly string[];
  readonly children: readonly Trace[];
}

export interface Evaluation extends Judgement {
  /** Only when asked for. */
  readonly trace?: Trace;
}

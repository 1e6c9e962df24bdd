// Conditions in CEL: checked when rules load, judged holds, fails or unknown. A missing fact makes
// only the smallest logical part unknown; `&&`, `||` and `!` follow Kleene logic, in either order.

import { type Facts, isUnknown, type Known } from '../facts.ts';
import { compileLogic, type Logic } from './compile.ts';
import { parseCel } from './parse.ts';
import type { CompileContext } from './term.ts';
import { traceOf } from './trace.ts';
import type {
  Condition,
  ConditionError,
  ConditionScope,
  Evaluation,
  Judgement,
  Program,
  Reads,
} from './types.ts';
import { Gap } from './values.ts';

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
} from './types.ts';

export type Compiled =
  | { readonly ok: true; readonly condition: Condition }
  | { readonly ok: false; readonly errors: readonly ConditionError[] };

/** Parses and type-checks; all distinguishable mistakes are returned at once. */
export function compileCondition(text: string, scope: ConditionScope): Compiled {
  const tree = parseCel(text);
  if ('code' in tree) return { ok: false, errors: [tree] };
  const context = newContext(text, scope);
  const logic = compileLogic(tree, context);
  const { errors, mentions } = context;
  if (errors.length > 0) return { ok: false, errors: errors.sort((a, b) => a.start - b.start) };
  const reads = readsOf(context);
  const { worker, activity, channels, allChannels, counts } = reads;
  const perWorker = worker || activity || allChannels || channels.length > 0 || counts.length > 0;
  const program = programOf(logic);
  return { ok: true, condition: { text, scope, reads, perWorker, mentions, program } };
}

function newContext(text: string, scope: ConditionScope): CompileContext {
  return {
    text,
    scope,
    errors: [],
    mentions: [],
    reads: {
      worker: false,
      activity: false,
      allChannels: false,
      now: false,
      since: false,
      attributes: new Set(),
      channels: new Set(),
      queues: new Set(),
      groups: new Set(),
      groupLoads: new Set(),
      counts: [],
    },
    observed: [],
    local: null,
  };
}

function readsOf({ reads }: CompileContext): Reads {
  return {
    ...reads,
    attributes: [...reads.attributes],
    channels: [...reads.channels],
    queues: [...reads.queues],
    groups: [...reads.groups],
    groupLoads: [...reads.groupLoads],
  };
}

const HOLDS: Judgement = Object.freeze({ verdict: 'holds', unknown: [] });
const FAILS: Judgement = Object.freeze({ verdict: 'fails', unknown: [] });

function programOf(logic: Logic): Program {
  const { run } = logic;
  return {
    judge(facts, countSince) {
      const value = run(facts, { local: undefined, countSince });
      if (value === true) return HOLDS;
      return value instanceof Gap ? { verdict: 'unknown', unknown: value.why } : FAILS;
    },
    trace: (facts, countSince) => traceOf(logic, facts, { local: undefined, countSince }),
  };
}

export interface EvaluateOptions {
  readonly trace?: boolean;
  /** Epoch ms; `count` looks no further back than this (a release counts since the claim began). */
  readonly countSince?: number;
}

/** Judges a condition by one consistent set of facts. */
export function evaluate(
  condition: Condition,
  facts: Facts,
  options?: EvaluateOptions,
): Evaluation {
  const judgement = condition.program.judge(facts, options?.countSince);
  if (options?.trace !== true) return judgement;
  const { verdict, unknown } = judgement;
  return { verdict, unknown, trace: condition.program.trace(facts, options.countSince) };
}

/**
 * For `where` and `opt_out`: an absent attribute means no. Unknown only while the Worker itself is.
 */
export function matchesWhere(condition: Condition, facts: Facts): Known<boolean> {
  if (isUnknown(facts.worker)) return facts.worker;
  return condition.program.judge(facts, undefined).verdict === 'holds';
}

// The trace of a condition: each logical part with its verdict and the facts that it saw. The
// verdict of a part is combined from those below it, so a trace evaluates each fact twice, not once
// per level.

import type { Facts } from '../facts.ts';
import type { Logic } from './compile.ts';
import type { Observed } from './term.ts';
import type { Trace, Verdict } from './types.ts';
import { type Frame, Gap, show } from './values.ts';

const NOTHING: readonly never[] = [];

export function traceOf(logic: Logic, facts: Facts, frame: Frame): Trace {
  const { kind, text, start, end } = logic;
  if (kind === 'leaf') {
    const verdict = verdictOf(logic.run(facts, frame));
    const values = seen(logic.observed, facts, frame);
    return { text, start, end, verdict, values, children: NOTHING };
  }
  const children: Trace[] = [];
  for (const part of logic.parts) children.push(traceOf(part, facts, frame));
  return { text, start, end, verdict: combineVerdicts(kind, children), values: NOTHING, children };
}

function verdictOf(value: unknown): Verdict {
  if (value === true) return 'holds';
  return value instanceof Gap ? 'unknown' : 'fails';
}

function combineVerdicts(kind: 'and' | 'or' | 'not', children: readonly Trace[]): Verdict {
  if (kind === 'not') {
    const verdict = children[0]?.verdict ?? 'unknown';
    if (verdict === 'unknown') return verdict;
    return verdict === 'holds' ? 'fails' : 'holds';
  }
  const decisive = kind === 'and' ? 'fails' : 'holds';
  let unknown = false;
  for (const { verdict } of children) {
    if (verdict === decisive) return decisive;
    if (verdict === 'unknown') unknown = true;
  }
  if (unknown) return 'unknown';
  return kind === 'and' ? 'holds' : 'fails';
}

function seen(observed: readonly Observed[], facts: Facts, frame: Frame): readonly string[] {
  if (observed.length === 0) return NOTHING;
  const values: string[] = [];
  for (const { label, type, run } of observed) {
    values.push(`${label} = ${show(run(facts, frame), type)}`);
  }
  return values;
}

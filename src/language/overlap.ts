// `enter` and `exit` that can hold together: no claim begins while both do, which is rarely meant.
// Only plain comparisons of one fact with a number are compared; anything else is ignored.

import type { Condition } from '../core/condition/condition.ts';
import { parseSpan, spanMs } from '../core/schedule/span.ts';
import type { SourceValue } from './source-value.ts';

interface Comparison {
  readonly text: string;
  readonly fact: string;
  readonly low: number;
  readonly lowIncluded: boolean;
  readonly high: number;
  readonly highIncluded: boolean;
}

export function checkOverlap(enter: Condition, exit: Condition, spot: SourceValue): void {
  for (const begins of comparisons(enter.text)) {
    const ends = comparisons(exit.text).find((each) => overlap(begins, each));
    if (ends === undefined) continue;
    const both = `"exit" (${ends.text}) can hold while "enter" (${begins.text}) does`;
    spot.report('when.overlap', `${both}, expected thresholds with a gap between them`);
    return;
  }
}

function overlap(a: Comparison, b: Comparison): boolean {
  if (a.fact !== b.fact) return false;
  const low = Math.max(a.low, b.low);
  const high = Math.min(a.high, b.high);
  if (low !== high) return low < high;
  return [a, b].every(
    (each) => (each.low !== low || each.lowIncluded) && (each.high !== high || each.highIncluded),
  );
}

/** The alternatives of an OR that are single comparisons; none if it has `&&`, `?` or negation. */
function comparisons(text: string): readonly Comparison[] {
  if (/&&|\?|!(?!=)/.test(text)) return [];
  return text.split('||').flatMap((part) => comparison(part.trim()) ?? []);
}

const PLAIN =
  /^([a-z_]+(?:\("[^"]*"(?:, *duration\("[^"]*"\))?\))?(?:\.[a-z_]+)*) *(>=|<=|==|>|<) *(.+)$/;

function comparison(text: string): Comparison | null {
  const [, fact, operator, right] = PLAIN.exec(text) ?? [];
  const value = right === undefined ? null : amountOf(right.trim());
  if (fact === undefined || value === null) return null;
  const low = operator?.startsWith('<') ? Number.NEGATIVE_INFINITY : value;
  const high = operator?.startsWith('>') ? Number.POSITIVE_INFINITY : value;
  const included = operator?.endsWith('=') === true;
  return { text, fact, low, high, lowIncluded: included, highIncluded: included };
}

function amountOf(text: string): number | null {
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Number(text);
  const span = parseSpan(/^duration\("([^"]*)"\)$/.exec(text)?.[1] ?? '');
  return span === null ? null : spanMs(span);
}

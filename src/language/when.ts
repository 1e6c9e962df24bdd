// Conditions over time: `when` with its hold and keep times, and what ends a latched claim.

import { createHash } from 'node:crypto';
import type { Condition } from '../core/condition/condition.ts';
import type { Release, When } from '../core/rules.ts';
import { condition } from './conditions.ts';
import { object } from './mapping.ts';
import { checkOverlap } from './overlap.ts';
import { byKind, map, type Shape } from './shape.ts';
import { durationMs } from './values.ts';

const fact = condition('when');

export const whenFields = {
  enter: { shape: fact, doc: 'The condition that begins the claim.', required: true },
  exit: {
    shape: fact,
    doc: 'The condition that ends it; without it, `enter` no longer holding does.',
  },
  for: { shape: durationMs, doc: '`enter` must hold this long first.' },
  keep: { shape: durationMs, doc: 'The claim stays this long after its end.' },
} as const;

const whenObject = object<typeof whenFields, When>({
  what: 'a when',
  fields: whenFields,
  hints: { if: 'enter', condition: 'enter', until: 'exit', hold: 'for', hold_for: 'for' },
  build: ({ values, spots }) => {
    if (values.enter === undefined) return undefined;
    const { exit = null } = values;
    if (exit !== null && spots.exit !== undefined) checkOverlap(values.enter, exit, spots.exit);
    return whenOf(values.enter, exit, values.for ?? 0, values.keep ?? 0);
  },
});

function whenOf(enter: Condition, exit: Condition | null, forMs: number, keepMs: number): When {
  const written = [enter.text.trim(), exit?.text.trim() ?? null, forMs, keepMs];
  return {
    id: createHash('sha256').update(JSON.stringify(written)).digest('hex').slice(0, 12),
    enter,
    exit,
    forMs,
    keepMs,
    perWorker: enter.perWorker || exit?.perWorker === true,
  };
}

export const when: Shape<When> = byKind<When>('a condition, or a mapping with enter', {
  text: map(fact, (enter) => whenOf(enter, null, 0, 0)),
  map: whenObject,
});

export const releaseFields = {
  after: { shape: durationMs, doc: 'This long after the claim began.' },
  or: { shape: fact, doc: 'Or as soon as this holds; `count` counts since the claim began.' },
} as const;

export const release = object<typeof releaseFields, Release>({
  what: 'a release',
  fields: releaseFields,
  hints: { if: 'or', when: 'or', until: 'or', for: 'after' },
  build: ({ values, spot }) => {
    if (spot.entries().length > 0) {
      return { afterMs: values.after ?? null, or: values.or ?? null };
    }
    spot.report('release.empty', `"${spot.label}" never comes, expected after, or, or both`);
    return undefined;
  },
});

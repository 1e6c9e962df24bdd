// The number that a rule's ramp gives a Worker now: which step it is on, and when the next begins.
// Steps in days are calendar days in the default zone (which may be the Worker's), not hours.

import { readAttribute } from './condition/path.ts';
import { type Attributes, type Facts, isUnknown, type Known } from './facts.ts';
import type { Reason } from './reasons.ts';
import type { Ramp, RuleSet } from './rules.ts';
import { addSpan } from './schedule/span.ts';
import { instantOf, zoneFor } from './schedule/zone.ts';

export interface RampContext {
  readonly rules: RuleSet;
  readonly attributes: Attributes;
  readonly facts: Facts;
  readonly at: number;
}

export interface RampStep {
  /** null: no claim, for `reason`. */
  readonly value: number | null;
  readonly reason: Reason;
  readonly unknown: readonly string[];
  readonly lookAt: number | null;
}

export function rampStep(ramp: Ramp, context: RampContext): RampStep {
  const zone = zoneFor(context.rules.defaults.zone, context.attributes);
  if (isUnknown(zone)) return none('zone.unknown', zone.unknown);
  const since = sinceOf(ramp.since, context, zone);
  if (isUnknown(since)) return none('ramp.unknown', since.unknown);
  const begins = ramp.steps.map((step) => addSpan(since, step.after, zone));
  const next = begins.findIndex((at) => at > context.at);
  const lookAt = next === -1 ? null : (begins[next] ?? null);
  const current = ramp.steps[(next === -1 ? ramp.steps.length : next) - 1];
  // Before the first step (a date still to come) the first step's number already holds.
  const value = (current ?? ramp.steps[0])?.value ?? 'end';
  if (value === 'end') return { value: null, reason: 'ramp.ended', unknown: [], lookAt };
  return { value, reason: 'rule.standing', unknown: [], lookAt };
}

function sinceOf(since: Ramp['since'], context: RampContext, zone: string): Known<number> {
  if (since.kind === 'attribute') {
    const named = `worker.${since.path.join('.')}`;
    const value = readAttribute(context.attributes, since.path);
    if (value === undefined || value === null) return { unknown: `${named} is missing` };
    const at = typeof value === 'string' ? instantOf(value, zone) : null;
    return at ?? { unknown: `${named} is ${JSON.stringify(value)}, not a date or an instant` };
  }
  const { activity } = context.facts;
  const at = since.field === 'since' ? activity.since : activity.availableSince;
  return at ?? { unknown: 'the Worker is not in an available Activity' };
}

function none(reason: Reason, why: string): RampStep {
  return { value: null, reason, unknown: [why], lookAt: null };
}

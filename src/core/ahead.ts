// What time alone will do to one rule for one Worker: when its `during` begins and ends, and when its
// ramp steps. Ramps that count from an Activity are left out: they are a matter of minutes.

import { duringOf } from './during.ts';
import type { Attributes, Facts } from './facts.ts';
import { rampStep } from './ramp.ts';
import type { During, Rule, RuleSet } from './rules.ts';
import type { Zone } from './schedule.ts';

export interface Ahead {
  /** epoch ms */
  readonly at: number;
  /** `begins` and `ends` are its time; a ramp goes from one number to the next, null: no claim. */
  readonly what:
    | { readonly kind: 'begins' | 'ends' }
    | { readonly kind: 'ramp'; readonly from: number | null; readonly to: number | null };
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A schedule of minutes would fill a page; nobody reads so many. */
const MOST = 200;

export function aheadOf(
  rule: Rule,
  rules: RuleSet,
  attributes: Attributes,
  range: Range,
): readonly Ahead[] {
  return [
    ...boundaries(rule, rules, attributes, range),
    ...steps(rule, rules, attributes, range),
  ].sort((a, b) => a.at - b.at);
}

function boundaries(rule: Rule, rules: RuleSet, attributes: Attributes, { from, to }: Range) {
  const found: Ahead[] = [];
  let now = duringOf(rule, { rules, attributes, at: from });
  while (now.lookAt !== null && now.lookAt < to && found.length < MOST) {
    const at = now.lookAt;
    const next = duringOf(rule, { rules, attributes, at });
    if (next.covered !== now.covered) {
      found.push({ at, what: { kind: next.covered ? 'begins' : 'ends' } });
    }
    if (next.lookAt !== null && next.lookAt <= at) break;
    now = next;
  }
  return found;
}

function steps({ ramp }: Rule, rules: RuleSet, attributes: Attributes, { from, to }: Range) {
  const found: Ahead[] = [];
  if (ramp === null || ramp.since.kind !== 'attribute') return found;
  let now = rampStep(ramp, { rules, attributes, facts: noFacts(from), at: from });
  while (now.lookAt !== null && now.lookAt < to && found.length < MOST) {
    const at = now.lookAt;
    const next = rampStep(ramp, { rules, attributes, facts: noFacts(at), at });
    found.push({ at, what: { kind: 'ramp', from: now.value, to: next.value } });
    now = next;
  }
  return found;
}

/** A ramp that counts from an attribute reads no other fact. */
function noFacts(at: number): Facts {
  const unknown = { unknown: 'not asked' };
  return {
    at,
    worker: unknown,
    activity: { name: unknown, available: unknown, since: unknown, availableSince: unknown },
    channels: unknown,
    channel: () => unknown,
    queue: () => unknown,
    group: () => unknown,
    count: () => unknown,
  };
}

/** The attributes on which the answer depends: Workers who agree in them have the same ahead. */
export function asksOf({ during, ramp }: Rule, rules: RuleSet): readonly (readonly string[])[] {
  const zones = pathOf(rules.defaults.zone);
  const own = ramp?.since.kind === 'attribute' ? [ramp.since.path] : [];
  return [...zones, ...own, ...(during === null ? [] : duringPaths(during, rules))];
}

function duringPaths(during: During, rules: RuleSet): readonly (readonly string[])[] {
  switch (during.kind) {
    case 'calendar':
      return [];
    case 'schedule':
      return schedulePaths(during.name, rules);
    case 'attribute':
      return [during.path, ...[...rules.schedules.keys()].flatMap((s) => schedulePaths(s, rules))];
    case 'any':
      return during.of.flatMap((each) => duringPaths(each, rules));
  }
}

function schedulePaths(name: string, rules: RuleSet): readonly (readonly string[])[] {
  const alternatives = rules.schedules.get(name)?.alternatives ?? [];
  return alternatives.flatMap(({ zone }) => (zone === null ? [] : pathOf(zone)));
}

function pathOf(zone: Zone): readonly (readonly string[])[] {
  return zone.kind === 'worker' ? [zone.path] : [];
}

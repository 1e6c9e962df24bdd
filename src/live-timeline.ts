// What `GET /api/v1/timeline` answers: what time alone will do in the next hours, rule by rule, with
// how many Workers it is for.

import type { ControlDeps } from './control/deps.ts';
import { stateOf } from './control/records.ts';
import { type Ahead, aheadOf, asksOf } from './core/ahead.ts';
import { readAttribute } from './core/condition-path.ts';
import { isMeant } from './core/decide.ts';
import { type Attributes, isUnknown } from './core/facts.ts';
import type { Rule, RuleSet } from './core/rules.ts';
import { zoneFor } from './core/schedule-zone.ts';
import type { WorkerState } from './core/state.ts';

export interface TimelineView {
  /** ISO instant. */
  readonly at: string;
  readonly hours: number;
  /** The zone of the rule set; null: each Worker has its own. */
  readonly zone: string | null;
  readonly ahead: readonly AheadView[];
  readonly looked: number;
  /** Whether there are more Workers than were looked at. */
  readonly more: boolean;
}

export interface AheadView {
  readonly at: string;
  readonly rule: string;
  readonly kind: 'begins' | 'ends' | 'ramp';
  /** Of a ramp, its numbers; null: no claim. */
  readonly from: number | null;
  readonly to: number | null;
  readonly workers: number;
  /** The names of some of them. */
  readonly some: readonly string[];
}

const LIMITS = { workers: 5_000, page: 100, entries: 400, names: 3, hours: 24 } as const;

export async function timelineNow(deps: ControlDeps, rules: RuleSet): Promise<TimelineView> {
  const at = deps.clock.now();
  const range = { from: at, to: at + LIMITS.hours * 3_600_000 };
  const timed = rules.rules.filter((rule) => rule.during !== null || rule.ramp !== null);
  const known = new Map<string, readonly Ahead[]>();
  const found = new Map<string, AheadView>();
  const world = deps.world();
  let looked = 0;
  let cursor: string | undefined;
  let more = timed.length > 0;
  while (more && looked < LIMITS.workers) {
    const page = await deps.store.listWorkers(LIMITS.page, cursor);
    for (const { value } of page.workers) {
      const state = stateOf(value);
      const attributes = state.attributes?.value ?? null;
      if (attributes === null || state.gone !== null) continue;
      for (const rule of timed) {
        if (isMeant(rule.who, { rules, state }, world, at) !== true) continue;
        const key = keyOf(rule, rules, attributes);
        const ahead = known.get(key) ?? aheadOf(rule, rules, attributes, range);
        known.set(key, ahead);
        for (const each of ahead) add(found, rule, each, state);
      }
    }
    looked += page.workers.length;
    cursor = page.next ?? undefined;
    more = page.next !== null;
  }
  const ahead = [...found.values()].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const zone = zoneFor(rules.defaults.zone, {});
  return {
    at: iso(at),
    hours: LIMITS.hours,
    zone: isUnknown(zone) ? null : zone,
    ahead: ahead.slice(0, LIMITS.entries),
    looked,
    more,
  };
}

function keyOf(rule: Rule, rules: RuleSet, attributes: Attributes): string {
  const asked = asksOf(rule, rules).map((path) => readAttribute(attributes, path) ?? null);
  return `${rule.name} ${JSON.stringify(asked)}`;
}

function add(
  found: Map<string, AheadView>,
  rule: Rule,
  { at, what }: Ahead,
  state: WorkerState,
): void {
  const [from, to] = what.kind === 'ramp' ? [what.from, what.to] : [null, null];
  const key = `${at} ${rule.name} ${what.kind} ${from} ${to}`;
  const before = found.get(key);
  const some = before?.some ?? [];
  const name = state.name?.value ?? state.sid;
  found.set(key, {
    ...{ at: iso(at), rule: rule.name, kind: what.kind, from, to },
    workers: (before?.workers ?? 0) + 1,
    some: some.length < LIMITS.names ? [...some, name] : some,
  });
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

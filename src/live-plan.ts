// What would be written now, as a diff: every Worker on record is decided and planned as its next
// pass would, and nothing is changed. Bounded: a page looks at so many Workers and no more.

import type { ControlDeps } from './control/deps.ts';
import { handsOff } from './control/hands.ts';
import { describe } from './control/journal.ts';
import { stateOf } from './control/records.ts';
import type { RuleSet } from './core/rules.ts';
import type { WorkerState } from './core/state.ts';
import { look } from './core/step.ts';

export interface PlannedView {
  readonly worker: string;
  readonly friendlyName: string | null;
  readonly channel: string;
  readonly from: { readonly capacity?: number; readonly available?: boolean };
  readonly to: { readonly capacity?: number; readonly available?: boolean };
  readonly reason: string;
  readonly rule: string | null;
  /** `1 → 3`, in a person's words. */
  readonly text: string;
  /** Why it is not written now, or null. */
  readonly held: 'observe' | 'paused' | 'released' | null;
}

export interface RefusedView {
  readonly worker: string;
  readonly friendlyName: string | null;
  readonly channel: string;
  readonly reason: string;
  /** ISO instant; null: not by time alone. */
  readonly until: string | null;
}

export interface PlanPage {
  /** ISO instant at which it was looked. */
  readonly at: string;
  /** The rule set in force. */
  readonly set: string;
  readonly plan: readonly PlannedView[];
  /** What guardrails hold back. */
  readonly refused: readonly RefusedView[];
  /** Workers of this page about whom something has to be read first. */
  readonly unread: number;
  readonly looked: number;
  readonly next: string | null;
}

const PLAN_LIMITS = {
  /** Workers looked at for one page. */
  workers: 2_000,
  page: 100,
} as const;

export async function planNow(
  deps: ControlDeps,
  rules: RuleSet,
  query: { readonly limit: number; readonly cursor?: string },
): Promise<PlanPage> {
  const at = deps.clock.now();
  const plan: PlannedView[] = [];
  const refused: RefusedView[] = [];
  let [looked, unread] = [0, 0];
  let cursor: string | undefined = query.cursor;
  let next: string | null = null;
  do {
    const page = await deps.store.listWorkers(PLAN_LIMITS.page, cursor);
    for (const { value } of page.workers) {
      const found = lookAt(stateOf(value), rules, at, deps);
      plan.push(...found.plan);
      refused.push(...found.refused);
      if (found.unread) unread += 1;
    }
    looked += page.workers.length;
    next = page.next;
    cursor = page.next ?? undefined;
  } while (next !== null && looked < PLAN_LIMITS.workers && plan.length < query.limit);
  return { at: iso(at), set: rules.id, plan, refused, unread, looked, next };
}

function lookAt(state: WorkerState, rules: RuleSet, at: number, deps: ControlDeps) {
  const { decision, writes, refusals } = look(rules, state, deps.world(), at);
  const who = { worker: state.sid, friendlyName: state.name?.value ?? null };
  return {
    unread: decision.needs.worker || decision.needs.channels,
    plan: writes.map(({ channel, from, to, reason, rule }): PlannedView => {
      const text = `${describe(from)} → ${describe(to)}`;
      return {
        ...who,
        channel,
        from,
        to,
        reason,
        rule,
        text,
        held: handsOff(state.sid, channel, deps),
      };
    }),
    refused: refusals.map(({ channel, reason, until }): RefusedView => {
      return { ...who, channel, reason, until: until === null ? null : iso(until) };
    }),
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

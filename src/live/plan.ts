// What would be written now, as a diff: every Worker on record is decided and planned as in its
// next pass, and nothing is changed. Bounded: a page looks at a limited number of Workers.

import type { ControlDeps } from '../control/deps.ts';
import { handsOff } from '../control/hands-off.ts';
import { describeSetting } from '../control/journal.ts';
import { stateOf } from '../control/records.ts';
import { iso } from '../core/instants.ts';
import type { PlannedWrite, Refusal } from '../core/plan.ts';
import type { RuleSet } from '../core/rules.ts';
import { type PassOutcome, planPass } from '../core/simulated-pass.ts';
import type { WorkerState } from '../core/state.ts';

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
  /** ISO instant; null: time alone does not end it. */
  readonly until: string | null;
}

export interface PlanPage {
  /** ISO instant of the look. */
  readonly at: string;
  /** The rule set in force. */
  readonly set: string;
  readonly plan: readonly PlannedView[];
  /** What guardrails hold back. */
  readonly refused: readonly RefusedView[];
  /** Workers of this page for whom something has to be read first. */
  readonly unread: number;
  /** Workers looked at for this page. */
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
  const passes: Looked[] = [];
  let [looked, writes] = [0, 0];
  let cursor: string | undefined = query.cursor;
  let next: string | null = null;
  do {
    const page = await deps.store.listWorkers(PLAN_LIMITS.page, cursor);
    for (const { value } of page.workers) {
      const state = stateOf(value);
      const found = planPass(rules, state, deps.world(), at);
      passes.push({ ...found, state });
      writes += found.writes.length;
    }
    looked += page.workers.length;
    next = page.next;
    cursor = page.next ?? undefined;
  } while (next !== null && looked < PLAN_LIMITS.workers && writes < query.limit);
  const views = await viewsOf(passes, deps);
  return { at: iso(at), set: rules.id, ...views, looked, next };
}

interface Looked extends PassOutcome {
  /** As it is on record. */
  readonly state: WorkerState;
}

async function viewsOf(passes: readonly Looked[], deps: ControlDeps) {
  const mayWrite = ({ state, writes }: Looked) =>
    writes.filter(({ channel }) => handsOff(state.sid, channel, deps) === null);
  const asking = passes.filter((each) => mayWrite(each).length > 0);
  const answers = await deps.guard?.preview(
    asking.map((each) => ({ state: each.state, writes: mayWrite(each) })),
  );
  const unread = passes.filter(({ decision: { needs } }) => needs.worker || needs.channels);
  return {
    plan: passes.flatMap((each) => {
      const refused = answers?.get(each.state.sid)?.refused ?? [];
      const channels = new Set(refused.map(({ channel }) => channel));
      const writes = each.writes.filter(({ channel }) => !channels.has(channel));
      return writes.map((write) => planned(each.state, write, deps));
    }),
    refused: passes.flatMap(({ state, refusals }) =>
      [...refusals, ...(answers?.get(state.sid)?.refused ?? [])].map((refusal) =>
        refusedView(state, refusal),
      ),
    ),
    unread: unread.length,
  };
}

function who({ sid, name }: WorkerState) {
  return { worker: sid, friendlyName: name?.value ?? null };
}

function planned(state: WorkerState, write: PlannedWrite, deps: ControlDeps): PlannedView {
  const { channel, from, to, reason, rule } = write;
  const text = `${describeSetting(from)} → ${describeSetting(to)}`;
  const held = handsOff(state.sid, channel, deps);
  return { ...who(state), channel, from, to, reason, rule, text, held };
}

function refusedView(state: WorkerState, { channel, reason, until }: Refusal): RefusedView {
  return { ...who(state), channel, reason, until: until === null ? null : iso(until) };
}

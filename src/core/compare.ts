// Compares what two rule sets would make of a Worker's channels. Both are stepped ahead over the
// same range; for each channel, the first instant at which they differ is reported.

import { floorMembershipsOf } from './guardrails/floor-memberships.ts';
import {
  type Future,
  type LookaheadInstant,
  type LookaheadRange,
  lookaheadInstants,
} from './lookahead.ts';
import type { WorkerState } from './state.ts';

export interface Setting {
  readonly capacity: number;
  readonly available: boolean;
}

export interface Difference {
  readonly channel: string;
  /** The first instant at which they differ, epoch ms. */
  readonly at: number;
  /** The setting under the `before` set, and under the `after` set. */
  readonly before: Setting;
  readonly after: Setting;
  /**
   * The decisive rule of the `after` set; if it has none, of the `before` set; null: neither has.
   */
  readonly rule: string | null;
}

export interface RuleSetComparison {
  readonly differences: readonly Difference[];
  /**
   * For the `keep_open` guardrails of the `after` set: the Worker's standing from each instant on.
   */
  readonly memberships: readonly { readonly at: number; readonly memberships: readonly string[] }[];
  /** Complete for both sets up to here, epoch ms. */
  readonly until: number;
  readonly steps: number;
  /** Something has to be read first. */
  readonly unread: boolean;
}

interface LookaheadRun {
  readonly instants: readonly LookaheadInstant[];
  readonly until: number;
  readonly steps: number;
}

/**
 * `before` null: there were no rules, so everything stays as it is. Step by step, as `lookaheadOf`.
 */
export function* compareRuleSets(
  state: WorkerState,
  { before, after }: { readonly before: Future | null; readonly after: Future },
  range: LookaheadRange,
): Generator<void, RuleSetComparison, void> {
  const old = before === null ? null : yield* lookaheadRun(state, before, range);
  const next = yield* lookaheadRun(state, after, range);
  const until = Math.min(old?.until ?? range.to, next.until);
  const found = new Map<string, Difference>();
  const times = [...(old?.instants ?? []), ...next.instants].map(({ at }) => at);
  for (const at of [...new Set(times)].sort((a, b) => a - b)) {
    if (at >= until && at > range.from) break;
    const was = old === null ? null : latest(old, at);
    for (const each of differences(state, was, latest(next, at), at)) {
      if (!found.has(each.channel)) found.set(each.channel, each);
    }
  }
  return {
    differences: [...found.values()],
    memberships: membershipsOver(next, after),
    until,
    steps: next.steps + (old?.steps ?? 0),
    unread: next.instants.some(({ unread }) => unread),
  };
}

function* lookaheadRun(
  state: WorkerState,
  future: Future,
  range: LookaheadRange,
): Generator<void, LookaheadRun, void> {
  const instants: LookaheadInstant[] = [];
  const walk = lookaheadInstants(state, future, range);
  for (;;) {
    const { done, value } = walk.next();
    if (done) return { instants, ...value };
    instants.push(value);
    yield;
  }
}

/** Not null for an `at` within the range: a course begins with an instant at its start. */
function latest({ instants }: LookaheadRun, at: number): LookaheadInstant | null {
  return instants.findLast((each) => each.at <= at) ?? null;
}

function differences(
  start: WorkerState,
  was: LookaheadInstant | null,
  is: LookaheadInstant | null,
  at: number,
): readonly Difference[] {
  return Object.keys(start.channels).flatMap((channel) => {
    const before = settingOf(was?.state ?? start, channel);
    const after = settingOf(is?.state ?? start, channel);
    if (before === null || after === null) return [];
    const [capacity, available] = [
      before.capacity !== after.capacity,
      before.available !== after.available,
    ];
    if (!capacity && !available) return [];
    const field = capacity ? 'capacity' : 'available';
    const rule = decidingRule(is, channel, field) ?? decidingRule(was, channel, field);
    return [{ channel, at, before, after, rule }];
  });
}

function settingOf({ channels }: WorkerState, channel: string): Setting | null {
  const observed = channels[channel]?.observed ?? null;
  return observed && { capacity: observed.capacity, available: observed.available };
}

function decidingRule(
  instant: LookaheadInstant | null,
  channel: string,
  field: keyof Setting,
): string | null {
  const found = instant?.decision.channels.find((each) => each.channel === channel);
  return found?.desired[field].by.at(-1) ?? null;
}

function membershipsOver(
  { instants }: LookaheadRun,
  { rules, world }: Future,
): RuleSetComparison['memberships'] {
  if (rules.guardrails.keepOpen.length === 0) return [];
  const changes: { readonly at: number; readonly memberships: readonly string[] }[] = [];
  for (const { at, state } of instants) {
    const memberships = floorMembershipsOf(
      rules,
      state,
      world(at),
      at,
      changes.at(-1)?.memberships ?? [],
    );
    if (changes.at(-1)?.memberships.join() !== memberships.join())
      changes.push({ at, memberships });
  }
  return changes;
}

// What `GET /api/v1/signals` answers: each TaskQueue that rules name, over the last hours, with the
// thresholds of their conditions and the periods in which they held.

import { type Point, QueueHistory } from '../control/queue-history.ts';
import { isUnknown, type Known, type QueueFacts } from '../core/facts.ts';
import { iso } from '../core/instants.ts';
import {
  type ClaimInterval,
  claimIntervals,
  type QueueSnapshot,
  queuesRead,
} from '../core/replay.ts';
import type { Rule, RuleSet } from '../core/rules.ts';
import { parseSpan, spanMs } from '../core/schedule/span.ts';
import type { Store } from '../ports.ts';

export interface SignalsView {
  /** ISO instant. */
  readonly at: string;
  readonly queues: readonly QueueSignal[];
  readonly rules: readonly RuleSignal[];
}

export interface QueueSignal {
  readonly queue: string;
  /** Why its statistics are not known now, a sentence; null: they are known. */
  readonly unknown: string | null;
  /** Minute (epoch ms), waiting, longest wait in ms, eligible, available Workers; oldest first. */
  readonly points: readonly Point[];
  readonly lines: readonly LineView[];
}

/** One comparison that a condition makes with a number of the TaskQueue. */
export interface LineView {
  readonly rule: string;
  readonly condition: 'enter' | 'exit' | 'release';
  readonly field: 'waiting' | 'longest_wait' | 'eligible' | 'available_workers';
  readonly operator: string;
  /** A number, or ms. */
  readonly value: number;
}

export interface RuleSignal {
  readonly rule: string;
  readonly queues: readonly string[];
  /** Whether it claims now; null: each Worker has its own answer, or it was not judged yet. */
  readonly holds: boolean | null;
  /**
   * When it held, as ISO instants, according to the rules in force and the values kept, to the
   * minute; null: each Worker has its own answer.
   */
  readonly bands: readonly (readonly [string, string | null])[] | null;
}

export interface SignalSources {
  readonly store: Store;
  readonly rules: RuleSet;
  readonly at: number;
  readonly hours: number;
  queue(name: string): Known<QueueFacts>;
  /** null: not known. */
  claims(rule: Rule): boolean | null;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export async function signalsNow(from: SignalSources): Promise<SignalsView> {
  const { rules, at } = from;
  const naming = rules.rules.filter((rule) => queuesRead(rule).length > 0);
  const names = [...new Set(naming.flatMap(queuesRead))].sort();
  const kept = await new QueueHistory(from.store).lastDay(at);
  const bands = claimIntervals(rules, momentsOf(kept));
  const since = at - from.hours * HOUR_MS;
  return {
    at: iso(at),
    queues: names.map((queue) => {
      const facts = from.queue(queue);
      return {
        queue,
        unknown: isUnknown(facts) ? facts.unknown : null,
        points: (kept.get(queue) ?? []).filter(([minute]) => minute >= since),
        lines: naming.flatMap((rule) => linesOf(rule, queue)),
      };
    }),
    rules: naming.map((rule) => {
      const held = bands.get(rule.name);
      const holds = held === undefined ? null : from.claims(rule);
      const recent = held && agreeing(held, holds, at).filter(([, to]) => (to ?? at) >= since);
      return {
        rule: rule.name,
        queues: queuesRead(rule),
        holds,
        bands:
          recent?.map(([a, b]: ClaimInterval) => [iso(a), b === null ? null : iso(b)] as const) ??
          null,
      };
    }),
  };
}

/**
 * Bands are judged anew from values to the minute, the rule itself from every reading and with its
 * pauses. Whether it holds now is known, so the last band agrees with that.
 */
function agreeing(
  bands: readonly ClaimInterval[],
  holds: boolean | null,
  at: number,
): readonly ClaimInterval[] {
  const last = bands.at(-1);
  const open = last !== undefined && last[1] === null;
  if (holds === null || holds === open) return bands;
  if (open) return [...bands.slice(0, -1), [last[0], at]];
  return [...bands, [Math.max(last?.[1] ?? 0, at - MINUTE_MS), null]];
}

function momentsOf(kept: ReadonlyMap<string, readonly Point[]>): readonly QueueSnapshot[] {
  const byMinute = new Map<number, Record<string, QueueFacts>>();
  for (const [queue, points] of kept) {
    for (const [at, waiting, longestWaitMs, eligible, availableWorkers] of points) {
      const queues = byMinute.get(at) ?? {};
      queues[queue] = { waiting, longestWaitMs, eligible, availableWorkers };
      byMinute.set(at, queues);
    }
  }
  return [...byMinute].sort(([a], [b]) => a - b).map(([at, queues]) => ({ at, queues }));
}

const COMPARISON =
  /queue\(\s*(?:"([^"]*)"|'([^']*)')\s*\)\.(waiting|longest_wait|eligible|available_workers)\s*(>=|<=|==|>|<)\s*(?:duration\(\s*["']([^"']+)["']\s*\)|(\d+(?:\.\d+)?))/g;

/** The comparisons written as `queue("Q").field >= number`; others have no line. */
function linesOf({ name, when, release }: Rule, queue: string): readonly LineView[] {
  const conditions = [
    ['enter', when?.enter],
    ['exit', when?.exit],
    ['release', release?.or],
  ] as const;
  return conditions.flatMap(([condition, written]) =>
    [...(written?.text ?? '').matchAll(COMPARISON)].flatMap((found): LineView[] => {
      const [, double, single, field, operator, duration, number] = found;
      if ((double ?? single) !== queue || operator === undefined) return [];
      const span = duration === undefined ? null : parseSpan(duration);
      const value = span === null ? Number(number) : spanMs(span);
      return [{ rule: name, condition, field: field as LineView['field'], operator, value }];
    }),
  );
}

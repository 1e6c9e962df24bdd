// Random histories for the daemon as a process: what happens step by step, and where it is killed.
// They are drawn like those of the loop in memory, but with no hold times, no dwell, and edits that
// are respected beyond the end. So the machine's clock decides nothing.

import fc from 'fast-check';
import type { Rules } from '../model/language.ts';
import { type Delivery, type HistoryEvent, type Plot, plots, type Step } from './steps.ts';

export const KILLS = [
  /** It is dead while it happens, and TaskRouter sends the events again once it is back. */
  'asleep',
  /** It is dead while it happens and never receives the events. */
  'missed',
  /** As soon as the first delivery is answered, while others are in flight. */
  'delivering',
  /** As soon as every delivery is answered. */
  'delivered',
  /** In its next read of Worker Channels. */
  'reading',
  /** In its next write, which never reaches TaskRouter. */
  'writing',
  /** In its next write, once that took effect. */
  'written',
  /** The same, at the very moment of the effect. */
  'taking effect',
] as const;
export type Kill = (typeof KILLS)[number];

export interface KilledStep {
  /** One for each Worker; the first may also be an order that concerns all. */
  readonly what: readonly HistoryEvent[];
  readonly delivery: 'once' | 'twice' | 'turned';
  /** What happens to the events of our own writes. */
  readonly echo: Delivery;
  readonly kill: Kill | null;
}

/** Several Workers' histories under one set of rules, with the same kills. */
export interface KilledPlot {
  readonly rules: Rules;
  readonly capacities: readonly number[];
  readonly steps: readonly KilledStep[];
}

const MOST_STEPS = 6;
const QUIET: HistoryEvent = { kind: 'quiet' };
const BEYOND_S = 7_211;
/** Above anything that rules ask for, so that no edit looks like a write of ours. */
const EDITED = 6;

export function killedPlots(workers: number): fc.Arbitrary<KilledPlot> {
  const others = fc.array(plots, { minLength: workers - 1, maxLength: workers - 1 });
  return fc.tuple(plots, others).map(([first, more]) => killed(first, more));
}

function killed(first: Plot, more: readonly Plot[]): KilledPlot {
  const some = first.steps.slice(0, MOST_STEPS).map((step, index) => {
    const what = happeningOf(step.what, index);
    const others = more.map(({ steps }) => steps[index % steps.length]?.what ?? QUIET);
    return { ...struck(step), what: [what, ...others.map((each) => beside(what, each, index))] };
  });
  const last = some.at(-1);
  if (last !== undefined && some.every(({ kill }) => kill === null)) {
    some[some.length - 1] = { ...last, kill: KILLS[first.capacity % KILLS.length] ?? null };
  }
  const capacities = [first, ...more].map(({ capacity }) => capacity);
  return { rules: timeless(first.rules), capacities, steps: some };
}

function struck({ delivery, echo, dies }: Step): Omit<KilledStep, 'what'> {
  return {
    delivery: delivery === 'twice' ? 'twice' : delivery === 'late' ? 'turned' : 'once',
    echo: echo === 'ahead' ? 'now' : echo,
    kill: dies === null ? null : (KILLS[dies % KILLS.length] ?? null),
  };
}

/** Orders come from the first and stand alone: anything else might come before or after them. */
function beside(first: HistoryEvent, what: HistoryEvent, index: number): HistoryEvent {
  return isOrder(first) || isOrder(what) ? QUIET : happeningOf(what, index);
}

function isOrder({ kind }: HistoryEvent): boolean {
  return kind === 'reload' || kind === 'pause';
}

function happeningOf(what: HistoryEvent, index: number): HistoryEvent {
  switch (what.kind) {
    case 'edit':
      return { kind: 'edit', channel: what.channel, capacity: EDITED + index };
    case 'reload':
      return { kind: 'reload', rules: timeless(what.rules) };
    case 'away':
    case 'clock-back':
    case 'restart':
    case 'resync':
      return { kind: 'quiet' };
    case 'quiet':
    case 'activity':
    case 'attributes':
    case 'task':
    case 'done':
    case 'pause':
      return what;
  }
}

function timeless(rules: Rules): Rules {
  return {
    ...rules,
    respectS: BEYOND_S,
    dwellS: 0,
    rules: rules.rules.map((rule) => ({
      ...rule,
      during: null,
      when: rule.when === null ? null : { ...rule.when, forS: 0, keepS: 0 },
      release: rule.release?.or ? { afterS: null, or: rule.release.or } : null,
    })),
  };
}

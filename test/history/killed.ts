// Random histories for the daemon as a process: what happens step by step, and where it is killed. They
// are drawn as those of the loop in memory are, without what would only take time: no hold times, no
// dwell, and edits that are respected beyond the end. So the clock of the machine decides nothing.

import type fc from 'fast-check';
import type { Rules } from '../model/language.ts';
import { type Delivery, type Happening, type Plot, plots, type Step } from './steps.ts';

export const KILLS = [
  /** It is dead while it happens, and TaskRouter sends the events again once it is back. */
  'asleep',
  /** It is dead while it happens and never hears of it. */
  'missed',
  /** As soon as the first delivery is answered, others being on their way. */
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
  readonly what: Happening;
  readonly delivery: 'once' | 'twice' | 'turned';
  /** What becomes of the events of our own writes. */
  readonly echo: Delivery;
  readonly kill: Kill | null;
}

export interface KilledPlot {
  readonly rules: Rules;
  readonly capacity: number;
  readonly steps: readonly KilledStep[];
}

const MOST_STEPS = 6;
const BEYOND_S = 7_211;
/** Above all that rules ask for, so that no edit looks like a write of ours. */
const EDITED = 6;

export const killedPlots: fc.Arbitrary<KilledPlot> = plots.map(killed);

function killed({ rules, capacity, steps }: Plot): KilledPlot {
  const some = steps.slice(0, MOST_STEPS).map(stepOf);
  const last = some.at(-1);
  if (last !== undefined && some.every(({ kill }) => kill === null)) {
    some[some.length - 1] = { ...last, kill: KILLS[capacity % KILLS.length] ?? null };
  }
  return { rules: timeless(rules), capacity, steps: some };
}

function stepOf({ what, delivery, echo, dies }: Step, index: number): KilledStep {
  return {
    what: happeningOf(what, index),
    delivery: delivery === 'twice' ? 'twice' : delivery === 'late' ? 'turned' : 'once',
    echo: echo === 'ahead' ? 'now' : echo,
    kill: dies === null ? null : (KILLS[dies % KILLS.length] ?? null),
  };
}

function happeningOf(what: Happening, index: number): Happening {
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

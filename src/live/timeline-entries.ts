// One entry of the timeline: a change at an instant, as fields and as a sentence.

import { describeSetting } from '../control/journal.ts';
import type { Pause } from '../control/pauses.ts';
import { unreachable } from '../core/exhaustive.ts';
import { iso } from '../core/instants.ts';
import type { LookaheadEntry, LookaheadEvent } from '../core/lookahead.ts';
import type { Change } from '../core/plan.ts';
import { REASONS, type Reason } from '../core/reasons.ts';

export interface TimelineEntry {
  readonly at: string;
  readonly kind: LookaheadEvent['kind'] | 'pause_ends';
  readonly rule: string | null;
  /** The Worker Channel's unique name. */
  readonly channel: string | null;
  /** Of a ramp, its numbers; null: no claim. */
  readonly from: number | null;
  readonly to: number | null;
  /** Of a write, the fields that change. */
  readonly change: { readonly from: Change; readonly to: Change } | null;
  readonly reason: Reason | null;
  /** The whole entry in words. */
  readonly text: string;
  /** Depends on a condition whose facts may have changed by then. */
  readonly conditional: boolean;
  readonly workers: number;
  /** The names of some of them. */
  readonly some: readonly string[];
}

const NOTHING = {
  ...{ rule: null, channel: null, from: null, to: null, change: null, reason: null },
  ...{ conditional: false, workers: 0, some: [] },
} as const;

export function pauseEndEntry({ rule, worker, channel }: Pause, until: number): TimelineEntry {
  const over = worker === null ? 'everything' : [worker, channel].filter(Boolean).join(' ');
  return {
    ...{ ...NOTHING, at: iso(until), kind: 'pause_ends', rule, channel },
    text: `the pause of ${rule ?? over} ends`,
    some: worker === null ? [] : [worker],
  };
}

export function timelineEntry({ at, event, conditional }: LookaheadEntry): TimelineEntry {
  const view = { ...NOTHING, at: iso(at), conditional, text: textOf(event) };
  if (event.kind !== 'write') return { ...view, ...event };
  const { from, to, ...rest } = event;
  return { ...view, ...rest, change: { from, to } };
}

function textOf(event: LookaheadEvent): string {
  switch (event.kind) {
    case 'begins':
    case 'ends':
      return `${event.rule} ${event.kind}`;
    case 'claims':
      return `${event.rule} claims${event.reason === 'limit.waiting' ? ', within its limit' : ''}`;
    case 'lets_go':
      return `${event.rule} stops claiming`;
    case 'ramp':
      return `${event.rule} ramps from ${event.from ?? 'no limit'} to ${event.to ?? 'no limit'}`;
    case 'edit_ends':
      return `the manual edit of ${event.channel} expires`;
    case 'contest_ends':
      return `${event.channel} is no longer contested`;
    case 'write': {
      const why = event.rule ?? reasonText(event.reason);
      return `${event.channel} ${describeSetting(event.from)} → ${describeSetting(event.to)} (${why})`;
    }
    default:
      return unreachable(event);
  }
}

/** The sentence of a reason is about the past; this entry is about the future. */
function reasonText(reason: Reason): string {
  if (reason === 'baseline.restored') return 'restored to baseline';
  return REASONS[reason];
}

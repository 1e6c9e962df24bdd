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

export function timelineEntry({ at, turn, conditional }: LookaheadEntry): TimelineEntry {
  const view = { ...NOTHING, at: iso(at), conditional, text: textOf(turn) };
  if (turn.kind !== 'write') return { ...view, ...turn };
  const { from, to, ...rest } = turn;
  return { ...view, ...rest, change: { from, to } };
}

function textOf(turn: LookaheadEvent): string {
  switch (turn.kind) {
    case 'begins':
    case 'ends':
      return `${turn.rule} ${turn.kind}`;
    case 'claims':
      return `${turn.rule} claims${turn.reason === 'limit.waiting' ? ', within its limit' : ''}`;
    case 'lets_go':
      return `${turn.rule} stops claiming`;
    case 'ramp':
      return `${turn.rule} ramps from ${turn.from ?? 'no limit'} to ${turn.to ?? 'no limit'}`;
    case 'edit_ends':
      return `the manual edit of ${turn.channel} expires`;
    case 'contest_ends':
      return `${turn.channel} is no longer contested`;
    case 'write': {
      const why = turn.rule ?? reasonText(turn.reason);
      return `${turn.channel} ${describeSetting(turn.from)} → ${describeSetting(turn.to)} (${why})`;
    }
    default:
      return unreachable(turn);
  }
}

/** The sentence of a reason is about the past; this entry is about the future. */
function reasonText(reason: Reason): string {
  if (reason === 'baseline.restored') return 'restored to baseline';
  return REASONS[reason];
}

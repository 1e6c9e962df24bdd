// Restores Worker Channels because a person asked for it: every field that headroom holds goes to
// its baseline, whatever rules ask, unless a person's edit is respected or the baseline is unknown.

import type { ChannelDecision } from './decide.ts';
import { type Edits, foldStart } from './desired-setting.ts';
import { isContested } from './observe.ts';
import type { PlannedWrite } from './plan.ts';
import {
  type ChannelState,
  channelIn,
  type Edit,
  type FieldState,
  type WorkerState,
  withChannel,
} from './state.ts';

export interface ReleaseResult {
  readonly state: WorkerState;
  readonly writes: readonly PlannedWrite[];
  /** Channels that stay as they are for lack of a baseline. */
  readonly unknownBaseline: readonly string[];
}

/** People's edits whose time is not over, where no rules can end them earlier. */
export function liveEdits({ capacity, available }: ChannelState, at: number): Edits {
  const live = <T>(edit: Edit<T> | null) =>
    edit !== null && (edit.until === null || at < edit.until) ? edit : null;
  return { capacity: live(capacity.edit), available: live(available.edit) };
}

/** `channels`: those to be restored. Safe to repeat. */
export function releaseChannels(
  state: WorkerState,
  channels: readonly Pick<ChannelDecision, 'channel' | 'edits'>[],
  declaredBaselines: ReadonlyMap<string, number>,
  at: number,
): ReleaseResult {
  let next = state;
  const writes: PlannedWrite[] = [];
  const unknownBaseline: string[] = [];
  for (const { channel: name, edits } of channels) {
    const before = channelIn(state, name);
    // What has to be read first is read by the pass, which then tries again.
    if (!before?.observed || before.stale || before.intent !== null) continue;
    const { observed } = before;
    const declared = declaredBaselines.get(name) ?? null;
    const open = declared === null ? null : true;
    const theirs = isContested(before, at);
    const pending = (field: string) => before.writes.some((w) => w.field === field && !w.landed);
    const capacity = releaseField(before.capacity, {
      ...{ declared, observed: observed.capacity, edit: edits.capacity, contested: theirs },
      unsure: pending('capacity'),
    });
    const available = releaseField(before.available, {
      ...{ declared: open, observed: observed.available, edit: edits.available, contested: theirs },
      unsure: pending('available'),
    });
    if (capacity.unknown || available.unknown) unknownBaseline.push(name);
    next = withChannel(next, name, { capacity: capacity.field, available: available.field });
    const from = { ...capacity.from('capacity'), ...available.from('available') };
    const to = { ...capacity.to('capacity'), ...available.to('available') };
    if (Object.keys(to).length > 0) writes.push(restore(name, from, to));
  }
  return { state: next, writes, unknownBaseline };
}

function restore(
  channel: string,
  from: PlannedWrite['from'],
  to: PlannedWrite['to'],
): PlannedWrite {
  const lower = to.capacity !== undefined && to.capacity < (from.capacity ?? 0);
  const protective = lower || to.available === false;
  return {
    ...{ channel, from, to, protective },
    ...{ hard: false, reason: 'baseline.restored', rule: null },
  };
}

interface ReleaseInput<T> {
  readonly declared: T | null;
  readonly observed: T;
  readonly edit: Edit<T> | null;
  /** The channel is contested, so it is left to the others. */
  readonly contested: boolean;
  /** An own write whose answer was lost may still land. */
  readonly unsure: boolean;
}

function releaseField<T>(field: FieldState<T>, now: ReleaseInput<T>) {
  const free: FieldState<T> = { baseline: null, claimed: false, edit: null, seenFree: true };
  const home = field.baseline === null ? null : foldStart(field, false, now.declared, now.observed);
  const stay = (after: FieldState<T>, unknown = false) => ({
    ...{ field: after, unknown },
    from: (_: string) => ({}),
    to: (_: string) => ({}),
  });
  if (field.baseline === null) return stay(field);
  if (now.edit !== null || now.contested) return stay({ ...field, baseline: null, edit: now.edit });
  if (home === null) return stay(free, true);
  if (home === now.observed) return stay(now.unsure ? field : free);
  return {
    ...{ field, unknown: false },
    from: (name: string) => ({ [name]: now.observed }),
    to: (name: string) => ({ [name]: home }),
  };
}

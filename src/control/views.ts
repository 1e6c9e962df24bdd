// What the API shows of the control loop, as plain JSON: one Worker with its Worker Channels, the
// state of each and who holds it. Reads only; decides nothing.

import { actorText } from '../core/actor.ts';
import type { Actor } from '../core/event.types.ts';
import { isUnknown } from '../core/facts.ts';
import type { WorkerSid } from '../core/ids.ts';
import { iso } from '../core/instants.ts';
import type { Reason } from '../core/reasons.ts';
import {
  assignedOn,
  type ChannelState,
  type Field,
  type FieldState,
  type WorkerState,
} from '../core/state.ts';
import { activityOf, type Directory } from '../core/worker-facts.ts';
import type { ControlDeps } from './deps.ts';
import { groupNames } from './group-names.ts';
import { refusalOf } from './journal.ts';
import { stateOf } from './records.ts';

export interface WorkerViews {
  workers(query: { limit: number; cursor?: string }): Promise<{
    readonly workers: readonly WorkerView[];
    readonly next: string | null;
  }>;
  worker(sid: WorkerSid): Promise<WorkerView | null>;
}

export interface WorkerView {
  readonly sid: string;
  readonly friendlyName: string | null;
  readonly activity: string | null;
  readonly available: boolean | null;
  /** ISO instant at which the Activity began. */
  readonly since: string | null;
  /** The groups of the rules in force that it is in, as far as that is known. */
  readonly groups: readonly string[];
  readonly channels: readonly ChannelView[];
  /** Rules with a condition that are not idle for this Worker. */
  readonly rules: readonly {
    readonly rule: string;
    readonly phase: string;
    readonly since: string;
  }[];
}

export interface ChannelView {
  readonly channel: string;
  readonly sid: string | null;
  readonly capacity: number | null;
  readonly available: boolean | null;
  readonly assigned: number;
  /** Who sets it: a rule, a person, or nobody. */
  readonly heldBy: 'rule' | 'person' | 'nobody';
  /** The person, e.g. `user Sam`; null: there is none, or TaskRouter has not reported it yet. */
  readonly actor: string | null;
  /** The rules that decide it, while rules hold it. */
  readonly rules: readonly string[];
  /** Why a write is held back, or why the last one failed; null: neither. */
  readonly refused: Reason | null;
  /** What it is restored to; `unknown` if that was never seen, null if it is not held. */
  readonly baseline: {
    readonly capacity: number | 'unknown' | null;
    readonly available: boolean | 'unknown' | null;
  };
  /** ISO instant until which a person's edit is respected; null also if it has no end. */
  readonly respectedUntil: string | null;
  /** Whether a write was sent whose answer is not known yet. */
  readonly unanswered: boolean;
  /** ISO instant of the last read or answered write. */
  readonly asOf: string | null;
}

export interface ViewDeps
  extends Pick<ControlDeps, 'store' | 'records' | 'clock' | 'rules' | 'world'> {
  readonly directory: { current(): Directory };
}

export function workerViews(deps: ViewDeps): WorkerViews {
  return {
    async workers({ limit, cursor }) {
      const page = await deps.store.listWorkers(limit, cursor);
      const workers = page.workers.map((w) => workerView(stateOf(w.value), deps));
      return { workers, next: page.next };
    },
    async worker(sid) {
      const found = await deps.records.load(sid);
      return found === null ? null : workerView(found.state, deps);
    },
  };
}

export function workerView(state: WorkerState, deps: ViewDeps): WorkerView {
  const activity = activityOf(state, deps.directory.current());
  return {
    sid: state.sid,
    friendlyName: state.name?.value ?? null,
    activity: isUnknown(activity.name) ? null : activity.name,
    available: isUnknown(activity.available) ? null : activity.available,
    since: isUnknown(activity.since) ? null : iso(activity.since),
    groups: groupsOf(state, deps),
    channels: Object.entries(state.channels)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, channel]) => channelView(state, name, channel)),
    rules: Object.entries(state.rules).map(([rule, { phase, since }]) => ({
      rule,
      phase,
      since: iso(since),
    })),
  };
}

function groupsOf(state: WorkerState, deps: ViewDeps): readonly string[] {
  const rules = deps.rules();
  if (rules === null) return [];
  return groupNames({ rules, state }, deps.world(), deps.clock.now());
}

function channelView(state: WorkerState, channel: string, held: ChannelState): ChannelView {
  const edits = [held.capacity.edit, held.available.edit].filter((edit) => edit !== null);
  const until = Math.max(0, ...edits.map((edit) => edit.until ?? 0));
  const ruled = isHeld(held.capacity) || isHeld(held.available);
  return {
    channel,
    sid: held.sid,
    capacity: held.observed?.capacity ?? null,
    available: held.observed?.available ?? null,
    assigned: assignedOn(state, channel),
    heldBy: edits.length > 0 ? 'person' : ruled ? 'rule' : 'nobody',
    actor: editorOf(state.sid, held),
    rules: ruled ? (held.by ?? []) : [],
    refused: refusalOf(held.refused),
    baseline: { capacity: baselineOf(held.capacity), available: baselineOf(held.available) },
    respectedUntil: until === 0 ? null : iso(until),
    unanswered: held.intent !== null,
    asOf: held.observed === null ? null : iso(held.observed.asOf),
  };
}

/** Who made the edits in effect; both, if two people did. */
export function editorOf(worker: string, held: ChannelState): string | null {
  const who = (['capacity', 'available'] as const).flatMap((field) => {
    const by = editorOfField(held, field);
    return by === null ? [] : [actorText(by, worker)];
  });
  return who.length === 0 ? null : [...new Set(who)].join(', ');
}

export function editorOfField(held: ChannelState, field: Field): Actor | null {
  const edited = held.edited?.[field];
  return edited !== undefined && edited.at === held[field].edit?.at ? edited.by : null;
}

/** Where headroom must not act, rules claim without holding. */
function isHeld<T>({ claimed, baseline }: FieldState<T>): boolean {
  return claimed && baseline !== null;
}

function baselineOf<T>({ baseline }: FieldState<T>): T | 'unknown' | null {
  return baseline === null || baseline === 'unknown' ? baseline : baseline.value;
}

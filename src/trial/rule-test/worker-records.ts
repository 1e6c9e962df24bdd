// The Workers of a rule test as records of the core, as if headroom had known them for a long time
// and never changed them.

import type { WorkerSid } from '../../core/ids.ts';
import {
  assignedOn,
  type ChannelState,
  newChannel,
  newWorker,
  type ReservationState,
  type WorkerState,
} from '../../core/state.ts';
import type { Directory } from '../../core/worker-facts.ts';
import type { ChannelSpec } from './values.ts';
import type { ActivityDraft } from './workers-and-world.ts';

const DAY_MS = 86_400_000;
/** Longer than any window that `count` may look back over. */
const KNOWN_MS = 30 * DAY_MS;

/** The Activity that a Worker is in where the test says nothing. */
export const AVAILABLE = 'Available';
/** What `activity.available` in a series puts a Worker into when it is false. */
export const UNAVAILABLE = 'Unavailable';

export interface WorkerSpec {
  readonly sid: string;
  readonly friendlyName: string | null;
  readonly activity: ActivityDraft | null;
  readonly channels: ReadonlyMap<string, ChannelSpec>;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** The Activities that a test names; their names are also their SIDs. */
export function directoryOf(drafts: readonly (ActivityDraft | null)[]): Directory {
  const activities: Record<string, { name: string; available: boolean }> = {
    [AVAILABLE]: { name: AVAILABLE, available: true },
    [UNAVAILABLE]: { name: UNAVAILABLE, available: false },
  };
  for (const draft of drafts) {
    if (draft === null) continue;
    const { name, available } = named(draft);
    if (draft.available !== null || !Object.hasOwn(activities, name)) {
      activities[name] = { name, available };
    }
  }
  return { activities };
}

/** Without a name, a default one; unless stated, only `Available` is available. */
export function named(draft: ActivityDraft): {
  readonly name: string;
  readonly available: boolean;
} {
  const name = draft.name ?? (draft.available === false ? UNAVAILABLE : AVAILABLE);
  return { name, available: draft.available ?? name === AVAILABLE };
}

export function workerOf(spec: WorkerSpec, start: number): WorkerState {
  const long = start - KNOWN_MS;
  const { name } = named(spec.activity ?? { name: null, available: null, forMs: null });
  const since = start - (spec.activity?.forMs ?? DAY_MS);
  const state: WorkerState = {
    ...newWorker(spec.sid as WorkerSid, long),
    name: { at: long, sid: '', value: spec.friendlyName ?? spec.sid },
    attributes: { at: long, sid: '', value: spec.attributes },
    activities: [{ at: since, sid: '', activity: name, name, available: null }],
    channels: Object.fromEntries([...spec.channels].map(([key, c]) => [key, channelOf(c, long)])),
    listedAt: long,
  };
  return [...spec.channels].reduce(
    (next, [channel, { assigned = 0 }]) => withAssigned(next, channel, assigned, long),
    state,
  );
}

const FREE = { baseline: null, claimed: false, edit: null, seenFree: true } as const;

function channelOf({ capacity = 1, available = true, assigned = 0 }: ChannelSpec, asOf: number) {
  const channel: ChannelState = {
    ...newChannel(),
    sid: 'WC',
    observed: { capacity, available, assigned, asOf },
    stale: false,
    capacity: FREE,
    available: FREE,
  };
  return channel;
}

/** With exactly `count` accepted Reservations on this channel. */
export function withAssigned(
  state: WorkerState,
  channel: string,
  count: number,
  at: number,
): WorkerState {
  const reservations: Record<string, ReservationState> = { ...state.reservations };
  const held = Object.entries(reservations)
    .filter(([, each]) => each.status === 'accepted' && each.channel === channel)
    .map(([sid]) => sid);
  for (const sid of held.slice(0, Math.max(0, held.length - count))) {
    reservations[sid] = { status: 'ended', channel, at };
  }
  for (let n = assignedOn(state, channel); n < count; n += 1) {
    reservations[`${channel} ${at} ${n}`] = { status: 'accepted', channel, at };
  }
  return { ...state, reservations };
}

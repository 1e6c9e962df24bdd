// One event from the queue: counted once, folded into its Worker's record, and turned into "look at
// this Worker again". Every step can be repeated, so a crash between any two loses nothing.

import type { RoutingEvent } from '../core/event.types.ts';
import { evolve } from '../core/evolve.ts';
import { STATE_LIMITS, type WorkerState } from '../core/state.ts';
import type { Clock, Queues, Store } from '../ports.ts';
import type { Records } from './records.ts';

export interface AbsorbDeps {
  readonly store: Store;
  readonly queues: Pick<Queues, 'addPass'>;
  readonly records: Records;
  readonly clock: Clock;
  /** Something that all Workers depend on changed: read the Workspace's directory again. */
  workspaceChanged(what: string): Promise<void>;
}

/** Whether the event was new. */
export async function absorb(event: RoutingEvent, deps: AbsorbDeps): Promise<boolean> {
  if (await deps.store.hasSeen(event.sid, event.at)) return false;
  if (event.type === 'workspace.changed') {
    await deps.workspaceChanged(event.what);
  } else {
    const now = deps.clock.now();
    await deps.records.change(event.workerSid, now, (state) => absorbed(state, event, now));
    await deps.queues.addPass(event.workerSid);
  }
  // Last, so that an event whose consumer died half-way is absorbed again, which changes nothing.
  await deps.store.markSeen(event.sid, event.at);
  return true;
}

/**
 * The end of a Reservation is kept for `tombstoneMs` only. A later event of it, such as one of a
 * dead job that is replayed, may be older than its end: a listing shows whether it still lasts.
 */
function absorbed(state: WorkerState, event: RoutingEvent, now: number): WorkerState {
  const after = evolve(state, event);
  const isLate = 'reservationSid' in event && event.at <= now - STATE_LIMITS.tombstoneMs;
  return isLate ? { ...after, relistAt: now } : after;
}

// A look at the whole Workspace: every Worker as TaskRouter lists it is folded into its record and
// looked at again. It finds what no event told: the time before the start, and what was lost.

import type { WorkerSid } from '../core/ids.ts';
import type { WorkerState } from '../core/state.ts';
import type { Queues } from '../ports.ts';
import type { ControlDeps } from './deps.ts';
import type { DirectoryKeeper } from './directory.ts';
import { withReading } from './read.ts';

export interface ResyncDeps extends ControlDeps {
  readonly queues: Pick<Queues, 'addPass'>;
  readonly directory: DirectoryKeeper;
}

/**
 * How many Workers were listed. `afterGap`: events may have been missed, so that what is recorded
 * of Worker Channels has to be read again before anything is decided on it.
 */
export async function resync(deps: ResyncDeps, afterGap: boolean): Promise<number> {
  await deps.directory.refresh();
  const began = deps.clock.now();
  const listed = new Set<WorkerSid>();
  for await (const reading of deps.gateway.workers('resync')) {
    listed.add(reading.sid);
    await deps.records.change(reading.sid, began, (before) => {
      const state = withReading(before, reading, began);
      return afterGap ? mustRelist(state, began) : state;
    });
    await deps.queues.addPass(reading.sid);
  }
  await lookForTheMissing(listed, began, deps);
  return listed.size;
}

function mustRelist(state: WorkerState, at: number): WorkerState {
  return state.relistAt === at ? state : { ...state, relistAt: at };
}

/** A Worker on record that the listing lacks was probably deleted; a read of it decides. */
async function lookForTheMissing(
  listed: ReadonlySet<WorkerSid>,
  began: number,
  deps: ResyncDeps,
): Promise<void> {
  for await (const state of deps.records.all()) {
    if (listed.has(state.sid) || state.knownSince >= began) continue;
    try {
      await deps.gateway.worker(state.sid);
    } catch {
      // Gone, or not to be reached: a pass finds out which, with its own patience.
      await deps.records.change(state.sid, began, (before) => ({ ...before, attributes: null }));
      await deps.queues.addPass(state.sid);
    }
  }
}

/** Every Worker on record is looked at again, because what decides about all of them changed. */
export async function lookAtAll(deps: Pick<ResyncDeps, 'records' | 'queues'>): Promise<number> {
  let looked = 0;
  for await (const state of deps.records.all()) {
    await deps.queues.addPass(state.sid);
    looked += 1;
  }
  return looked;
}

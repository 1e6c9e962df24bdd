// Removes a Worker that was deleted: its record, its wake, and its place in limits and guardrails.
// A 404 alone does not prove that it was.

import type { WorkerSid } from '../core/ids.ts';
import { Failure } from '../ports.ts';
import type { ControlDeps } from './deps.ts';

export async function forget(worker: WorkerSid, deps: ControlDeps): Promise<void> {
  await deps.records.remove(worker);
  await deps.store.setWake(worker, null);
  await deps.members?.workerRemoved(worker);
  await deps.guard?.removeWorker(worker);
}

/**
 * TaskRouter answered 404 for this Worker. With credentials of another account it does so for
 * everything, so the Worker is forgotten only if the Workspace itself answers. null: it was;
 * otherwise the failure to read the Workspace.
 */
export async function forgetIfGone(worker: WorkerSid, deps: ControlDeps): Promise<Failure | null> {
  try {
    await deps.gateway.activities();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.kind !== 'gone') return error;
    const why = 'TaskRouter answered 404 for the Workspace too: are these its credentials?';
    return new Failure('refused', why, { cause: error });
  }
  await forget(worker, deps);
  return null;
}

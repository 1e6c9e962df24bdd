// Removes a Worker that was deleted: its record, its booked wakes, and its place in limits and
// guardrails.

import type { WorkerSid } from '../core/ids.ts';
import type { ControlDeps } from './deps.ts';

export async function forget(worker: WorkerSid, deps: ControlDeps): Promise<void> {
  await deps.records.remove(worker);
  await deps.store.setWake(worker, null);
  await deps.members?.gone(worker);
  await deps.guard?.gone(worker);
}

// A Worker that is gone leaves nothing behind: not its record, nor what was booked for it, nor its
// place among others.

import type { WorkerSid } from '../core/ids.ts';
import type { ControlDeps } from './deps.ts';

export async function forget(worker: WorkerSid, deps: ControlDeps): Promise<void> {
  await deps.records.remove(worker);
  await deps.store.setWake(worker, null);
  await deps.members?.gone(worker);
  await deps.guard?.gone(worker);
}

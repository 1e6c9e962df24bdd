// How long a person's edit is respected if the clock was set back after it was made.

import { effectiveStart } from './instants.ts';
import type { Edit } from './state.ts';

/** The edit, with a lease no longer than its own length even if the clock was set back. */
export function capLease<T>(edit: Edit<T> | null, at: number): Edit<T> | null {
  if (edit === null || edit.until === null) return edit;
  const since = effectiveStart(edit.at, at);
  return since === edit.at ? edit : { ...edit, at: since, until: edit.until - edit.at + since };
}

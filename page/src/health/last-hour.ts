// What the journal has of the last hour, counted: pure.

import { kindOf } from '../journal/filter.ts';
import type { Entry } from '../live/types.ts';
import { isWrite } from '../signals/figures.ts';

export interface Recent {
  readonly writes: number;
  /** Worker Channels whose writes failed; the journal has one entry for each run of failures. */
  readonly failing: number;
  readonly heldBack: number;
  readonly edits: number;
}

/** Neither a wait for the rate limit nor something that was deleted meanwhile. */
const FAILURES: readonly string[] = ['write.failed', 'write.refused', 'write.invalid'];

export function recentOf(entries: readonly Entry[]): Recent {
  const count = (is: (entry: Entry) => boolean) => entries.filter(is).length;
  const failed = entries.filter(({ reason }) => FAILURES.includes(reason));
  return {
    writes: count(isWrite),
    failing: new Set(failed.map(({ worker, channel }) => `${worker} ${channel}`)).size,
    heldBack: count((entry) => kindOf(entry) === 'refused'),
    edits: count(({ reason, actor }) => reason === 'person.edit' && actor !== 'headroom'),
  };
}

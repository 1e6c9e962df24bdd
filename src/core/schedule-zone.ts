// Time zones: which names exist, and what instant a wall clock means. The one file that imports
// Temporal; what it learns of a zone is kept as a table of offsets, so the rest is integers.

import type { Known } from './facts.ts';
import type { Zone } from './schedule.types.ts';

/** Whether `id` is an IANA zone name such as `Europe/London`. */
export function isZone(_id: string): boolean {
  throw new Error('to be written');
}

/** The zone's IANA id; unknown, with a sentence, where a Worker names none or one that is not there. */
export function zoneFor(_zone: Zone, _attributes: unknown): Known<string> {
  throw new Error('to be written');
}

/** The zone name that is spelled most like `id`, or null when none is near. */
export function nearestZone(_id: string): string | null {
  throw new Error('to be written');
}

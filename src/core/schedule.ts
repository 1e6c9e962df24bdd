// Whether a schedule is open at an instant, and when that next changes. Windows are half-open; a
// start in a DST gap is the gap's end; an ambiguous start is the first, an ambiguous end the second.

import type { Known } from './facts.ts';
import type { Schedule, ScheduleEnv, Window, Zone } from './schedule.types.ts';

export type {
  Alternative,
  Calendar,
  HourWindow,
  Opening,
  Schedule,
  ScheduleEnv,
  Span,
  Window,
  Zone,
} from './schedule.types.ts';

/** The zone to read a schedule with (`env.zone`); unknown where a Worker's zone is needed and missing. */
export function zoneForSchedule(
  _schedule: Schedule,
  _defaultZone: Zone,
  _attributes: unknown,
): Known<string> {
  throw new Error('to be written');
}

/** Whether the schedule is open at this instant, epoch ms. */
export function covers(_schedule: Schedule, _at: number, _env: ScheduleEnv): boolean {
  throw new Error('to be written');
}

/** The first instant after `at` (epoch ms) at which `covers` changes; null: not in 400 days. */
export function nextBoundary(_schedule: Schedule, _at: number, _env: ScheduleEnv): number | null {
  throw new Error('to be written');
}

/** The open windows between `from` and `to` (epoch ms), in order, disjoint and cut to that range. */
export function windows(
  _schedule: Schedule,
  _from: number,
  _to: number,
  _env: ScheduleEnv,
): readonly Window[] {
  throw new Error('to be written');
}

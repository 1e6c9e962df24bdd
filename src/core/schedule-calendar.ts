// A calendar on its own, as in `during: { calendar: uk-holidays }`: its whole days and timed events
// as ordered instants.

import type { Calendar, ScheduleEnv } from './schedule.types.ts';

/** Whether the instant (epoch ms) lies on one of its days or in one of its events. */
export function coversCalendar(_calendar: Calendar, _at: number, _env: ScheduleEnv): boolean {
  throw new Error('to be written');
}

/** The first instant after `at` (epoch ms) at which `coversCalendar` changes; null when none does. */
export function nextCalendarBoundary(
  _calendar: Calendar,
  _at: number,
  _env: ScheduleEnv,
): number | null {
  throw new Error('to be written');
}

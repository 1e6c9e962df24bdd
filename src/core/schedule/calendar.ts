// A calendar on its own, as in `during: { calendar: uk-holidays }`: its whole days and timed events
// as ordered instants.

import { calendarWindows } from './days.ts';
import type { Calendar, ScheduleEnv, Window } from './types.ts';

const cache = new WeakMap<Calendar, Map<string, readonly Window[]>>();

/** Whether the instant (epoch ms) lies on one of its days or in one of its events. */
export function coversCalendar(calendar: Calendar, at: number, env: ScheduleEnv): boolean {
  const next = nextWindow(calendar, at, env);
  return next !== undefined && next.start <= at;
}

/**
 * The first instant after `at` (epoch ms) at which `coversCalendar` changes; null when none does.
 */
export function nextCalendarBoundary(
  calendar: Calendar,
  at: number,
  env: ScheduleEnv,
): number | null {
  const next = nextWindow(calendar, at, env);
  if (next === undefined) return null;
  return next.start > at ? next.start : next.end;
}

/** The window at `at`, else the first after it. */
function nextWindow(calendar: Calendar, at: number, env: ScheduleEnv): Window | undefined {
  const windows = windowsOf(calendar, calendar.zone ?? env.zone);
  let low = 0;
  let high = windows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((windows[middle]?.end ?? at) > at) high = middle;
    else low = middle + 1;
  }
  return windows[low];
}

function windowsOf(calendar: Calendar, zone: string): readonly Window[] {
  let zones = cache.get(calendar);
  if (zones === undefined) {
    zones = new Map();
    cache.set(calendar, zones);
  }
  let windows = zones.get(zone);
  if (windows === undefined) {
    windows = calendarWindows(calendar, zone);
    zones.set(zone, windows);
  }
  return windows;
}

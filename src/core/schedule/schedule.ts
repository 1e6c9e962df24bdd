// Whether a schedule is open at an instant, and when that next changes. Windows are half-open; a
// start in a DST gap is the gap's end; an ambiguous start is the first, an ambiguous end the
// second.

import { isUnknown, type Known } from '../facts.ts';
import { DAY_MS } from './dates.ts';
import { mergeWindows, windowsBetween } from './days.ts';
import type { Calendar, Schedule, ScheduleEnv, Window, Zone } from './types.ts';
import { zoneFor } from './zone.ts';

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
} from './types.ts';

/** How far ahead a boundary is searched, at least; more than a leap year. */
const HORIZON_DAYS = 400;
/** The horizon moves in steps of this, so that a schedule that never changes is searched rarely. */
const STEP_DAYS = 64;
/** The search widens over these ranges; most schedules change within the first. */
const RANGES_DAYS = [2, 16, 100];

/** A stretch [start, end) in which the schedule does not change. */
interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly open: boolean;
  /** Whether it changes at `end`; otherwise `end` is only how far was searched. */
  readonly changes: boolean;
}

interface CachedStretch {
  readonly calendars: ReadonlyMap<string, Calendar>;
  readonly stretch: Stretch;
}

/** The last stretch found, by schedule and zones: almost always the one needed next. */
const cache = new WeakMap<Schedule, Map<string, CachedStretch>>();

/**
 * The zone to read a schedule with (`env.zone`); unknown where a Worker's zone is needed and
 * missing.
 */
export function zoneForSchedule(
  schedule: Schedule,
  defaultZone: Zone,
  attributes: unknown,
): Known<string> {
  let zone: Known<string> | null = null;
  for (const alternative of schedule.alternatives) {
    const own = zoneFor(alternative.zone ?? defaultZone, attributes);
    if (isUnknown(own)) return own;
    if (zone === null || alternative.zone === null) zone = own;
  }
  return zone ?? zoneFor(defaultZone, attributes);
}

/** Whether the schedule is open at this instant, epoch ms. */
export function covers(schedule: Schedule, at: number, env: ScheduleEnv): boolean {
  return stretchAt(schedule, at, env).open;
}

/** The first instant after `at` (epoch ms) at which `covers` changes; null: not in 400 days. */
export function nextBoundary(schedule: Schedule, at: number, env: ScheduleEnv): number | null {
  const { changes, end } = stretchAt(schedule, at, env);
  return changes && end <= horizonOf(at) ? end : null;
}

/**
 * The open windows between `from` and `to` (epoch ms), in order, disjoint and cut to that range.
 */
export function windows(
  schedule: Schedule,
  from: number,
  to: number,
  env: ScheduleEnv,
): readonly Window[] {
  const all = schedule.alternatives.flatMap((alternative) => {
    const zone = alternative.zone === null ? env.zone : zoneFor(alternative.zone, env.attributes);
    // A Worker without a zone of its own is never inside hours defined in it.
    if (isUnknown(zone)) return [];
    return windowsBetween({ alternative, zone, calendars: env.calendars }, from, to);
  });
  return mergeWindows(all).map(({ start, end }) => ({
    start: Math.max(start, from),
    end: Math.min(end, to),
  }));
}

function horizonOf(at: number): number {
  const step = STEP_DAYS * DAY_MS;
  return (Math.floor((at + HORIZON_DAYS * DAY_MS) / step) + 1) * step;
}

function stretchAt(schedule: Schedule, at: number, env: ScheduleEnv): Stretch {
  const zones = zonesOf(schedule, env);
  const memory = cache.get(schedule) ?? new Map<string, CachedStretch>();
  const known = memory.get(zones);
  if (known !== undefined && known.calendars === env.calendars) {
    const { stretch } = known;
    const inside = at >= stretch.start && at < stretch.end;
    if (inside && (stretch.changes || stretch.end >= horizonOf(at))) return stretch;
  }
  const stretch = findStretch(schedule, at, env);
  memory.set(zones, { calendars: env.calendars, stretch });
  cache.set(schedule, memory);
  return stretch;
}

function zonesOf(schedule: Schedule, env: ScheduleEnv): string {
  let zones = env.zone;
  for (const { zone } of schedule.alternatives) {
    if (zone?.kind !== 'worker') continue;
    const own = zoneFor(zone, env.attributes);
    zones += `|${isUnknown(own) ? '' : own}`;
  }
  return zones;
}

function findStretch(schedule: Schedule, at: number, env: ScheduleEnv): Stretch {
  const from = at - DAY_MS;
  const horizon = horizonOf(at);
  let found: Stretch = { start: at, end: horizon, open: false, changes: false };
  for (const to of [...RANGES_DAYS.map((days) => at + days * DAY_MS), horizon]) {
    found = stretchWithin(windows(schedule, from, to, env), at, { start: from, end: to });
    if (found.changes) break;
  }
  return found;
}

function stretchWithin(open: readonly Window[], at: number, range: Window): Stretch {
  let start = range.start;
  for (const window of open) {
    if (at < window.start) return { start, end: window.start, open: false, changes: true };
    if (at < window.end) return { ...window, open: true, changes: window.end < range.end };
    start = window.end;
  }
  return { start, end: range.end, open: false, changes: false };
}

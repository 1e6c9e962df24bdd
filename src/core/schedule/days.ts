// The windows that one alternative of a schedule starts on one day, as instants. Computed once for
// each alternative, zone and day, so that judging a schedule is a comparison of numbers.

import { firesOn, MAX_FIRING_GAP_DAYS, nextFiring, previousDay } from './cron.ts';
import { DAY_MS, dayText, parseDay, weekdayOf } from './dates.ts';
import type { Alternative, Calendar, HourWindow, Window } from './types.ts';
import { wallAt, wallToInstant } from './zone.ts';

type Calendars = ReadonlyMap<string, Calendar>;

/** What windows are computed for: an alternative in its zone, with these calendars. */
export interface WindowQuery {
  readonly alternative: Alternative;
  readonly zone: string;
  readonly calendars: Calendars;
}

const MAX_CACHED_DAYS = 2_048;
const NONE: readonly Window[] = [];

interface CachedDays {
  calendars: Calendars;
  readonly days: Map<number, readonly Window[]>;
}

const cache = new WeakMap<Alternative, Map<string, CachedDays>>();

/** The windows that overlap [from, to), both epoch ms, in full length; in no fixed order. */
export function windowsBetween(subject: WindowQuery, from: number, to: number): Window[] {
  // A window that began before yesterday's midnight is over, unless it is a cron pair's.
  const first = Math.floor(wallAt(subject.zone, from) / DAY_MS) - 2;
  const last = Math.floor(wallAt(subject.zone, to) / DAY_MS) + 1;
  const found =
    subject.alternative.opening.kind === 'cron' ? [...latestBefore(subject, first)] : [];
  for (let day = first; day <= last; day++) found.push(...startingOn(subject, day));
  return found.filter((window) => window.start < to && window.end > from);
}

/**
 * A cron pair's windows may be months long. Of those that began before `day` the latest also ends
 * last, so the last day that starts any is enough.
 */
function latestBefore(subject: WindowQuery, day: number): readonly Window[] {
  const { opening, exceptions, from } = subject.alternative;
  if (opening.kind !== 'cron') return NONE;
  const furthest = Math.max(
    day - MAX_FIRING_GAP_DAYS,
    (from === null ? null : parseDay(from)) ?? -Infinity,
  );
  for (let before = previousDay(opening.start, day); before >= furthest; ) {
    const windows = exceptions.has(dayText(before)) ? NONE : startingOn(subject, before);
    if (windows.length > 0) return windows;
    before = previousDay(opening.start, before);
  }
  return NONE;
}

function startingOn(subject: WindowQuery, day: number): readonly Window[] {
  const { days } = cacheFor(subject);
  const known = days.get(day);
  if (known !== undefined) return known;
  const windows = computeWindows(subject, day).filter((window) => window.start < window.end);
  if (days.size >= MAX_CACHED_DAYS) days.clear();
  days.set(day, windows);
  return windows;
}

function cacheFor({ alternative, zone, calendars }: WindowQuery): CachedDays {
  let zones = cache.get(alternative);
  if (zones === undefined) {
    zones = new Map();
    cache.set(alternative, zones);
  }
  let memory = zones.get(zone);
  if (memory === undefined || memory.calendars !== calendars) {
    memory = { calendars, days: new Map() };
    zones.set(zone, memory);
  }
  return memory;
}

function computeWindows(subject: WindowQuery, day: number): readonly Window[] {
  const { alternative, zone } = subject;
  const date = dayText(day);
  const instead = alternative.exceptions.get(date);
  if (instead !== undefined) return hourWindows(instead, day, zone);
  if (!isNamed(alternative, day, date)) return NONE;
  return openingOn(alternative, day, zone)
    .filter((window) => !isHoliday(subject, date, window))
    .flatMap((window) => cutEvents(subject, window));
}

function isNamed(alternative: Alternative, day: number, date: string): boolean {
  const { days, dates, from, until, except } = alternative;
  if (days !== null && !days.has(weekdayOf(day))) return false;
  if (dates !== null && !dates.has(date)) return false;
  if ((from !== null && date < from) || (until !== null && date > until)) return false;
  return !except.dates.has(date);
}

function openingOn({ opening }: Alternative, day: number, zone: string): readonly Window[] {
  switch (opening.kind) {
    case 'day':
      return [wholeDay(day, zone)];
    case 'hours':
      return hourWindows(opening.windows, day, zone);
    case 'cron': {
      if (!firesOn(opening.start, day)) return NONE;
      return opening.start.minutes.map((minute) => {
        const end = nextFiring(opening.end, day, minute);
        return {
          start: wallToInstant(zone, wallOf(day, minute), 'start'),
          end: wallToInstant(zone, wallOf(end.day, end.minute), 'end'),
        };
      });
    }
  }
}

/**
 * One day by its date: it ends when the next day's date begins, even where midnight comes twice.
 */
function wholeDay(day: number, zone: string): Window {
  return {
    start: wallToInstant(zone, wallOf(day, 0), 'start'),
    end: wallToInstant(zone, wallOf(day + 1, 0), 'start'),
  };
}

function hourWindows(hours: readonly HourWindow[], day: number, zone: string): Window[] {
  return hours.map(({ start, end }) => ({
    start: wallToInstant(zone, wallOf(day, start), 'start'),
    end: wallToInstant(zone, wallOf(end > start ? day : day + 1, end), 'end'),
  }));
}

function wallOf(day: number, minute: number): number {
  return day * DAY_MS + minute * 60_000;
}

/** Whether the day on which the window starts belongs to an excepted calendar. */
function isHoliday(subject: WindowQuery, date: string, window: Window): boolean {
  return exceptedCalendars(subject).some((calendar) => {
    const elsewhere = calendar.zone !== null && calendar.zone !== subject.zone;
    if (!elsewhere) return calendar.dates.has(date);
    const there = Math.floor(wallAt(calendar.zone, window.start) / DAY_MS);
    return calendar.dates.has(dayText(there));
  });
}

function cutEvents(subject: WindowQuery, window: Window): readonly Window[] {
  let left: readonly Window[] = [window];
  for (const calendar of exceptedCalendars(subject)) {
    for (const [start, end] of calendar.spans) {
      if (start >= end || start >= window.end || end <= window.start) continue;
      left = left.flatMap((part) => subtractWindow(part, { start, end }));
    }
  }
  return left;
}

function subtractWindow(part: Window, hole: Window): readonly Window[] {
  const before = { start: part.start, end: Math.min(part.end, hole.start) };
  const after = { start: Math.max(part.start, hole.end), end: part.end };
  return [before, after].filter((each) => each.start < each.end);
}

function exceptedCalendars({ alternative, calendars }: WindowQuery): readonly Calendar[] {
  return alternative.except.calendars.flatMap((name) => calendars.get(name) ?? []);
}

/** In order, with overlapping and touching windows joined. */
export function mergeWindows(windows: readonly Window[]): Window[] {
  const ordered = [...windows].sort((a, b) => a.start - b.start);
  const result: { start: number; end: number }[] = [];
  for (const { start, end } of ordered) {
    const last = result.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else result.push({ start, end });
  }
  return result;
}

/** The windows of a calendar's whole days and events, in order, in this zone. */
export function calendarWindows(calendar: Calendar, zone: string): Window[] {
  const days = [...calendar.dates].flatMap((date) => {
    const day = parseDay(date);
    return day === null ? [] : [wholeDay(day, calendar.zone ?? zone)];
  });
  const events = calendar.spans.map(([start, end]) => ({ start, end }));
  return mergeWindows([...days, ...events].filter((window) => window.start < window.end));
}

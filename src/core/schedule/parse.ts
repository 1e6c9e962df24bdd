// Reads the small texts of a schedule as people write them: `08:30-17:30`, `mon-fri`, a date.
// Every refusal is one sentence that says what was found and what was expected.

import { nearest } from '../nearest.ts';
import { parseDay } from './dates.ts';
import type { HourWindow } from './types.ts';

export interface ParseError {
  readonly error: string;
}

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const WEEKDAY_NAMES = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
];

/** `08:30-17:30`, several separated by commas; past midnight and `24:00` as an end are fine. */
export function parseHours(text: string): readonly HourWindow[] | ParseError {
  const windows: HourWindow[] = [];
  for (const part of text.split(',')) {
    const window = parseWindow(part.trim());
    if ('error' in window) return window;
    windows.push(window);
  }
  return windows;
}

function parseWindow(text: string): HourWindow | ParseError {
  const sides = text.split(/\s*[-–]\s*/);
  if (sides.length !== 2) {
    return { error: `found "${text}" where two times are expected, such as "08:30-17:30"` };
  }
  const [start, end] = sides.map(minutesOf);
  const [startText = '', endText = ''] = sides;
  if (start === undefined || start === null || start === 1440) return badTime(startText, '23:59');
  if (end === undefined || end === null) return badTime(endText, '24:00');
  if (start === end) {
    return { error: `"${text}" starts and ends at the same minute, so it is never open` };
  }
  return { start, end: end === 0 ? 1440 : end };
}

function minutesOf(text: string): number | null {
  const [, hours = '', minutes = ''] = /^(\d{1,2}):(\d{2})$/.exec(text) ?? [];
  if (hours === '' || Number(minutes) > 59) return null;
  const total = Number(hours) * 60 + Number(minutes);
  return total <= 1440 ? total : null;
}

function badTime(text: string, last: string): ParseError {
  return { error: `found "${text}" where a time from 00:00 to ${last} is expected` };
}

/** `mon-fri`, `sat,sun`, `fri-mon`; ISO weekdays, Monday 1. */
export function parseDays(text: string): ReadonlySet<number> | ParseError {
  const days = new Set<number>();
  for (const part of text.split(',')) {
    const sides = part.trim().split(/\s*[-–]\s*/);
    const [first, last] = sides.map(weekday);
    const wrong = sides.find((side) => weekday(side) === null);
    if (wrong !== undefined) return badDay(wrong);
    if (first === undefined || first === null || sides.length > 2) return badDay(part.trim());
    const end = last ?? first;
    // `fri-mon` wraps round the weekend.
    for (let day = first; ; day = (day % 7) + 1) {
      days.add(day);
      if (day === end) break;
    }
  }
  return days;
}

function weekday(text: string): number | null {
  const name = text.toLowerCase();
  const short = WEEKDAYS.indexOf(name);
  const index = short >= 0 ? short : WEEKDAY_NAMES.indexOf(name);
  return index >= 0 ? index + 1 : null;
}

function badDay(text: string): ParseError {
  const near = text === '' ? null : nearest(text.toLowerCase(), WEEKDAYS);
  const hint = near === null ? '' : `; the nearest is "${near}"`;
  return { error: `found "${text}" where weekdays are expected, such as "mon-fri"${hint}` };
}

/** An existing day, `YYYY-MM-DD`, returned as given. */
export function parseDate(text: string): string | ParseError {
  if (parseDay(text) !== null) return text;
  const shaped = /^\d{4}-\d{2}-\d{2}$/.test(text);
  return {
    error: shaped
      ? `there is no day ${text}`
      : `found "${text}" where a date is expected, such as "2026-12-25"`,
  };
}

// A five-field cron line as sets of numbers, and the days and minutes that it names. It knows no
// zones: `days.ts` decides which instant a wall-clock minute is.

import { dateOf, weekdayOf } from './dates.ts';

export interface Cron {
  readonly text: string;
  /** Minutes since midnight at which it fires on a day that it names, ascending. */
  readonly minutes: readonly number[];
  readonly monthDays: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** ISO weekdays, Monday 1 to Sunday 7. */
  readonly weekdays: ReadonlySet<number>;
  /** Both day fields are restricted: then either suffices, as cron has always done it. */
  readonly eitherDay: boolean;
}

interface Field {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly words: readonly string[];
}

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const FIELDS: readonly Field[] = [
  { name: 'minute', low: 0, high: 59, words: [] },
  { name: 'hour', low: 0, high: 23, words: [] },
  { name: 'day of the month', low: 1, high: 31, words: [] },
  { name: 'month', low: 1, high: 12, words: MONTHS },
  // 0 and 7 are both Sunday.
  { name: 'weekday', low: 0, high: 7, words: 'sun mon tue wed thu fri sat'.split(' ') },
];
const LONGEST_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** How far two firings may lie apart: 29 February on one weekday, across a century without one. */
export const MAX_FIRING_GAP_DAYS = 14_609;

/** Reads `minute hour day-of-month month day-of-week`; `error` is one sentence. */
export function parseCron(text: string): Cron | { readonly error: string } {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== 5) {
    const found = text.trim() === '' ? 0 : parts.length;
    return { error: `found ${found} fields in "${text}" where cron has 5, such as "0 9 1 * *"` };
  }
  const sets: Set<number>[] = [];
  for (const [index, field] of FIELDS.entries()) {
    const set = parseField(parts[index] ?? '', field);
    if ('error' in set) return set;
    sets.push(set);
  }
  const [minutes, hours, monthDays, months, weekdays] = sets;
  if (!minutes || !hours || !monthDays || !months || !weekdays) return { error: 'no fields' };
  const cron: Cron = {
    text,
    minutes: sorted(hours).flatMap((hour) => sorted(minutes).map((m) => hour * 60 + m)),
    monthDays,
    months,
    weekdays: new Set([...weekdays].map((day) => (day === 0 ? 7 : day))),
    eitherDay: !parts[2]?.startsWith('*') && !parts[4]?.startsWith('*'),
  };
  return everFires(cron) ? cron : { error: `"${text}" never fires: no month has such a day` };
}

function sorted(set: ReadonlySet<number>): number[] {
  return [...set].sort((a, b) => a - b);
}

function everFires(cron: Cron): boolean {
  if (cron.eitherDay) return true;
  const months = [...cron.months];
  return months.some((m) => [...cron.monthDays].some((d) => d <= (LONGEST_MONTH[m - 1] ?? 0)));
}

function parseField(text: string, field: Field): Set<number> | { error: string } {
  const set = new Set<number>();
  for (const part of text.split(',')) {
    const [, from = '', to, step = '1'] =
      /^(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/(\d+))?$/i.exec(part) ?? [];
    const low = from === '*' ? field.low : numberOf(from, field);
    const stepped = part.includes('/');
    const open = from === '*' || (stepped && to === undefined);
    const high = open ? field.high : to === undefined ? low : numberOf(to, field);
    const bad = low === null || high === null || low > high || Number(step) < 1;
    if (bad || (from === '*' && to !== undefined)) {
      const range = `${field.low} to ${field.high}`;
      return { error: `found "${part}" as the ${field.name} where ${range} is expected` };
    }
    for (let value = low; value <= high; value += Number(step)) set.add(value);
  }
  return set;
}

function numberOf(text: string, field: Field): number | null {
  const word = field.words.indexOf(text.toLowerCase());
  const value = word >= 0 ? word + field.low : /^\d+$/.test(text) ? Number(text) : -1;
  return value >= field.low && value <= field.high ? value : null;
}

/** Whether it fires at all on this day (a day's number). */
export function firesOn(cron: Cron, day: number): boolean {
  const { month, date } = dateOf(day);
  if (!cron.months.has(month)) return false;
  const byDate = cron.monthDays.has(date);
  const byWeekday = cron.weekdays.has(weekdayOf(day));
  return cron.eitherDay ? byDate || byWeekday : byDate && byWeekday;
}

/** The first firing after this minute of this day, as a day and a minute of it. */
export function nextFiring(
  cron: Cron,
  day: number,
  minute: number,
): { day: number; minute: number } {
  const later = firesOn(cron, day) ? cron.minutes.find((m) => m > minute) : undefined;
  if (later !== undefined) return { day, minute: later };
  for (let next = day + 1; next <= day + MAX_FIRING_GAP_DAYS; next++) {
    if (firesOn(cron, next)) return { day: next, minute: cron.minutes[0] ?? 0 };
  }
  throw new Error(`the cron line "${cron.text}" never fires`);
}

/** The last day before `day` on which it fires. */
export function previousDay(cron: Cron, day: number): number {
  for (let before = day - 1; before >= day - MAX_FIRING_GAP_DAYS; before--) {
    if (firesOn(cron, before)) return before;
  }
  throw new Error(`the cron line "${cron.text}" never fires`);
}

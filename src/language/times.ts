// Days and hours as a schedule writes them. A bare time is refused: a YAML 1.1 tool that reads the
// same file would turn `22:00` into the number 1320.

import { parseDate, parseDays, parseHours } from '../core/schedule/parse.ts';
import type { HourWindow } from '../core/schedule/schedule.ts';
import { map, oneOrMany, type Shape, text } from './shape.ts';
import type { SourceValue } from './source-value.ts';
import { name } from './values.ts';

const HOURS = 'hours in quotes such as "08:30-17:30"';

const hoursText = text<readonly HourWindow[]>({
  expected: HOURS,
  schema: { minLength: 1 },
  parse(value, spot) {
    const parsed = parseHours(value);
    if ('error' in parsed) {
      spot.report('hours.invalid', `"${spot.label}": ${parsed.error}`);
      return undefined;
    }
    if (spot.quoted) return parsed;
    const message = `"${spot.label}" is not in quotes, expected "${value}" as a quoted text`;
    spot.report('time.unquoted', message);
    return parsed;
  },
});

/** `22:00`, or `22:00:00`: what YAML 1.1 reads as a base-60 number. */
const SEXAGESIMAL = /^\d+(?::[0-5]?\d)+$/;

export const hours: Shape<readonly HourWindow[]> = {
  expected: HOURS,
  schema: (defs) => hoursText.schema(defs),
  read(spot) {
    const bare = !spot.quoted && (spot.kind === 'number' || SEXAGESIMAL.test(spot.written));
    if (!bare) return hoursText.read(spot);
    const found = `"${spot.label}" is ${spot.written} without quotes`;
    const seen = SEXAGESIMAL.test(spot.written)
      ? `, which YAML 1.1 reads as the number ${sexagesimal(spot.written)}`
      : '';
    spot.report('time.bare', `${found}${seen}; expected ${HOURS}`);
    return undefined;
  },
};

function sexagesimal(written: string): number {
  return written.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}

const someDays: Shape<ReadonlySet<number>> = text({
  expected: 'weekdays such as mon-fri',
  schema: { minLength: 1 },
  parse(value, spot) {
    const parsed = parseDays(value);
    if (!('error' in parsed)) return parsed;
    spot.report('days.invalid', `"${spot.label}": ${parsed.error}`);
    return undefined;
  },
});

export const days: Shape<ReadonlySet<number>> = map(
  oneOrMany(someDays, someDays.expected),
  (sets) => new Set(sets.flatMap((set) => [...set])),
);

/** An existing day, `YYYY-MM-DD`. */
export const date: Shape<string> = text({
  expected: 'a date such as "2026-12-25"',
  schema: { pattern: '^\\d{4}-\\d{2}-\\d{2}$' },
  parse: (value, spot) => readDate(value, spot),
});

function readDate(value: string, spot: SourceValue): string | undefined {
  const parsed = parseDate(value);
  if (typeof parsed === 'string') return parsed;
  spot.report('date.invalid', `"${spot.label}": ${parsed.error}`);
  return undefined;
}

/** The ISO weekday of an existing day, Monday 1 to Sunday 7. */
export function isoWeekday(day: string): number {
  return ((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7) + 1;
}

const calendarName = name('a calendar');

/** A calendar's name or a single date. */
export const exceptDays: Shape<{ readonly calendar: string } | { readonly date: string }> = text<
  { readonly calendar: string } | { readonly date: string }
>({
  expected: 'a calendar or a date',
  schema: { minLength: 1 },
  parse(value, spot) {
    if (/^\d+[-/.]\d/.test(value)) {
      const day = readDate(value, spot);
      return day === undefined ? undefined : { date: day };
    }
    const calendar = calendarName.read(spot);
    if (calendar === undefined) return undefined;
    spot.use('calendar', calendar);
    return { calendar };
  },
});

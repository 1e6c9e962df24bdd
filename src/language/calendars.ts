// Calendars: dates written out, and ICS files next to the rules.

import type { Calendar } from '../core/schedule/schedule.ts';
import { isZone, nearestZone } from '../core/schedule/zone.ts';
import { quote, suggestion } from './diagnostic.ts';
import { readIcs } from './ics.ts';
import { object } from './mapping.ts';
import { oneOrMany, text } from './shape.ts';
import type { SourceValue } from './source-value.ts';
import { date } from './times.ts';

/** A calendar as written; its ICS files are read once the default zone is known. */
export interface CalendarDraft {
  readonly dates: readonly string[];
  readonly zone: string | null;
  readonly ics: readonly { readonly path: string; readonly spot: SourceValue }[];
  /** Everything written could be read. */
  readonly complete: boolean;
  readonly spot: SourceValue;
}

const fixedZone = text<string>({
  expected: 'a time zone such as Europe/London',
  schema: { minLength: 1 },
  parse(value, spot) {
    if (isZone(value)) return value;
    const near = nearestZone(value);
    const end =
      near === null ? ', expected one such as Europe/London' : `; did you mean "${near}"?`;
    spot.report('zone.invalid', `${quote(value)} is not a time zone${end}`);
    return undefined;
  },
});

const icsPath = text<{ path: string; spot: SourceValue }>({
  expected: 'the path of an ICS file, from the rules folder',
  schema: { minLength: 1 },
  parse: (value, spot) => ({ path: value.replace(/^\.\//, ''), spot }),
});

export const calendarFields = {
  dates: {
    shape: oneOrMany(date, 'a date or a list of dates'),
    doc: 'Whole days: `["2026-12-25"]`.',
  },
  ics: {
    shape: oneOrMany(icsPath, icsPath.expected),
    doc: 'An ICS file, or a list; paths are relative to the rules folder.',
  },
  timezone: {
    shape: fixedZone,
    doc: 'The zone of its days and of events that name none; else `defaults.timezone`.',
  },
} as const;

export const calendarBody = object<typeof calendarFields, CalendarDraft>({
  what: 'a calendar',
  fields: calendarFields,
  hints: {
    file: 'ics',
    url: 'ics',
    days: 'dates',
    date: 'dates',
    zone: 'timezone',
    tz: 'timezone',
  },
  build: ({ values, spots, spot }) => {
    // An unknown field was already reported, and was most likely meant to fill the calendar.
    if (spot.entries().every(({ name }) => name === 'timezone')) {
      const message = `"${spot.label}" has neither dates nor an ICS file, expected one of them`;
      spot.report('calendar.empty', message);
      return undefined;
    }
    const { dates = [], ics = [], timezone = null } = values;
    const written = countOf(spots.dates) + countOf(spots.ics);
    const whole = written > 0 && dates.length + ics.length === written;
    return { dates, ics, zone: timezone, complete: whole, spot };
  },
});

function countOf(spot: SourceValue | undefined): number {
  if (spot === undefined) return 0;
  return spot.kind === 'list' ? spot.items().length : 1;
}

/** Completes a calendar with its ICS files; `files` are the folder's other files by name. */
export function finishCalendar(
  name: string,
  draft: CalendarDraft,
  options: { readonly files: ReadonlyMap<string, string>; readonly defaultZone: string | null },
): Calendar {
  const dates = new Set(draft.dates);
  const spans: (readonly [number, number])[] = [];
  const zone = draft.zone ?? options.defaultZone;
  let failed = !draft.complete;
  for (const { path, spot } of draft.ics) {
    const text = options.files.get(path);
    if (text === undefined) {
      const end = suggestion(path, [...options.files.keys()]);
      const known = end === '' ? '; the folder has no ICS file' : end;
      spot.report('ics.missing', `there is no file "${path}" in the rules folder${known}`);
      failed = true;
      continue;
    }
    const read = readIcs({ text, zone });
    for (const { code, line, message } of read.mistakes) {
      if (spot.context.muted) continue;
      spot.context.session.report(code, { file: path, line, column: 1 }, message);
    }
    failed ||= read.mistakes.length > 0;
    for (const day of read.dates) dates.add(day);
    spans.push(...read.spans);
  }
  if (!failed && dates.size === 0 && spans.length === 0) {
    const message = `the calendar "${name}" is empty, expected at least one day or event`;
    draft.spot.report('calendar.empty', message);
  }
  return { name, zone: draft.zone, dates, spans, lastDay: lastDay(dates, spans) };
}

function lastDay(
  dates: ReadonlySet<string>,
  spans: readonly (readonly [number, number])[],
): string | null {
  let last: string | null = null;
  for (const day of dates) if (last === null || day > last) last = day;
  for (const [, end] of spans) {
    const day = new Date(end - 1).toISOString().slice(0, 10);
    if (last === null || day > last) last = day;
  }
  return last;
}

// Schedules: days, hours, dates and cron pairs of one alternative, or a list of alternatives.

import { type Cron, parseCron } from '../core/schedule/cron.ts';
import type { Alternative, HourWindow, Opening, Schedule } from '../core/schedule/schedule.ts';
import { keyed, type Mapping, object } from './mapping.ts';
import { byKind, list, map, oneOrMany, type Shape, text } from './shape.ts';
import { date, days, exceptDays, hours, isoWeekday } from './times.ts';
import { zone } from './values.ts';

const cron: Shape<Cron> = text({
  expected: 'a cron line such as "0 9 1 * *"',
  schema: { minLength: 1 },
  parse(value, spot) {
    const parsed = parseCron(value);
    if (!('error' in parsed)) return parsed;
    spot.report('cron.invalid', `"${spot.label}": ${parsed.error}`);
    return undefined;
  },
});

export const cronFields = {
  start: {
    shape: cron,
    doc: 'When it opens: five cron fields, in the schedule’s zone.',
    required: true,
  },
  end: { shape: cron, doc: 'When it closes.', required: true },
} as const;

const cronPair = object<typeof cronFields, Extract<Opening, { kind: 'cron' }>>({
  what: 'a cron pair',
  fields: cronFields,
  build: ({ values: { start, end } }) =>
    start === undefined || end === undefined ? undefined : { kind: 'cron', start, end },
});

const closed: Shape<readonly HourWindow[]> = text({
  expected: 'hours in quotes, or closed',
  schema: { minLength: 1 },
  parse: (value, spot) => (value === 'closed' ? [] : hours.read(spot)),
});

export const scheduleFields = {
  days: { shape: days, doc: 'Weekdays: `mon-fri`, `sat,sun` or a list; all when left out.' },
  hours: {
    shape: map(oneOrMany(hours, hours.expected), (windows) => windows.flat()),
    doc: 'Hours in quotes: `"08:30-17:30"`, or a list. Past midnight is fine; `24:00` may end it.',
  },
  dates: { shape: oneOrMany(date, 'a date or a list of dates'), doc: 'Only on these days.' },
  from: { shape: date, doc: 'First day, included.' },
  until: { shape: date, doc: 'Last day, included.' },
  except: {
    shape: oneOrMany(exceptDays, 'a calendar, a date or a list of these'),
    doc: 'Days left out: a calendar, a date, or a list of these.',
  },
  exceptions: {
    shape: keyed({ expected: 'dates with their hours', key: date, value: closed, least: 1 }),
    doc: 'Hours of single days, whatever the other fields say: `"2026-12-24": "09:00-12:00"` or `closed`.',
  },
  cron: { shape: cronPair, doc: 'Open from each firing of `start` to the next of `end`.' },
  timezone: {
    shape: zone,
    doc: 'Its own time zone, or `worker.timezone`; else `defaults.timezone`.',
  },
} as const;

const alternative = object<typeof scheduleFields, Alternative>({
  what: 'a schedule',
  fields: scheduleFields,
  hints: {
    weekdays: 'days',
    time: 'hours',
    times: 'hours',
    date: 'dates',
    zone: 'timezone',
    tz: 'timezone',
  },
  build: buildAlternative,
});

function buildAlternative(read: Mapping<typeof scheduleFields>): Alternative | undefined {
  const { values, spots, spot } = read;
  if (spot.entries().every(({ name }) => name === 'timezone')) {
    const expected = 'expected days, hours, dates or another field';
    spot.report('schedule.no_fields', `"${spot.label}" has no times, ${expected}`);
    return undefined;
  }
  if (spots.cron !== undefined && (spots.hours !== undefined || spots.days !== undefined)) {
    const message = `"${spot.label}" has cron lines together with days or hours, expected only one of them`;
    spots.cron.report('schedule.cron_and_hours', message);
    return undefined;
  }
  if (values.from !== undefined && values.until !== undefined && values.until < values.from) {
    const found = `"${spot.label}" ends on ${values.until}, before it begins on ${values.from}`;
    spots.until?.report('dates.order', `${found}; expected "until" on or after "from"`);
    return undefined;
  }
  const made = make(values);
  if (made.dates === null || made.dates.size === 0 || isEverOpen(made)) return made;
  const why = 'its other fields exclude all its dates';
  spot.report('schedule.empty', `"${spot.label}" is never open: ${why}`);
  return undefined;
}

function make(values: Mapping<typeof scheduleFields>['values']): Alternative {
  const except = values.except ?? [];
  return {
    zone: values.timezone ?? null,
    days: values.days ?? null,
    opening: opening(values),
    dates: values.dates === undefined ? null : new Set(values.dates),
    from: values.from ?? null,
    until: values.until ?? null,
    except: {
      calendars: except.flatMap((each) => ('calendar' in each ? [each.calendar] : [])),
      dates: new Set(except.flatMap((each) => ('date' in each ? [each.date] : []))),
    },
    exceptions: new Map((values.exceptions ?? []).map(({ key, value }) => [key, value])),
  };
}

function opening(values: Mapping<typeof scheduleFields>['values']): Opening {
  if (values.cron !== undefined) return values.cron;
  if (values.hours !== undefined) return { kind: 'hours', windows: values.hours };
  return { kind: 'day' };
}

function isEverOpen(made: Alternative): boolean {
  if ([...made.exceptions.values()].some((windows) => windows.length > 0)) return true;
  return [...(made.dates ?? [])].some(
    (day) =>
      (made.days?.has(isoWeekday(day)) ?? true) &&
      (made.from === null || day >= made.from) &&
      (made.until === null || day <= made.until) &&
      !made.except.dates.has(day) &&
      made.exceptions.get(day)?.length !== 0,
  );
}

/** The body of a schedule: one alternative, or a list of them as OR. */
export const scheduleBody: Shape<Schedule> = byKind<Schedule>('a schedule, or a list of them', {
  map: map(alternative, (one) => ({ alternatives: [one] })),
  list: map(list(alternative, 'a list of schedules', 1), (alternatives) => ({ alternatives })),
});

// Shifts and instants inside and outside them: both DST nights, past midnight, 24:00, the leap day,
// dates, exceptions, calendars, cron pairs and zones of Workers.

import { describe, expect, test } from 'vitest';
import { coversCalendar, nextCalendarBoundary } from '../../../src/core/schedule/calendar.ts';
import {
  type Calendar,
  covers,
  nextBoundary,
  type Schedule,
  type ScheduleEnv,
  windows,
  zoneForSchedule,
} from '../../../src/core/schedule/schedule.ts';
import { alternative, at, calendar, cronPair, hours } from './schedule-builders.ts';

function env(zone: string, ...calendars: Calendar[]): ScheduleEnv {
  return { zone, calendars: new Map(calendars.map((each) => [each.name, each])) };
}

const WEEKDAYS = { days: new Set([1, 2, 3, 4, 5]) };
const LONDON = env('Europe/London');

interface Shift {
  readonly name: string;
  readonly schedule: Schedule;
  readonly env: ScheduleEnv;
  readonly inside: readonly string[];
  readonly outside: readonly string[];
}

const holidays = calendar({ name: 'uk-holidays', dates: new Set(['2026-12-25']) });

const SHIFTS: readonly Shift[] = [
  {
    name: 'a day shift on weekdays',
    schedule: hours('08:30-17:30', WEEKDAYS),
    env: LONDON,
    inside: ['2026-06-10T08:30+01:00', '2026-06-12T17:29:59.999+01:00'],
    outside: ['2026-06-10T08:29:59.999+01:00', '2026-06-10T17:30+01:00', '2026-06-13T12:00+01:00'],
  },
  {
    name: 'a night shift belongs to the day it starts: Friday night ends on Saturday',
    schedule: hours('22:00-06:00', WEEKDAYS),
    env: LONDON,
    inside: ['2026-06-12T22:00+01:00', '2026-06-13T05:59+01:00'],
    outside: ['2026-06-13T06:00+01:00', '2026-06-13T22:00+01:00', '2026-06-15T05:59+01:00'],
  },
  {
    name: '24:00 is the end of the day',
    schedule: hours('18:00-24:00', { days: new Set([5]) }),
    env: LONDON,
    inside: ['2026-06-12T18:00+01:00', '2026-06-12T23:59:59.999+01:00'],
    outside: ['2026-06-13T00:00+01:00', '2026-06-11T20:00+01:00'],
  },
  {
    name: 'several windows leave lunch out',
    schedule: hours('09:00-12:00, 13:00-17:00'),
    env: LONDON,
    inside: ['2026-06-10T11:59+01:00', '2026-06-10T13:00+01:00'],
    outside: ['2026-06-10T12:00+01:00', '2026-06-10T12:59+01:00'],
  },
  {
    name: 'the leap day is a day like any other',
    schedule: hours('09:00-17:00', { dates: new Set(['2028-02-29']) }),
    env: LONDON,
    inside: ['2028-02-29T09:00Z', '2028-02-29T16:59Z'],
    outside: ['2028-02-28T12:00Z', '2028-03-01T12:00Z'],
  },
  {
    name: 'from and until are both included, by the day the window starts',
    schedule: hours('22:00-06:00', { from: '2026-06-10', until: '2026-06-11' }),
    env: LONDON,
    inside: ['2026-06-10T22:00+01:00', '2026-06-12T05:59+01:00'],
    outside: ['2026-06-10T05:00+01:00', '2026-06-12T22:00+01:00'],
  },
  {
    name: 'a holiday leaves out the window that starts on it, not the one that ends on it',
    schedule: hours('22:00-06:00', {
      except: { calendars: ['uk-holidays'], dates: new Set(['2026-12-31']) },
    }),
    env: env('Europe/London', holidays),
    inside: ['2026-12-25T05:59Z', '2026-12-26T22:00Z'],
    outside: ['2026-12-25T22:00Z', '2026-12-26T05:00Z', '2026-12-31T23:00Z'],
  },
  {
    name: 'a timed event of an excepted calendar is cut out',
    schedule: hours('09:00-17:00', { except: { calendars: ['team'], dates: new Set() } }),
    env: env(
      'Europe/London',
      calendar({ name: 'team', spans: [[at('2026-06-10T13:00Z'), at('2026-06-10T14:00Z')]] }),
    ),
    inside: ['2026-06-10T12:59Z', '2026-06-10T14:00Z'],
    outside: ['2026-06-10T13:00Z', '2026-06-10T13:59Z'],
  },
  {
    name: 'on a dated exception its own hours apply instead, a weekend and a holiday included',
    schedule: hours('09:00-17:00', {
      ...WEEKDAYS,
      except: { calendars: ['uk-holidays'], dates: new Set() },
      exceptions: new Map([
        ['2026-12-24', [{ start: 540, end: 720 }]],
        ['2026-12-25', [{ start: 600, end: 660 }]],
        ['2026-12-26', [{ start: 540, end: 600 }]],
        ['2026-12-28', []],
      ]),
    }),
    env: env('Europe/London', holidays),
    inside: ['2026-12-24T11:59Z', '2026-12-25T10:00Z', '2026-12-26T09:30Z', '2026-12-29T12:00Z'],
    outside: ['2026-12-24T12:00Z', '2026-12-25T11:00Z', '2026-12-26T10:00Z', '2026-12-28T12:00Z'],
  },
  {
    name: 'a cron pair opens from its start to its next end',
    schedule: cronPair('0 9 1 * *', '0 18 1 * *'),
    env: LONDON,
    inside: ['2026-06-01T09:00+01:00', '2026-06-01T17:59+01:00'],
    outside: ['2026-06-01T08:59+01:00', '2026-06-01T18:00+01:00', '2026-06-02T12:00+01:00'],
  },
  {
    name: 'a cron line of decades: 29 February where it is a Sunday, as `*/7` means both',
    schedule: cronPair('0 6 29 2 */7', '0 18 29 2 */7'),
    env: LONDON,
    inside: ['2032-02-29T06:00Z', '2060-02-29T17:59Z'],
    outside: ['2028-02-29T12:00Z', '2032-02-29T18:00Z', '2100-03-01T12:00Z', '2026-06-10T12:00Z'],
  },
  {
    name: 'a cron pair may span months',
    schedule: cronPair('0 0 1 11 *', '0 0 1 3 *'),
    env: env('UTC'),
    inside: ['2026-11-01T00:00Z', '2027-01-15T12:00Z', '2027-02-28T23:59Z', '2026-02-01T00:00Z'],
    outside: ['2027-03-01T00:00Z', '2026-10-31T23:59Z', '2026-07-01T00:00Z'],
  },
  {
    name: 'a zone of its own',
    schedule: hours('09:00-17:00', { zone: { kind: 'fixed', id: 'America/New_York' } }),
    env: LONDON,
    inside: ['2026-06-10T09:00-04:00'],
    outside: ['2026-06-10T09:00+01:00', '2026-06-10T17:00-04:00'],
  },
  {
    name: 'a list of alternatives is open when any is',
    schedule: {
      alternatives: [
        ...hours('09:00-12:00', { days: new Set([3]) }).alternatives,
        ...hours('11:00-14:00', { days: new Set([3, 4]) }).alternatives,
      ],
    },
    env: LONDON,
    inside: ['2026-06-10T09:00+01:00', '2026-06-10T13:59+01:00', '2026-06-11T11:00+01:00'],
    outside: ['2026-06-11T10:00+01:00', '2026-06-10T14:00+01:00'],
  },
  {
    name: 'whole days where no hours are given',
    schedule: { alternatives: [alternative({ days: new Set([6, 7]) })] },
    env: LONDON,
    inside: ['2026-06-13T00:00+01:00', '2026-06-14T23:59:59.999+01:00'],
    outside: ['2026-06-12T23:59:59.999+01:00', '2026-06-15T00:00+01:00'],
  },
];

describe.each(SHIFTS)('$name', ({ schedule, env: read, inside, outside }) => {
  test.each(inside)('is open at %s', (text) => {
    expect(covers(schedule, at(text), read)).toBe(true);
  });
  test.each(outside)('is closed at %s', (text) => {
    expect(covers(schedule, at(text), read)).toBe(false);
  });
});

/** A night around a change of the clocks: the windows it holds, as instants. */
const NIGHTS: readonly (readonly [string, string, string, string, readonly string[][]])[] = [
  // zone, hours, from, to, windows
  [
    'Europe/London',
    '22:00-06:00',
    '2026-10-24T12:00Z',
    '2026-10-25T12:00Z',
    [['2026-10-24T21:00Z', '2026-10-25T06:00Z']],
  ],
  [
    'Europe/London',
    '22:00-06:00',
    '2026-03-28T12:00Z',
    '2026-03-29T12:00Z',
    [['2026-03-28T22:00Z', '2026-03-29T05:00Z']],
  ],
  [
    'Europe/London',
    '01:00-02:00',
    '2026-10-25T00:00Z',
    '2026-10-25T12:00Z',
    [['2026-10-25T00:00Z', '2026-10-25T02:00Z']],
  ],
  [
    'Europe/London',
    '01:15-01:45',
    '2026-10-24T23:00Z',
    '2026-10-25T12:00Z',
    [['2026-10-25T00:15Z', '2026-10-25T01:45Z']],
  ],
  [
    'America/New_York',
    '02:30-04:00',
    '2026-03-08T05:00Z',
    '2026-03-08T12:00Z',
    [['2026-03-08T07:00Z', '2026-03-08T08:00Z']],
  ],
  ['America/New_York', '02:10-02:50', '2026-03-08T05:00Z', '2026-03-08T12:00Z', []],
  [
    'America/New_York',
    '01:30-03:00',
    '2026-11-01T04:00Z',
    '2026-11-01T12:00Z',
    [['2026-11-01T05:30Z', '2026-11-01T08:00Z']],
  ],
  [
    'Australia/Lord_Howe',
    '01:30-02:15',
    '2026-10-03T12:00Z',
    '2026-10-03T20:00Z',
    [['2026-10-03T15:00Z', '2026-10-03T15:30Z']],
  ],
  [
    'Australia/Lord_Howe',
    '01:45-03:00',
    '2026-04-04T12:00Z',
    '2026-04-04T20:00Z',
    [['2026-04-04T14:45Z', '2026-04-04T16:30Z']],
  ],
  [
    'America/Sao_Paulo',
    '00:00-06:00',
    '2018-11-03T12:00Z',
    '2018-11-04T12:00Z',
    [['2018-11-04T03:00Z', '2018-11-04T08:00Z']],
  ],
  [
    'America/Sao_Paulo',
    '22:00-24:00',
    '2019-02-16T12:00Z',
    '2019-02-17T12:00Z',
    [['2019-02-17T00:00Z', '2019-02-17T03:00Z']],
  ],
  [
    'Pacific/Apia',
    '09:00-17:00',
    '2011-12-29T10:00Z',
    '2011-12-31T10:00Z',
    [
      ['2011-12-29T19:00Z', '2011-12-30T03:00Z'],
      ['2011-12-30T19:00Z', '2011-12-31T03:00Z'],
    ],
  ],
  [
    'Asia/Kathmandu',
    '22:00-06:00',
    '2026-03-28T12:00Z',
    '2026-03-29T12:00Z',
    [['2026-03-28T16:15Z', '2026-03-29T00:15Z']],
  ],
];

describe('9: both nights on which the clocks change', () => {
  test.each(NIGHTS)('%s %s from %s to %s', (zone, text, from, to, expected) => {
    const iso = (ms: number) => new Date(ms).toISOString().replace(':00.000Z', 'Z');
    const found = windows(hours(text), at(from), at(to), env(zone));
    expect(found.map(({ start, end }) => [iso(start), iso(end)])).toEqual(expected);
  });

  test('the October night is one window of nine hours with two boundaries, not four', () => {
    const night = hours('22:00-06:00');
    const start = nextBoundary(night, at('2026-10-24T20:55Z'), LONDON);
    expect(start).toBe(at('2026-10-24T21:00Z'));
    const end = nextBoundary(night, at('2026-10-24T21:00Z'), LONDON);
    expect(end).toBe(at('2026-10-25T06:00Z'));
    expect((end ?? 0) - (start ?? 0)).toBe(9 * 3_600_000);
  });

  test('Havana repeats midnight: whole days end at the first, a written 24:00 at the other', () => {
    const havana = env('America/Havana');
    const saturday = { days: new Set([6]) };
    const whole = { alternatives: [alternative(saturday)] };
    expect(nextBoundary(whole, at('2026-10-31T12:00Z'), havana)).toBe(at('2026-11-01T04:00Z'));
    const written = hours('00:00-24:00', saturday);
    expect(nextBoundary(written, at('2026-10-31T12:00Z'), havana)).toBe(at('2026-11-01T05:00Z'));
  });
});

describe('nextBoundary', () => {
  test('windows that touch or overlap have no boundary between them', () => {
    const touching = hours('08:00-12:00, 12:00-16:00, 15:00-18:00');
    expect(nextBoundary(touching, at('2026-06-10T08:00Z'), env('UTC'))).toBe(
      at('2026-06-10T18:00Z'),
    );
  });

  test('a schedule that is always or never open has no boundary', () => {
    const read = env('Europe/London');
    const always = { alternatives: [alternative({})] };
    const never = hours('09:00-17:00', { until: '2020-01-01' });
    expect(nextBoundary(always, at('2026-06-10T08:00Z'), read)).toBeNull();
    expect(nextBoundary(never, at('2026-06-10T08:00Z'), read)).toBeNull();
    expect(nextBoundary({ alternatives: [] }, at('2026-06-10T08:00Z'), read)).toBeNull();
  });

  test('a boundary far ahead is found, one beyond 400 days and more is not', () => {
    const leap = hours('09:00-17:00', { dates: new Set(['2028-02-29']) });
    const read = env('UTC');
    expect(nextBoundary(leap, at('2027-03-01T00:00Z'), read)).toBe(at('2028-02-29T09:00Z'));
    expect(nextBoundary(leap, at('2024-03-01T00:00Z'), read)).toBeNull();
  });

  test('a reloaded calendar is used, whatever was cached', () => {
    const schedule = hours('09:00-17:00', { except: { calendars: ['x'], dates: new Set() } });
    const noon = at('2026-06-10T12:00Z');
    const empty = calendar({ name: 'x' });
    const full = calendar({ name: 'x', dates: new Set(['2026-06-10']) });
    expect(covers(schedule, noon, env('UTC', empty))).toBe(true);
    expect(covers(schedule, noon, env('UTC', full))).toBe(false);
  });
});

describe('the zone of a Worker', () => {
  const shift = hours('09:00-17:00', { zone: { kind: 'worker', path: ['timezone'] } });
  const read = (timezone: unknown) => ({ ...env('UTC'), attributes: { timezone } });

  test('is used where the schedule says so', () => {
    expect(covers(shift, at('2026-06-10T09:00+12:00'), read('Pacific/Auckland'))).toBe(true);
    expect(covers(shift, at('2026-06-10T09:00Z'), read('Pacific/Auckland'))).toBe(false);
  });

  test('if missing or invalid: never inside, with the reason', () => {
    expect(covers(shift, at('2026-06-10T09:00Z'), read('Mars/Olympus'))).toBe(false);
    const zone = { kind: 'worker', path: ['timezone'] } as const;
    expect(zoneForSchedule(shift, zone, { timezone: 'Mars/Olympus' })).toEqual({
      unknown: 'worker.timezone is "Mars/Olympus", not a time zone',
    });
    expect(zoneForSchedule(shift, zone, {})).toEqual({ unknown: 'worker.timezone is absent' });
    expect(zoneForSchedule(shift, zone, { timezone: 3 })).toEqual({
      unknown: 'worker.timezone is not text; expected a time zone',
    });
  });

  test("does not matter beside an alternative's own zone: dates are read in the default", () => {
    const own = hours('09:00-17:00', { zone: { kind: 'fixed', id: 'Asia/Tokyo' } });
    const [a, b] = [own.alternatives, hours('09:00-17:00').alternatives];
    const london = { kind: 'fixed', id: 'Europe/London' } as const;
    expect(zoneForSchedule({ alternatives: [...a, ...b] }, london, {})).toBe('Europe/London');
    expect(zoneForSchedule({ alternatives: [...b, ...a] }, london, {})).toBe('Europe/London');
    expect(zoneForSchedule({ alternatives: [] }, london, {})).toBe('Europe/London');
  });

  test('is not needed by a schedule with a zone of its own', () => {
    const own = hours('09:00-17:00', { zone: { kind: 'fixed', id: 'Asia/Tokyo' } });
    expect(zoneForSchedule(own, { kind: 'worker', path: ['timezone'] }, {})).toBe('Asia/Tokyo');
  });
});

describe('a calendar by itself', () => {
  const days = calendar({
    dates: new Set(['2026-12-25', '2026-12-26', '2027-01-01']),
    spans: [[at('2026-12-24T18:00Z'), at('2026-12-25T02:00Z')]],
  });
  const read = env('Europe/London');

  test('joins days and events that touch', () => {
    expect(coversCalendar(days, at('2026-12-24T17:59Z'), read)).toBe(false);
    expect(coversCalendar(days, at('2026-12-24T18:00Z'), read)).toBe(true);
    expect(nextCalendarBoundary(days, at('2026-12-24T18:00Z'), read)).toBe(at('2026-12-27T00:00Z'));
    expect(nextCalendarBoundary(days, at('2026-12-27T00:00Z'), read)).toBe(at('2027-01-01T00:00Z'));
  });

  test('is silent after its last day', () => {
    expect(coversCalendar(days, at('2027-01-02T00:00Z'), read)).toBe(false);
    expect(nextCalendarBoundary(days, at('2027-01-02T00:00Z'), read)).toBeNull();
  });

  test('has days in its own zone, otherwise in the zone it is read in', () => {
    const tokyo = { ...days, zone: 'Asia/Tokyo' };
    expect(coversCalendar(tokyo, at('2026-12-31T15:00Z'), read)).toBe(true);
    expect(coversCalendar(days, at('2026-12-31T15:00Z'), read)).toBe(false);
    expect(coversCalendar(days, at('2026-12-31T15:00Z'), env('Asia/Tokyo'))).toBe(true);
  });

  test('excludes a window by the day in its own zone', () => {
    const schedule = hours('08:00-09:00', { except: { calendars: ['test'], dates: new Set() } });
    const newYear = calendar({ zone: 'Asia/Tokyo', dates: new Set(['2027-01-01']) });
    const kiritimati = env('Pacific/Honolulu', newYear);
    // 08:00 in Honolulu on 31 December is already New Year's Day in Tokyo.
    expect(covers(schedule, at('2026-12-31T08:30-10:00'), kiritimati)).toBe(false);
    expect(covers(schedule, at('2027-01-01T08:30-10:00'), kiritimati)).toBe(true);
  });
});

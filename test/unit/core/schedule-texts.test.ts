// The small texts of time: spans, hours, weekdays, dates, cron lines, instants and zones, and the
// sentence for each that cannot be read.

import { describe, expect, test } from 'vitest';
import { parseCron } from '../../../src/core/schedule/cron.ts';
import { dayText, parseDay, weekdayOf } from '../../../src/core/schedule/dates.ts';
import { parseDate, parseDays, parseHours } from '../../../src/core/schedule/parse.ts';
import { addSpan, formatSpan, parseSpan, spanMs } from '../../../src/core/schedule/span.ts';
import { instantOf, isZone, nearestZone } from '../../../src/core/schedule/zone.ts';
import { at } from './schedule-builders.ts';

describe('spans', () => {
  test.each([
    ['90s', 0, 90_000],
    ['15m', 0, 900_000],
    ['2h', 0, 7_200_000],
    ['14d', 14, 0],
    ['1h30m', 0, 5_400_000],
    ['1d12h', 1, 43_200_000],
    ['0m', 0, 0],
  ])('%s is read', (text, days, ms) => {
    expect(parseSpan(text)).toEqual({ days, ms });
  });

  test.each(['', '5', '5 m', '-5m', '1.5h', '30m1h', '5w', '15M', 'm', '99999999999s'])(
    '"%s" is not a span',
    (text) => expect(parseSpan(text)).toBeNull(),
  );

  test('a wait in days is 24 hours each', () => {
    expect(spanMs({ days: 2, ms: 1 })).toBe(172_800_001);
  });

  test.each([
    [500, '500ms'],
    [1_000, '1s'],
    [59_999, '59s'],
    [90_000, '1m 30s'],
    [7_200_000, '2h'],
    [3 * 86_400_000 + 4 * 3_600_000 + 5, '3d 4h'],
    [3_600_000 + 5_000, '1h'],
    [-60_000, '-1m'],
  ])('%d ms is shown as %s', (ms, text) => expect(formatSpan(ms)).toBe(text));

  test.each([
    // Days keep the wall clock over both changes of the clocks; hours do not.
    ['Europe/London', '2026-03-28T12:00Z', { days: 1, ms: 0 }, '2026-03-29T11:00Z'],
    ['Europe/London', '2026-10-24T11:00Z', { days: 1, ms: 0 }, '2026-10-25T12:00Z'],
    ['Europe/London', '2026-10-24T11:00Z', { days: 0, ms: 86_400_000 }, '2026-10-25T11:00Z'],
    ['America/New_York', '2026-03-07T07:30Z', { days: 1, ms: 0 }, '2026-03-08T07:00Z'],
    ['America/New_York', '2026-10-31T05:30Z', { days: 1, ms: 60_000 }, '2026-11-01T05:31Z'],
    ['Pacific/Apia', '2011-12-29T20:00Z', { days: 1, ms: 0 }, '2011-12-30T10:00Z'],
  ])('in %s, %s plus a span', (zone, from, span, to) => {
    expect(new Date(addSpan(at(from), span, zone))).toEqual(new Date(at(to)));
  });
});

describe('hours', () => {
  test.each([
    ['08:30-17:30', [{ start: 510, end: 1_050 }]],
    ['22:00-06:00', [{ start: 1_320, end: 360 }]],
    ['00:00-24:00', [{ start: 0, end: 1_440 }]],
    ['22:00-00:00', [{ start: 1_320, end: 1_440 }]],
    [
      '8:30 - 12:00, 13:00–17:00',
      [
        { start: 510, end: 720 },
        { start: 780, end: 1_020 },
      ],
    ],
  ])('%s', (text, windows) => expect(parseHours(text)).toEqual(windows));

  test.each([
    ['9-17', 'found "9" where a time from 00:00 to 23:59 is expected'],
    ['09:00', 'found "09:00" where two times are expected, such as "08:30-17:30"'],
    ['09:00-25:00', 'found "25:00" where a time from 00:00 to 24:00 is expected'],
    ['24:00-06:00', 'found "24:00" where a time from 00:00 to 23:59 is expected'],
    ['09:00-09:60', 'found "09:60" where a time from 00:00 to 24:00 is expected'],
    ['09:00-09:00', '"09:00-09:00" starts and ends at the same minute, so it is never open'],
  ])('%s is refused', (text, error) => expect(parseHours(text)).toEqual({ error }));
});

describe('weekdays', () => {
  test.each([
    ['mon-fri', [1, 2, 3, 4, 5]],
    ['sat,sun', [6, 7]],
    ['fri-mon', [1, 5, 6, 7]],
    ['Monday, wed', [1, 3]],
    ['mon-sun', [1, 2, 3, 4, 5, 6, 7]],
  ])('%s', (text, days) => {
    const parsed = parseDays(text);
    expect('error' in parsed ? parsed : [...parsed].sort()).toEqual(days);
  });

  test.each([
    ['mon-fry', 'found "fry" where weekdays are expected, such as "mon-fri"; the nearest is "fri"'],
    ['', 'found "" where weekdays are expected, such as "mon-fri"'],
  ])('"%s" is refused', (text, error) => expect(parseDays(text)).toEqual({ error }));
});

describe('dates', () => {
  test('an existing day is accepted', () => {
    expect(parseDate('2028-02-29')).toBe('2028-02-29');
  });

  test.each([
    ['2026-02-29', 'there is no day 2026-02-29'],
    ['25.12.2026', 'found "25.12.2026" where a date is expected, such as "2026-12-25"'],
  ])('%s is refused', (text, error) => expect(parseDate(text)).toEqual({ error }));

  test("day numbers agree with JavaScript's calendar over a century and a half", () => {
    for (let day = -30_000; day < 30_000; day += 7) {
      const date = new Date(day * 86_400_000);
      expect(dayText(day)).toBe(date.toISOString().slice(0, 10));
      expect(parseDay(dayText(day))).toBe(day);
      expect(weekdayOf(day)).toBe(date.getUTCDay() || 7);
    }
  });
});

describe('cron lines', () => {
  test.each([
    ['0 9 1 * *', [540], [1], false],
    ['*/20 8-9 * jan,jul mon-fri', [480, 500, 520, 540, 560, 580], 31, false],
    ['30 6 1 * 7', [390], [1], true],
    ['5/30 0 * * *', [5, 35], 31, false],
  ])('%s', (text, minutes, dates, eitherDay) => {
    const cron = parseCron(text);
    if ('error' in cron) throw new Error(cron.error);
    expect(cron.minutes).toEqual(minutes);
    expect(typeof dates === 'number' ? cron.monthDays.size : [...cron.monthDays]).toEqual(dates);
    expect(cron.eitherDay).toBe(eitherDay);
  });

  test('0 and 7 are both Sunday', () => {
    const [zero, seven] = [parseCron('0 0 * * 0'), parseCron('0 0 * * 7')];
    if ('error' in zero || 'error' in seven) throw new Error('not read');
    expect(zero.weekdays).toEqual(new Set([7]));
    expect(seven.weekdays).toEqual(new Set([7]));
  });

  test.each([
    ['0 9 1 *', 'found 4 fields in "0 9 1 *" where cron has 5, such as "0 9 1 * *"'],
    ['60 9 * * *', 'found "60" as the minute where 0 to 59 is expected'],
    ['0 9 * * fun', 'found "fun" as the weekday where 0 to 7 is expected'],
    ['0 17-9 * * *', 'found "17-9" as the hour where 0 to 23 is expected'],
    ['*/0 9 * * *', 'found "*/0" as the minute where 0 to 59 is expected'],
    ['0 9 31 2,4 *', '"0 9 31 2,4 *" never fires: no month has such a day'],
  ])('%s is refused', (text, error) => expect(parseCron(text)).toEqual({ error }));
});

describe('written instants', () => {
  test.each([
    ['2026-06-10', 'Europe/London', '2026-06-09T23:00Z'],
    ['2026-06-10T09:00', 'America/New_York', '2026-06-10T13:00Z'],
    ['2026-06-10T09:00:30Z', 'America/New_York', '2026-06-10T09:00:30Z'],
    ['2026-06-10T09:00:00.250+05:45', 'UTC', '2026-06-10T03:15:00.250Z'],
    ['2026-03-08T02:30', 'America/New_York', '2026-03-08T07:00Z'],
    ['2026-06-10 24:00', 'UTC', '2026-06-11T00:00Z'],
  ])('%s in %s', (text, zone, expected) => expect(instantOf(text, zone)).toBe(at(expected)));

  test.each([
    '',
    'today',
    '2026-02-30',
    '2026-06-10T25:00',
    '2026-06-10T09:60',
    '2026-06-10T24:01',
  ])('"%s" is not one', (text) => expect(instantOf(text, 'UTC')).toBeNull());
});

describe('zones', () => {
  test.each(['Europe/London', 'UTC', 'Asia/Kathmandu', 'Etc/GMT+5'])('%s is valid', (id) =>
    expect(isZone(id)).toBe(true),
  );
  test.each(['', 'London', '+01:00', 'GMT+1', 'Europe/Londn', '__proto__', 'x'.repeat(500)])(
    '"%s" is invalid',
    (id) => expect(isZone(id)).toBe(false),
  );
  test.each([
    ['London', 'Europe/London'],
    ['Europe/Londn', 'Europe/London'],
    ['america/new york', 'America/New_York'],
  ])('for "%s" the suggestion is %s', (id, near) => expect(nearestZone(id)).toBe(near));
});

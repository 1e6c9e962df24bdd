import { describe, expect, it } from 'vitest';
import { compileRules } from '../../../src/language/compile.ts';
import { readIcs } from '../../../src/language/ics.ts';

function calendar(...events: readonly (readonly string[])[]): string {
  const body = events.flatMap((lines) => ['BEGIN:VEVENT', 'UID:a', ...lines, 'END:VEVENT']);
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', ...body, 'END:VCALENDAR', ''].join('\r\n');
}

function read(text: string, zone: string | null = 'Europe/London') {
  const { dates, spans, mistakes } = readIcs({ text, zone });
  const iso = (at: number) => new Date(at).toISOString().slice(0, 16);
  return {
    dates,
    spans: spans.map(([from, to]) => `${iso(from)}/${iso(to)}`),
    mistakes: mistakes.map(({ code, line, message }) => `${line} ${code} ${message}`),
  };
}

describe('whole days', () => {
  it('count to the day before their end', () => {
    const event = ['DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20261227'];
    expect(read(calendar(event)).dates).toEqual(['2026-12-24', '2026-12-25', '2026-12-26']);
    expect(read(calendar(['DTSTART;VALUE=DATE:20261224'])).dates).toEqual(['2026-12-24']);
  });

  it('that recur are expanded for the years that a calendar covers', () => {
    const { dates } = read(calendar(['DTSTART;VALUE=DATE:19951225', 'RRULE:FREQ=YEARLY']));
    expect([dates[0], dates.at(-1), dates.length]).toEqual(['2020-12-25', '2045-12-25', 26]);
  });

  it('leave out what is excluded, cancelled or moved', () => {
    const series = [
      'DTSTART;VALUE=DATE:20260601',
      'RRULE:FREQ=WEEKLY;COUNT=4',
      'EXDATE;VALUE=DATE:20260608',
    ];
    const moved = ['RECURRENCE-ID;VALUE=DATE:20260615', 'DTSTART;VALUE=DATE:20260616'];
    const cancelled = [
      'RECURRENCE-ID;VALUE=DATE:20260622',
      'DTSTART;VALUE=DATE:20260622',
      'STATUS:CANCELLED',
    ];
    expect(read(calendar(series, moved, cancelled)).dates).toEqual(['2026-06-01', '2026-06-16']);
    expect(read(calendar(['DTSTART;VALUE=DATE:20260601', 'STATUS:CANCELLED'])).dates).toEqual([]);
  });

  it('never fall on a day of another month', () => {
    const rule = 'RRULE:FREQ=YEARLY;BYMONTH=2,3;BYMONTHDAY=30;COUNT=6';
    const { dates } = read(calendar(['DTSTART;VALUE=DATE:20260330', rule]));
    expect(dates.every((day) => day.endsWith('-03-30'))).toBe(true);
    expect(dates.length).toBeGreaterThan(0);
  });
});

describe('timed events', () => {
  it('keep their wall clock in summer and winter, in a zone that only their TZID names', () => {
    const event = [
      'DTSTART;TZID=Europe/London:20261023T090000',
      'DTEND;TZID=Europe/London:20261023T100000',
      'RRULE:FREQ=WEEKLY;COUNT=2',
    ];
    expect(read(calendar(event), 'America/New_York').spans).toEqual([
      '2026-10-23T08:00/2026-10-23T09:00',
      '2026-10-30T09:00/2026-10-30T10:00',
    ]);
  });

  it("in UTC stay in UTC, and without a zone are in the calendar's", () => {
    const utc = ['DTSTART:20260610T090000Z', 'DURATION:PT90M'];
    expect(read(calendar(utc)).spans).toEqual(['2026-06-10T09:00/2026-06-10T10:30']);
    const floating = ['DTSTART:20260610T090000', 'DTEND:20260610T100000'];
    expect(read(calendar(floating)).spans).toEqual(['2026-06-10T08:00/2026-06-10T09:00']);
    expect(read(calendar(floating), null).mistakes).toEqual([
      '3 ics.zone the event "without a summary": its time has no zone, expected "timezone" on the calendar in the rules',
    ]);
  });

  it('may use a zone that the file itself defines', () => {
    const zone = [
      'BEGIN:VTIMEZONE',
      'TZID:Office',
      'BEGIN:STANDARD',
      'DTSTART:19700101T000000',
      'TZOFFSETFROM:+0300',
      'TZOFFSETTO:+0300',
      'END:STANDARD',
      'END:VTIMEZONE',
    ];
    const event = ['DTSTART;TZID=Office:20260610T090000', 'DTEND;TZID=Office:20260610T100000'];
    const text = calendar(event).replace('BEGIN:VEVENT', [...zone, 'BEGIN:VEVENT'].join('\r\n'));
    expect(read(text).spans).toEqual(['2026-06-10T06:00/2026-06-10T07:00']);
    const mozilla = [
      'DTSTART;TZID=/mozilla.org/20070129_1/Europe/Paris:20260610T090000',
      'DURATION:PT1H',
    ];
    expect(read(calendar(mozilla)).spans).toEqual(['2026-06-10T07:00/2026-06-10T08:00']);
    expect(read(calendar(['SUMMARY:Fair', ...event])).mistakes).toEqual([
      '3 ics.zone the event "Fair": "Office" is not a time zone, expected an IANA zone such as Europe/London',
    ]);
  });
});

describe('what cannot be read', () => {
  const whole = 'expected lines from BEGIN:VCALENDAR to END:VCALENDAR';
  it.each([
    ['', `1 ics.invalid the file is not ICS, ${whole}`],
    ['BEGIN:VCALENDAR\r\n', `1 ics.invalid the file is not ICS, ${whole}`],
    [
      'BEGIN:VCALENDAR\nVERSION:2.0\nChristmas\nEND:VCALENDAR\n',
      `3 ics.invalid "Christmas" is not ICS, ${whole}`,
    ],
    [
      calendar(['DTSTART:20260101T000000Z', 'RRULE:FREQ=DAILY;BYYEARDAY=400']),
      '6 ics.invalid "FREQ=DAILY;BYYEARDAY=400" is not a supported recurrence, expected one such as FREQ=YEARLY',
    ],
    ['BEGIN:VEVENT\nEND:VEVENT\n', `1 ics.invalid the file is not ICS, ${whole}`],
  ])('the file %j', (text, told) => {
    expect(read(text).mistakes).toEqual([told]);
  });

  it.each([
    [['SUMMARY:Fair'], 'ics.invalid the event "Fair": it has no DTSTART'],
    [
      ['DTSTART;VALUE=DATE:20260231'],
      'ics.invalid the event "without a summary": its DTSTART is not a date: there is no day 2026-02-31',
    ],
    [
      ['DTSTART:20260101T000000Z', 'RRULE:FREQ=MINUTELY'],
      'ics.invalid the event "without a summary": it repeats MINUTELY, expected DAILY, WEEKLY, MONTHLY or YEARLY',
    ],
    [
      ['DTSTART:20260101T000000Z', 'RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30'],
      'ics.invalid the event "without a summary": it repeats on a day that its month does not have',
    ],
  ])('the event %j', (event, told) => {
    const good = ['DTSTART;VALUE=DATE:20261225'];
    const { dates, mistakes } = read(calendar(good, event));
    expect(mistakes).toEqual([`7 ${told}`]);
    expect(dates).toEqual(['2026-12-25']);
  });

  it('more events than can be kept', () => {
    const daily = ['DTSTART:20200101T000000Z', 'DURATION:PT1H', 'RRULE:FREQ=DAILY'];
    expect(read(calendar(daily, daily)).mistakes).toEqual([
      '1 ics.too_many the file has too many days and events, expected at most 10000',
    ]);
  });
});

describe('a calendar in the rules', () => {
  const rules = (ics: string) =>
    `version: 1\ncalendars:\n  hols: { ics: ${ics} }\nrules:\n  - { name: r, who: everyone, during: { calendar: hols }, then: { any: pause } }\n`;
  const told = (path: string, ics: string) =>
    compileRules([
      { name: 'r.yaml', text: rules(path) },
      { name: 'calendars/uk.ics', text: ics },
    ]);

  it('has its dates, its events and its last day', () => {
    const day = ['DTSTART;VALUE=DATE:20261225'];
    const { ruleSet, diagnostics } = told('calendars/uk.ics', calendar(day));
    expect(diagnostics).toEqual([]);
    expect(ruleSet?.calendars.get('hols')).toEqual({
      name: 'hols',
      zone: null,
      dates: new Set(['2026-12-25']),
      spans: [],
      lastDay: '2026-12-25',
    });
  });

  it('reports a missing file, and a mistake inside one at its own line', () => {
    const missing = told('calendars/uk.isc', calendar(['DTSTART;VALUE=DATE:20261225']));
    expect(missing.diagnostics.map((d) => `${d.file}:${d.line}:${d.column} ${d.message}`)).toEqual([
      'r.yaml:3:16 there is no file "calendars/uk.isc" in the rules folder; did you mean "calendars/uk.ics"?',
    ]);
    const broken = told('calendars/uk.ics', calendar(['SUMMARY:Fair']));
    expect(broken.diagnostics.map((d) => `${d.file}:${d.line}:${d.column} ${d.message}`)).toEqual([
      'calendars/uk.ics:3:1 the event "Fair": it has no DTSTART',
    ]);
    const empty = told('calendars/uk.ics', calendar());
    expect(empty.diagnostics.map((d) => `${d.file}:${d.line}:${d.column} ${d.message}`)).toEqual([
      'r.yaml:3:9 the calendar "hols" is empty, expected at least one day or event',
    ]);
  });
});

// Days and events of an ICS file. Recurring events are expanded over a fixed range of years, each
// occurrence as a wall-clock time in its own zone, so that an event at nine stays at nine in summer
// and winter.

import ICAL from 'ical.js';
import { parseDate } from '../core/schedule/parse.ts';
import { isZone, wallToInstant } from '../core/schedule/zone.ts';
import type { Code } from './codes.ts';
import { quote } from './diagnostic.ts';
import { occurrenceFilter, recurrenceProblem } from './ics-recurrence.ts';
import { LIMITS } from './limits.ts';

export interface IcsMistake {
  readonly code: Code;
  readonly line: number;
  readonly message: string;
}

export interface IcsRead {
  /** Whole days, `YYYY-MM-DD`. */
  readonly dates: readonly string[];
  /** Timed events, [from, to) in epoch ms. */
  readonly spans: readonly (readonly [number, number])[];
  readonly mistakes: readonly IcsMistake[];
}

export interface IcsOptions {
  readonly text: string;
  /** For times that name no zone; null if there is none to read them in. */
  readonly zone: string | null;
}

const DAY_MS = 86_400_000;
const [FIRST_YEAR, LAST_YEAR] = LIMITS.calendarYears;

export function readIcs(options: IcsOptions): IcsRead {
  const reader = new IcsReader(options);
  reader.run();
  return reader;
}

type Refusal = Omit<IcsMistake, 'line'>;

/** A mistake in one event; caught where the event is read. */
class IcsRefusal extends Error {
  readonly code: Code;

  constructor({ code, message }: Refusal) {
    super(message);
    this.code = code;
  }
}

class IcsReader implements IcsRead {
  readonly dates: string[] = [];
  readonly spans: (readonly [number, number])[] = [];
  readonly mistakes: IcsMistake[] = [];
  readonly #text: string;
  readonly #zone: string | null;

  constructor({ text, zone }: IcsOptions) {
    this.#text = text;
    this.#zone = zone;
  }

  run(): void {
    let calendars: readonly ICAL.Component[];
    try {
      calendars = parseCalendars(this.#text);
    } catch (error) {
      this.#refuseFile(error);
      return;
    }
    const lines = eventLines(this.#text);
    let index = 0;
    for (const component of calendars.flatMap((each) => each.getAllSubcomponents('vevent'))) {
      this.#event(component, lines[index] ?? 1);
      index += 1;
      if (this.dates.length + this.spans.length > LIMITS.calendarEvents) {
        this.#tooMany();
        return;
      }
    }
  }

  #refuseFile(error: unknown): void {
    const recurrence = wrongRecurrence(this.#text);
    if (recurrence !== null) {
      this.mistakes.push(recurrence);
      return;
    }
    const reason = error instanceof Error ? error.message : String(error);
    const piece = /"([^"]+)"$/.exec(reason)?.[1];
    const at = piece === undefined ? -1 : this.#text.indexOf(piece);
    const line = at === -1 ? 1 : this.#text.slice(0, at).split('\n').length;
    const found = piece === undefined ? 'the file' : quote(piece, 40);
    const expected = 'expected lines from BEGIN:VCALENDAR to END:VCALENDAR';
    this.mistakes.push({ code: 'ics.invalid', line, message: `${found} is not ICS, ${expected}` });
  }

  #tooMany(): void {
    const most = `expected at most ${LIMITS.calendarEvents}`;
    const message = `the file has too many days and events, ${most}`;
    this.mistakes.push({ code: 'ics.too_many', line: 1, message });
  }

  #event(component: ICAL.Component, line: number): void {
    // A changed occurrence is read with the event that it belongs to.
    if (component.hasProperty('recurrence-id') || isCancelled(component)) return;
    try {
      this.#occurrences(component);
    } catch (error) {
      const code = error instanceof IcsRefusal ? error.code : 'ics.invalid';
      const reason = error instanceof Error ? error.message : String(error);
      const title = String(component.getFirstPropertyValue('summary') ?? 'without a summary');
      this.mistakes.push({ code, line, message: `the event ${quote(title, 40)}: ${reason}` });
    }
  }

  #occurrences(component: ICAL.Component): void {
    checkStart(component);
    const event = new ICAL.Event(component);
    const refusal = recurrenceProblem(component);
    if (refusal !== null) throw new IcsRefusal({ code: 'ics.invalid', message: refusal });
    if (!event.isRecurring()) {
      this.#occurrence(event, event.startDate, event.endDate);
      return;
    }
    const isItsDay = occurrenceFilter(component);
    const next = event.iterator();
    for (let count = 0; count < LIMITS.calendarEvents * 2; count++) {
      const at = next.next();
      // The types promise a time; at the end of the recurrence there is none.
      if (!at || at.year > LAST_YEAR) return;
      if (at.year < FIRST_YEAR || !isItsDay(at)) continue;
      const found = event.getOccurrenceDetails(at);
      if (isCancelled(found.item.component)) continue;
      this.#occurrence(found.item, found.startDate, found.endDate);
    }
    const most = `expected at most ${LIMITS.calendarEvents}`;
    throw new IcsRefusal({ code: 'ics.too_many', message: `it repeats too often, ${most} times` });
  }

  #occurrence(event: ICAL.Event, start: ICAL.Time, end: ICAL.Time): void {
    if (start.isDate) {
      const last = Math.max(wallOf(end), wallOf(start) + DAY_MS);
      for (let day = wallOf(start); day < last; day += DAY_MS) {
        this.dates.push(new Date(day).toISOString().slice(0, 10));
      }
      return;
    }
    const from = this.#instant(event, start, 'start');
    const to = this.#instant(event, end, 'end');
    if (to > from) this.spans.push([from, to]);
  }

  #instant(event: ICAL.Event, time: ICAL.Time, edge: 'start' | 'end'): number {
    if (time.zone?.tzid === 'UTC') return wallOf(time);
    const written = event.component.getFirstProperty('dtstart')?.getFirstParameter('tzid') ?? null;
    const zone = written === null ? this.#zone : ianaZone(written);
    if (zone !== null) return wallToInstant(zone, wallOf(time), edge);
    if (written === null) {
      const expected = 'expected "timezone" on the calendar in the rules';
      throw new IcsRefusal({ code: 'ics.zone', message: `its time has no zone, ${expected}` });
    }
    // A zone that is defined only in this file.
    if (time.zone?.component) return time.toUnixTime() * 1000;
    const expected = 'expected an IANA zone such as Europe/London';
    throw new IcsRefusal({
      code: 'ics.zone',
      message: `${quote(written)} is not a time zone, ${expected}`,
    });
  }
}

/** The library rejects a whole file for one recurrence and does not say which. */
function wrongRecurrence(text: string): IcsMistake | null {
  for (const [index, line] of text.split('\n').entries()) {
    const written = /^RRULE[^:]*:(.*?)\s*$/i.exec(line)?.[1];
    if (written === undefined) continue;
    try {
      ICAL.Recur.fromString(written);
    } catch {
      const expected = 'expected one such as FREQ=YEARLY';
      const message = `${quote(written, 40)} is not a supported recurrence, ${expected}`;
      return { code: 'ics.invalid', line: index + 1, message };
    }
  }
  return null;
}

function parseCalendars(text: string): readonly ICAL.Component[] {
  if (text.trim() === '') throw new Error('the file is empty');
  const parsed: unknown[] = ICAL.parse(text);
  const many = Array.isArray(parsed[0]) ? (parsed as unknown[][]) : [parsed];
  const calendars = many.map((each) => new ICAL.Component(each));
  if (calendars.some(({ name }) => name !== 'vcalendar')) throw new Error('no calendar');
  return calendars;
}

/** The library reads 31 February as 3 March. */
function checkStart(component: ICAL.Component): void {
  const start = component.getFirstProperty('dtstart');
  if (start === null) throw new IcsRefusal({ code: 'ics.invalid', message: 'it has no DTSTART' });
  const written: unknown = start.jCal[3];
  const day = parseDate(String(written).slice(0, 10));
  if (typeof day === 'string') return;
  throw new IcsRefusal({ code: 'ics.invalid', message: `its DTSTART is not a date: ${day.error}` });
}

function isCancelled(component: ICAL.Component): boolean {
  return String(component.getFirstPropertyValue('status')).toUpperCase() === 'CANCELLED';
}

/** Some programs write `/mozilla.org/20070129_1/Europe/London` for `Europe/London`. */
function ianaZone(tzid: string): string | null {
  if (isZone(tzid)) return tzid;
  const tail = /[A-Za-z_]+\/[A-Za-z_+-]+(?:\/[A-Za-z_]+)?$/.exec(tzid)?.[0] ?? '';
  return isZone(tail) ? tail : null;
}

/** The wall clock of a time, as the epoch ms at which UTC shows the same. */
function wallOf({ year, month, day, hour, minute, second }: ICAL.Time): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function eventLines(text: string): readonly number[] {
  return text.split('\n').flatMap((line, i) => (/^BEGIN:VEVENT\s*$/i.test(line) ? [i + 1] : []));
}

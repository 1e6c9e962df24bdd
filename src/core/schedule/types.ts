// The types for time in a loaded rule set: zones, lengths of time, schedules and calendars.
// Everything here is already checked; `schedule.ts` computes the instants.

import type { Cron } from './cron.ts';

/** The zone of a time like "09:00": an IANA zone, or the one a Worker's attribute names. */
export type Zone =
  | { readonly kind: 'fixed'; readonly id: string }
  | { readonly kind: 'worker'; readonly path: readonly string[] };

/** A length of time as written. Days are calendar days in a zone, so they are kept apart. */
export interface Span {
  readonly days: number;
  readonly ms: number;
}

/** Minutes since midnight. `end` at or before `start` is on the next day; 1440 is `24:00`. */
export interface HourWindow {
  readonly start: number;
  readonly end: number;
}

/** What a schedule opens on a day that it names. `day`: the whole of it, midnight to midnight. */
export type Opening =
  | { readonly kind: 'day' }
  | { readonly kind: 'hours'; readonly windows: readonly HourWindow[] }
  /** From each firing of `start` to the next firing of `end`. */
  | { readonly kind: 'cron'; readonly start: Cron; readonly end: Cron };

/**
 * One alternative of a schedule; its fields are ANDed. Dates are `YYYY-MM-DD` and, like weekdays,
 * are those of the day on which a window starts, in the alternative's zone.
 */
export interface Alternative {
  /** null: the rule set's default zone. */
  readonly zone: Zone | null;
  /** ISO weekdays, Monday 1 to Sunday 7; null: all. */
  readonly days: ReadonlySet<number> | null;
  readonly opening: Opening;
  /** null: any date. */
  readonly dates: ReadonlySet<string> | null;
  /** First day, included. */
  readonly from: string | null;
  /** Last day, included. */
  readonly until: string | null;
  /** Days left out; a calendar's timed events are cut out of the windows. */
  readonly except: { readonly calendars: readonly string[]; readonly dates: ReadonlySet<string> };
  /** On these dates exactly these windows start, whatever the other fields say; none: closed. */
  readonly exceptions: ReadonlyMap<string, readonly HourWindow[]>;
}

/** Open whenever one of its alternatives is. */
export interface Schedule {
  readonly alternatives: readonly Alternative[];
}

export interface Calendar {
  readonly name: string;
  /** The IANA zone whose days `dates` are; null: the default zone. */
  readonly zone: string | null;
  /** Whole days, `YYYY-MM-DD`. */
  readonly dates: ReadonlySet<string>;
  /** Timed events as [from, to) in epoch ms, in any order. */
  readonly spans: readonly (readonly [number, number])[];
  /** The last day, `YYYY-MM-DD`, that it covers; null when it is empty. */
  readonly lastDay: string | null;
}

/** What a schedule is evaluated with. */
export interface ScheduleEnv {
  /** The default zone, resolved: an IANA id. */
  readonly zone: string;
  readonly calendars: ReadonlyMap<string, Calendar>;
  /** A Worker's attributes, for alternatives whose own zone is the Worker's. */
  readonly attributes?: unknown;
}

/** [start, end) in epoch ms. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

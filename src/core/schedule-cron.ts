// A five-field cron line as sets of numbers, and the days and minutes that it names. It knows
// nothing of zones: which instant a wall-clock minute is, `schedule-days.ts` decides.

export interface Cron {
  readonly text: string;
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly monthDays: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** ISO weekdays, Monday 1 to Sunday 7. */
  readonly weekdays: ReadonlySet<number>;
  /** Both day fields are restricted: then either is enough, as cron has always had it. */
  readonly eitherDay: boolean;
}

/** Reads `minute hour day-of-month month day-of-week`; `error` is one sentence. */
export function parseCron(_text: string): Cron | { readonly error: string } {
  throw new Error('to be written');
}

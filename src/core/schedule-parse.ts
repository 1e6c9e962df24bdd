// Reads the small texts of a schedule as people write them: `08:30-17:30`, `mon-fri`, a date.
// Every refusal is one sentence that says what was found and what was expected.

import type { HourWindow } from './schedule.types.ts';

export interface Refused {
  readonly error: string;
}

/** `08:30-17:30`, several separated by commas; past midnight and `24:00` as an end are fine. */
export function parseHours(_text: string): readonly HourWindow[] | Refused {
  throw new Error('to be written');
}

/** `mon-fri`, `sat,sun`, `fri-mon`; ISO weekdays, Monday 1. */
export function parseDays(_text: string): ReadonlySet<number> | Refused {
  throw new Error('to be written');
}

/** A day that exists, `YYYY-MM-DD`, as it was given. */
export function parseDate(_text: string): string | Refused {
  throw new Error('to be written');
}

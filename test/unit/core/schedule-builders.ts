// A schedule's alternative with only what a test says; everything else open.

import { parseCron } from '../../../src/core/schedule/cron.ts';
import { parseHours } from '../../../src/core/schedule/parse.ts';
import type { Alternative, Calendar, Schedule } from '../../../src/core/schedule/schedule.ts';

export function alternative(differs: Partial<Alternative>): Alternative {
  return {
    zone: null,
    days: null,
    opening: { kind: 'day' },
    dates: null,
    from: null,
    until: null,
    except: { calendars: [], dates: new Set() },
    exceptions: new Map(),
    ...differs,
  };
}

/** Hours as written, `22:00-06:00`, with whatever else differs. */
export function hours(text: string, differs: Partial<Alternative> = {}): Schedule {
  const windows = parseHours(text);
  if ('error' in windows) throw new Error(windows.error);
  return { alternatives: [alternative({ opening: { kind: 'hours', windows }, ...differs })] };
}

export function calendar(differs: Partial<Calendar>): Calendar {
  return { name: 'test', zone: null, dates: new Set(), spans: [], lastDay: null, ...differs };
}

/** From each firing of one cron line to the next of the other. */
export function cronPair(
  first: string,
  last: string,
  differs: Partial<Alternative> = {},
): Schedule {
  const [start, end] = [parseCron(first), parseCron(last)];
  if ('error' in start || 'error' in end) throw new Error(`${first} to ${last}`);
  return { alternatives: [alternative({ opening: { kind: 'cron', start, end }, ...differs })] };
}

/** An instant as people write it, with its offset. */
export function at(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new Error(`not an instant: ${text}`);
  return ms;
}

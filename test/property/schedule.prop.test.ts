// Schedules against an oracle that knows nothing of offsets or eras: it lists the minutes of some
// days with the wall clock that Intl shows at each, and finds every window's ends by looking.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Alternative,
  covers,
  type HourWindow,
  nextBoundary,
  type Schedule,
  type ScheduleEnv,
  windows,
} from '../../src/core/schedule/schedule.ts';
import { alternative, cronPair, hours } from '../unit/core/schedule-builders.ts';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

const ZONES = [
  'Europe/London',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'America/Sao_Paulo',
  'America/Havana',
  'Africa/Casablanca',
  'Pacific/Chatham',
  'UTC',
];

/** A minute and its wall clock, as the ms at which UTC shows that clock. */
interface Tick {
  readonly at: number;
  readonly wall: number;
}

function ticks(zone: string, from: number, to: number): Tick[] {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  const wallOf = (at: number) => {
    const part = Object.fromEntries(format.formatToParts(at).map((p) => [p.type, Number(p.value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute);
  };
  const list: Tick[] = [];
  const step = 30 * MINUTE;
  for (let base = from; base < to; base += step) {
    // Where the clock ran evenly for half an hour, the minutes in between can be computed.
    const first = wallOf(base);
    const even =
      wallOf(base + step) - first === step && wallOf(base + step / 2) - first === step / 2;
    for (let at = base; at < base + step; at += MINUTE) {
      list.push({ at, wall: even ? first + at - base : wallOf(at) });
    }
  }
  return list;
}

/** The first (or last) tick at this wall clock; where it never comes, the first tick beyond it. */
function find(list: readonly Tick[], wall: number, edge: 'start' | 'end'): number {
  const same = list.filter((tick) => tick.wall === wall);
  const hit = edge === 'start' ? same[0] : same.at(-1);
  if (hit !== undefined) return hit.at;
  const jump = list.findIndex((t, i) => t.wall > wall && (list[i - 1]?.wall ?? wall) < wall);
  return list[jump]?.at ?? Number.NaN;
}

interface Plan {
  readonly zone: string;
  readonly days: readonly number[];
  readonly hours: readonly HourWindow[];
  readonly except: readonly string[];
  readonly exception: { readonly date: string; readonly hours: readonly HourWindow[] } | null;
}

/** The minutes at which the plan is open, by the rules as they are written down. */
function openMinutes(plan: Plan, list: readonly Tick[]): Set<number> {
  const first = Math.floor((list[0]?.wall ?? 0) / DAY) + 1;
  const last = Math.floor((list.at(-1)?.wall ?? 0) / DAY) - 2;
  const open = new Set<number>();
  for (let day = first; day <= last; day++) {
    const date = new Date(day * DAY).toISOString().slice(0, 10);
    const weekday = new Date(day * DAY).getUTCDay() || 7;
    const usual = plan.days.includes(weekday) && !plan.except.includes(date) ? plan.hours : [];
    for (const { start, end } of plan.exception?.date === date ? plan.exception.hours : usual) {
      const endDay = end > start ? day : day + 1;
      const from = find(list, day * DAY + start * MINUTE, 'start');
      const to = find(list, endDay * DAY + end * MINUTE, 'end');
      for (let at = from; at < to; at += MINUTE) open.add(at);
    }
  }
  return open;
}

function scheduleOf(plan: Plan): Schedule {
  const made: Alternative = alternative({
    days: new Set(plan.days),
    opening: { kind: 'hours', windows: plan.hours },
    except: { calendars: [], dates: new Set(plan.except) },
    exceptions: new Map(plan.exception ? [[plan.exception.date, plan.exception.hours]] : []),
  });
  return { alternatives: [made] };
}

const minuteOfDay = fc.oneof(
  fc.constantFrom(0, 30, 60, 90, 120, 125, 150, 180, 1_320, 1_380, 1_410),
  fc.integer({ min: 0, max: 1_439 }),
);
const hourWindow = fc
  .tuple(minuteOfDay, fc.oneof(minuteOfDay, fc.constant(1_440)))
  .filter(([start, end]) => start !== end && end > 0)
  .map(([start, end]): HourWindow => ({ start, end }));
const hourWindows = fc.array(hourWindow, { minLength: 1, maxLength: 3 });

/** Noon UTC of a day; half of them near a change of some zone's offset. */
const aroundDay = fc
  .tuple(fc.integer({ min: 1_980, max: 2_037 }), fc.boolean(), fc.integer({ min: 0, max: 364 }))
  .map(([year, near, day]) => {
    const starts = [47, 78, 84, 86, 89, 92, 267, 288, 295, 298, 302, 305, 363];
    const chosen = near ? (starts[day % starts.length] ?? 0) + (day % 5) : day;
    return Date.UTC(year, 0, 1, 12) + chosen * DAY;
  });

const anyPlan = fc
  .record({
    zone: fc.constantFrom(...ZONES),
    noon: aroundDay,
    days: fc.subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 }),
    hours: hourWindows,
    exceptDay: fc.option(fc.integer({ min: -2, max: 3 }), { nil: null }),
    special: fc.option(fc.tuple(fc.integer({ min: -2, max: 3 }), fc.array(hourWindow)), {
      nil: null,
    }),
  })
  .map(({ zone, noon, days, hours, exceptDay, special }) => {
    const dateAt = (offset: number) => new Date(noon + offset * DAY).toISOString().slice(0, 10);
    const plan: Plan = {
      zone,
      days,
      hours,
      except: exceptDay === null ? [] : [dateAt(exceptDay)],
      exception: special === null ? null : { date: dateAt(special[0]), hours: special[1] },
    };
    return { plan, noon };
  });

const NO_CALENDARS = new Map();

function clock(minute: number): { hour: number; minute: number } {
  return { hour: Math.floor(minute / 60), minute: minute % 60 };
}

describe('a schedule agrees with a minute-by-minute oracle', () => {
  test('over random zones, years and hours, and its boundaries are exactly the changes', () => {
    fc.assert(
      fc.property(anyPlan, ({ plan, noon }) => {
        const env: ScheduleEnv = { zone: plan.zone, calendars: NO_CALENDARS };
        const list = ticks(plan.zone, noon - 4 * DAY, noon + 5 * DAY);
        const open = openMinutes(plan, list);
        const schedule = scheduleOf(plan);
        const from = noon - DAY;
        const to = noon + DAY;
        const wrong: string[] = [];
        const changes: number[] = [];
        for (let at = from; at < to; at += MINUTE) {
          if (covers(schedule, at, env) !== open.has(at)) wrong.push(new Date(at).toISOString());
          if (at > from && open.has(at) !== open.has(at - MINUTE)) changes.push(at);
        }
        expect(wrong).toEqual([]);
        expect(boundaries(schedule, env, { from, to })).toEqual(changes);
      }),
      { numRuns: 120 },
    );
  });
});

function boundaries(
  schedule: Schedule,
  env: ScheduleEnv,
  range: { from: number; to: number },
): number[] {
  const found: number[] = [];
  for (let at: number | null = range.from; at !== null; ) {
    at = nextBoundary(schedule, at, env);
    if (at === null || at >= range.to) break;
    found.push(at);
  }
  return found;
}

describe('boundaries', () => {
  test('nextBoundary(t) > t, and nothing changes between t and it', () => {
    fc.assert(
      fc.property(anyPlan, fc.integer({ min: 0, max: DAY }), ({ plan, noon }, later) => {
        const env: ScheduleEnv = { zone: plan.zone, calendars: NO_CALENDARS };
        const schedule = scheduleOf(plan);
        const at = noon + later;
        const next = nextBoundary(schedule, at, env);
        const before = covers(schedule, at, env);
        if (next === null) return;
        expect(next).toBeGreaterThan(at);
        expect(covers(schedule, next, env)).toBe(!before);
        expect(covers(schedule, next - 1, env)).toBe(before);
        expect(covers(schedule, Math.floor((at + next) / 2), env)).toBe(before);
      }),
      { numRuns: 300 },
    );
  });

  test('windows() are ordered, disjoint and consistent with covers()', () => {
    fc.assert(
      fc.property(anyPlan, ({ plan, noon }) => {
        const env: ScheduleEnv = { zone: plan.zone, calendars: NO_CALENDARS };
        const schedule = scheduleOf(plan);
        const found = windows(schedule, noon - 3 * DAY, noon + 3 * DAY, env);
        for (const [index, { start, end }] of found.entries()) {
          expect(start).toBeLessThan(end);
          expect(covers(schedule, start, env)).toBe(true);
          expect(covers(schedule, end - 1, env)).toBe(true);
          const next = found[index + 1];
          if (next) expect(next.start).toBeGreaterThan(end);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('the answer does not depend on earlier calls', () => {
    fc.assert(
      fc.property(
        anyPlan,
        fc.array(fc.integer({ min: -3 * DAY, max: 3 * DAY }), { minLength: 2, maxLength: 12 }),
        ({ plan, noon }, offsets) => {
          const env: ScheduleEnv = { zone: plan.zone, calendars: NO_CALENDARS };
          const used = scheduleOf(plan);
          for (const offset of offsets) {
            const at = noon + offset;
            const fresh = scheduleOf(plan);
            expect(nextBoundary(used, at, env)).toBe(nextBoundary(fresh, at, env));
            expect(covers(used, at, env)).toBe(covers(fresh, at, env));
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('a cron pair', () => {
  test('that fires once a day is the same as hours', () => {
    fc.assert(
      fc.property(anyPlan, minuteOfDay, minuteOfDay, ({ plan, noon }, first, last) => {
        fc.pre(first !== last);
        const env: ScheduleEnv = { zone: plan.zone, calendars: NO_CALENDARS };
        const [start, end] = [clock(first), clock(last)];
        const weekdays = plan.days.map((day) => day % 7).join(',');
        const cron = cronPair(
          `${start.minute} ${start.hour} * * ${weekdays}`,
          `${end.minute} ${end.hour} * * *`,
        );
        const pad = (value: number) => String(value).padStart(2, '0');
        const text = `${pad(start.hour)}:${pad(start.minute)}-${pad(end.hour)}:${pad(end.minute)}`;
        const same = hours(text, { days: new Set(plan.days) });
        const range = [noon - 6 * DAY, noon + 6 * DAY] as const;
        expect(windows(cron, ...range, env)).toEqual(windows(same, ...range, env));
      }),
      { numRuns: 200 },
    );
  });
});

// Time zones: which names exist, and which instant a wall-clock time means. The one file that
// imports Temporal; what it learns of a zone is kept as a table of offsets; the rest is integers.

import { Temporal } from 'temporal-polyfill';
import { readAttribute } from '../condition/path.ts';
import type { Known } from '../facts.ts';
import { editDistance, nearest } from '../nearest.ts';
import { DAY_MS, parseDay } from './dates.ts';
import type { Zone } from './types.ts';

/**
 * A stretch of time, [start, end) in epoch ms, in which a zone keeps one offset from UTC, in ms.
 */
interface Era {
  readonly start: number;
  readonly end: number;
  readonly offset: number;
}

interface Clock {
  /** Ascending; only those that were needed, so there may be gaps. */
  readonly eras: Era[];
  last: Era | null;
}

/** No zone was ever further from UTC than this; the day that Samoa skipped is within it. */
const MAX_OFFSET_MS = 26 * 3_600_000;

/** Names come from Worker attributes too, so what is remembered about them is bounded. */
const MAX_CACHED_NAMES = 1_000;
const MAX_NAME_LENGTH = 64;

const clocks = new Map<string, Clock>();
const names = new Map<string, boolean>();

/** Whether `id` is an IANA zone name such as `Europe/London`. */
export function isZone(id: string): boolean {
  const known = names.get(id);
  if (known !== undefined) return known;
  const valid = id.length <= MAX_NAME_LENGTH && /^[A-Za-z]/.test(id) && temporalKnows(id);
  if (names.size >= MAX_CACHED_NAMES) names.clear();
  names.set(id, valid);
  return valid;
}

function temporalKnows(id: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(id);
    return true;
  } catch {
    return false;
  }
}

/** The zone's IANA id; unknown, with a sentence, if the Worker names none or an invalid one. */
export function zoneFor(zone: Zone, attributes: unknown): Known<string> {
  if (zone.kind === 'fixed') return zone.id;
  const named = readAttribute(attributes, zone.path);
  const where = `worker.${zone.path.join('.')}`;
  if (named === undefined || named === null) return { unknown: `${where} is absent` };
  if (typeof named !== 'string') return { unknown: `${where} is not text; expected a time zone` };
  if (!isZone(named)) return { unknown: `${where} is "${named.slice(0, 40)}", not a time zone` };
  return named;
}

/** The zone name that is spelled most like `id`, or null when none is near. */
export function nearestZone(id: string): string | null {
  const all = Intl.supportedValuesOf('timeZone');
  const city = all.find((name) => name.toLowerCase().endsWith(`/${id.toLowerCase()}`));
  const near = city ?? nearest(id, all);
  // Further away it is another place, not another spelling.
  return near !== null && (city !== undefined || editDistance(id, near) <= near.length / 3)
    ? near
    : null;
}

/** The zone's wall clock at an instant, as the epoch ms at which UTC shows the same time. */
export function wallAt(zone: string, at: number): number {
  return at + eraAt(clockOf(zone), zone, at).offset;
}

/**
 * The instant of a wall-clock time (as given by `wallAt`). One that occurs twice is the first as a
 * start and the second as an end; one that never occurs is the end of the gap.
 */
export function wallToInstant(zone: string, wall: number, edge: 'start' | 'end'): number {
  const clock = clockOf(zone);
  let found: number | null = null;
  let era = eraAt(clock, zone, wall - MAX_OFFSET_MS);
  for (;;) {
    const instant = wall - era.offset;
    if (instant < era.start) return found ?? era.start;
    if (instant < era.end) {
      found = instant;
      if (edge === 'start') return found;
    }
    if (era.end > wall + MAX_OFFSET_MS) return found ?? era.end;
    era = eraAt(clock, zone, era.end);
  }
}

const WRITTEN =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * A day, a wall-clock time or an instant as people write it (`2026-06-10`, `2026-06-10T09:00`,
 * `2026-06-10T09:00:00Z`), as epoch ms; without an offset it is read in the zone. Null: it is none.
 */
export function instantOf(text: string, zone: string): number | null {
  const [, date = '', hour = '0', minute = '0', second = '0', part = '0', offset] =
    WRITTEN.exec(text.trim()) ?? [];
  const day = parseDay(date);
  if (day === null || Number(hour) > 24 || Number(minute) > 59 || Number(second) > 59) return null;
  const minutes = Number(hour) * 60 + Number(minute);
  if (minutes > 1440) return null;
  const wall =
    day * DAY_MS + minutes * 60_000 + Number(second) * 1_000 + Number(part.padEnd(3, '0'));
  if (offset === undefined) return wallToInstant(zone, wall, 'start');
  if (offset === 'Z') return wall;
  const away = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return wall - (offset.startsWith('-') ? -away : away) * 60_000;
}

function clockOf(zone: string): Clock {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  const clock: Clock = { eras: [], last: null };
  if (clocks.size >= MAX_CACHED_NAMES) clocks.clear();
  clocks.set(zone, clock);
  return clock;
}

function eraAt(clock: Clock, zone: string, at: number): Era {
  const last = clock.last;
  if (last !== null && at >= last.start && at < last.end) return last;
  const place = clock.eras.findIndex((era) => at < era.end);
  const near = clock.eras[place];
  const era = near !== undefined && at >= near.start ? near : readEra(zone, at);
  if (era !== near) clock.eras.splice(place < 0 ? clock.eras.length : place, 0, era);
  clock.last = era;
  return era;
}

function readEra(zone: string, at: number): Era {
  // One ms later, so that a transition at this very instant counts as already past.
  const after = Temporal.Instant.fromEpochMilliseconds(at + 1).toZonedDateTimeISO(zone);
  const from = after.getTimeZoneTransition('previous');
  const to = Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO(zone)
    .getTimeZoneTransition('next');
  return {
    start: from?.epochMilliseconds ?? Number.NEGATIVE_INFINITY,
    end: to?.epochMilliseconds ?? Number.POSITIVE_INFINITY,
    offset: after.offsetNanoseconds / 1_000_000,
  };
}

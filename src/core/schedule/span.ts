// Lengths of time: `90s`, `15m`, `2h`, `14d`, `1h30m`. A day is a calendar day wherever a zone is
// known, so days are kept apart from hours and never converted by division.

import { DAY_MS } from './dates.ts';
import type { Span } from './types.ts';
import { wallAt, wallToInstant } from './zone.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;
/** From large to small. */
const UNITS: readonly (readonly [string, number])[] = [
  ['d', DAY_MS],
  ['h', HOUR_MS],
  ['m', MINUTE_MS],
  ['s', SECOND_MS],
];

/** Reads `90s 15m 2h 14d`, or several units from large to small (`1h30m`); null when it is none. */
export function parseSpan(text: string): Span | null {
  const found = /^(?:(\d{1,5})d)?(?:(\d{1,7})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?$/.exec(text);
  if (found === null || text === '') return null;
  const [days, hours, minutes, seconds] = found.slice(1).map((part) => Number(part ?? 0));
  return {
    days: days ?? 0,
    ms: (hours ?? 0) * HOUR_MS + (minutes ?? 0) * MINUTE_MS + (seconds ?? 0) * SECOND_MS,
  };
}

/** Its length in ms with 24-hour days: for waits (`for`, `keep`), never for calendar distance. */
export function spanMs(span: Span): number {
  return span.days * DAY_MS + span.ms;
}

/**
 * The instant (epoch ms) `span` after `instant`: first its days on the zone's calendar, then its
 * ms.
 */
export function addSpan(instant: number, span: Span, zone: string): number {
  if (span.days === 0) return instant + span.ms;
  const wall = wallAt(zone, instant) + span.days * DAY_MS;
  return wallToInstant(zone, wall, 'start') + span.ms;
}

/** A length in ms for people, in its two largest units: `1m 30s`, `2h`, `3d 4h` (24-hour days). */
export function formatSpan(ms: number): string {
  if (ms < 0) return `-${formatSpan(-ms)}`;
  if (ms < SECOND_MS) return `${Math.round(ms)}ms`;
  const largest = UNITS.findIndex(([, size]) => ms >= size);
  const [unit, size] = UNITS[largest] ?? ['s', 1_000];
  const count = Math.floor(ms / size);
  const next = UNITS[largest + 1];
  const rest = next === undefined ? 0 : Math.floor((ms - count * size) / next[1]);
  return next === undefined || rest === 0 ? `${count}${unit}` : `${count}${unit} ${rest}${next[0]}`;
}

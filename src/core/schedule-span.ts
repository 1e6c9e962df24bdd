// Lengths of time: `90s`, `15m`, `2h`, `14d`, `1h30m`. A day is a calendar day wherever a zone is
// at hand, so it is kept apart from hours and never turned into them by division.

import type { Span } from './schedule.types.ts';

/** Reads `90s 15m 2h 14d`, or several units from large to small (`1h30m`); null when it is none. */
export function parseSpan(_text: string): Span | null {
  throw new Error('to be written');
}

/** Its length in ms with 24-hour days: for waits (`for`, `keep`), never for calendar distance. */
export function spanMs(_span: Span): number {
  throw new Error('to be written');
}

/** The instant (epoch ms) `span` after `instant`: first its days on the zone's calendar, then its ms. */
export function addSpan(_instant: number, _span: Span, _zone: string): number {
  throw new Error('to be written');
}

/** A length in ms for people, in its two largest units: `1m 30s`, `2h`, `3d 4h`. */
export function formatSpan(_ms: number): string {
  throw new Error('to be written');
}

// The clock of one rule test: when it begins, in which zone its times are, and which instants its
// offsets mean.

import { isUnknown } from '../../core/facts.ts';
import type { Zone } from '../../core/schedule/schedule.ts';
import { addSpan } from '../../core/schedule/span.ts';
import { instantOf, wallAt, zoneFor } from '../../core/schedule/zone.ts';
import type { Moment, Placed } from './values.ts';

/** A longer test would take minutes, because rules may need a look every minute. */
const LONGEST_DAYS = 400;
const DAY_MS = 86_400_000;

export class Clock {
  readonly start: number;
  readonly zone: string;
  /** False if a local time does not say which instant is meant. */
  readonly #local: boolean;

  private constructor(start: number, zone: string, local: boolean) {
    this.start = start;
    this.zone = zone;
    this.#local = local;
  }

  /** `attributes`: those of the only Worker, whose own zone may be the one that applies. */
  static from(from: Placed<string>, zone: Zone, attributes: unknown): Clock | null {
    const known = zoneFor(zone, attributes);
    const local = !isUnknown(known);
    const id = isUnknown(known) ? 'UTC' : known;
    const start = instantIn(from, id, local);
    return start === null ? null : new Clock(start, id, local);
  }

  /** undefined: it was refused. */
  at({ value, spot }: Placed<Moment>): number | undefined {
    const at =
      value.kind === 'offset'
        ? addSpan(this.start, value.span, this.zone)
        : instantIn({ value: value.text, spot }, this.zone, this.#local);
    if (at === null) return undefined;
    const found = `"${spot.label}" is ${showInstant(at, this.zone)}`;
    if (at < this.start) {
      const began = showInstant(this.start, this.zone);
      spot.report('test.order', `${found}, expected it after the test begins at ${began}`);
      return undefined;
    }
    if (at - this.start <= LONGEST_DAYS * DAY_MS) return at;
    const most = `expected at most ${LONGEST_DAYS} days after the test begins`;
    spot.report('test.too_long', `${found}, ${most}`);
    return undefined;
  }
}

function instantIn({ value, spot }: Placed<string>, zone: string, local: boolean): number | null {
  const hasOffset = /(?:Z|[+-]\d{2}:?\d{2})$/.test(value) && value.includes(':');
  if (local || hasOffset) return instantOf(value, zone);
  const message = `"${spot.label}" is a local time, but each Worker has its own zone`;
  spot.report('test.zone', `${message}; expected an instant such as 2026-06-10T10:00Z`);
  return null;
}

/** `2026-06-10 10:06`, with seconds if there are any, as wall-clock time of the zone. */
export function showInstant(at: number, zone: string): string {
  const iso = new Date(wallAt(zone, at)).toISOString();
  return `${iso.slice(0, 10)} ${showTime(at, zone)}`;
}

export function showTime(at: number, zone: string): string {
  const time = new Date(wallAt(zone, at)).toISOString().slice(11, 19);
  return time.endsWith(':00') ? time.slice(0, 5) : time;
}

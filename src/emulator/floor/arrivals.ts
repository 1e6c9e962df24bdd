/**
 * When customers arrive: a Poisson process of varying rate (drawn by thinning) that follows the
 * hours of the day, with bursts on top. Pure except for the source of chance it is given.
 */
import type { Chance } from '../world/chance.ts';

const HOUR_MS = 3_600_000;

/** Multiplies the usual rate by `times` for a while. Offsets are from the day's start. */
export interface Burst {
  readonly fromMs: number;
  readonly forMs: number;
  readonly times: number;
}

/** How busy each hour of the day is; only the proportions matter. */
export type HourlyShape = readonly number[];

/** The rate at an offset, interpolated between the midpoints of two hours; the day wraps around. */
export function shapeAt(shape: HourlyShape, offsetMs: number): number {
  const hours = shape.length;
  if (hours === 0) return 0;
  const place = offsetMs / HOUR_MS - 0.5;
  const before = Math.floor(place);
  const share = place - before;
  const at = (hour: number) => shape[((hour % hours) + hours) % hours] ?? 0;
  return at(before) * (1 - share) + at(before + 1) * share;
}

export function burstAt(bursts: readonly Burst[], offsetMs: number): number {
  return bursts
    .filter(({ fromMs, forMs }) => offsetMs >= fromMs && offsetMs < fromMs + forMs)
    .reduce((most, { times }) => Math.max(most, times), 1);
}

export interface Arrivals {
  /** How many are expected over one round of the shape, without bursts. */
  readonly expected: number;
  readonly shape: HourlyShape;
  readonly bursts: readonly Burst[];
}

/** Every arrival of one round of the shape, as ascending offsets from its start. */
export function drawArrivals({ expected, shape, bursts }: Arrivals, chance: Chance): number[] {
  const total = shape.reduce((sum, rate) => sum + rate, 0);
  if (total <= 0 || expected <= 0) return [];
  const perMs = expected / (total * HOUR_MS);
  const top = Math.max(...shape) * Math.max(1, ...bursts.map(({ times }) => times)) * perMs;
  const rate = (at: number) => shapeAt(shape, at) * burstAt(bursts, at) * perMs;
  const drawn: number[] = [];
  for (let at = 0; ; ) {
    at += -Math.log(1 - chance.next()) / top;
    if (at >= shape.length * HOUR_MS) return drawn;
    if (chance.next() * top < rate(at)) drawn.push(Math.floor(at));
  }
}

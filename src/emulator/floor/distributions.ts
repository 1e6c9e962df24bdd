/**
 * Random durations, and a separate source of chance for each thing: a customer has the same
 * patience and the same request whoever answers, so days with different settings can be compared.
 */
import { Chance } from '../world/chance.ts';

/** A source for whatever the parts name; the same seed and parts always draw the same. */
export function chanceFor(seed: number, ...parts: readonly (string | number)[]): Chance {
  let hash = 0x811c9dc5 ^ seed;
  for (const char of parts.join('/')) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  const chance = new Chance(hash);
  // Similar seeds begin with similar values.
  chance.next();
  return chance;
}

/** Standard normal (Box–Muller). */
export function normal(chance: Chance): number {
  const radius = Math.sqrt(-2 * Math.log(1 - chance.next()));
  return radius * Math.cos(2 * Math.PI * chance.next());
}

/** Log-normal by its mean: most are shorter, a few are much longer. */
export function logNormal(chance: Chance, mean: number, spread: number): number {
  return mean * Math.exp(spread * normal(chance) - (spread * spread) / 2);
}

export function exponential(chance: Chance, mean: number): number {
  return -Math.log(1 - chance.next()) * mean;
}

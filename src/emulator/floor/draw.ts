/**
 * Draws of times, and sources of chance that belong to one thing alone: a customer has the same
 * patience and the same trouble whoever answers, so two days with other settings can be compared.
 */
import { Chance } from '../world/chance.ts';

/** A source of its own for whatever the parts name; the same parts always draw the same. */
export function chanceFor(seed: number, ...parts: readonly (string | number)[]): Chance {
  let hash = 0x811c9dc5 ^ seed;
  for (const char of parts.join('/')) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  const chance = new Chance(hash);
  // Close seeds begin close to each other.
  chance.next();
  return chance;
}

/** Standard normal (Box–Muller). */
export function normal(chance: Chance): number {
  const radius = Math.sqrt(-2 * Math.log(1 - chance.next()));
  return radius * Math.cos(2 * Math.PI * chance.next());
}

/** Log-normal by its mean: most are shorter, a few are much longer. */
export function longTailed(chance: Chance, mean: number, spread: number): number {
  return mean * Math.exp(spread * normal(chance) - (spread * spread) / 2);
}

export function exponential(chance: Chance, mean: number): number {
  return -Math.log(1 - chance.next()) * mean;
}

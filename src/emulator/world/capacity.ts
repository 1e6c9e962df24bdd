/** The arithmetic of a Worker Channel: how much of it is free, and what may be set. */
import { invalid } from './refusal.ts';

/** Twilio's limits page names 50 as the most a Worker Channel can be set to. */
const CAPACITY_MAX = 50;

/**
 * `floor((1 - open / capacity) * 100)`, clamped to 0..100: a capacity of 0 leaves nothing free, and
 * Tasks routed past capacity or a lowered capacity can push the count above the capacity.
 */
export function availablePercentage(open: number, capacity: number): number {
  if (capacity <= 0) return 0;
  // In whole numbers: (1 - 1/3) * 100 must not lose a point to binary fractions.
  return Math.min(100, Math.max(0, Math.floor(((capacity - open) * 100) / capacity)));
}

export function parseCapacity(text: string, above: 'refused' | 'taken' = 'refused'): number {
  const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  return checkCapacity(value, above, text);
}

export function checkCapacity(
  value: number,
  above: 'refused' | 'taken',
  shown: string = String(value),
): number {
  const max = above === 'taken' ? Number.MAX_SAFE_INTEGER : CAPACITY_MAX;
  if (Number.isInteger(value) && value >= 0 && value <= max) return value;
  throw invalid(
    `Invalid Capacity '${shown}': it must be a whole number between 0 and ${CAPACITY_MAX}`,
  );
}

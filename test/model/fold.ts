// What claims amount to on one Worker Channel, exactly as the language defines it: the start, then
// the winning set, the adds, the highest min, the lowest max; any pause closes it.

import type { Rule, Setting } from './language.ts';

export interface Claim {
  readonly rule: string;
  readonly priority: number;
  readonly hard: boolean;
  readonly setting: Setting;
}

export function claimsOn(channel: string, claiming: readonly Rule[]): readonly Claim[] {
  return claiming.flatMap(({ name: rule, priority, hard, ...rest }) => {
    const setting = rest.then[channel] ?? rest.then.any;
    return setting === undefined ? [] : [{ rule, priority, hard, setting }];
  });
}

const numbersOf = ({ setting }: Claim) => [setting.set, setting.add, setting.min, setting.max];

export function hasNumber(claims: readonly Claim[]): boolean {
  return claims.some((claim) => numbersOf(claim).some((n) => n !== undefined));
}

export function hasPause(claims: readonly Claim[]): boolean {
  return claims.some(({ setting }) => setting.pause === true);
}

/** The highest priority; among equals the lower number. */
export function winnerOf(claims: readonly Claim[]): Claim | null {
  const sets = claims.filter(({ setting }) => setting.set !== undefined);
  const number = ({ setting }: Claim) => setting.set ?? 0;
  sets.sort(
    (a, b) => b.priority - a.priority || number(a) - number(b) || (a.rule < b.rule ? -1 : 1),
  );
  return sets[0] ?? null;
}

export interface CapacityResult {
  readonly value: number;
  /** Whether rules made any difference to the start. */
  readonly byRules: boolean;
}

/** `start` null: unknown; then limits apply to what is there. */
export function capacityOf(
  claims: readonly Claim[],
  start: number | null,
  there: number,
): CapacityResult | null {
  const winner = winnerOf(claims);
  let value = winner?.setting.set ?? start ?? there;
  let byRules = winner !== null;
  const becomes = (next: number) => {
    byRules ||= next !== value;
    value = next;
  };
  if (winner !== null || start !== null) becomes(afterAdds(value, claims));
  const alone = claims.filter(({ setting }) => setting.add === undefined);
  const mins = alone.flatMap(({ setting }) => setting.min ?? []);
  const maxes = alone.flatMap(({ setting }) => setting.max ?? []);
  if (mins.length > 0) becomes(Math.max(value, ...mins));
  if (maxes.length > 0) becomes(Math.min(value, ...maxes));
  const limited = mins.length > 0 || maxes.length > 0;
  if (start === null && !byRules && !limited) return null;
  return { value: Math.max(0, value), byRules };
}

function afterAdds(value: number, claims: readonly Claim[]): number {
  const adding = claims.filter(({ setting }) => setting.add !== undefined);
  const sum = adding.reduce((total, { setting }) => total + (setting.add ?? 0), 0);
  if (sum > 0) {
    const ceilings = adding.flatMap(({ setting }) => setting.max ?? []);
    return Math.max(value, Math.min(value + sum, ...ceilings));
  }
  return sum < 0 ? Math.min(value, Math.max(value + sum, 0)) : value;
}

/** Bounds limit a write and never cause one: it moves toward what is asked, or not at all. */
export function bounded(
  { value, byRules }: CapacityResult,
  there: number,
  bounds: readonly [number, number] | undefined,
): number {
  if (!byRules || bounds === undefined) return value;
  const limited = Math.min(Math.max(value, bounds[0]), bounds[1]);
  if (value > there) return Math.max(there, limited);
  return value < there ? Math.min(there, limited) : value;
}

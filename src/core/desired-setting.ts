// What the claims on one Worker Channel, and people's edits of it, make of its capacity and its
// availability: the start of the fold, the edits that still count, and the folded result.

import {
  type Claim,
  type Folded,
  foldAvailable,
  foldCapacity,
  winningSet,
  withinBounds,
} from './fold.ts';
import { claimSignature } from './hands-off-channels.ts';
import { capLease } from './lease.ts';
import type { ChannelState, Edit, Field, FieldState } from './state.ts';

/** The outcome of the claims on one Worker Channel. */
export interface DesiredSetting {
  readonly capacity: Folded<number>;
  readonly available: Folded<boolean>;
  /** Whether any claim has a number, or a pause: only then does headroom hold the field. */
  readonly claimsCapacity: boolean;
  readonly claimsAvailable: boolean;
  /** The winning `set` as `rule=number`; empty: none. */
  readonly winner: string;
}

export interface Edits {
  readonly capacity: Edit<number> | null;
  readonly available: Edit<boolean> | null;
}

export const NO_EDITS: Edits = { capacity: null, available: null };

/**
 * An edit ends when its time is up, when another `set` wins, or when rules ask for the same value.
 * A hard claim that overrides it meanwhile does not end it. `bare` is the setting without edits.
 */
export function activeEdits(
  { capacity, available }: ChannelState,
  { bare, claims }: { readonly bare: DesiredSetting; readonly claims: readonly Claim[] },
  bounds: readonly [number, number] | undefined,
  at: number,
): Edits {
  const live = <T>(edit: Edit<T>, field: Field) =>
    edit.until === null
      ? edit.mind === undefined || edit.mind === claimSignature(claims, field)
      : at < edit.until && edit.winner === bare.winner;
  const isAsked = (value: number) => withinBounds(bare.capacity, value, bounds) === value;
  const [c, a] = [capLease(capacity.edit, at), capLease(available.edit, at)];
  return {
    capacity: c !== null && live(c, 'capacity') && !isAsked(c.value) ? c : null,
    available: a !== null && live(a, 'available') && bare.available.value !== a.value ? a : null,
  };
}

export function desiredSetting(
  channel: ChannelState,
  claims: readonly Claim[],
  declared: number | null,
  edits: Edits,
): DesiredSetting {
  const winner = winningSet(claims);
  const observed = channel.observed;
  const claimsCapacity = claims.some((c) => [c.set, c.add, c.min, c.max].some((n) => n !== null));
  const claimsAvailable = claims.some((c) => c.pause);
  const open = declared === null ? null : true;
  const capacity = foldStart(channel.capacity, claimsCapacity, declared, observed?.capacity);
  const available = foldStart(channel.available, claimsAvailable, open, observed?.available);
  return {
    capacity: foldCapacity(
      { value: edits.capacity?.value ?? capacity, edited: edits.capacity !== null },
      claims,
      observed?.capacity ?? null,
    ),
    available: foldAvailable(
      { value: edits.available?.value ?? available, edited: edits.available !== null },
      claims,
    ),
    claimsCapacity,
    claimsAvailable,
    winner: winner === null ? '' : `${winner.rule}=${winner.set}`,
  };
}

/**
 * What a field goes back to: the declared baseline, else the kept one, else its current value. A
 * declared one never acts by itself, so it counts only for a field that headroom holds.
 */
export function foldStart<T>(
  field: FieldState<T>,
  claimed: boolean,
  declared: T | null,
  observed: T | undefined,
): T | null {
  const held = claimed || field.baseline !== null;
  if (held && declared !== null) return declared;
  if (field.baseline === null) return observed ?? null;
  return field.baseline === 'unknown' ? null : field.baseline.value;
}

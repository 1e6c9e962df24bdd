// A Worker Channel that headroom does not act on, because it is paused or only observed: nothing is
// taken and nothing restored, but the record follows what rules ask, so that a person's edit made
// meanwhile is understood afterwards.

import type { ChannelDecision } from './decide.ts';
import type { Claim } from './fold.ts';
import {
  channelIn,
  type Edit,
  type Field,
  type FieldState,
  type WorkerState,
  withChannel,
} from './state.ts';

/** What the claims ask of one field, as text, so that a change can be noticed. */
export function claimSignature(claims: readonly Claim[], field: Field): string {
  const wanted = claims.flatMap((claim) => {
    if (field === 'available') return claim.pause ? [claim.rule] : [];
    const numbers = (['set', 'add', 'min', 'max'] as const).flatMap((kind) =>
      claim[kind] === null ? [] : [`${kind} ${claim[kind]}`],
    );
    return numbers.length === 0 ? [] : [`${claim.rule}: ${numbers.join(', ')}`];
  });
  return wanted.sort().join('; ');
}

/** `channels`: those that headroom does not act on now. `enforced`: names of enforced rules. */
export function trackHandsOff(
  state: WorkerState,
  channels: readonly ChannelDecision[],
  enforced: ReadonlySet<string>,
): WorkerState {
  let next = state;
  for (const each of channels) {
    const before = channelIn(next, each.channel);
    if (before === undefined) continue;
    const seen = before.observed !== null && !before.stale;
    const claims = each.claims.filter((claim) => enforced.has(claim.rule));
    const mind = (field: Field) => claimSignature(claims, field);
    const { desired, edits } = each;
    next = withChannel(next, each.channel, {
      winner: desired.winner,
      capacity: trackField(before.capacity, {
        ...{ claimed: desired.claimsCapacity, edit: edits.capacity },
        ...{ mind: mind('capacity'), seen },
      }),
      available: trackField(before.available, {
        ...{ claimed: desired.claimsAvailable, edit: edits.available },
        ...{ mind: mind('available'), seen },
      }),
    });
  }
  return next;
}

interface FieldInput<T> {
  readonly claimed: boolean;
  readonly edit: Edit<T> | null;
  readonly mind: string;
  /** Whether TaskRouter's current value is known. */
  readonly seen: boolean;
}

function trackField<T>(
  field: FieldState<T>,
  { claimed, edit, mind, seen }: FieldInput<T>,
): FieldState<T> {
  const free = !claimed && (field.baseline === null || edit?.until === null);
  // A value that a person sets while nothing claims the field is simply the field's new value.
  if (free && seen) return { baseline: null, claimed: false, edit: null, seenFree: true };
  const fresh = edit !== null && edit.until === null && edit.mind === undefined;
  return { ...field, claimed, edit: fresh ? { ...edit, mind } : edit };
}

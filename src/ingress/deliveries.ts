// What became of deliveries since the start: how many of each outcome, when the last genuine one
// came, and whether the refused ones look as if Twilio itself were refused.

import { LIMITS } from './limits.ts';
import type { DeliveryOutcome } from './webhook-intake.ts';

type Refused = 'signature.missing' | 'signature.wrong';

/** The likely cause. Refused deliveries are lost, so people have to learn of it early. */
export const LIKELY_CAUSES: Readonly<Record<Refused, string>> = {
  'signature.missing':
    'the X-Twilio-Signature header is missing: either the sender is not Twilio, or a proxy drops the header',
  'signature.wrong':
    "probably PUBLIC_URL is not the URL configured in Twilio, or TWILIO_AUTH_TOKEN is not the account's primary token",
};

export class Deliveries {
  readonly #counts: Partial<Record<DeliveryOutcome, number>> = {};
  readonly #startedAt: number;
  #genuineAt: number | null = null;
  #refused: { readonly at: number; readonly as: Refused } | null = null;

  constructor(startedAt: number) {
    this.#startedAt = startedAt;
  }

  count(outcome: DeliveryOutcome, at: number): void {
    this.#counts[outcome] = (this.#counts[outcome] ?? 0) + 1;
    if (outcome === 'signature.missing' || outcome === 'signature.wrong') {
      this.#refused = { at, as: outcome };
    } else if (isGenuine(outcome)) this.#genuineAt = at;
  }

  counts(): Readonly<Partial<Record<DeliveryOutcome, number>>> {
    return { ...this.#counts };
  }

  /** When the last genuine delivery came; until the first one, the start. */
  lastGenuineAt(): number {
    return this.#genuineAt ?? this.#startedAt;
  }

  /**
   * What people should know about it now; `checkedAt` is the URL that signatures are checked
   * against.
   */
  notes(now: number, checkedAt: string): readonly string[] {
    const refused = this.#refused;
    if (refused === null || now - refused.at > LIMITS.refusedNoteMs) return [];
    const missing = this.#counts['signature.missing'] ?? 0;
    const n = missing + (this.#counts['signature.wrong'] ?? 0);
    const none = this.#genuineAt === null ? ', and no valid one has arrived yet' : '';
    const what = n === 1 ? '1 delivery was refused' : `${n} deliveries were refused`;
    const last = new Date(refused.at).toISOString();
    return [
      `${what} because of the signature, the last at ${last}${none}; checked against ${checkedAt}: ${LIKELY_CAUSES[refused.as]}`,
    ];
  }
}

/** Verified to be Twilio's, whatever then became of it. */
function isGenuine(outcome: DeliveryOutcome): boolean {
  return (
    outcome === 'queued' ||
    outcome === 'type.unknown' ||
    outcome === 'type.unused' ||
    outcome === 'field.missing' ||
    outcome === 'workspace.other' ||
    outcome === 'store.down'
  );
}

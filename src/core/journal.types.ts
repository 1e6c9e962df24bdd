// One entry of the journal, as it is stored and as people see it.

import type { Reason } from './reasons.ts';

export interface JournalEntry {
  /** epoch ms */
  readonly at: number;
  readonly worker: string | null;
  readonly workerName: string | null;
  readonly channel: string | null;
  readonly reason: Reason;
  /** The rule that decided, where one did. */
  readonly rule: string | null;
  readonly from: { readonly capacity?: number; readonly available?: boolean } | null;
  readonly to: { readonly capacity?: number; readonly available?: boolean } | null;
  /** One sentence for people. */
  readonly text: string;
  /** Who did it: `headroom`, or a person's or token's name. */
  readonly actor: string;
}

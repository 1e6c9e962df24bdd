// What status reports of the guardrails that count Workers.

import { floorMembers, withoutExpired } from '../core/guardrails/free-places.ts';
import { floorOf } from '../core/guardrails/guardrails.ts';
import { total } from '../core/guardrails/histogram.ts';
import type { GuardrailLedger } from '../core/guardrails/ledger-shards.ts';
import { openWorkers } from '../core/guardrails/worker-standing.ts';
import { amountOf } from '../core/limit.ts';
import type { Guardrails } from '../core/rules.ts';

/** The state of the guardrails, for status. */
export interface GuardView {
  readonly keepOpen: readonly {
    readonly group: string;
    readonly channel: string;
    readonly open: number;
    readonly atLeast: number;
  }[];
  /** Workers written in the window, and how many may be; null: there is no such guardrail. */
  readonly maxChange: { readonly written: number; readonly allowed: number } | null;
  /** Workers waiting for one of them. */
  readonly waiting: number;
}

export function guardView(guardrails: Guardrails, given: GuardrailLedger, at: number): GuardView {
  const { keepOpen, maxChange } = guardrails;
  const ledger = withoutExpired(guardrails, given, at);
  return {
    keepOpen: keepOpen.map((keep) => {
      const { group, channel } = keep;
      const atLeast = floorOf(keep, floorMembers(ledger, keep));
      return { group, channel, open: openWorkers(ledger, keep), atLeast };
    }),
    maxChange: maxChange && {
      written: total(ledger.spent),
      allowed: amountOf(maxChange.workers, ledger.claimable),
    },
    waiting: ledger.waiting,
  };
}

// `keep_open` and `max_change`, where all passes ask what they may write. Those who wait in line
// for the same come first.

import { earliest } from '../instants.ts';
import { type PlannedWrite, type Refusal, rank } from '../plan.ts';
import type { Guardrails } from '../rules.ts';
import { isUncounted } from './free-places.ts';
import { closes } from './guardrails.ts';
import type { GuardrailLedger } from './ledger-shards.ts';
import {
  LEDGER_LIMITS,
  LedgerTransaction,
  type RefusedWrite,
  type StandingLookup,
  type WriteRequest,
} from './ledger-transaction.ts';

export interface GuardrailAnswer {
  readonly writes: readonly PlannedWrite[];
  readonly refused: readonly Refusal[];
  /** When it has to be looked at again, epoch ms. */
  readonly lookAt: number | null;
}

export interface RequestsAnswered {
  /** The same object if nothing changed. */
  readonly ledger: GuardrailLedger;
  readonly answers: ReadonlyMap<string, GuardrailAnswer>;
}

/** Answers the requests, after those already in line for the same; changes nothing in place. */
export function answerRequests(
  guardrails: Guardrails,
  given: GuardrailLedger,
  known: StandingLookup,
  requests: readonly WriteRequest[],
  at: number,
): RequestsAnswered {
  const transaction = new LedgerTransaction(guardrails, given, known, at);
  transaction.markLate(new Set(requests.map(({ worker }) => worker)));
  const wanted = requests.flatMap((request) => {
    const ticket = transaction.standingOf(request.worker).waits?.ticket ?? LAST_TICKET;
    return request.writes.map((write) => ({
      worker: request.worker,
      write,
      rank: rank(write),
      ticket,
    }));
  });
  for (const request of requests) transaction.register(request);
  wanted.sort((a, b) => a.rank - b.rank || a.ticket - b.ticket);
  const [granted, refused] = [new Map<string, PlannedWrite[]>(), new Map<string, RefusedWrite[]>()];
  for (const each of wanted) {
    const refusal = transaction.refusalOf(each);
    if (refusal === null) {
      transaction.grant(each);
      push(granted, each.worker, each.write);
    } else push(refused, each.worker, refusal);
  }
  const answers = new Map<string, GuardrailAnswer>();
  const isNew = guardrails.keepOpen.some((keep) => isUncounted(given, keep));
  const times = { at, againMs: isNew ? LEDGER_LIMITS.uncountedMs : LEDGER_LIMITS.againMs };
  for (const { worker } of requests) {
    const writes = granted.get(worker) ?? [];
    const held = refused.get(worker) ?? [];
    transaction.enqueue(worker, held);
    const refusals = held.map(({ refusal }) => refusal);
    answers.set(worker, { writes, refused: refusals, lookAt: lookAtOf(writes, refusals, times) });
  }
  return { answers, ledger: transaction.result() };
}

/** The ticket of a Worker that is not in line: behind all others. */
const LAST_TICKET = Number.MAX_SAFE_INTEGER;

function lookAtOf(
  writes: readonly PlannedWrite[],
  refused: readonly Refusal[],
  { at, againMs }: { readonly at: number; readonly againMs: number },
): number | null {
  return earliest(
    ...refused.map(({ until }) => until ?? at + againMs),
    writes.some(closes) ? at + LEDGER_LIMITS.confirmMs : null,
  );
}

function push<T>(groups: Map<string, T[]>, worker: string, each: T): void {
  const group = groups.get(worker);
  if (group === undefined) groups.set(worker, [each]);
  else group.push(each);
}

// Fills blind spans from TaskRouter's event history: only the types that rules count, only as far
// back as the longest window reaches, and once across replicas. What cannot be filled stays blind.

import { parseEvent } from '../core/event.ts';
import type { RoutingEvent } from '../core/event.types.ts';
import { evolveCounted } from '../core/evolve.ts';
import type { WorkerSid } from '../core/ids.ts';
import { iso, isWithin } from '../core/instants.ts';
import { type Clock, Failure, type Gateway, type Queues, type Store } from '../ports.ts';
import type { DirectoryKeeper } from './directory.ts';
import type { EventCoverage } from './event-coverage.ts';
import type { Records } from './records.ts';
import { requestAllPasses } from './resync.ts';
import type { RuleReferences } from './rule-references.ts';
import { WorkLease } from './work-lease.ts';

export const BACKFILL_LIMITS = {
  /** For late events, and for the difference between TaskRouter's clock and ours. */
  overlapMs: 5 * 60_000,
  /** Pages of a thousand events of one type; if there are more, the span stays blind. */
  pages: 50,
  /** How soon a failed repair is repeated, ms. */
  againMs: 60_000,
  /** How long after a blind span has ended it counts as about to be filled, ms. */
  pendingMs: 120_000,
} as const;

export interface BackfillDeps {
  readonly store: Store;
  readonly records: Records;
  readonly queues: Pick<Queues, 'addPass'>;
  readonly directory: Pick<DirectoryKeeper, 'current'>;
  readonly gateway: Pick<Gateway, 'pastEvents'>;
  readonly clock: Clock;
  /** Whether no other process uses the store. */
  readonly alone: boolean;
  readonly coverage: EventCoverage;
  readonly workspaceSid: string;
  references(): RuleReferences;
  onError(error: unknown): void;
  log: { info(text: string): void; warn(text: string): void };
}

/** Types of events, and since when they are blind, epoch ms. */
export type BlindTypes = readonly (readonly [string, number])[];

/** Counted types of which events within the window may have been missed, and since when. */
export function blindTypes(
  references: RuleReferences,
  coverage: EventCoverage,
  at: number,
): BlindTypes {
  return [...references.counts].flatMap(([type, windowMs]): [string, number][] => {
    // A Worker's record counts events of Reservations; there is nothing else to fill in.
    if (!type.startsWith('reservation.')) return [];
    const from = coverage.blindFrom(type, at - windowMs);
    return from === null ? [] : [[type, from]];
  });
}

/** Whether a span ended so recently that the history is yet to be read. */
export function isBackfillPending(
  references: RuleReferences,
  coverage: EventCoverage,
  at: number,
): boolean {
  const ends = blindTypes(references, coverage, at).map(([type]) => coverage.blindTo(type));
  return ends.some((end) => isWithin(end, at, BACKFILL_LIMITS.pendingMs));
}

/** One repair at a time across replicas, however long the history takes. */
export class Backfill {
  readonly #deps: BackfillDeps;
  readonly #lease: WorkLease;

  constructor(deps: BackfillDeps) {
    this.#deps = deps;
    this.#lease = new WorkLease('repair', deps);
  }

  /** Once a second: starts one if something is blind and this replica takes the lease. */
  async pulse(): Promise<void> {
    await this.#lease.renew();
    if (this.#lease.isWorking()) return;
    const { store, clock, coverage, references } = this.#deps;
    const open = blindTypes(references(), coverage, clock.now());
    if (open.length === 0) return;
    // Named for what is to be filled: a repair that has just ended does not hold back the next.
    const key = open.map(([type]) => `${type}=${coverage.blindTo(type)}`).join();
    if (!(await store.claimOnce(`repair:${key}`, BACKFILL_LIMITS.againMs))) return;
    // Not waited for: nothing else must depend on a slow TaskRouter.
    this.#lease.begin(async () => {
      // Another replica may have filled it just before.
      await coverage.refresh();
      await backfill(blindTypes(references(), coverage, clock.now()), this.#deps);
    }, this.#deps.onError);
  }

  /** Resolves when none is under way. */
  async idle(): Promise<void> {
    await this.#lease.idle();
  }
}

/** Rejects only with `StoreDown`. */
async function backfill(open: BlindTypes, deps: BackfillDeps): Promise<void> {
  const { clock, coverage, log } = deps;
  let done = 0;
  for (const [type, blindFrom] of open) {
    const from = blindFrom - BACKFILL_LIMITS.overlapMs;
    const to = clock.now();
    try {
      const found = await backfillType(type, from, deps);
      if (found === null) {
        log.warn(`too many missed ${type} events to read: count stays unknown`);
        continue;
      }
      await coverage.markFilled(type, { from, to });
      log.info(`read ${type} events since ${iso(from)} from TaskRouter's history: ${found} found`);
      done += 1;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      log.warn(`${type} events could not be read from TaskRouter's history: ${error.message}`);
    }
  }
  if (done > 0) await requestAllPasses(deps);
}

/** How many events were found; null: too many. */
async function backfillType(
  type: string,
  since: number,
  deps: BackfillDeps,
): Promise<number | null> {
  let found = 0;
  let pages = 0;
  for await (const page of deps.gateway.pastEvents(type, since)) {
    pages += 1;
    if (pages > BACKFILL_LIMITS.pages) return null;
    const events = page.flatMap((fields) => {
      const event = parseEvent(fields, deps.workspaceSid);
      return 'ignored' in event ? [] : [event];
    });
    await foldEvents(events, deps);
    found += events.length;
  }
  return found;
}

/**
 * One change per Worker and page. A Worker that is not on record was deleted: nothing counts it.
 */
async function foldEvents(
  events: readonly RoutingEvent[],
  { records, clock }: BackfillDeps,
): Promise<void> {
  const byWorker = new Map<WorkerSid, RoutingEvent[]>();
  for (const event of events) {
    if (!('workerSid' in event)) continue;
    byWorker.set(event.workerSid, [...(byWorker.get(event.workerSid) ?? []), event]);
  }
  for (const [worker, own] of byWorker) {
    if ((await records.load(worker)) === null) continue;
    await records.change(worker, clock.now(), (state) => own.reduce(evolveCounted, state));
  }
}

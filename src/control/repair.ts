// Fills blind spans from TaskRouter's event history: only the types that rules count, only as far
// back as the longest window reaches, and once across replicas. What cannot be filled stays blind.

import { parseEvent } from '../core/event.ts';
import type { RoutingEvent } from '../core/event.types.ts';
import { evolveCounted } from '../core/evolve.ts';
import type { WorkerSid } from '../core/ids.ts';
import { iso, isWithin } from '../core/instants.ts';
import { type Clock, Failure, type Gateway, type Queues, type Store } from '../ports.ts';
import type { DirectoryKeeper } from './directory.ts';
import type { Heard } from './heard.ts';
import type { Named } from './named.ts';
import type { Records } from './records.ts';
import { lookAtAll } from './resync.ts';

export const REPAIR_LIMITS = {
  /** For late events, and for the difference between TaskRouter's clock and ours. */
  overlapMs: 5 * 60_000,
  /** Pages of a thousand events of one type; if there are more, the span stays blind. */
  pages: 50,
  /** How soon a failed repair is repeated, ms. */
  againMs: 60_000,
  /** How long after a blind span has ended it counts as about to be filled, ms. */
  mendingMs: 120_000,
} as const;

export interface RepairDeps {
  readonly store: Store;
  readonly records: Records;
  readonly queues: Pick<Queues, 'addPass'>;
  readonly directory: Pick<DirectoryKeeper, 'current'>;
  readonly gateway: Pick<Gateway, 'pastEvents'>;
  readonly clock: Clock;
  readonly heard: Heard;
  readonly workspaceSid: string;
  named(): Named;
  log: { info(text: string): void; warn(text: string): void };
}

/** Counted types of which events within the window may have been missed, and since when. */
export function unfilled(named: Named, heard: Heard, at: number): readonly [string, number][] {
  return [...named.counts].flatMap(([type, windowMs]): [string, number][] => {
    // A Worker's record counts events of Reservations; there is nothing else to fill in.
    if (!type.startsWith('reservation.')) return [];
    const from = heard.blindFrom(type, at - windowMs);
    return from === null ? [] : [[type, from]];
  });
}

/** Whether a span ended so recently that the history is yet to be read. */
export function isMending(named: Named, heard: Heard, at: number): boolean {
  const ends = unfilled(named, heard, at).map(([type]) => heard.blindTo(type));
  return ends.some((end) => isWithin(end, at, REPAIR_LIMITS.mendingMs));
}

/** How many types were filled in. Rejects only with `StoreDown`. */
export async function repair(deps: RepairDeps): Promise<number> {
  const { store, clock, heard, log } = deps;
  const open = unfilled(deps.named(), heard, clock.now());
  if (open.length === 0) return 0;
  // Named for what is to be filled: a repair that has just ended does not hold back the next.
  const key = open.map(([type]) => `${type}=${heard.blindTo(type)}`).join();
  if (!(await store.claimOnce(`repair:${key}`, REPAIR_LIMITS.againMs))) return 0;
  let done = 0;
  for (const [type, blindFrom] of open) {
    const from = blindFrom - REPAIR_LIMITS.overlapMs;
    const to = clock.now();
    try {
      const found = await fill(type, from, deps);
      if (found === null) {
        log.warn(`too many missed ${type} events to read: count stays unknown`);
        continue;
      }
      await heard.filled(type, { from, to });
      log.info(`${type} since ${iso(from)} were read from the history: ${found}`);
      done += 1;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      log.warn(`${type} could not be read from the history: ${error.message}`);
    }
  }
  if (done > 0) await lookAtAll(deps);
  return done;
}

/** How many events were found; null: too many. */
async function fill(type: string, since: number, deps: RepairDeps): Promise<number | null> {
  let found = 0;
  let pages = 0;
  for await (const page of deps.gateway.pastEvents(type, since)) {
    pages += 1;
    if (pages > REPAIR_LIMITS.pages) return null;
    const events = page.flatMap((fields) => {
      const event = parseEvent(fields, deps.workspaceSid);
      return 'ignored' in event ? [] : [event];
    });
    await fold(events, deps);
    found += events.length;
  }
  return found;
}

/**
 * One change per Worker and page. A Worker that is not on record was deleted: nothing counts it.
 */
async function fold(
  events: readonly RoutingEvent[],
  { records, clock }: RepairDeps,
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

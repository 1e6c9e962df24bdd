// Lists the whole Workspace: every Worker is folded into its record and gets a pass. This finds
// what no event reported: what happened before the start, and what was lost.

import type { WorkerSid } from '../core/ids.ts';
import type { WorkerState } from '../core/state.ts';
import { isInAvailableActivity } from '../core/worker-facts.ts';
import type { Queues } from '../ports.ts';
import type { ControlDeps } from './deps.ts';
import type { DirectoryKeeper } from './directory.ts';
import { withReading } from './read.ts';
import { SharedDocument } from './shared-document.ts';

/** The key of the next resync's wake; Workers' keys are their SIDs. */
export const RESYNC_WAKE = 'workspace:resync';

export interface ResyncDeps extends ControlDeps {
  readonly queues: Pick<Queues, 'addPass'>;
  readonly directory: DirectoryKeeper;
}

/**
 * How many Workers were listed. `afterGap`: events may have been missed, so the recorded Worker
 * Channels have to be read again before anything is decided by them.
 */
export async function resync(deps: ResyncDeps, afterGap: boolean): Promise<number> {
  await deps.directory.refresh();
  const began = deps.clock.now();
  const listed = new Set<WorkerSid>();
  // Settings of channels take effect at once only for Workers in an available Activity.
  const later: WorkerSid[] = [];
  const unparsable: WorkerSid[] = [];
  try {
    for await (const reading of deps.gateway.workers('list', (worker) => unparsable.push(worker))) {
      listed.add(reading.sid);
      await deps.records.change(reading.sid, began, (before) => {
        const state = withReading(before, reading, began);
        return afterGap ? withRelistDue(state, began) : state;
      });
      if (reading.available) await deps.queues.addPass(reading.sid, 'resync');
      else later.push(reading.sid);
    }
  } finally {
    // A listing that breaks off is still useful for the Workers that it returned.
    for (const sid of later) await deps.queues.addPass(sid, 'resync');
  }
  for (const worker of unparsable) {
    listed.add(worker);
    await markUnknown(worker, began, deps);
  }
  await checkMissingWorkers(listed, began, deps);
  return listed.size;
}

/** Nothing is written for it until a pass has read it individually, with its own retries. */
async function markUnknown(worker: WorkerSid, at: number, deps: ResyncDeps): Promise<void> {
  await deps.records.change(worker, at, (before) => ({ ...before, attributes: null }));
  await deps.queues.addPass(worker, 'resync');
}

function withRelistDue(state: WorkerState, at: number): WorkerState {
  return state.relistAt === at ? state : { ...state, relistAt: at };
}

/** A Worker on record that the listing lacks was probably deleted; a read of it decides. */
async function checkMissingWorkers(
  listed: ReadonlySet<WorkerSid>,
  began: number,
  deps: ResyncDeps,
): Promise<void> {
  for await (const state of deps.records.all()) {
    if (listed.has(state.sid) || state.knownSince >= began) continue;
    try {
      await deps.gateway.worker(state.sid);
    } catch {
      // Gone, or unreachable: a pass finds out which, with its own retries.
      await markUnknown(state.sid, began, deps);
    }
  }
}

export interface ResyncState {
  /** Workers listed at the last resync; null before the first. */
  readonly listed: number | null;
  /** epoch ms */
  readonly last: number | null;
  readonly fault: string | null;
}

interface ResyncDocument {
  readonly listed: number;
  readonly last: number | null;
}

/** How soon a failed resync is repeated, ms. */
const AGAIN_MS = 15_000;

/** One resync at a time, each scheduling the next; a failed one is repeated soon. */
export class ResyncRunner {
  readonly #deps: ResyncDeps;
  readonly #log: { info(text: string): void; error(error: unknown, text: string): void };
  #running: Promise<void> | null = null;
  /** Until the first one after a start, events may have been missed. */
  #gap = true;
  /** The last one that succeeded, on any replica. */
  readonly #document: SharedDocument<ResyncDocument>;
  readonly #startedAt: number;
  /** Whether the store is known to record one. */
  #kept = false;
  /** Another was requested while one ran. */
  #again = false;
  #fault: string | null = null;

  constructor(
    deps: ResyncDeps,
    log: { info(text: string): void; error(error: unknown, text: string): void },
  ) {
    this.#deps = deps;
    this.#log = log;
    this.#document = new SharedDocument<ResyncDocument>(deps.store, 'resync', {
      listed: 0,
      last: null,
    });
    this.#startedAt = deps.clock.now();
  }

  /** Since the start of this process; those of other replicas count. */
  state(): ResyncState {
    const { listed, last } = this.#document.current();
    const none = last === null || last < this.#startedAt;
    return none
      ? { listed: null, last: null, fault: this.#fault }
      : { listed, last, fault: this.#fault };
  }

  /** Whether the store, as it is now, records one. */
  async hasSucceeded(): Promise<boolean> {
    return (await this.#document.refresh()).last !== null;
  }

  /** Another replica may have made one. A store that records none any more has lost everything. */
  async refresh(): Promise<void> {
    const { last } = await this.#document.ensureFresh();
    if (last === null && this.#kept) {
      this.#gap = true;
      await this.requestSoon();
    }
    this.#kept = last !== null;
  }

  /** Requests one that begins after now: the running one may already be past what must be read. */
  async requestSoon(): Promise<void> {
    this.#again = true;
    await this.#deps.store.setWake(RESYNC_WAKE, this.#deps.clock.now());
  }

  /**
   * Starts one; callers meanwhile wait for the one that runs. Never rejects. `whole`: Worker
   * Channels are read again as well, as after a gap.
   */
  run(whole = false): Promise<void> {
    if (whole) this.#gap = true;
    // The one that runs may be past what this one is to read.
    if (whole && this.#running !== null) return this.#running.then(() => this.run());
    this.#running ??= this.#once().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Resolves when none is running. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #once(): Promise<void> {
    const { clock, store, limits } = this.#deps;
    let next = AGAIN_MS;
    const afterGap = this.#gap;
    try {
      this.#gap = false;
      this.#again = false;
      const listed = await resync(this.#deps, afterGap);
      const last = clock.now();
      await this.#document.change(() => ({ listed, last }));
      this.#kept = true;
      this.#fault = null;
      this.#log.info(`resync: ${listed} Workers listed`);
      next = limits.resyncMs;
    } catch (error) {
      this.#fault = error instanceof Error ? error.message : String(error);
      this.#gap ||= afterGap;
      this.#log.error(error, 'the resync failed and will be tried again');
    }
    // If it is the store that failed, the lease of the wake makes it due again.
    const at = clock.now() + (this.#again ? 0 : next);
    await store.setWake(RESYNC_WAKE, at).catch(() => {});
  }
}

/**
 * Requests a pass over every Worker on record, because something changed that concerns all: those
 * in an available Activity first, because only for them it takes effect now.
 */
export async function requestAllPasses(
  deps: Pick<ResyncDeps, 'queues'> & {
    readonly records: Pick<ResyncDeps['records'], 'all'>;
    readonly directory: Pick<DirectoryKeeper, 'current'>;
  },
): Promise<number> {
  const later: WorkerSid[] = [];
  let requested = 0;
  for await (const state of deps.records.all()) {
    requested += 1;
    if (isInAvailableActivity(state, deps.directory.current()))
      await deps.queues.addPass(state.sid, 'all');
    else later.push(state.sid);
  }
  for (const sid of later) await deps.queues.addPass(sid, 'all');
  return requested;
}

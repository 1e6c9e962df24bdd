// Lists the whole Workspace: every Worker is folded into its record and gets a pass. This finds
// what no event reported: what happened before the start, and what was lost.

import { randomUUID } from 'node:crypto';
import type { WorkerSid } from '../core/ids.ts';
import type { WorkerState } from '../core/state.ts';
import { isInAvailableActivity } from '../core/worker-facts.ts';
import type { Queues } from '../ports.ts';
import type { ControlDeps } from './deps.ts';
import type { DirectoryKeeper } from './directory.ts';
import { withReading } from './read.ts';
import { SharedDocument } from './shared-document.ts';
import { WorkLease } from './work-lease.ts';

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
  /** The last request that is not done; absent or null: there is none. */
  readonly asked?: string | null;
  /** The last of those that want Worker Channels read again as well. */
  readonly whole?: string | null;
}

export const RESYNC_LIMITS = {
  /** How soon a failed resync is repeated, ms. */
  againMs: 15_000,
  /** How soon one that is due is tried again while another replica is at it, ms. */
  busyMs: 5_000,
} as const;

export interface ResyncRunnerDeps extends ResyncDeps {
  /** Whether no other process uses the store. */
  readonly alone: boolean;
}

/**
 * One resync at a time across replicas, each scheduling the next. Requests are in the store, so
 * that whichever replica lists next does what they ask, also after the one that asked has died.
 */
export class ResyncRunner {
  readonly #deps: ResyncDeps;
  readonly #log: { info(text: string): void; error(error: unknown, text: string): void };
  readonly #lease: WorkLease;
  #running: Promise<void> | null = null;
  /** The last one that succeeded, on any replica. */
  readonly #document: SharedDocument<ResyncDocument>;
  readonly #startedAt: number;
  /** Whether the store is known to record one. */
  #kept = false;
  #fault: string | null = null;

  constructor(
    deps: ResyncRunnerDeps,
    log: { info(text: string): void; error(error: unknown, text: string): void },
  ) {
    this.#deps = deps;
    this.#log = log;
    this.#lease = new WorkLease('resync', deps);
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

  /**
   * Once a second. Another replica may have made one. A store that records none any more has lost
   * everything.
   */
  async refresh(): Promise<void> {
    await this.#lease.renew();
    const { last } = await this.#document.ensureFresh();
    if (last === null && this.#kept) await this.request(true);
    this.#kept = last !== null;
  }

  /**
   * Requests one that begins after now, because the running one may already be past what must be
   * read; some replica begins it within a second or so. `whole`: events may have been missed, so
   * Worker Channels are read again as well.
   */
  async request(whole = false): Promise<void> {
    const asked = randomUUID();
    await this.#document.change((kept) => ({ ...kept, asked, ...(whole && { whole: asked }) }));
    await this.#deps.store.setWake(RESYNC_WAKE, this.#deps.clock.now());
  }

  /** One is due: runs it, unless one runs here or on another replica. Never rejects. */
  run(): Promise<void> {
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
    let next: number = RESYNC_LIMITS.busyMs;
    try {
      await this.#lease.run(async () => {
        next = RESYNC_LIMITS.againMs;
        await this.#list();
        next = limits.resyncMs;
      });
    } catch (error) {
      this.#fault = error instanceof Error ? error.message : String(error);
      this.#log.error(error, 'the resync failed and will be tried again');
    }
    try {
      await store.setWake(RESYNC_WAKE, clock.now() + next);
      // What was requested meanwhile may have set its wake just before.
      if (next === limits.resyncMs && (await this.#document.refresh()).asked)
        await store.setWake(RESYNC_WAKE, clock.now());
    } catch {
      // The leases of the wake and of the work make it due again.
    }
  }

  async #list(): Promise<void> {
    const { asked = null, whole = null } = await this.#document.refresh();
    const listed = await resync(this.#deps, whole !== null);
    const last = this.#deps.clock.now();
    await this.#document.change((kept) => ({
      ...{ listed, last },
      asked: kept.asked === asked ? null : (kept.asked ?? null),
      whole: kept.whole === whole ? null : (kept.whole ?? null),
    }));
    this.#kept = true;
    this.#fault = null;
    this.#log.info(`resync: ${listed} Workers listed`);
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

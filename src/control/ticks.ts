// The clock: once a second, on any one replica, what is due is looked at again. node-cron drives
// the ticks in UTC; whether a schedule holds is never decided here.

import { schedule as cron, type ScheduledTask } from 'node-cron';
import type { WorkerSid } from '../core/ids.ts';
import type { Clock, Queues, Store } from '../ports.ts';
import { PAUSES_WAKE } from './pauses.ts';
import { RESYNC_WAKE } from './resync.ts';

/** Wakes taken at once; if more are due, as at a shift's start, the others follow immediately. */
const BATCH = 500;
/** A requested pass that never ran (its process died) is requested again after this. */
const LEASE_MS = 60_000;
/** A replica that claimed a tick and died blocks the others no longer than this. */
const CLAIM_MS = 30_000;

export interface TicksDeps {
  readonly store: Store;
  readonly queues: Pick<Queues, 'addPass'>;
  readonly clock: Clock;
  /** Starts a resync, and does not wait for it. */
  resync(): void;
  /** A pause has ended by itself. */
  pauseEnded(): Promise<void>;
  onError(error: unknown): void;
}

/** Requests what is due; returns for how many wakes. */
export async function tick(deps: TicksDeps): Promise<number> {
  let handed = 0;
  for (;;) {
    const due = await deps.store.leaseWakes(deps.clock.now(), LEASE_MS, BATCH);
    for (const key of due) {
      if (key === RESYNC_WAKE) deps.resync();
      else if (key === PAUSES_WAKE) await deps.pauseEnded();
      else await deps.queues.addPass(key as WorkerSid);
    }
    handed += due.length;
    if (due.length < BATCH) return handed;
  }
}

export class Ticks {
  readonly #deps: TicksDeps;
  #task: ScheduledTask | null = null;
  #running: Promise<unknown> = Promise.resolve();

  constructor(deps: TicksDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { store, onError } = this.#deps;
    this.#task = cron('* * * * * *', () => this.#run(), {
      name: 'headroom-wakes',
      timezone: 'Etc/UTC',
      noOverlap: true,
      suppressMissedWarning: true,
      logger: quiet(onError),
      distributed: true,
      runCoordinator: {
        shouldRun: (key) => store.claimOnce(`tick:${key}`, CLAIM_MS).catch(() => false),
      },
    });
  }

  async stop(): Promise<void> {
    await this.#task?.destroy();
    await this.#running;
  }

  async #run(): Promise<void> {
    this.#running = tick(this.#deps).catch(this.#deps.onError);
    await this.#running;
  }
}

/** node-cron would print to the console; only its errors matter, and they go to the log. */
function quiet(onError: (error: unknown) => void) {
  const nothing = () => {};
  return {
    info: nothing,
    warn: nothing,
    debug: nothing,
    error: (error: unknown) => onError(error),
  };
}

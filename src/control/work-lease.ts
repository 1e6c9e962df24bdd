// Work that one replica does for all: the one that takes the lease renews it for as long as it
// works, whatever that takes, and a while after it has died another may take it.

import { randomUUID } from 'node:crypto';
import type { Clock, Store } from '../ports.ts';
import { SharedDocument } from './shared-document.ts';

export const LEASE_LIMITS = {
  /** A replica that dies at work keeps the others from it no longer than this, ms. */
  leaseMs: 20_000,
  /** How often it is renewed, ms. */
  renewMs: 5_000,
} as const;

interface LeaseDocument {
  readonly by: string;
  /** epoch ms; 0: nobody holds it. */
  readonly until: number;
}

const FREE: LeaseDocument = { by: '', until: 0 };

export interface WorkLeaseDeps {
  readonly store: Store;
  readonly clock: Clock;
  /** No other process can be at work, so a lease that is not ours is of an earlier life. */
  readonly alone: boolean;
}

export class WorkLease {
  readonly #deps: WorkLeaseDeps;
  readonly #document: SharedDocument<LeaseDocument>;
  readonly #me = randomUUID();
  /** Until when this replica holds it, epoch ms; null: it does not. */
  #until: number | null = null;
  #renewing: Promise<unknown> = Promise.resolve();
  #working: Promise<unknown> | null = null;

  constructor(work: string, deps: WorkLeaseDeps) {
    this.#deps = deps;
    this.#document = new SharedDocument(deps.store, `lease:${work}`, FREE);
  }

  /** Does the work, unless another replica is at it, which answers false. */
  async run(work: () => Promise<void>): Promise<boolean> {
    if (!(await this.#take())) return false;
    try {
      await work();
    } finally {
      await this.#release();
    }
    return true;
  }

  /** The same without waiting for it; does nothing while what was begun here goes on. */
  begin(work: () => Promise<void>, onError: (error: unknown) => void): void {
    this.#working ??= this.run(work)
      .catch(onError)
      .finally(() => {
        this.#working = null;
      });
  }

  isWorking(): boolean {
    return this.#working !== null;
  }

  /** Resolves when nothing that was begun here goes on. */
  async idle(): Promise<void> {
    await this.#working;
  }

  async #take(): Promise<boolean> {
    const { clock, alone } = this.#deps;
    const { until } = await this.#document.refresh();
    const at = clock.now();
    // One that ends later than any can was taken by a clock that has since been set back.
    if (!alone && at < until && until - at <= LEASE_LIMITS.leaseMs) return false;
    const mine = { by: this.#me, until: at + LEASE_LIMITS.leaseMs };
    if (!(await this.#document.save(mine))) return false;
    this.#until = mine.until;
    return true;
  }

  /** Once a second. */
  async renew(): Promise<void> {
    if (this.#until === null) return;
    const at = this.#deps.clock.now();
    const left = this.#until - at;
    const isNew = left > LEASE_LIMITS.leaseMs - LEASE_LIMITS.renewMs;
    if (isNew && left <= LEASE_LIMITS.leaseMs) return;
    this.#until = at + LEASE_LIMITS.leaseMs;
    this.#renewing = this.#change(this.#until);
    await this.#renewing;
  }

  /** One that cannot be given back is not renewed any more, and so ends by itself. */
  async #release(): Promise<void> {
    this.#until = null;
    await this.#renewing.catch(() => undefined);
    await this.#change(0).catch(() => undefined);
  }

  /** If it came too late and another has taken it, that one keeps it. */
  async #change(until: number): Promise<void> {
    await this.#document.change((kept) => (kept.by === this.#me ? { ...kept, until } : kept));
  }
}

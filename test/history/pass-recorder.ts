// Records when a pass has decided: when its decision is stored or, if that changed nothing, when it
// schedules the next one.

import type { ControlDeps } from '../../src/control/deps.ts';
import type { Records } from '../../src/control/records.ts';
import type { WorkerSid } from '../../src/core/ids.ts';
import type { Gateway, Store } from '../../src/ports.ts';
import type { MemoryStore } from '../support/memory/store.ts';
import { overrideMethods } from './override-methods.ts';
import type { EntryInput } from './recorder.ts';

interface Watched {
  readonly store: MemoryStore;
  readonly now: number;
  note(entry: EntryInput, at?: number): void;
}

export class PassRecorder {
  readonly #deps: ControlDeps;
  readonly #loop: Watched;
  readonly #worker: WorkerSid;
  #noted = false;
  /** A call of this pass failed: it does not complete. */
  #failed = false;
  /** When it decided: concurrent passes may have advanced the clock since. */
  #decidedAt: number | undefined;

  constructor(deps: ControlDeps, loop: Watched, worker: WorkerSid) {
    this.#deps = deps;
    this.#loop = loop;
    this.#worker = worker;
  }

  store(): Store {
    const setWake: Store['setWake'] = async (key, at) => {
      // A failed pass schedules the next one as well.
      if (!this.#noted && !this.#failed) this.#note();
      await this.#deps.store.setWake(key, at);
    };
    return overrideMethods(this.#deps.store, { setWake });
  }

  records(): Records {
    const { records } = this.#deps;
    const save: Records['save'] = async (worker, state, expected) => {
      try {
        const saved = await records.save(worker, state, expected);
        if (saved) this.#note();
        return saved;
      } catch (error) {
        // It died at this call, but after the record was stored.
        if (await this.#isStored(worker, expected)) this.#note();
        throw error;
      }
    };
    return overrideMethods(records, { save });
  }

  /** Called as soon as the pass has decided. */
  guard(): ControlDeps['guard'] & object {
    const { guard } = this.#deps;
    if (guard === undefined) throw new Error('the loop has no guard');
    const attend: typeof guard.permit = (state, planned) => {
      this.#decidedAt = this.#loop.now;
      return guard.permit(state, planned);
    };
    return overrideMethods(guard, { permit: attend });
  }

  gateway(): Gateway {
    const { gateway } = this.#deps;
    return new Proxy(gateway, {
      get: (of, name) => {
        const value: unknown = Reflect.get(of, name);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          try {
            return await value.apply(of, args);
          } catch (error) {
            this.#failed = true;
            throw error;
          }
        };
      },
    });
  }

  async #isStored(worker: WorkerSid, expected: number): Promise<boolean> {
    return (await this.#loop.store.loadWorker(worker))?.version === expected + 1;
  }

  #note(): void {
    this.#noted = true;
    this.#loop.note({ kind: 'look', of: this.#worker }, this.#decidedAt);
  }
}

// Notes when a pass has decided: when what it decided is stored, or, where that changed nothing, when
// it books its next look.

import type { ControlDeps } from '../../src/control/deps.ts';
import type { Records } from '../../src/control/records.ts';
import type { WorkerSid } from '../../src/core/ids.ts';
import type { Store } from '../../src/ports.ts';
import type { MemoryStore } from '../support/memory/store.ts';
import type { Unstamped } from './notes.ts';

interface Watched {
  readonly store: MemoryStore;
  readonly failed: number;
  note(entry: Unstamped): void;
}

export class Looked {
  readonly #deps: ControlDeps;
  readonly #loop: Watched;
  #noted = false;

  constructor(deps: ControlDeps, loop: Watched) {
    this.#deps = deps;
    this.#loop = loop;
  }

  store(): Store {
    const setWake: Store['setWake'] = async (key, at) => {
      // A pass that ends in a failure books its next look as well.
      if (!this.#noted && this.#loop.failed === 0) this.#note();
      await this.#deps.store.setWake(key, at);
    };
    return over(this.#deps.store, { setWake });
  }

  records(): Records {
    const { records } = this.#deps;
    const save: Records['save'] = async (worker, state, expected) => {
      try {
        const saved = await records.save(worker, state, expected);
        if (saved) this.#note();
        return saved;
      } catch (error) {
        // It died of it, but after it was stored.
        if (await this.#isStored(worker, expected)) this.#note();
        throw error;
      }
    };
    return over(records, { save });
  }

  async #isStored(worker: WorkerSid, expected: number): Promise<boolean> {
    return (await this.#loop.store.loadWorker(worker))?.version === expected + 1;
  }

  #note(): void {
    this.#noted = true;
    this.#loop.note({ kind: 'look' });
  }
}

function over<T extends object>(target: T, own: Partial<T>): T {
  return new Proxy(target, {
    get: (of, name) => {
      if (name in own) return Reflect.get(own, name);
      const value: unknown = Reflect.get(of, name);
      return typeof value === 'function' ? value.bind(of) : value;
    },
  });
}

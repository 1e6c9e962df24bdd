// What all Workers share: the Workspace's Activities, read at start and again when
// an event says that one changed. Kept in the store, so that a start without TaskRouter still works.

import type { Directory } from '../core/view.ts';
import type { Gateway, Json, Store } from '../ports.ts';

const DOCUMENT = 'directory';
const EMPTY: Directory = { activities: {} };

export class DirectoryKeeper {
  readonly #store: Store;
  readonly #gateway: Gateway;
  #current: Directory = EMPTY;

  constructor(store: Store, gateway: Gateway) {
    this.#store = store;
    this.#gateway = gateway;
  }

  current(): Directory {
    return this.#current;
  }

  /** What was known at the last run. */
  async restore(): Promise<void> {
    const kept = await this.#store.getDocument(DOCUMENT);
    if (kept !== null) this.#current = kept.value as unknown as Directory;
  }

  /** Reads it anew; rejects with `Failure`, and then what was known stays. */
  async refresh(): Promise<void> {
    const activities = await this.#gateway.activities();
    this.#current = {
      activities: Object.fromEntries(
        activities.map((a) => [a.sid, { name: a.friendlyName, available: a.available }]),
      ),
    };
    const kept = await this.#store.getDocument(DOCUMENT);
    // Losing to another replica is fine: it read the same Workspace a moment ago.
    await this.#store.putDocument(DOCUMENT, this.#current as unknown as Json, kept?.version ?? 0);
  }
}

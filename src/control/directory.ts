// What all Workers share: the Workspace's Activities and Task Channels, read at start and again
// when an event says that one changed. Kept in the store, so that a start without TaskRouter still
// works, and so that every replica knows what one of them read.

import type { Directory } from '../core/worker-facts.ts';
import type { Gateway, Store } from '../ports.ts';
import { SharedDocument } from './shared-document.ts';

const EMPTY: Directory = { activities: {} };

type Asked = Pick<Gateway, 'activities' | 'taskChannels'>;

export class DirectoryKeeper {
  readonly #document: SharedDocument<Directory>;
  readonly #gateway: Asked;

  constructor(store: Store, gateway: Asked) {
    this.#document = new SharedDocument(store, 'directory', EMPTY);
    this.#gateway = gateway;
  }

  current(): Directory {
    return this.#document.current();
  }

  /** Loads what was known at the last run. */
  async restore(): Promise<void> {
    await this.#document.refresh();
  }

  /** Another replica may have read it since. */
  async ensureFresh(): Promise<void> {
    await this.#document.ensureFresh();
  }

  /** Reads it from TaskRouter; if that rejects with `Failure`, what was known stays. */
  async refresh(): Promise<void> {
    const activities = await this.#gateway.activities();
    const sids = (await this.#gateway.taskChannels()).map(({ sid }) => sid).sort();
    const byActivity = Object.fromEntries(
      activities.map((a) => [a.sid, { name: a.friendlyName, available: a.available }]),
    );
    await this.#document.change((kept) => {
      const read = { activities: byActivity, taskChannels: editionOf(sids, kept.taskChannels) };
      return JSON.stringify(kept) === JSON.stringify(read) ? kept : read;
    });
  }
}

function editionOf(sids: readonly string[], kept: Directory['taskChannels']) {
  if (kept !== undefined && kept.sids.join() === sids.join()) return kept;
  return { edition: (kept?.edition ?? 0) + 1, sids };
}

// Opens the store without a daemon, for one export or import. On the embedded store the data
// folder's lock keeps a running daemon out.

import {
  type BackupDeps,
  backupPage,
  importBackup,
  importChanges,
  storeContents,
} from '../control/backup.ts';
import { countLiveReplicas } from '../control/rollout.ts';
import type { Backup, BackupPage, StoreContents } from '../core/backup.ts';
import type { Log } from '../log.ts';
import { openBackend } from './open-backend.ts';
import type { Identity, ServiceOptions } from './options.ts';

export interface StoreDirect {
  readonly workspaceSid: string;
  page(query: { readonly limit: number; readonly cursor?: string }): Promise<BackupPage>;
  /** How many daemons are alive according to the store; only Redis serves several. */
  countLiveReplicas(): Promise<number>;
  contents(): Promise<StoreContents>;
  /** A sentence per change; changes nothing. */
  importChanges(backup: Backup): Promise<readonly string[]>;
  importBackup(backup: Backup): Promise<void>;
}

export interface StoreDirectOptions {
  readonly config: ServiceOptions['config'];
  readonly identity: Identity;
  readonly log: Log;
}

/** Rejects if the store cannot be opened, e.g. because the daemon holds its data folder. */
export async function withStoreDirect<T>(
  { config, identity, log }: StoreDirectOptions,
  work: (store: StoreDirect) => Promise<T>,
): Promise<T> {
  const { workspaceSid, baseUrl } = identity;
  const { backend } = await openBackend({ config, workspaceSid, taskrouter: baseUrl, log });
  const { store } = backend;
  const deps: BackupDeps = { store, workspaceSid, now: () => Date.now() };
  try {
    return await work({
      workspaceSid,
      page: (query) => backupPage(deps, query),
      countLiveReplicas: () => countLiveReplicas(store),
      contents: () => storeContents(deps),
      importChanges: (backup) => importChanges(backup, deps),
      importBackup: (backup) => importBackup(backup, deps),
    });
  } finally {
    await backend.close(0);
  }
}

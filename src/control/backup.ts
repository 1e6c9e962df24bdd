// Export and import: reads page by page what TaskRouter cannot supply, and reports what an import
// would change before it changes anything.

import {
  applyBackup,
  BACKUP_FORMAT,
  BACKUP_VERSION,
  type Backup,
  type BackupField,
  type BackupPage,
  type BackupWorker,
  backupOf,
  type StoreContents,
} from '../core/backup.ts';
import { newWorker, type WorkerState } from '../core/state.ts';
import type { Store } from '../ports.ts';
import { type Pause, Pauses, pauseView, sameScope } from './pauses.ts';
import { Records, stateOf } from './records.ts';
import { readStoredRules, storeRules } from './stored-rules.ts';

export interface BackupDeps {
  readonly store: Store;
  readonly workspaceSid: string;
  readonly now: () => number;
}

/** `limit`: Workers examined. Only the first page contains rules and pauses. */
export async function backupPage(
  { store, workspaceSid, now }: BackupDeps,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string },
): Promise<BackupPage> {
  const isFirst = cursor === undefined;
  const page = await store.listWorkers(limit, cursor);
  return {
    format: BACKUP_FORMAT,
    version: BACKUP_VERSION,
    at: new Date(now()).toISOString(),
    workspace: workspaceSid,
    rules: isFirst ? await readStoredRules(store) : null,
    pauses: isFirst ? (await pausesIn(store, now)).map(pauseView) : [],
    workers: page.workers.flatMap(({ value }) => backupOf(stateOf(value)) ?? []),
    next: page.next,
  };
}

export async function storeContents({ store, now }: BackupDeps): Promise<StoreContents> {
  const { workers } = await store.listWorkers(1);
  return {
    workers: workers.length > 0,
    rules: (await readStoredRules(store))?.id ?? null,
    pauses: (await pausesIn(store, now)).length,
  };
}

/** What an import of the document would change, a sentence each. Changes nothing. */
export async function importChanges(backup: Backup, deps: BackupDeps): Promise<readonly string[]> {
  const { store, now } = deps;
  const records = new Records(store);
  const kept = (await readStoredRules(store))?.id ?? null;
  const paused = await pausesIn(store, now);
  const changes: string[] = [];
  if (backup.rules !== null && backup.rules.id !== kept) {
    changes.push(`rules in force: ${kept ?? 'none'} → ${backup.rules.id}`);
  }
  for (const pause of livePauses(backup, now())) {
    const before = paused.find((each) => sameScope(each, pause));
    if (JSON.stringify(before) === JSON.stringify(pause)) continue;
    changes.push(`${before === undefined ? 'pause' : 'another pause'} of ${scopeText(pause)}`);
  }
  for (const worker of backup.workers) {
    const before = (await records.load(worker.sid))?.state ?? newWorker(worker.sid, now());
    changes.push(...workerChanges(before, worker));
  }
  return changes;
}

/** Every step can be repeated, so an interrupted import is started again with `--force`. */
export async function importBackup(backup: Backup, { store, now }: BackupDeps): Promise<void> {
  const records = new Records(store);
  const pauses = new Pauses(store, now);
  // Pauses first, so that a daemon started by mistake meanwhile finds them.
  for (const pause of livePauses(backup, now())) await pauses.begin(pause);
  for (const worker of backup.workers) {
    await records.change(worker.sid, now(), (before) => applyBackup(before, worker));
  }
  if (backup.rules !== null) await storeRules(store, backup.rules);
}

async function pausesIn(store: Store, now: () => number): Promise<readonly Pause[]> {
  const pauses = new Pauses(store, now);
  await pauses.refresh();
  return pauses.current();
}

function livePauses({ pauses }: Backup, at: number): readonly Pause[] {
  return pauses
    .map(({ rule, worker, channel, since, until, reason, by, released }) => ({
      ...{ rule, worker, channel, since: Date.parse(since) },
      until: until === null ? null : Date.parse(until),
      ...{ reason, by, released },
    }))
    .filter(({ until }) => until === null || until > at);
}

function scopeText({ rule, worker, channel }: Pause): string {
  if (rule !== null) return `rule ${rule}`;
  if (worker === null) return 'everything';
  return channel === null ? worker : `${channel} of ${worker}`;
}

const FIELDS = ['capacity', 'available'] as const;

function workerChanges(before: WorkerState, worker: BackupWorker): readonly string[] {
  const had = backupOf(before);
  const after = applyBackup(before, worker);
  const will = backupOf(after);
  return worker.channels.flatMap(({ channel }) =>
    FIELDS.flatMap((field) => {
      const [was, is] = [had, will].map(
        (each) => each?.channels.find((c) => c.channel === channel)?.[field] ?? null,
      );
      if (JSON.stringify(was) === JSON.stringify(is)) return [];
      const name = worker.friendlyName ?? worker.sid;
      return [`${name} ${channel} ${field}: ${fieldText(was ?? null)} → ${fieldText(is ?? null)}`];
    }),
  );
}

function fieldText(field: BackupField<number | boolean> | null): string {
  if (field === null) return 'not held';
  const { baseline, edit } = field;
  const home = baseline === null ? [] : [`baseline ${baseline}`];
  const until = edit?.until ? ` until ${edit.until}` : '';
  return [...home, ...(edit === null ? [] : [`edit ${edit.value}${until}`])].join(', ');
}

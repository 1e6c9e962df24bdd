// What headroom remembers and cannot learn from TaskRouter again, as one document that can be
// exported and imported: the rules in force, the pauses, and for each held Worker Channel its
// baseline and the person's edit that is respected. Everything else is read again.

import type { WorkerSid } from './ids.ts';
import { iso } from './instants.ts';
import {
  channelIn,
  type Edit,
  type FieldState,
  newChannel,
  type WorkerState,
  withChannel,
} from './state.ts';

export const BACKUP_FORMAT = 'headroom-export';
export const BACKUP_VERSION = 1;

export interface BackupEdit<T> {
  readonly value: T;
  /** ISO instant, like all instants in the document. */
  readonly at: string;
  /** null: in effect until what the rules ask changes. */
  readonly until: string | null;
  readonly winner: string;
  readonly mind?: string;
}

export interface BackupField<T> {
  /** null: only an edit is kept, made while headroom did not act on the channel. */
  readonly baseline: T | 'unknown' | null;
  readonly claimed: boolean;
  readonly edit: BackupEdit<T> | null;
}

export interface BackupChannel {
  readonly channel: string;
  /** The `set` that won, as `rule=number`; empty: none. */
  readonly winner: string;
  /** null: headroom does not hold this field. */
  readonly capacity: BackupField<number> | null;
  readonly available: BackupField<boolean> | null;
}

export interface BackupWorker {
  readonly sid: WorkerSid;
  readonly friendlyName: string | null;
  readonly channels: readonly BackupChannel[];
}

export interface BackupRules {
  readonly id: string;
  readonly files: readonly { readonly name: string; readonly text: string }[];
}

export interface BackupPause {
  readonly rule: string | null;
  readonly worker: WorkerSid | null;
  readonly channel: string | null;
  readonly since: string;
  readonly until: string | null;
  readonly reason: string;
  readonly by: string;
  readonly released: boolean;
}

export interface Backup {
  readonly format: typeof BACKUP_FORMAT;
  readonly version: typeof BACKUP_VERSION;
  readonly at: string;
  readonly workspace: string;
  /** null: no rules were in force yet. */
  readonly rules: BackupRules | null;
  readonly pauses: readonly BackupPause[];
  /** Only Workers of which something is held. */
  readonly workers: readonly BackupWorker[];
}

/** Only the first page contains rules and pauses. */
export interface BackupPage extends Backup {
  /** Pass as `cursor` to get the next page; null at the end. */
  readonly next: string | null;
}

/** What the store already holds that an import would conflict with. */
export interface StoreContents {
  readonly workers: boolean;
  readonly rules: string | null;
  readonly pauses: number;
}

/** null: nothing of this Worker is held. */
export function backupOf(state: WorkerState): BackupWorker | null {
  const channels = Object.entries(state.channels)
    .map(([channel, { winner, capacity, available }]) => ({
      channel,
      winner,
      capacity: fieldOf(capacity),
      available: fieldOf(available),
    }))
    .filter(({ capacity, available }) => capacity !== null || available !== null)
    .sort((a, b) => (a.channel < b.channel ? -1 : 1));
  if (channels.length === 0 || state.gone !== null) return null;
  return { sid: state.sid, friendlyName: state.name?.value ?? null, channels };
}

function fieldOf<T>({ baseline, claimed, edit }: FieldState<T>): BackupField<T> | null {
  if (baseline === null && edit === null) return null;
  return {
    baseline: baseline === null || baseline === 'unknown' ? baseline : baseline.value,
    claimed,
    edit: edit && exportEdit(edit),
  };
}

function exportEdit<T>({ at, until, ...rest }: Edit<T>): BackupEdit<T> {
  return { ...rest, at: iso(at), until: until === null ? null : iso(until) };
}

/**
 * The record with the document's Worker Channels. Each has to be read before anything is decided.
 * Its setting at the time of the document is not restored: headroom's own later writes would look
 * like somebody's edit.
 */
export function applyBackup(state: WorkerState, worker: BackupWorker): WorkerState {
  const named =
    state.name === null && worker.friendlyName !== null
      ? { ...state, name: { at: 0, sid: 'import', value: worker.friendlyName } }
      : state;
  return worker.channels.reduce((next, { channel, winner, capacity, available }) => {
    const before = channelIn(next, channel) ?? newChannel();
    return withChannel(next, channel, {
      stale: true,
      winner,
      capacity: capacity === null ? before.capacity : stateOf(capacity),
      available: available === null ? before.available : stateOf(available),
    });
  }, named);
}

function stateOf<T extends number | boolean>(field: BackupField<T>): FieldState<T> {
  const { baseline, claimed, edit } = field;
  return {
    baseline: baseline === null || baseline === 'unknown' ? baseline : { value: baseline as T },
    claimed,
    edit: edit && editOf(edit),
    // headroom may have written it since the document was made.
    seenFree: false,
  };
}

function editOf<T>({ value, at, until, winner, mind }: BackupEdit<T>): Edit<T> {
  const end = until === null ? null : Date.parse(until);
  return { value, at: Date.parse(at), until: end, winner, ...(mind !== undefined && { mind }) };
}

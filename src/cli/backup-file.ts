// Reads an exported document from a file: checks its structure and reports each mistake's place.

import {
  BACKUP_FORMAT,
  BACKUP_VERSION,
  type Backup,
  type BackupChannel,
  type BackupEdit,
  type BackupField,
  type BackupPause,
  type BackupRules,
  type BackupWorker,
} from '../core/backup.ts';
import { isSid, type WorkerSid } from '../core/ids.ts';
import { instantOf } from '../core/schedule/zone.ts';
import { JsonReader } from '../trial/json-reader.ts';

export type BackupRead =
  | { readonly ok: true; readonly backup: Backup }
  | { readonly ok: false; readonly problems: readonly string[] };

export function readBackup(text: string): BackupRead {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      problems: [`not valid JSON (${found}); expected a file from headroom export`],
    };
  }
  const problems: string[] = [];
  const file = new JsonReader(value, '', problems);
  file.required('format')?.as((each) => exactly(each, each.text(), BACKUP_FORMAT));
  // Nothing more can be said about a document of another format or version.
  if (problems.length > 0) return { ok: false, problems };
  file.required('version')?.as((each) => exactly(each, each.number(), BACKUP_VERSION));
  if (problems.length > 0) return { ok: false, problems };
  const backup: Backup = {
    ...{ format: BACKUP_FORMAT, version: BACKUP_VERSION },
    at: file.required('at')?.as(instant) ?? '',
    workspace: file.required('workspace')?.as((each) => sidOf(each, 'WS')) ?? '',
    rules: maybe(file.required('rules'), rulesOf),
    pauses: file.required('pauses')?.items(pauseOf) ?? [],
    workers: file.required('workers')?.items(workerOf) ?? [],
  };
  file.onlyKeys(['format', 'version', 'at', 'workspace', 'rules', 'pauses', 'workers']);
  return problems.length === 0 ? { ok: true, backup } : { ok: false, problems };
}

function exactly(reader: JsonReader, found: unknown, expected: string | number): void {
  if (found !== expected) reader.report(JSON.stringify(found), JSON.stringify(expected));
}

/** null if the value is null or missing. */
function maybe<T>(reader: JsonReader | null, read: (reader: JsonReader) => T): T | null {
  return reader === null || reader.isNull() ? null : read(reader);
}

function sidOf(reader: JsonReader, prefix: 'WS' | 'WK'): string {
  const found = reader.text();
  if (isSid(prefix, found)) return found;
  if (found !== '') reader.report(JSON.stringify(found), `"${prefix}" and 32 hexadecimal digits`);
  return '';
}

function instant(reader: JsonReader): string {
  const found = reader.text();
  if (found !== '' && instantOf(found, 'UTC') === null) {
    reader.report(JSON.stringify(found), 'an instant such as 2026-06-10T09:00:00.000Z');
  }
  return found;
}

function textOf(reader: JsonReader): string {
  return reader.text();
}

function rulesOf(reader: JsonReader): BackupRules {
  reader.onlyKeys(['id', 'files']);
  return {
    id: reader.required('id')?.text() ?? '',
    files:
      reader.required('files')?.items((file) => {
        file.onlyKeys(['name', 'text']);
        return {
          name: file.required('name')?.text() ?? '',
          text: file.required('text')?.text() ?? '',
        };
      }) ?? [],
  };
}

function pauseOf(reader: JsonReader): BackupPause {
  reader.onlyKeys(['rule', 'worker', 'channel', 'since', 'until', 'reason', 'by', 'released']);
  return {
    rule: maybe(reader.required('rule'), textOf),
    worker: maybe(reader.required('worker'), (each) => sidOf(each, 'WK')) as WorkerSid | null,
    channel: maybe(reader.required('channel'), textOf),
    since: reader.required('since')?.as(instant) ?? '',
    until: maybe(reader.required('until'), instant),
    reason: reader.required('reason')?.text() ?? '',
    by: reader.required('by')?.text() ?? '',
    released: reader.required('released')?.boolean() ?? false,
  };
}

function workerOf(reader: JsonReader): BackupWorker {
  reader.onlyKeys(['sid', 'friendlyName', 'channels']);
  return {
    sid: reader.required('sid')?.as((each) => sidOf(each, 'WK')) as WorkerSid,
    friendlyName: maybe(reader.required('friendlyName'), textOf),
    channels: reader.required('channels')?.items(channelOf) ?? [],
  };
}

function channelOf(reader: JsonReader): BackupChannel {
  reader.onlyKeys(['channel', 'winner', 'capacity', 'available']);
  return {
    channel: reader.required('channel')?.text() ?? '',
    winner: reader.required('winner')?.text() ?? '',
    capacity: maybe(reader.required('capacity'), (each) => fieldOf(each, (n) => n.wholeNumber())),
    available: maybe(reader.required('available'), (each) =>
      fieldOf(each, (flag) => flag.boolean()),
    ),
  };
}

function fieldOf<T>(reader: JsonReader, value: (reader: JsonReader) => T): BackupField<T> {
  reader.onlyKeys(['baseline', 'claimed', 'edit']);
  return {
    baseline: maybe(reader.required('baseline'), (each) =>
      each.is('unknown') ? ('unknown' as const) : value(each),
    ),
    claimed: reader.required('claimed')?.boolean() ?? false,
    edit: maybe(reader.required('edit'), (each) => editOf(each, value)),
  };
}

function editOf<T>(reader: JsonReader, value: (reader: JsonReader) => T): BackupEdit<T> {
  reader.onlyKeys(['value', 'at', 'until', 'winner', 'mind']);
  const mind = reader.optional('mind')?.text();
  return {
    // A missing value is a problem, and then nothing of the document is used.
    value: reader.required('value')?.as(value) as T,
    at: reader.required('at')?.as(instant) ?? '',
    until: maybe(reader.required('until'), instant),
    winner: reader.required('winner')?.text() ?? '',
    ...(mind !== undefined && { mind }),
  };
}

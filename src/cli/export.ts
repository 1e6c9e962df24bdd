// `headroom export`: what headroom has stored and cannot read again from TaskRouter, as one
// document, from the running daemon or, if none runs, from its store.

import { writeFile } from 'node:fs/promises';
import type { Backup, BackupPage } from '../core/backup.ts';
import { type ApiResult, callApi } from './api.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { counted } from './show-problems.ts';
import { withStore } from './with-store.ts';

export interface ExportOptions {
  /** A file; undefined: print it. */
  readonly out?: string;
  /** From the store, while no daemon runs. */
  readonly direct?: true;
}

const PAGE = 500;

export async function exportTo(options: ExportOptions, io: Io): Promise<Exit> {
  if (options.direct === undefined) {
    const read = async (cursor: string | null): Promise<ApiResult> => {
      const from = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      return await callApi(`/api/v1/export?limit=${PAGE}${from}`, io);
    };
    return await write(read, options, io);
  }
  return await withStore(
    {
      whenHeld: '. If that is the daemon, omit --direct',
      work: (store) => {
        const read = async (cursor: string | null): Promise<ApiResult> => {
          const from = cursor === null ? {} : { cursor };
          return { ok: true, body: await store.page({ limit: PAGE, ...from }) };
        };
        return write(read, options, io);
      },
    },
    io,
  );
}

async function write(
  read: (cursor: string | null) => Promise<ApiResult>,
  { out }: ExportOptions,
  io: Io,
): Promise<Exit> {
  const pages: BackupPage[] = [];
  let cursor: string | null = null;
  do {
    const answer: ApiResult = await read(cursor);
    if (!answer.ok) return answer.exit;
    const page = answer.body as BackupPage;
    pages.push(page);
    cursor = page.next;
  } while (cursor !== null);
  const backup = joined(pages);
  const text = JSON.stringify(backup, null, 2);
  if (out === undefined) {
    io.out(text);
    return EXIT.done;
  }
  try {
    // Only for its owner's eyes: it names people and shows how they work.
    await writeFile(out, `${text}\n`, { mode: 0o600 });
  } catch (error) {
    const code = error instanceof Error ? Reflect.get(error, 'code') : null;
    io.err(`${out}: it cannot be written (${code ?? String(error)}).`);
    return EXIT.failed;
  }
  io.out(`written: ${out} (${contentsOf(backup)})`);
  return EXIT.done;
}

function joined(pages: readonly BackupPage[]): Backup {
  const [first] = pages;
  if (first === undefined) throw new Error('a list begins with a page');
  const { next: _, ...head } = first;
  return { ...head, workers: pages.flatMap(({ workers }) => workers) };
}

export function contentsOf({ rules, pauses, workers }: Backup): string {
  const set =
    rules === null ? 'no rules' : `rule set ${rules.id} in ${counted(rules.files.length, 'file')}`;
  const held = workers.reduce((sum, { channels }) => sum + channels.length, 0);
  return `${set}, ${counted(pauses.length, 'pause')}, ${counted(held, 'held Worker Channel')} of ${counted(workers.length, 'Worker')}`;
}

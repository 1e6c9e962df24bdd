// `headroom import`: restores an exported document into an empty store, so that a daemon started on
// it knows what it held. Reports what it changes; without --force it changes nothing that would be
// lost.

import { readFile } from 'node:fs/promises';
import type { Backup, StoreContents } from '../core/backup.ts';
import type { StoreDirect } from '../daemon/store-direct.ts';
import { compileRules } from '../language/compile.ts';
import { readBackup } from './backup-file.ts';
import { contentsOf } from './export.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { counted, showProblem, unreadableFile } from './show-problems.ts';
import { withStore } from './with-store.ts';

export interface ImportOptions {
  /** Also into a store that is not empty. */
  readonly force?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

export async function importFrom(file: string, options: ImportOptions, io: Io): Promise<Exit> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    io.err(unreadableFile(file, error));
    return EXIT.failed;
  }
  const read = readBackup(text);
  const problems = read.ok
    ? ruleProblems(read.backup, file)
    : read.problems.map((p) => `${file}: ${p}`);
  for (const problem of problems) io.err(problem);
  if (!read.ok || problems.length > 0) return EXIT.findings;
  const { backup } = read;
  return await withStore(
    {
      whenHeld: '. An import needs it alone',
      work: (store) => restoreBackup(backup, options, store, io),
    },
    io,
  );
}

/** Rules that this version could not put into effect must not get into a store. */
function ruleProblems({ rules }: Backup, file: string): readonly string[] {
  if (rules === null) return [];
  const sources = rules.files.map(({ name, text }) => ({ name, text }));
  const { ruleSet, diagnostics } = compileRules(sources);
  if (ruleSet === null) {
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    const byName = new Map(sources.map((each) => [each.name, each]));
    return errors.flatMap((each) => showProblem(each, `${file}: rules.files`, byName));
  }
  if (ruleSet.id === rules.id) return [];
  return [
    `${file}: rules.id is "${rules.id}", expected "${ruleSet.id}" for these files; they were changed after the export.`,
  ];
}

async function restoreBackup(
  backup: Backup,
  options: ImportOptions,
  store: StoreDirect,
  io: Io,
): Promise<Exit> {
  if (backup.workspace !== store.workspaceSid) {
    io.err(
      `workspace is "${backup.workspace}", expected "${store.workspaceSid}", as in TWILIO_WORKSPACE_SID; an export fits only its own Workspace.`,
    );
    return EXIT.misused;
  }
  const live = await store.countLiveReplicas();
  if (live > 0) {
    io.err(
      `${counted(live, 'daemon')} running on this store; stop all daemons first. Nothing was changed.`,
    );
    return EXIT.failed;
  }
  const found = await store.contents();
  const changes = await store.importChanges(backup);
  const refused = isEmpty(found) || options.force ? null : refusalOf(found);
  const written = refused === null && options.dryRun === undefined;
  if (written) await store.importBackup(backup);
  if (options.json) io.out(JSON.stringify({ found, changes, written }, null, 2));
  else for (const line of lines(backup, changes, written)) io.out(line);
  if (refused === null) return EXIT.done;
  io.err(refused);
  return EXIT.findings;
}

function isEmpty({ workers, rules, pauses }: StoreContents): boolean {
  return !workers && rules === null && pauses === 0;
}

function refusalOf({ workers, rules, pauses }: StoreContents): string {
  const holds = [
    ...(rules === null ? [] : [`rule set ${rules}`]),
    ...(pauses === 0 ? [] : [counted(pauses, 'pause')]),
    ...(workers ? ['Workers'] : []),
  ];
  return `The store is not empty, it holds ${holds.join(', ')}; --force replaces what the file contains and keeps the rest. Nothing was changed.`;
}

function lines(backup: Backup, changes: readonly string[], written: boolean): readonly string[] {
  const verb = written ? 'changed' : 'would change';
  return [
    `from ${backup.at}: ${contentsOf(backup)}`,
    ...changes.map((each) => `  ${each}`),
    changes.length === 0 ? 'nothing to change' : `${verb}: ${changes.length}`,
    ...(written && backup.rules !== null
      ? ['next: start the daemon; if its rules folder holds another set, that set takes effect']
      : []),
  ];
}

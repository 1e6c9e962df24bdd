// `headroom check`: reports everything wrong with a rules folder at once, before any Worker is
// affected: mistakes file by file, then problems between rules. Exits 0 if nothing is wrong, 1 if
// the folder cannot be read, otherwise 3. Notes are shown but do not count as wrong.

import { compileRules, isRulesFile } from '../language/compile.ts';
import type { SourceFile } from '../language/decode.ts';
import { type Diagnostic, inOrder } from '../language/diagnostic.ts';
import { readFolder } from '../language/folder.ts';
import { Failure } from '../ports.ts';
import { type Finding, witnessLines } from '../trial/lint/finding.ts';
import { lint } from '../trial/lint/lint.ts';
import { type LiveCheck, liveCheckOf } from './check-live.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { counted, showProblem } from './show-problems.ts';

export interface CheckOptions {
  /** undefined: HEADROOM_RULES, or ./rules. */
  readonly folder: string | undefined;
  readonly json: boolean;
  /** Also ask TaskRouter. */
  readonly live?: boolean;
}

interface Checked {
  readonly diagnostics: readonly Diagnostic[];
  readonly findings: readonly Finding[];
  /** null: the folder has errors, so how many rules there would be is not known. */
  readonly rules: number | null;
  readonly files: readonly SourceFile[];
}

export async function check(options: CheckOptions, io: Io): Promise<Exit> {
  const folder = rulesFolder(options.folder, io);
  const live = options.live === true ? liveCheckOf(io.env) : null;
  if (live !== null && 'problems' in live) {
    for (const problem of live.problems) io.err(problem);
    return EXIT.misused;
  }
  let checked: Checked;
  try {
    checked = await checkFolder(folder, Date.now(), live);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    io.err(`TaskRouter could not be read: ${error.message}`);
    return EXIT.failed;
  }
  const { diagnostics, findings } = checked;
  if (options.json) io.out(JSON.stringify(asJson(checked), null, 2));
  else for (const line of report(checked, folder)) io.out(line);
  if (diagnostics.some(({ code }) => UNREADABLE.includes(code))) return EXIT.failed;
  const wrong = diagnostics.length > 0 || findings.some(isWrong);
  return wrong ? EXIT.findings : EXIT.done;
}

function isWrong({ severity }: Finding): boolean {
  return severity !== 'note';
}

function asJson({ diagnostics, findings, rules }: Checked) {
  const notes = findings.filter((each) => !isWrong(each));
  return { diagnostics, findings: findings.filter(isWrong), notes, rules };
}

export function rulesFolder(folder: string | undefined, io: Io): string {
  return folder ?? (io.env.HEADROOM_RULES || './rules');
}

/** Where something cannot be read, nothing can be checked. */
export const UNREADABLE: readonly string[] = [
  'folder.missing',
  'folder.not_a_folder',
  'file.unreadable',
] satisfies Diagnostic['code'][];

async function checkFolder(folder: string, at: number, live: LiveCheck | null): Promise<Checked> {
  const read = await readFolder(folder);
  const { files } = read;
  const compiled = compileRules(files);
  const unread = read.diagnostics.length > 0;
  // Without the folder's files, the rule set would only add that it has no rules.
  const others = compiled.diagnostics.filter((d) => !unread || d.code !== 'folder.no_rules');
  const diagnostics = inOrder([...read.diagnostics, ...others]);
  const ruleSet = unread ? null : compiled.ruleSet;
  if (ruleSet === null) return { diagnostics, findings: [], rules: null, files };
  const found = live === null ? [] : await live(ruleSet, files);
  return {
    diagnostics,
    findings: [...lint(ruleSet, at), ...found],
    rules: ruleSet.rules.length,
    files,
  };
}

function report(checked: Checked, folder: string): readonly string[] {
  const { diagnostics, findings, files } = checked;
  const byName = new Map(files.map((file) => [file.name, file]));
  const problems = [
    ...diagnostics,
    ...findings.map((each) => ({
      ...each,
      witness: each.witness === null ? [] : witnessLines(each.witness),
    })),
  ];
  const shown = problems.flatMap((problem) => [...showProblem(problem, folder, byName), '']);
  return [...shown, closing(checked)];
}

function closing({ diagnostics, findings, rules, files }: Checked): string {
  const read = counted(files.filter(({ name }) => isRulesFile(name)).length, 'file');
  const where = rules === null ? read : `${counted(rules, 'rule')} in ${read}`;
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = diagnostics.length - errors + findings.filter(isWrong).length;
  const notes = findings.length - findings.filter(isWrong).length;
  const found = [
    ...(errors > 0 ? [counted(errors, 'error')] : []),
    ...(warnings > 0 ? [counted(warnings, 'warning')] : []),
    ...(errors + warnings === 0 ? ['nothing wrong'] : []),
    ...(notes > 0 ? [counted(notes, 'note')] : []),
  ];
  return `${where}: ${found.join(', ')}`;
}

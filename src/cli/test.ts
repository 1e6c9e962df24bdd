// `headroom test`: the tests beside the rules, run on their own clock against the rules alone.
// Exits 0 if all pass, 1 if one fails, 3 if rules or tests have mistakes.

import { join } from 'node:path';
import type { Place } from '../core/rules.ts';
import type { SourceFile } from '../language/decode.ts';
import { type Diagnostic, inOrder } from '../language/diagnostic.ts';
import { readFolder } from '../language/folder.ts';
import { report, reportJson } from '../trial/rule-test/report.ts';
import { passed } from '../trial/rule-test/run.ts';
import { runSuite, type Suite } from '../trial/rule-test/suite.ts';
import { rulesFolder } from './check.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { showProblem } from './show-problems.ts';

export interface TestOptions {
  /** undefined: HEADROOM_RULES, or ./rules. */
  readonly folder: string | undefined;
  readonly json: boolean;
}

/** Where something cannot be read, nothing can be tested. */
const UNREADABLE: readonly Diagnostic['code'][] = [
  'folder.missing',
  'folder.not_a_folder',
  'file.unreadable',
];

export async function test(options: TestOptions, io: Io): Promise<Exit> {
  const folder = rulesFolder(options.folder, io);
  const read = await readFolder(folder);
  const suite = withFolder(runSuite(read.files), read.diagnostics);
  if (options.json) io.out(JSON.stringify(reportJson(suite), null, 2));
  else for (const line of lines(suite, read.files, folder)) io.out(line);
  const errors = suite.diagnostics.filter(({ severity }) => severity === 'error');
  if (suite.outcomes.some((outcome) => !passed(outcome))) return EXIT.failed;
  if (errors.some(({ code }) => UNREADABLE.includes(code))) return EXIT.failed;
  return errors.length > 0 ? EXIT.findings : EXIT.done;
}

/** If the folder cannot be read, leaves out the complaints that follow from that alone. */
function withFolder(suite: Suite, faults: readonly Diagnostic[]): Suite {
  if (faults.length === 0) return suite;
  const others = suite.diagnostics.filter(
    ({ code }) => code !== 'folder.no_rules' && code !== 'test.none',
  );
  return { ...suite, diagnostics: inOrder([...faults, ...others]) };
}

function lines(suite: Suite, files: readonly SourceFile[], folder: string): readonly string[] {
  const byName = new Map(files.map((file) => [file.name, file]));
  const problems = suite.diagnostics.flatMap((d) => [...showProblem(d, folder, byName), '']);
  const where = ({ file, line, column }: Place) => `${join(folder, file)}:${line}:${column}`;
  return [...problems, ...report(suite, where)];
}

// All rule tests of a folder: each test file with the rules that it names, on their own clock. A
// file with a mistake does not run; what it would have proved is not known.

import { dirname, posix } from 'node:path';
import type { Rule, RuleSet } from '../../core/rules.ts';
import { type Compiled, compileRules, isRulesFile, isTestFile } from '../../language/compile.ts';
import type { SourceFile } from '../../language/decode.ts';
import { type Diagnostic, diagnostic, inOrder, suggestion } from '../../language/diagnostic.ts';
import { Session } from '../../language/session.ts';
import { bindTest } from './bind.ts';
import { Coverage, type CoverageSummary } from './coverage.ts';
import { readTestFile, type TestFileDraft } from './file.ts';
import { type Outcome, runTest } from './run.ts';
import type { Trial } from './types.ts';

export interface Suite {
  readonly outcomes: readonly Outcome[];
  /** Of the rules and of the tests, by file and line. */
  readonly diagnostics: readonly Diagnostic[];
  /** null: the rules have mistakes. */
  readonly covered: CoverageSummary | null;
}

export function runSuite(files: readonly SourceFile[]): Suite {
  const tests = files.filter(({ name }) => isTestFile(name));
  const compiler = new Compiler(files);
  const coverage = new Coverage();
  const diagnostics: Diagnostic[] = [];
  const outcomes: Outcome[] = [];
  const rules = new Map<string, Rule>();
  for (const file of tests) {
    const session = new Session();
    const trials = trialsOf(file, compiler, session);
    diagnostics.push(...session.diagnostics);
    for (const trial of trials) {
      for (const rule of trial.simulation.rules.rules) rules.set(rule.name, rule);
      coverage.begin();
      outcomes.push(runTest(trial, coverage));
    }
  }
  if (tests.length === 0) {
    diagnostics.push(diagnostic('test.none', '.', 'the rules folder contains no *.test.yaml file'));
  }
  const whole = compiler.compile(null);
  for (const rule of whole.ruleSet?.rules ?? []) rules.set(rule.name, rule);
  return {
    outcomes,
    diagnostics: inOrder([...compiler.diagnostics(), ...diagnostics]),
    covered: whole.ruleSet === null ? null : coverage.of([...rules.values()]),
  };
}

/** None if the file, or the rules that it names, have a mistake. */
function trialsOf(file: SourceFile, compiler: Compiler, session: Session): readonly Trial[] {
  const draft = readTestFile(file, session);
  if (draft === null) return [];
  const rules = rulesOf(draft, file, compiler, session);
  if (rules === null) return [];
  const trials = draft.tests.map((test) => bindTest(test, rules));
  const failed = session.diagnostics.some(({ severity }) => severity === 'error');
  return failed ? [] : trials.filter((trial) => trial !== null);
}

function rulesOf(
  draft: TestFileDraft,
  file: SourceFile,
  compiler: Compiler,
  session: Session,
): RuleSet | null {
  if (draft.rules === null) return compiler.compile(null).ruleSet;
  const folder = dirname(file.name);
  const named = draft.rules.map(({ value, spot }) => {
    const name = posix.join(folder, value);
    const known = compiler.rulesFiles();
    if (known.includes(name)) return name;
    const near = known.map((each) => posix.relative(folder, each));
    const message = `there is no rules file "${value}"${suggestion(value, near)}`;
    session.report('test.rules_file', spot.place, message);
    return null;
  });
  const found = named.filter((name) => name !== null);
  return found.length === named.length ? compiler.compile(found).ruleSet : null;
}

/** Compiles each selection of the folder's files once. */
class Compiler {
  readonly #files: readonly SourceFile[];
  readonly #compiled = new Map<string, Compiled>();

  constructor(files: readonly SourceFile[]) {
    this.#files = files;
  }

  rulesFiles(): readonly string[] {
    return this.#files.map(({ name }) => name).filter(isRulesFile);
  }

  /** null: every rules file. Calendar files are always included. */
  compile(names: readonly string[] | null): Compiled {
    const key = names === null ? '' : [...names].sort().join('\n');
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    const chosen = this.#files.filter(
      ({ name }) => !isRulesFile(name) || names === null || names.includes(name),
    );
    const compiled = compileRules(chosen);
    this.#compiled.set(key, compiled);
    return compiled;
  }

  diagnostics(): readonly Diagnostic[] {
    return [...this.#compiled.values()].flatMap(({ diagnostics }) => diagnostics);
  }
}

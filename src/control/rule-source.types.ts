// What rules are read from: files, the faults found in them, and the watch on the folder.

import type { RuleSet } from '../core/rules.ts';

export interface RuleFile {
  readonly name: string;
  readonly text: string;
}

/** One fault, shown as `file:line:column: sentence`. */
export interface RuleFault {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface CompiledRules {
  /** null if there is at least one error. */
  readonly ruleSet: RuleSet | null;
  readonly faults: readonly RuleFault[];
}

/** Where rules come from; `daemon/rule-source.ts` supplies the folder and the compiler. */
export interface RuleSource {
  /** The files, or the faults that keep them from being read. Never rejects. */
  read(): Promise<{
    readonly files: readonly RuleFile[] | null;
    readonly faults: readonly RuleFault[];
  }>;
  compile(files: readonly RuleFile[]): CompiledRules;
  /** `ready`: from then on every change is reported. */
  watch(onChange: () => void): { readonly ready: Promise<void>; stop(): void };
}

// What rules are read from: files, the faults found in them, and who watches the folder.

import type { RuleSet } from '../core/rules.ts';

export interface RuleFile {
  readonly name: string;
  readonly text: string;
}

/** One mistake as people read it, `file:line:column: sentence`. */
export interface RuleFault {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface CompiledRules {
  /** null where there is at least one error. */
  readonly ruleSet: RuleSet | null;
  readonly faults: readonly RuleFault[];
}

/** Where rules come from; `daemon/service.ts` gives the folder and the compiler. */
export interface RuleSource {
  /** The files, or what keeps them from being read. Never rejects. */
  read(): Promise<{
    readonly files: readonly RuleFile[] | null;
    readonly faults: readonly RuleFault[];
  }>;
  compile(files: readonly RuleFile[]): CompiledRules;
  /** `ready`: from then on every change is told. */
  watch(onChange: () => void): { readonly ready: Promise<void>; stop(): void };
}

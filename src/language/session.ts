// What one compilation collects while it reads: mistakes, defined names and used names. Names are
// resolved only after the last file, so a rule may use what a later file defines.

import type { Place } from '../core/rules.ts';
import type { Code } from './codes.ts';
import { type Diagnostic, diagnostic, suggestion } from './diagnostic.ts';
import { LIMITS } from './limits.ts';

export type NameKind = 'group' | 'schedule' | 'calendar' | 'rule';
export type UsedKind = Exclude<NameKind, 'rule'>;

interface Use {
  readonly kind: UsedKind;
  readonly name: string;
  readonly at: Place;
}

export class Session {
  readonly diagnostics: Diagnostic[] = [];
  /** Task Channels as the rules name them; the Workspace's own are not known here. */
  readonly channels: { readonly name: string; readonly at: Place }[] = [];
  readonly #defined = new Map<NameKind, Map<string, Place>>();
  readonly #uses: Use[] = [];
  readonly #count = new Map<string, number>();

  report(code: Code, at: Place, message: string): void {
    const count = (this.#count.get(at.file) ?? 0) + 1;
    this.#count.set(at.file, count);
    if (count <= LIMITS.mistakes) {
      this.diagnostics.push(diagnostic(code, at.file, message, at));
    } else if (count === LIMITS.mistakes + 1) {
      const sentence = `only the first ${LIMITS.mistakes} mistakes of this file are listed`;
      this.diagnostics.push(diagnostic('file.many_mistakes', at.file, sentence));
    }
  }

  /** `quietly`: in a broken file, where a second definition may come from a misparse. */
  define(kind: NameKind, name: string, at: Place, quietly: boolean): void {
    const names = this.#defined.get(kind) ?? new Map<string, Place>();
    this.#defined.set(kind, names);
    const first = names.get(name);
    if (first === undefined) {
      names.set(name, at);
      return;
    }
    if (quietly) return;
    const where = `${first.file}, line ${first.line}`;
    this.report(`${kind}.duplicate`, at, `the ${kind} "${name}" is already defined in ${where}`);
  }

  use(kind: UsedKind, name: string, at: Place): void {
    this.#uses.push({ kind, name, at });
  }

  names(kind: NameKind): readonly string[] {
    return [...(this.#defined.get(kind)?.keys() ?? [])];
  }

  /** Call once, after the last file. */
  resolveNames(): void {
    for (const { kind, name, at } of this.#uses) {
      const names = this.names(kind);
      if (names.includes(name)) continue;
      const end = names.length === 0 ? `; no ${kind} is defined` : suggestion(name, names);
      this.report(`${kind}.unknown`, at, `there is no ${kind} "${name}"${end}`);
    }
  }
}

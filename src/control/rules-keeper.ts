// The rule set in force. A new one replaces it only when it is without fault; the last good one is
// in the store, so that neither a broken file nor a missing folder is ever taken for "no rules".

import type { RuleSet } from '../core/rules.ts';
import type { Json, Store } from '../ports.ts';

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

/** Where rules come from; `service.ts` gives the folder and the compiler. */
export interface RuleSource {
  /** The files, or what keeps them from being read. Never rejects. */
  read(): Promise<{
    readonly files: readonly RuleFile[] | null;
    readonly faults: readonly RuleFault[];
  }>;
  compile(files: readonly RuleFile[]): CompiledRules;
  watch(onChange: () => void): { stop(): void };
}

export interface RulesStatus {
  readonly id: string | null;
  readonly rules: number;
  readonly from: 'folder' | 'store' | null;
  /** epoch ms */
  readonly since: number | null;
  readonly lastReloadOk: boolean;
  readonly faults: readonly RuleFault[];
}

export interface RulesKeeperDeps {
  readonly store: Store;
  readonly source: RuleSource;
  readonly now: () => number;
  /** A new set is in force; every Worker is to be looked at again. */
  onActive(rules: RuleSet, files: readonly RuleFile[]): Promise<void>;
  /** A reload was refused; what was in force stays. */
  onRefused(faults: readonly RuleFault[], inForce: RuleSet | null): void;
  onError(error: unknown): void;
}

const DOCUMENT = 'rules';
const KEEP_ATTEMPTS = 10;
/** How soon a reload that could not be stored is tried again, ms. */
const AGAIN_MS = 5_000;

export class RulesKeeper {
  readonly #deps: RulesKeeperDeps;
  #active: RuleSet | null = null;
  #status: RulesStatus = {
    id: null,
    rules: 0,
    from: null,
    since: null,
    lastReloadOk: false,
    faults: [],
  };
  #watch: { stop(): void } | null = null;
  #reloading: Promise<void> = Promise.resolve();
  #again: NodeJS.Timeout | undefined;

  constructor(deps: RulesKeeperDeps) {
    this.#deps = deps;
  }

  active(): RuleSet | null {
    return this.#active;
  }

  status(): RulesStatus {
    return this.#status;
  }

  /** Puts the last good set in force, then the folder's, and follows the folder from then on. */
  async start(): Promise<void> {
    await this.#restore();
    await this.reload();
    this.#watch = this.#deps.source.watch(() => this.#reloadOrAgain());
  }

  /** The store may be away just now, and the folder does not change again to ask for it. */
  #reloadOrAgain(): void {
    clearTimeout(this.#again);
    this.reload().catch((error: unknown) => {
      this.#deps.onError(error);
      this.#again = setTimeout(() => this.#reloadOrAgain(), AGAIN_MS).unref();
    });
  }

  /** One reload at a time: two changes at once must not end with the older one in force. */
  reload(): Promise<void> {
    const next = this.#reloading.then(() => this.#reload());
    this.#reloading = next.catch(() => {});
    return next;
  }

  async stop(): Promise<void> {
    this.#watch?.stop();
    clearTimeout(this.#again);
    await this.#reloading;
  }

  async #restore(): Promise<void> {
    const kept = await this.#deps.store.getDocument(DOCUMENT);
    if (kept === null) return;
    const files = (kept.value as unknown as { files: readonly RuleFile[] }).files;
    const { ruleSet } = this.#deps.source.compile(files);
    if (ruleSet !== null) this.#put(ruleSet, 'store', []);
  }

  async #reload(): Promise<void> {
    const { files, faults } = await this.#deps.source.read();
    const compiled = files === null ? { ruleSet: null, faults } : this.#deps.source.compile(files);
    const all = files === null ? faults : [...faults, ...compiled.faults];
    if (compiled.ruleSet === null || files === null) {
      this.#status = { ...this.#status, lastReloadOk: false, faults: all };
      this.#deps.onRefused(all, this.#active);
      return;
    }
    // Stored first: a set that a restart would not find must not be in force either.
    await this.#keep(compiled.ruleSet, files);
    this.#put(compiled.ruleSet, 'folder', all);
    await this.#deps.onActive(compiled.ruleSet, files);
  }

  #put(rules: RuleSet, from: 'folder' | 'store', faults: readonly RuleFault[]): void {
    this.#active = rules;
    this.#status = {
      id: rules.id,
      rules: rules.rules.length,
      from,
      since: this.#deps.now(),
      lastReloadOk: from === 'folder',
      faults,
    };
  }

  async #keep(rules: RuleSet, files: readonly RuleFile[]): Promise<void> {
    const document = { id: rules.id, files } as unknown as Json;
    for (let attempt = 0; attempt < KEEP_ATTEMPTS; attempt += 1) {
      const kept = await this.#deps.store.getDocument(DOCUMENT);
      if ((kept?.value as { id?: unknown } | undefined)?.id === rules.id) return;
      if (await this.#deps.store.putDocument(DOCUMENT, document, kept?.version ?? 0)) return;
    }
    throw new Error('the rule set could not be stored: others keep storing theirs');
  }
}

// How many Worker Channels each rule in force decides, for metrics: counted from the records in the
// background, seldom, so that no scrape waits for a walk over all Workers.

import type { RuleSet } from '../core/rules.ts';
import type { Records } from './records.ts';

export const CLAIM_LIMITS = {
  /** How long after a count a scrape starts the next one, at the earliest. */
  freshMs: 60_000,
  /** A walk takes at most this share of the time. */
  share: 0.1,
} as const;

export interface RuleClaimsDeps {
  readonly records: Pick<Records, 'all'>;
  rules(): RuleSet | null;
  onError(error: unknown): void;
}

export class RuleClaims {
  readonly #deps: RuleClaimsDeps;
  #counts: ReadonlyMap<string, number> | null = null;
  #counting: Promise<void> | null = null;
  #nextAt = Number.NEGATIVE_INFINITY;

  constructor(deps: RuleClaimsDeps) {
    this.#deps = deps;
  }

  /** The last count, of rules that are still in force; null: none yet. Starts a count when due. */
  view(): ReadonlyMap<string, number> | null {
    if (this.#counting === null && performance.now() >= this.#nextAt) {
      this.#counting = this.#count()
        .catch(this.#deps.onError)
        .finally(() => {
          this.#counting = null;
        });
    }
    const counts = this.#counts;
    if (counts === null) return null;
    const names = this.#deps.rules()?.rules.map(({ name }) => name) ?? [];
    return new Map(names.map((name) => [name, counts.get(name) ?? 0]));
  }

  /** Resolves when no count is under way. */
  async idle(): Promise<void> {
    await this.#counting;
  }

  async #count(): Promise<void> {
    const began = performance.now();
    const counts = new Map<string, number>();
    try {
      for await (const { channels } of this.#deps.records.all()) {
        for (const { by = [] } of Object.values(channels)) {
          for (const rule of by) counts.set(rule, (counts.get(rule) ?? 0) + 1);
        }
      }
      this.#counts = counts;
    } finally {
      const now = performance.now();
      this.#nextAt = now + Math.max(CLAIM_LIMITS.freshMs, (now - began) / CLAIM_LIMITS.share);
    }
  }
}

// The states of the rules that name no Worker fact: judged every second by any replica and saved by
// compare-and-set. Only when one of them flips are the Workers that it concerns looked at again.

import { setTimeout as delay } from 'node:timers/promises';
import { isTargeted, type World } from '../core/decide.ts';
import type { SharedVerdict } from '../core/judge.ts';
import type { Rule, RuleSet } from '../core/rules.ts';
import { judgeShared, type SharedContext, type SharedStates } from '../core/shared-rules.ts';
import type { Queues, Store } from '../ports.ts';
import { ownProperty } from './facts.ts';
import { keyOfRule } from './keys.ts';
import type { Records } from './records.ts';
import { PROPAGATION_MS, SharedDocument } from './shared-document.ts';

interface SharedRulesDocument {
  readonly states: SharedStates;
  readonly verdicts: Readonly<Record<string, SharedVerdict>>;
  /** Rules that flipped and whose Workers' passes are still to be requested. */
  readonly wake: readonly string[];
}

const EMPTY: SharedRulesDocument = { states: {}, verdicts: {}, wake: [] };

export interface SharedRulesDeps {
  readonly store: Store;
  readonly records: Records;
  readonly queues: Pick<Queues, 'addPass'>;
  world(): World;
}

export class SharedRules {
  readonly #deps: SharedRulesDeps;
  readonly #document: SharedDocument<SharedRulesDocument>;

  constructor(deps: SharedRulesDeps) {
    this.#deps = deps;
    this.#document = new SharedDocument(deps.store, 'rule-states', EMPTY);
  }

  async refresh(): Promise<void> {
    await this.#document.refresh();
  }

  /** null: not judged yet. */
  verdict(rule: string): SharedVerdict | null {
    return ownProperty(this.#document.current().verdicts, rule) ?? null;
  }

  /** Their states when they were last judged. */
  states(): SharedStates {
    return this.#document.current().states;
  }

  /** Judges them all; what changed is durable before anybody acts on it. */
  async judge(rules: RuleSet, context: SharedContext, at: number): Promise<void> {
    const kept = this.#document.current();
    const { states, verdicts, flipped } = judgeShared(rules, kept.states, context, at);
    const wake = [...new Set([...kept.wake, ...flipped.map(({ name }) => name)])];
    const next: SharedRulesDocument = { states, verdicts: Object.fromEntries(verdicts), wake };
    if (JSON.stringify(next) === JSON.stringify(kept)) return;
    // If another replica saved first, that stays, and the next second judges from there.
    await this.#document.save(next);
  }

  /** Requests passes over the Workers of rules that flipped; repeated after a crash in between. */
  async requestPasses(rules: RuleSet, at: number): Promise<number> {
    const { wake: names, states } = this.#document.current();
    if (names.length === 0) return 0;
    const hasChanged = (name: string, now: SharedStates) =>
      JSON.stringify(ownProperty(now, name)) !== JSON.stringify(ownProperty(states, name));
    await delay(PROPAGATION_MS);
    const flipped = rules.rules.filter(({ name }) => names.includes(name));
    // A rule with a limit requests only the passes of Workers that it chooses or drops.
    const limited = flipped.filter(({ limit }) => limit !== null);
    for (const { name } of limited) await this.#deps.queues.addPass(keyOfRule(name));
    const woken = await this.#wakeAll(
      rules,
      flipped.filter(({ limit }) => limit === null),
      at,
    );
    await this.#document.change((kept) => ({
      ...kept,
      // One that changed on another replica during this walk may need another.
      wake: kept.wake.filter((name) => !names.includes(name) || hasChanged(name, kept.states)),
    }));
    return woken + limited.length;
  }

  async #wakeAll(rules: RuleSet, flipped: readonly Rule[], at: number): Promise<number> {
    if (flipped.length === 0) return 0;
    let woken = 0;
    for await (const state of this.#deps.records.all()) {
      const worker = { rules, state };
      const isTarget = flipped.some(
        ({ who }) => isTargeted(who, worker, this.#deps.world(), at) !== false,
      );
      if (!isTarget) continue;
      await this.#deps.queues.addPass(state.sid);
      woken += 1;
    }
    return woken;
  }
}

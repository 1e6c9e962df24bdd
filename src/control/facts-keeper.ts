// What conditions see beyond a Worker's own record, for one replica: TaskQueues and groups as they
// were last read, and the rules that have one state for all Workers. A pulse every second reads
// what others saved, reads TaskRouter if it is this replica's turn, and judges.

import { decide, type World } from '../core/decide.ts';
import { type ParsedTarget, parseTarget, type TargetExpression } from '../core/expression.ts';
import { type GroupFacts, isUnknown, type Known, type QueueFacts } from '../core/facts.ts';
import type { SharedVerdict } from '../core/judge.ts';
import type { Mode, Rule, RuleSet } from '../core/rules.ts';
import type { SharedStates } from '../core/shared-rules.ts';
import type { WorkerState } from '../core/state.ts';
import type { Clock, Gateway, Queues, Store } from '../ports.ts';
import type { DirectoryKeeper } from './directory.ts';
import {
  groupFactsOf,
  loadOf,
  mergeNewer,
  NO_FACTS,
  ownProperty,
  queueFactsOf,
  type ReadingView,
  readingView,
  type Staleness,
  targetsHash,
  type WorkspaceFacts,
} from './facts.ts';
import { countGroups } from './group-facts.ts';
import { isInAny } from './group-names.ts';
import { QueueHistory } from './queue-history.ts';
import { type DuePoll, duePoll, owesPasses, POLL_LIMITS, readQueues } from './queue-polling.ts';
import type { Records } from './records.ts';
import { requestAllPasses } from './resync.ts';
import { type RuleReferences, referencesOf } from './rule-references.ts';
import { SharedDocument, SharedRead } from './shared-document.ts';
import { SharedRules } from './shared-rules.ts';
import { WorkLease } from './work-lease.ts';

export interface FactsKeeperDeps {
  readonly store: Store;
  readonly records: Records;
  readonly queues: Pick<Queues, 'addPass'>;
  readonly gateway: Pick<Gateway, 'taskQueues' | 'queue'>;
  readonly clock: Clock;
  /** Whether no other process uses the store. */
  readonly alone: boolean;
  readonly directory: DirectoryKeeper;
  /** How old statistics may become, ms. */
  readonly pollMs: number;
  rules(): RuleSet | null;
  world(): World;
  modeOf(rule: Rule): Mode;
  /** Whether every Worker is on record, so that groups can be counted. */
  allWorkersListed(): boolean;
  onError(error: unknown): void;
}

export class FactsKeeper {
  readonly #deps: FactsKeeperDeps;
  readonly #facts: SharedDocument<WorkspaceFacts>;
  readonly #shared: SharedRules;
  readonly #history: QueueHistory;
  readonly #touched = new Set<string>();
  readonly #targets = new Map<string, ParsedTarget>();
  #forRules: { rules: RuleSet | null; references: RuleReferences } = {
    rules: null,
    references: referencesOf(null),
  };
  readonly #freshness = new SharedRead();
  readonly #lease: WorkLease;
  /** Which facts were known when Workers were last compared with them. */
  #compared = '';

  constructor(deps: FactsKeeperDeps) {
    this.#deps = deps;
    this.#facts = new SharedDocument(deps.store, 'workspace-facts', NO_FACTS);
    this.#lease = new WorkLease('polls', deps);
    this.#shared = new SharedRules(deps);
    this.#history = new QueueHistory(deps.store);
  }

  queue(name: string): Known<QueueFacts> {
    return queueFactsOf(this.#facts.current(), name, this.#now());
  }

  /** Each TaskQueue that rules read, and how old its statistics are. */
  readings(): readonly ReadingView[] {
    const [facts, now] = [this.#facts.current(), this.#now()];
    return [...this.references().queues].sort().map((queue) => readingView(facts, queue, now));
  }

  /** Whether every TaskQueue and group that rules name is known now. */
  isAllKnown(): boolean {
    const { queues, groups, groupLoads } = this.references();
    const facts = [
      ...[...queues].map((q) => this.queue(q)),
      ...[...groups].map((g) => this.group(g)),
      ...[...groupLoads].map((g) => loadOf(this.group(g))),
    ];
    return !facts.some(isUnknown);
  }

  /** Whether the Worker's channels count in the load of a group that some rule reads. */
  mustKnowLoad(state: WorkerState): boolean {
    const rules = this.#deps.rules();
    const [world, at] = [this.#deps.world(), this.#deps.clock.now()];
    return rules !== null && isInAny(this.references().groupLoads, { rules, state }, world, at);
  }

  group(name: string): Known<GroupFacts> {
    return groupFactsOf(this.#facts.current(), name, this.#now());
  }

  /** null: not known, or TaskRouter's own expression cannot be parsed. */
  queueTarget(name: string): TargetExpression | null {
    const text = ownProperty(this.#facts.current().queues, name)?.target ?? null;
    if (text === null) return null;
    const parsed = this.#targets.get(text) ?? parseTarget(text);
    if (this.#targets.size > POLL_LIMITS.queues) this.#targets.clear();
    this.#targets.set(text, parsed);
    return parsed.ok ? parsed.expression : null;
  }

  sharedVerdict(rule: Rule): SharedVerdict | null {
    return this.#shared.verdict(rule.name);
  }

  sharedStates(): SharedStates {
    return this.#shared.states();
  }

  /** An event named this TaskQueue, by name or SID: its statistics are read a little earlier. */
  touch(queue: string): void {
    const { queues } = this.#facts.current();
    for (const name of this.references().queues) {
      if (name === queue || ownProperty(queues, name)?.sid === queue) this.#touched.add(name);
    }
  }

  /** An event reported other TaskQueues, or another expression: they are listed again. */
  async queuesChanged(): Promise<void> {
    const { queues, targets } = this.references();
    if (queues.size + targets.size === 0) return;
    await this.#facts.change((kept) => ({ ...kept, told: (kept.told ?? 0) + 1 }));
  }

  /** Another rule set is in force: what it names is judged before any Worker is looked at. */
  async rulesChanged(): Promise<void> {
    await this.refresh();
    await this.#judge();
  }

  /** Before a pass: no copy is older than `FRESH_MS`. */
  async ensureFresh(): Promise<void> {
    await this.#freshness.run(() => this.refresh());
  }

  async refresh(): Promise<void> {
    const { shared, queues, targets, groups } = this.references();
    if (queues.size + targets.size + groups.size > 0) await this.#facts.refresh();
    if (shared) await this.#shared.refresh();
  }

  /** Once a second, on every replica. */
  async pulse(): Promise<void> {
    const rules = this.#deps.rules();
    if (rules === null) return;
    await this.refresh();
    await this.#judge();
    await this.#shared.requestPasses(rules, this.#deps.clock.now());
    await this.#requestAffectedPasses(rules);
    await this.#lease.renew();
    // Not waited for: `for` and `keep` must not depend on a slow TaskRouter.
    if (this.#due(rules) !== null) this.#lease.begin(() => this.#poll(rules), this.#deps.onError);
  }

  /** Resolves when nothing is being read. */
  async idle(): Promise<void> {
    await this.#lease.idle();
  }

  references(): RuleReferences {
    const rules = this.#deps.rules();
    if (this.#forRules.rules !== rules) this.#forRules = { rules, references: referencesOf(rules) };
    return this.#forRules.references;
  }

  #now(): Staleness {
    return {
      at: this.#deps.clock.now(),
      staleAfterMs: this.#deps.rules()?.defaults.staleAfterMs ?? 0,
    };
  }

  async #judge(): Promise<void> {
    const rules = this.#deps.rules();
    if (rules === null || !this.references().shared) return;
    const context = {
      queue: (name: string) => this.queue(name),
      group: (name: string) => this.group(name),
      modeOf: this.#deps.modeOf,
      catchingUp: () => this.#deps.world().catchingUp?.() ?? false,
    };
    await this.#shared.judge(rules, context, this.#deps.clock.now());
  }

  async #poll(rules: RuleSet): Promise<void> {
    // Another replica may have read just before.
    await this.#facts.refresh();
    const due = this.#due(rules);
    if (due !== null) await this.#read(rules, due);
  }

  #due(rules: RuleSet): DuePoll | null {
    const { clock, allWorkersListed } = this.#deps;
    return duePoll(this.#facts.current(), this.references(), {
      ...{ at: clock.now(), periodMs: this.#periodMs(rules), touched: this.#touched },
      allListed: allWorkersListed(),
    });
  }

  async #read(rules: RuleSet, { at, reads, countsGroups }: DuePoll): Promise<void> {
    const { clock, gateway, records, directory, world } = this.#deps;
    const references = this.references();
    // An event that comes while it is read, or too soon to be due, brings another reading.
    for (const name of reads.queues) this.#touched.delete(name);
    const now = () => clock.now();
    const read = await readQueues(this.#facts.current(), references, reads, { gateway, now });
    // If the lease was lost meanwhile, another replica may have read as well, or be reading.
    const kept = await this.#facts.change((kept) => mergeNewer(read, kept, clock.now()));
    if (owesPasses(kept)) {
      await requestAllPasses(this.#deps);
      await this.#facts.change((after) => ({ ...after, passesFor: targetsHash(kept) }));
    }
    await this.#history.keep(read, at);
    if (countsGroups) {
      const scope = { rules, world: world(), directory: directory.current() };
      const counted = await countGroups(references.groups, records, scope, at);
      await this.#facts.change((kept) => ({ ...kept, groups: counted }));
    }
    this.#compared = '';
  }

  /** A little before the readings reach their maximum age, and twice before they are stale. */
  #periodMs({ defaults }: RuleSet): number {
    return Math.max(1000, 0.9 * Math.min(this.#deps.pollMs, defaults.staleAfterMs / 2));
  }

  /**
   * Rules that read a TaskQueue or a group besides a Worker's own facts are judged here for every
   * Worker, without calls to TaskRouter, and only Workers for whom one changes get a pass.
   */
  async #requestAffectedPasses(rules: RuleSet): Promise<void> {
    const references = this.references();
    if (!references.mixed) return;
    const known = [...references.queues].map((name) => isUnknown(this.queue(name)));
    const counted = [...references.groups].map((name) => isUnknown(this.group(name)));
    const seen = JSON.stringify([rules.id, known, counted]);
    if (seen === this.#compared) return;
    for await (const state of this.#deps.records.all()) {
      if (this.#moved(rules, state)) await this.#deps.queues.addPass(state.sid);
    }
    this.#compared = seen;
  }

  #moved(rules: RuleSet, state: WorkerState): boolean {
    const decision = decide(rules, state, this.#deps.world(), this.#deps.clock.now());
    return JSON.stringify(decision.rules) !== JSON.stringify(state.rules);
  }
}

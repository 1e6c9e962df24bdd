// The rule set in force. A new one replaces it only when it has no faults and every live replica
// holds it, or by order; the last good one is in the store, so that neither a broken file nor a
// missing folder is ever taken for "no rules".

import { setTimeout as delay } from 'node:timers/promises';
import type { RuleSet } from '../core/rules.ts';
import type { Store } from '../ports.ts';
import type { Rollout } from './rollout.ts';
import type { RuleFault, RuleFile, RuleSource } from './rule-source.types.ts';
import { PROPAGATION_MS } from './shared-document.ts';
import { readStoredRules, restoreLostRules, storeRules } from './stored-rules.ts';

export interface RulesStatus {
  readonly id: string | null;
  readonly rules: number;
  readonly from: 'folder' | 'store' | null;
  /** epoch ms */
  readonly since: number | null;
  /** Whether this replica's own folder had no faults when it was last read. */
  readonly lastReloadOk: boolean;
  readonly faults: readonly RuleFault[];
}

export interface RulesKeeperDeps {
  readonly store: Store;
  readonly source: RuleSource;
  readonly rollout: Rollout;
  readonly now: () => number;
  /** A new set is in force; every Worker has to be looked at again. */
  onActive(rules: RuleSet, files: readonly RuleFile[]): Promise<void>;
  /** This replica's folder holds another set, which waits for the other replicas. */
  onWaiting(rules: RuleSet): void;
  /** A reload was refused; what was in force stays. */
  onRefused(faults: readonly RuleFault[], inForce: RuleSet | null): void;
  onError(error: unknown): void;
  /** Held, this replica takes no passes: the set in force cannot be read here. */
  holdPasses(isHeld: boolean): Promise<void>;
}

interface CompiledSet {
  readonly rules: RuleSet;
  readonly files: readonly RuleFile[];
}

/** How soon a reload that could not be stored is repeated, ms. */
const AGAIN_MS = 5_000;
const PULSE_MS = 1_000;
const NO_SET = { id: null, rules: 0, from: null, since: null } as const;
const NO_PART = 'so this replica takes no part';

export class RulesKeeper {
  readonly #deps: RulesKeeperDeps;
  #inForce: CompiledSet | null = null;
  /** What this replica's folder holds; null while it has faults. */
  #folderSet: CompiledSet | null = null;
  #status: RulesStatus = { ...NO_SET, lastReloadOk: false, faults: [] };
  #watch: { stop(): void } | null = null;
  #running: Promise<unknown> = Promise.resolve();
  #again: NodeJS.Timeout | undefined;
  #pulse: NodeJS.Timeout | undefined;
  #notifying: Promise<void> = Promise.resolve();
  /** A set in force that could not be compiled here; reported once. */
  #incompatibleSet: string | null = null;
  #isHeld = false;
  #faulty = false;

  constructor(deps: RulesKeeperDeps) {
    this.#deps = deps;
  }

  active(): RuleSet | null {
    return this.#inForce?.rules ?? null;
  }

  status(): RulesStatus {
    return this.#status;
  }

  /** What people should know about the set in force, as sentences. */
  notes(): readonly string[] {
    const unread = this.#incompatibleSet;
    if (unread === null || (this.#deps.rollout.active() ?? unread) !== unread) return [];
    return [`rule set ${unread} is in force and not valid in this version, ${NO_PART}`];
  }

  /** Whether the set in force is one that another replica can read and this one cannot. */
  async leavesPasses(): Promise<boolean> {
    if (this.#incompatibleSet === null) return false;
    await this.#deps.rollout.refresh();
    return this.#deps.rollout.othersDecide();
  }

  /** Puts the last good set in force, then the folder's, and follows the folder from then on. */
  async start(): Promise<void> {
    await this.#restore();
    const watch = this.#deps.source.watch(() => this.#rereadOrAgain());
    this.#watch = watch;
    await watch.ready;
    await this.reread();
  }

  /** Follows the other replicas from now on. */
  run(): void {
    if (this.#deps.rollout.alone) return;
    this.#pulse = setInterval(() => void this.pulse(), PULSE_MS).unref();
  }

  /** The store may be down, and the folder does not change again to cause another attempt. */
  #rereadOrAgain(): void {
    clearTimeout(this.#again);
    this.reread().catch((error: unknown) => {
      this.#deps.onError(error);
      this.#again = setTimeout(() => this.#rereadOrAgain(), AGAIN_MS).unref();
    });
  }

  /** The folder may have changed. */
  reread(): Promise<void> {
    return this.#reload(false);
  }

  /** By order: puts the folder's set in force, whatever the other replicas hold. */
  reload(): Promise<void> {
    return this.#reload(true);
  }

  /** Once a second: follows other replicas; puts the folder's set in force if its turn has come. */
  async pulse(): Promise<void> {
    try {
      const changed = await this.#inTurn(async () => {
        await this.#deps.rollout.beat();
        await this.#restoreLostSet();
        this.#updateHold();
        return (await this.#follow()) ?? (await this.#activateIfReady(false));
      });
      this.#faulty = false;
      if (changed !== null) this.#notifyActive(changed);
    } catch (error) {
      // Once per outage, not once a second.
      if (!this.#faulty) this.#deps.onError(error);
      this.#faulty = true;
    }
  }

  /** Before a pass: puts the store's set in force here. */
  async ensureFresh(): Promise<void> {
    await this.#deps.rollout.ensureFresh();
    if (!this.#isBehind()) return;
    const changed = await this.#inTurn(() => this.#follow());
    if (changed !== null) this.#notifyActive(changed);
  }

  async stop(): Promise<void> {
    this.#watch?.stop();
    clearTimeout(this.#again);
    clearInterval(this.#pulse);
    await this.#running;
    await this.#notifying;
    // If the store is down, the others find out by themselves that this replica is gone.
    await this.#deps.rollout.leave().catch(() => undefined);
  }

  /** One thing at a time: two changes at once must not end with the older one in force. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#running.then(work);
    this.#running = next.catch(() => undefined);
    return next;
  }

  async #restore(): Promise<void> {
    const { store, rollout } = this.#deps;
    await rollout.refresh();
    const before = rollout.active();
    const kept = await readStoredRules(store);
    if (kept === null) return;
    const { ruleSet } = this.#deps.source.compile(kept.files);
    if (ruleSet === null) return await this.#markIncompatible(kept.id);
    await this.#put({ rules: ruleSet, files: kept.files }, 'store');
    // The process that put it in force died before it announced it; or it lives, and goes on.
    await rollout.activate(kept.id, before);
  }

  async #reload(ordered: boolean): Promise<void> {
    const changed = await this.#inTurn(async () => {
      await this.#read();
      // Otherwise older files would undo what another replica was ordered to put in force.
      const followed = await this.#follow();
      return (await this.#activateIfReady(ordered, true)) ?? followed;
    });
    if (changed === null) return;
    this.#notifyActive(changed);
    await this.#notifying;
  }

  async #read(): Promise<void> {
    const { source, rollout, onRefused } = this.#deps;
    const { files, faults } = await source.read();
    const compiled = files === null ? { ruleSet: null, faults } : source.compile(files);
    const all = files === null ? faults : [...faults, ...compiled.faults];
    const { ruleSet } = compiled;
    this.#folderSet = ruleSet === null || files === null ? null : { rules: ruleSet, files };
    const ok = this.#folderSet !== null;
    this.#status = { ...this.#status, lastReloadOk: ok, faults: all };
    if (!ok) onRefused(all, this.active());
    await rollout.announce(this.#folderSet?.rules.id ?? null, !ok);
  }

  /** Puts the folder's set in force if its turn has come. `news`: the folder was just read. */
  async #activateIfReady(ordered: boolean, news = false): Promise<CompiledSet | null> {
    const { rollout, onWaiting } = this.#deps;
    const held = this.#folderSet;
    if (held === null) return null;
    const isNew = held.rules.id !== this.active()?.id;
    if (!isNew && !news) return null;
    if (isNew && !ordered && !rollout.allReplicasHold(held.rules.id)) {
      if (news) onWaiting(held.rules);
      return null;
    }
    // Stored first: a set that a restart would not find must not be in force either.
    await this.#keep(held);
    await rollout.activate(held.rules.id);
    await this.#put(held, 'folder');
    return held;
  }

  #isBehind(): boolean {
    const active = this.#deps.rollout.active();
    return active !== null && active !== this.active()?.id && active !== this.#incompatibleSet;
  }

  /** Another replica put a set in force: takes it from the store, whatever this folder holds. */
  async #follow(): Promise<CompiledSet | null> {
    if (!this.#isBehind()) return null;
    const kept = await readStoredRules(this.#deps.store);
    if (kept === null || kept.id === this.active()?.id) return null;
    const own = this.#folderSet?.rules.id === kept.id ? this.#folderSet : null;
    const rules = own?.rules ?? this.#deps.source.compile(kept.files).ruleSet;
    if (rules === null) {
      await this.#markIncompatible(kept.id);
      return null;
    }
    const held = { rules, files: kept.files };
    await this.#put(held, own === null ? 'store' : 'folder');
    return held;
  }

  async #put(held: CompiledSet, from: 'folder' | 'store'): Promise<void> {
    const { rules } = held;
    // First the others have to know, or they would take the passes that are requested now.
    await this.#deps.rollout.announceAble(true);
    this.#incompatibleSet = null;
    this.#updateHold();
    this.#inForce = held;
    const since = this.#deps.now();
    this.#status = { ...this.#status, id: rules.id, rules: rules.rules.length, from, since };
  }

  /**
   * The set that it used is no longer in force, and others would undo what it wrote by that. It
   * takes no passes while another replica can: it would end them without what that one would write.
   */
  async #markIncompatible(id: string): Promise<void> {
    this.#incompatibleSet = id;
    this.#inForce = null;
    this.#updateHold();
    this.#status = { ...this.#status, ...NO_SET };
    this.#deps.onError(new Error(`set ${id}, which is in force, is not valid in this version`));
    await this.#deps.rollout.announceAble(false);
  }

  #updateHold(): void {
    const isHeld = this.#incompatibleSet !== null && this.#deps.rollout.othersDecide();
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    this.#deps.holdPasses(isHeld).catch(this.#deps.onError);
  }

  /** Outside the turn: passes must not wait for a look at all Workers. */
  #notifyActive({ rules, files }: CompiledSet): void {
    const { rollout, onActive, onError } = this.#deps;
    this.#notifying = (rollout.alone ? Promise.resolve() : delay(PROPAGATION_MS))
      .then(() => onActive(rules, files))
      .catch((error: unknown) => {
        onError(error);
        this.#again = setTimeout(() => this.#rereadOrAgain(), AGAIN_MS).unref();
      });
  }

  /** A store that lost everything is given the set in force again: the next start needs it. */
  async #restoreLostSet(): Promise<void> {
    const { store, rollout } = this.#deps;
    if (this.#inForce === null || rollout.active() !== null) return;
    const { rules, files } = this.#inForce;
    await rollout.activate(await restoreLostRules(store, { id: rules.id, files }), null);
  }

  #keep({ rules, files }: CompiledSet): Promise<void> {
    return storeRules(this.#deps.store, { id: rules.id, files });
  }
}

// The members of rules with a `limit`: one document per rule, changed only by that rule's own pass,
// whose key is `rule:` and the rule's name. A Worker's pass whose candidacy differs from the
// document requests the rule's pass, and that requests those of Workers whose membership changed.

import { setTimeout as delay } from 'node:timers/promises';
import type { World } from '../core/decide.ts';
import type { WorkerSid } from '../core/ids.ts';
import { earliest } from '../core/instants.ts';
import {
  amountOf,
  type Candidate,
  chooseMembers,
  type Membership,
  NO_MEMBERS,
} from '../core/limit.ts';
import {
  evaluateCandidate,
  type LimitedRule,
  limitedRules,
  mustKnowLoad as mustKnow,
} from '../core/limit-candidates.ts';
import type { Rule, RuleSet } from '../core/rules.ts';
import type { WorkerState } from '../core/state.ts';
import type { Clock, Queues, Store } from '../ports.ts';
import { keyOfRule } from './keys.ts';
import {
  type IndexEntry,
  type LoadedMembership,
  MemberDocuments,
  type MembershipDocument,
} from './member-documents.ts';
import { Contended, type Records } from './records.ts';
import { PROPAGATION_MS, SharedRead } from './shared-document.ts';

/** How many Workers a rule has chosen, of how many it may choose. */
export interface LimitView {
  readonly members: number;
  /** Workers for whom the rule holds, members and others. */
  readonly candidates: number;
  /** How many of them it may choose in the end, and how many places `step` has opened so far. */
  readonly allowed: number;
  readonly places: number;
  /** ISO instant at which more places open; null: none will by time alone. */
  readonly next: string | null;
}

export interface MembersDeps {
  readonly store: Store;
  readonly records: Pick<Records, 'all'>;
  readonly queues: Pick<Queues, 'addPass'>;
  readonly clock: Clock;
  rules(): RuleSet | null;
  world(): World;
  /** Waits until every replica has read what changed; absent: `PROPAGATION_MS`. */
  awaitPropagation?(): Promise<void>;
}

const LIMITS = {
  /** All Workers are walked through for one rule at most once in this, ms… */
  walkMs: 1_000,
  /** …nor sooner after a walk than this many times its duration, up to `longestMs`. */
  share: 10,
  longestMs: 30_000,
} as const;

export class Members {
  readonly #deps: MembersDeps;
  readonly #documents: MemberDocuments;
  readonly #freshness = new SharedRead();
  #limited: { rules: RuleSet | null; limited: readonly LimitedRule[] } = {
    rules: null,
    limited: [],
  };

  constructor(deps: MembersDeps) {
    this.#deps = deps;
    this.#documents = new MemberDocuments(deps.store);
  }

  /** Whether this Worker is a member of the rule. */
  has({ name }: Rule, { sid }: WorkerState): boolean {
    return this.#documents.copy(name)?.members.has(sid) ?? false;
  }

  /** Reads what others changed; nothing if no rule has a limit. */
  async refresh(): Promise<void> {
    const names = this.#limitedRules().map(({ name }) => name);
    if (names.length > 0) await this.#documents.refresh(names);
  }

  /** Before a pass: no copy is older than `FRESH_MS`. */
  async ensureFresh(): Promise<void> {
    await this.#freshness.run(() => this.refresh());
  }

  /** Another rule set is in force: every limit is applied again; one that is gone is emptied. */
  async rulesChanged(): Promise<void> {
    const inForce = this.#limitedRules().map(({ name }) => name);
    await this.#documents.refresh(inForce);
    const names = new Set([...inForce, ...this.#documents.names()]);
    for (const name of names) await this.#deps.queues.addPass(keyOfRule(name));
  }

  /** After a pass over this Worker: requests the pass of each rule whose document differs. */
  async afterPass(state: WorkerState): Promise<void> {
    const rules = this.#deps.rules();
    const at = this.#deps.clock.now();
    for (const rule of this.#limitedRules()) {
      if (rules === null || this.#isPassScheduled(rule.name, at)) continue;
      const found = evaluateCandidate(rule, { rules, state }, this.#deps.world(), at);
      if (found === 'unknown' || (found !== null) === this.#knows(rule, state.sid)) continue;
      await this.#deps.queues.addPass(keyOfRule(rule.name));
    }
  }

  /** This Worker is no longer on record. */
  async workerRemoved(worker: WorkerSid): Promise<void> {
    for (const rule of this.#limitedRules()) {
      if (this.#knows(rule, worker)) await this.#deps.queues.addPass(keyOfRule(rule.name));
    }
  }

  /** Whether a rule needs the load of this Worker, and its channels were not read. */
  mustKnowLoad(state: WorkerState): boolean {
    const rules = this.#deps.rules();
    if (rules === null || this.#limitedRules().length === 0) return false;
    return mustKnow(rules, state, this.#deps.world(), this.#deps.clock.now());
  }

  /** null: the rule has no limit. */
  view(rule: Rule): LimitView | null {
    if (rule.limit === null) return null;
    const copy = this.#documents.copy(rule.name);
    const members = copy?.members.size ?? 0;
    const candidates = members + (copy?.waiting.size ?? 0);
    const allowed = amountOf(rule.limit.workers, candidates);
    const places = copy?.membership.places ?? 0;
    const grewAt = copy?.membership.grewAt ?? null;
    const waits = rule.limit.step !== null && grewAt !== null && places < allowed;
    const next = waits ? new Date(grewAt + (rule.limit.step?.everyMs ?? 0)).toISOString() : null;
    return { members, candidates, allowed, places, next };
  }

  /** The rule's own pass: at most one runs at a time across all replicas. */
  async runPass(name: string): Promise<void> {
    const rules = this.#deps.rules();
    if (rules === null) return;
    await this.#documents.refresh([]);
    const rule = this.#limitedRules().find((each) => each.name === name);
    const at = this.#deps.clock.now();
    const due = dueAt(this.#documents.entry(name), at);
    if (rule !== undefined && due > at) return await this.#schedulePass(name, due);
    const before = await this.#documents.load(name);
    const began = performance.now();
    const candidates =
      rule === undefined ? NOTHING : await this.#candidates(rule, rules, before, at);
    const tookMs = Math.round(performance.now() - began);
    const chosen =
      rule === undefined
        ? { membership: NO_MEMBERS, lookAt: null }
        : chooseMembers(rule, candidates, before.value.membership, at);
    const next = nextDocument(before.value, chosen.membership, candidates);
    const moved = !sameWaiting(before.value, next);
    const version = await this.#save(name, next, before);
    // A Worker that changed after the walk passed it is found by the next one.
    const again = moved || next.wake.length > 0 ? at + walkIntervalMs({ tookMs }) : null;
    const nextAt = earliest(chosen.lookAt, again);
    const entry = rule === undefined ? null : { version, lookedAt: at, tookMs, nextAt };
    await this.#documents.setEntry(name, entry);
    await this.#deps.store.setWake(keyOfRule(name), entry?.nextAt ?? null);
    await this.#requestPasses(name, next, version);
  }

  async #candidates(
    rule: LimitedRule,
    rules: RuleSet,
    { value: { membership, waiting } }: LoadedMembership,
    at: number,
  ): Promise<readonly Candidate[]> {
    const known = new Set([...membership.members, ...waiting]);
    const found: Candidate[] = [];
    for await (const state of this.#deps.records.all()) {
      const candidacy = evaluateCandidate(rule, { rules, state }, this.#deps.world(), at);
      if (candidacy !== 'unknown') found.push(...(candidacy === null ? [] : [candidacy]));
      else if (known.has(state.sid)) found.push({ sid: state.sid, load: 1, idleSince: null });
    }
    return found;
  }

  /** Requests the passes of changed members once no replica has an older copy. */
  async #requestPasses(name: string, document: MembershipDocument, version: number): Promise<void> {
    if (document.wake.length === 0) return;
    await (this.#deps.awaitPropagation?.() ?? delay(PROPAGATION_MS));
    // Concurrently, so that they are sent together.
    await Promise.all(document.wake.map((sid) => this.#deps.queues.addPass(sid)));
    // If somebody else changed it first, the next pass requests them once more.
    const done = { ...document, wake: [] };
    if (await this.#documents.put(name, done, version)) {
      const entry = this.#documents.entry(name);
      if (entry !== undefined)
        await this.#documents.setEntry(name, { ...entry, version: version + 1 });
    }
  }

  async #schedulePass(name: string, nextAt: number): Promise<void> {
    const entry = this.#documents.entry(name);
    await this.#deps.store.setWake(keyOfRule(name), nextAt);
    if (entry !== undefined && entry.nextAt !== nextAt)
      await this.#documents.setEntry(name, { ...entry, nextAt });
  }

  async #save(name: string, next: MembershipDocument, before: LoadedMembership): Promise<number> {
    if (JSON.stringify(next) === JSON.stringify(before.value)) return before.version;
    if (!(await this.#documents.put(name, next, before.version)))
      throw new Contended(keyOfRule(name));
    return before.version + 1;
  }

  #knows({ name }: Rule, sid: string): boolean {
    const copy = this.#documents.copy(name);
    return copy !== undefined && (copy.members.has(sid) || copy.waiting.has(sid));
  }

  /** Whether a walk is about to begin: it sees what is on record now. */
  #isPassScheduled(name: string, at: number): boolean {
    const entry = this.#documents.entry(name);
    if (entry?.nextAt === undefined || entry.nextAt === null || entry.nextAt <= at) return false;
    return entry.nextAt - at <= walkIntervalMs(entry);
  }

  #limitedRules(): readonly LimitedRule[] {
    const rules = this.#deps.rules();
    if (this.#limited.rules !== rules) {
      this.#limited = { rules, limited: rules === null ? [] : limitedRules(rules) };
    }
    return this.#limited.limited;
  }
}

const NOTHING: readonly Candidate[] = [];

function nextDocument(
  before: MembershipDocument,
  membership: Membership,
  candidates: readonly Candidate[],
): MembershipDocument {
  const [was, is] = [new Set(before.membership.members), new Set(membership.members)];
  const changed = [...was, ...is].filter((sid) => was.has(sid) !== is.has(sid));
  const waiting = candidates.map(({ sid }) => sid).filter((sid) => !is.has(sid));
  return { membership, waiting, wake: [...new Set([...before.wake, ...changed])] };
}

function sameWaiting(a: MembershipDocument, b: MembershipDocument): boolean {
  return JSON.stringify(a.waiting) === JSON.stringify(b.waiting);
}

/** When the next walk may begin; a clock that was set back does not delay it. */
function dueAt(entry: IndexEntry | undefined, at: number): number {
  if (entry === undefined || entry.lookedAt > at) return at;
  return entry.lookedAt + walkIntervalMs(entry);
}

function walkIntervalMs({ tookMs }: Pick<IndexEntry, 'tookMs'>): number {
  return Math.min(LIMITS.longestMs, Math.max(LIMITS.walkMs, tookMs * LIMITS.share));
}

// Which replicas there are and which rule set each has compiled from its own folder, in one small
// document of the store. A new set is put in force when every live replica holds it, so that files
// that reach the replicas minutes apart never have them decide by different rules.

import { setTimeout as delay } from 'node:timers/promises';
import { isWithin } from '../core/instants.ts';
import type { Store } from '../ports.ts';
import { SharedDocument } from './shared-document.ts';

export interface Replica {
  /** Grows while the replica lives; no clocks are compared. */
  readonly beat: number;
  /** The set that its own folder holds; null: it has faults, or was not read yet. */
  readonly holds: string | null;
  readonly broken: boolean;
  /** It cannot read the set in force, so it decides nothing. */
  readonly unable?: true;
}

interface RolloutDocument {
  /** The set in force; the store's `rules` document has its files. */
  readonly active: string | null;
  readonly replicas: Readonly<Record<string, Replica>>;
}

export const ROLLOUT_LIMITS = {
  /** How often a replica changes its beat. */
  beatMs: 2_000,
  /** A replica whose beat did not change for this long is dead and holds nothing up. */
  deadMs: 10_000,
} as const;

export interface RolloutDeps {
  readonly store: Store;
  readonly now: () => number;
  /** This replica's name. */
  readonly id: string;
  /** Only one process uses the store: there is nothing to wait for. */
  readonly alone: boolean;
}

export interface RolloutView {
  readonly replicas: number;
  /** Live replicas whose folder holds this set. */
  holding(set: string | null): number;
  /** Live replicas whose folder has faults. */
  readonly broken: number;
  /** Sets that replicas hold but that are not in force, the most held first. */
  readonly waiting: readonly { readonly id: string; readonly holding: number }[];
}

export class Rollout {
  readonly #deps: RolloutDeps;
  readonly #document: SharedDocument<RolloutDocument>;
  /** When each replica's beat was last seen to change, by this replica's clock. */
  readonly #lastBeats = new Map<string, { beat: number; at: number }>();
  #own: Replica = { beat: 0, holds: null, broken: false };
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #hasPublished = false;
  /** When the document was found to lack this replica: others may be missing as well. */
  #lostAt = Number.NEGATIVE_INFINITY;

  constructor(deps: RolloutDeps) {
    this.#deps = deps;
    this.#document = new SharedDocument(deps.store, 'rollout', { active: null, replicas: {} });
  }

  get alone(): boolean {
    return this.#deps.alone;
  }

  /** The set in force, as this replica last read it. */
  active(): string | null {
    return this.#document.current().active;
  }

  async refresh(): Promise<void> {
    if (this.alone) return;
    await this.#document.refresh();
    this.#observeBeats();
  }

  /** Reads the document again if the copy is older than `FRESH_MS`. */
  async ensureFresh(): Promise<void> {
    if (!this.alone) await this.#document.ensureFresh();
  }

  /** Changes this replica's beat, at most every `beatMs`, and reads the others'. */
  async beat(): Promise<void> {
    await this.refresh();
    const last = this.#lastBeats.get(this.#deps.id)?.at ?? Number.NEGATIVE_INFINITY;
    if (Math.abs(this.#deps.now() - last) >= ROLLOUT_LIMITS.beatMs) await this.#publish();
  }

  /** Publishes what this replica's own folder holds now. */
  async announce(holds: string | null, broken: boolean): Promise<void> {
    this.#own = { ...this.#own, holds, broken };
    if (this.alone) return;
    await this.#document.refresh();
    await this.#publish();
  }

  /** Publishes whether this replica can read the set in force. */
  async announceAble(isAble: boolean): Promise<void> {
    const before = this.#own;
    const { unable = false, ...rest } = before;
    if (this.alone || unable === !isAble) return;
    try {
      await this.#document.refresh();
      this.#own = isAble ? rest : { ...rest, unable: true };
      await this.#publish();
    } catch (error) {
      this.#own = before;
      throw error;
    }
  }

  /** Whether another live replica can read the set in force. */
  othersDecide(): boolean {
    if (this.alone) return false;
    return this.#others().some(({ unable }) => unable !== true);
  }

  /** `instead`: only if that is still the set in force. */
  async activate(set: string, instead?: string | null): Promise<void> {
    if (this.alone) return;
    await this.#document.change((known) => {
      const isLate = instead !== undefined && known.active !== instead;
      return known.active === set || isLate ? known : { ...known, active: set };
    });
  }

  /** This replica stops by itself: nobody has to wait until it counts as dead. */
  async leave(): Promise<void> {
    if (this.alone) return;
    await this.#document.change((known) => without(known, [this.#deps.id]));
  }

  allReplicasHold(set: string): boolean {
    // Replicas that live publish what they hold again meanwhile.
    if (isWithin(this.#lostAt, this.#deps.now(), ROLLOUT_LIMITS.deadMs)) return false;
    return this.#live().every(({ holds }) => holds === set);
  }

  view(inForce: string | null): RolloutView {
    const live = this.#live();
    const holding = (set: string | null) => live.filter(({ holds }) => holds === set).length;
    const others = live.flatMap(({ holds }) => (holds === null || holds === inForce ? [] : holds));
    return {
      replicas: live.length,
      holding,
      broken: live.filter(({ broken }) => broken).length,
      waiting: [...new Set(others)]
        .map((id) => ({ id, holding: holding(id) }))
        .sort((a, b) => b.holding - a.holding || (a.id < b.id ? -1 : 1)),
    };
  }

  #live(): readonly Replica[] {
    return [this.#own, ...this.#others()];
  }

  #others(): readonly Replica[] {
    const { replicas } = this.#document.current();
    const others = Object.entries(replicas).filter(
      ([id]) => id !== this.#deps.id && !this.#isDead(id),
    );
    return others.map(([, each]) => each);
  }

  #isDead(id: string): boolean {
    const last = this.#lastBeats.get(id);
    return last !== undefined && this.#deps.now() - last.at >= ROLLOUT_LIMITS.deadMs;
  }

  #observeBeats(): void {
    const now = this.#deps.now();
    // After so long without a read, or a change of the clock, it is not known which beats changed.
    const isBlind = !isWithin(this.#refreshedAt, now, ROLLOUT_LIMITS.deadMs / 2);
    this.#refreshedAt = now;
    const { replicas } = this.#document.current();
    if (this.#hasPublished && !Object.hasOwn(replicas, this.#deps.id)) this.#lostAt = now;
    for (const [id, { beat }] of Object.entries(replicas)) {
      const last = this.#lastBeats.get(id);
      if (last?.beat !== beat || isBlind) this.#lastBeats.set(id, { beat, at: now });
    }
    for (const id of this.#lastBeats.keys()) {
      if (!Object.hasOwn(replicas, id)) this.#lastBeats.delete(id);
    }
  }

  async #publish(): Promise<void> {
    const { id } = this.#deps;
    this.#own = { ...this.#own, beat: this.#own.beat + 1 };
    await this.#document.change((known) => {
      const dead = Object.entries(known.replicas).flatMap(([other, { beat }]) =>
        other !== id && this.#isDead(other) && this.#lastBeats.get(other)?.beat === beat
          ? [other]
          : [],
      );
      const kept = without(known, dead);
      return { ...kept, replicas: { ...kept.replicas, [id]: this.#own } };
    });
    this.#hasPublished = true;
    this.#observeBeats();
  }
}

/** How many replicas are alive, for a process that is not one; waits for two of their beats. */
export async function countLiveReplicas(store: Store): Promise<number> {
  const document = new SharedDocument<RolloutDocument>(store, 'rollout', {
    active: null,
    replicas: {},
  });
  const { replicas: before } = await document.refresh();
  if (Object.keys(before).length === 0) return 0;
  await delay(2 * ROLLOUT_LIMITS.beatMs);
  const { replicas: after } = await document.refresh();
  return Object.entries(after).filter(([id, { beat }]) => before[id]?.beat !== beat).length;
}

function without(known: RolloutDocument, gone: readonly string[]): RolloutDocument {
  const left = Object.entries(known.replicas).filter(([id]) => !gone.includes(id));
  return { ...known, replicas: Object.fromEntries(left) };
}

/** What people should know about the rollout of rules, as sentences. */
export function rolloutNotes({ replicas, broken, waiting }: RolloutView): readonly string[] {
  const of = (n: number) => `${n} of ${replicas} replicas`;
  return [
    ...waiting.map(
      ({ id, holding }) =>
        `rule set ${id} is in the folder of ${of(holding)} and takes effect when all have it; "headroom reload" puts a replica's set in force at once`,
    ),
    ...(broken > 0 && replicas > 1
      ? [
          `${of(broken)} ${broken === 1 ? 'has' : 'have'} problems in the rules folder, so no new set takes effect`,
        ]
      : []),
  ];
}

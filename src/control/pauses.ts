// What people paused: everything, one rule, one Worker or one of its channels, with end, reason and
// author. One document in the store, changed by compare-and-set, so that it applies on every
// replica and after a restart; this keeps a copy that is read again every second.

import type { WorkerSid } from '../core/ids.ts';
import { earliest } from '../core/instants.ts';
import type { Json, Store } from '../ports.ts';
import { Contended } from './records.ts';
import { SharedRead } from './shared-document.ts';

/** All null: everything. `channel` is set only together with `worker`. */
export interface Scope {
  readonly rule: string | null;
  readonly worker: WorkerSid | null;
  readonly channel: string | null;
}

export interface Pause extends Scope {
  /** epoch ms */
  readonly since: number;
  /** epoch ms; null: until somebody resumes it. */
  readonly until: number | null;
  readonly reason: string;
  readonly by: string;
  /** Whether what it covers was also restored to its baselines. */
  readonly released: boolean;
}

/** The key of the wake at the earliest end of a pause; Workers' keys are their SIDs. */
export const PAUSES_WAKE = 'workspace:pauses';

export const PAUSE_LIMITS = {
  /** The most pauses kept at once. */
  most: 500,
  /** How old the copy may get, ms. */
  staleMs: 1_000,
} as const;

const DOCUMENT = 'pauses';
const ATTEMPTS = 40;

export class TooManyPauses extends Error {}

export class Pauses {
  readonly #store: Store;
  readonly #now: () => number;
  #kept: readonly Pause[] = [];
  #version = 0;
  /** How often the copy was replaced: a read that began before the last time is outdated. */
  #taken = 0;
  readonly #freshness = new SharedRead();
  /** Something changed, and the passes that act on it are still to be requested. */
  #owesPasses = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** Those in force, the widest scope first. */
  current(): readonly Pause[] {
    const kept = inForce(this.#kept, this.#now());
    return [...kept].sort((a, b) => narrowness(a) - narrowness(b));
  }

  /** The pause that covers this Worker Channel; a release takes precedence. */
  forChannel(worker: WorkerSid, channel: string): Pause | null {
    return pauseOver(this.current(), worker, channel);
  }

  forRule(rule: string): Pause | null {
    return this.current().find((p) => p.rule === rule) ?? null;
  }

  /** Reads what is stored, and again every second: another replica may have changed it. */
  async start(options: {
    onError(error: unknown): void;
    /** Another replica changed it: passes here may have used the older copy. */
    onChanged(): Promise<unknown>;
  }): Promise<void> {
    await this.refresh();
    let reported = false;
    this.#timer = setInterval(() => {
      this.refresh()
        .then(async (changed) => {
          if (changed || this.#owesPasses) await this.#requestPasses(options.onChanged);
          reported = false;
        })
        .catch((error: unknown) => {
          // Once per outage, not once a second.
          if (!reported) options.onError(error);
          reported = true;
        });
    }, PAUSE_LIMITS.staleMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** The passes that an order needs could not be requested: it is tried until it succeeds. */
  owePasses(): void {
    this.#owesPasses = true;
  }

  async #requestPasses(request: () => Promise<unknown>): Promise<void> {
    // What changes from here on is requested the next time.
    this.#owesPasses = false;
    try {
      await request();
    } catch (error) {
      this.#owesPasses = true;
      throw error;
    }
  }

  /** Before a pass: reads what is stored, unless the copy is at most `FRESH_MS` old. */
  async ensureFresh(): Promise<void> {
    await this.#freshness.run(() => this.reread());
  }

  /** Before a write: reads what is stored now, so that an order applies once it is answered. */
  async reread(): Promise<void> {
    if (await this.refresh()) this.#owesPasses = true;
  }

  /** Whether somebody else had changed it. */
  async refresh(): Promise<boolean> {
    const began = this.#taken;
    const found = await this.#store.getDocument(DOCUMENT);
    // A store that lost everything is given the pauses, and their earliest end, again.
    if (found === null) {
      if (this.#kept.length > 0 && this.#taken === began) await this.#save(this.#kept, 0);
      return false;
    }
    // A read that overlapped a save by this process is older than that; any other lower version is
    // a store that started anew.
    if (found.version < this.#version && this.#taken !== began) return false;
    const changed = found.version !== this.#version;
    this.#take(pausesOf(found.value), found.version);
    return changed;
  }

  /**
   * Begins a pause; another of the same scope is replaced. Answers those that had ended by
   * themselves and are removed with it, as `expire` does.
   */
  async begin(pause: Pause): Promise<readonly Pause[]> {
    const { over } = await this.#change(async (kept) => {
      const others = kept.filter((each) => !sameScope(each, pause));
      if (others.length < PAUSE_LIMITS.most) return [...others, pause];
      const left = await this.#ofWorkersOnRecord(others);
      if (left.length >= PAUSE_LIMITS.most) throw new TooManyPauses();
      return [...left, pause];
    });
    return over;
  }

  /** Ends the pause of exactly this scope; `ended` null: there is none. `over` as in `begin`. */
  async end(scope: Scope): Promise<{ ended: Pause | null; over: readonly Pause[] }> {
    const left = async (kept: readonly Pause[]) => kept.filter((each) => !sameScope(each, scope));
    const { before, over } = await this.#change(left);
    return { ended: before.find((each) => sameScope(each, scope)) ?? null, over };
  }

  /** Removes those that ended by themselves and answers them, so that one replica reports it. */
  async expire(): Promise<readonly Pause[]> {
    const at = this.#now();
    const { kept, version } = await this.#stored();
    const over = kept.filter((each) => !isInForce(each, at));
    if (over.length === 0) await this.#scheduleEarliestEnd(kept);
    // If another change came first, its writer or the next tick does this again.
    else if (!(await this.#save(inForce(kept, at), version))) return [];
    return over;
  }

  /** Answers those that were in force before, and those that had ended. */
  async #change(next: (kept: readonly Pause[]) => Promise<readonly Pause[]>) {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const { kept, version } = await this.#stored();
      const before = inForce(kept, this.#now());
      const over = kept.filter((each) => !before.includes(each));
      if (await this.#save(await next(before), version)) return { before, over };
    }
    throw new Contended('what is paused');
  }

  /** A deleted Worker's pause is dropped only when its place is needed: it may be an error. */
  async #ofWorkersOnRecord(pauses: readonly Pause[]): Promise<readonly Pause[]> {
    const left: Pause[] = [];
    for (const each of pauses) {
      const gone = each.worker !== null && (await this.#store.loadWorker(each.worker)) === null;
      if (!gone) left.push(each);
    }
    return left;
  }

  /** If the store lost everything, this copy applies until somebody resumes it. */
  async #stored(): Promise<{ kept: readonly Pause[]; version: number }> {
    const found = await this.#store.getDocument(DOCUMENT);
    const kept = found === null ? this.#kept : pausesOf(found.value);
    return { kept, version: found?.version ?? 0 };
  }

  async #save(pauses: readonly Pause[], version: number): Promise<boolean> {
    const saved = await this.#store.putDocument(DOCUMENT, { pauses } as unknown as Json, version);
    if (!saved) return false;
    this.#take(pauses, version + 1);
    await this.#scheduleEarliestEnd(pauses);
    return true;
  }

  #take(pauses: readonly Pause[], version: number): void {
    this.#kept = pauses;
    this.#version = version;
    this.#taken += 1;
  }

  /** Schedules the earliest end, so that what was paused is looked at again then. */
  async #scheduleEarliestEnd(pauses: readonly Pause[]): Promise<void> {
    await this.#store.setWake(PAUSES_WAKE, earliest(...pauses.map((each) => each.until)));
  }
}

/** `pauses`: those in force, the widest scope first. */
export function pauseOver(
  pauses: readonly Pause[],
  worker: WorkerSid,
  channel: string,
): Pause | null {
  const covering = pauses.filter(
    (p) =>
      p.rule === null &&
      (p.worker === null || p.worker === worker) &&
      (p.channel === null || p.channel === channel),
  );
  return covering.find((p) => p.released) ?? covering[0] ?? null;
}

/** A pause as the API shows it: ISO instants. */
export interface PauseView extends Omit<Pause, 'since' | 'until'> {
  readonly since: string;
  /** null: until somebody resumes it. */
  readonly until: string | null;
}

export function pauseView(pause: Pause): PauseView {
  const { rule, worker, channel, since, until, reason, by, released } = pause;
  const end = until === null ? null : new Date(until).toISOString();
  const begin = new Date(since).toISOString();
  return { rule, worker, channel, since: begin, until: end, reason, by, released };
}

export function sameScope(a: Scope, b: Scope): boolean {
  return a.rule === b.rule && a.worker === b.worker && a.channel === b.channel;
}

function narrowness({ rule, worker, channel }: Scope): number {
  return [rule, worker, channel].filter((part) => part !== null).length;
}

export function inForce(pauses: readonly Pause[], at: number): readonly Pause[] {
  return pauses.filter((each) => isInForce(each, at));
}

function isInForce({ until }: Pause, at: number): boolean {
  return until === null || at < until;
}

/** The store holds only what this class saved, so its form is known. */
function pausesOf(value: Json): readonly Pause[] {
  return (value as unknown as { pauses: readonly Pause[] }).pauses;
}

// The feed of changes: each process has one reader of the journal and of changed Workers for any
// number of listeners, and none without listeners. Changes by other replicas are read the same way.

import type { Clock, Json, Store } from '../ports.ts';

export const FEED_LIMITS = {
  /** How often changes are read, ms. */
  lookMs: 250,
  /** How often the status is read, ms. */
  statusMs: 1_000,
  /** Entries, and Workers, sent after one look; the rest comes with the next. */
  look: 200,
  /** Entries, and Workers, sent to a listener that reconnects; if there are more, it gets a gap. */
  resume: 500,
} as const;

export type FeedEvent = 'hello' | 'status' | 'journal' | 'workers' | 'removed' | 'gap';

export interface Frame {
  readonly event: FeedEvent;
  /** Where to resume after this frame; null: unchanged. */
  readonly id: string | null;
  /** JSON */
  readonly data: string;
}

export interface FeedDeps {
  readonly store: Pick<Store, 'readJournalAfter' | 'readChanges'>;
  readonly clock: Clock;
  readonly version: string;
  view(record: Json): object;
  status(): Promise<object>;
  onError(error: unknown): void;
}

interface FeedPosition {
  readonly journal: string;
  readonly changes: string;
}

type Listener = (frame: Frame) => void;

export class Feed {
  readonly #deps: FeedDeps;
  readonly #listeners = new Set<Listener>();
  #at: FeedPosition | null = null;
  #status: { readonly data: string; readonly at: number } | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** Looks and joins run one at a time, so that nobody gets frames twice or out of order. */
  #turn: Promise<void> = Promise.resolve();
  #faulty = false;

  constructor(deps: FeedDeps) {
    this.#deps = deps;
  }

  /**
   * Listens from now on, or from `lastId` on if that is still known; the function returned ends it.
   * Rejects with `StoreDown`, before any frame.
   */
  async subscribe(take: Listener, lastId: string | null): Promise<() => void> {
    const joined = this.#turn.then(() => this.#admit(take, lastId));
    this.#turn = joined.catch(() => undefined);
    await joined;
    return () => this.#leave(take);
  }

  /** Where the feed is now: for a listener that missed frames and was sent a gap. */
  position(): string | null {
    return this.#at === null ? null : idOf(this.#at);
  }

  async stop(): Promise<void> {
    this.#listeners.clear();
    this.#rest();
    await this.#turn;
  }

  async #admit(take: Listener, lastId: string | null): Promise<void> {
    this.#at ??= await this.#now();
    const at = this.#at;
    const from = lastId === null ? null : positionOf(lastId);
    const missed = from === null ? null : await this.#since(from, FEED_LIMITS.resume);
    const hello = {
      version: this.#deps.version,
      at: new Date(this.#deps.clock.now()).toISOString(),
    };
    take({ event: 'hello', id: lastId === null ? idOf(at) : null, data: JSON.stringify(hello) });
    if (missed !== null && !missed.lost && !missed.more) for (const f of missed.frames) take(f);
    else if (lastId !== null) take({ event: 'gap', id: idOf(at), data: '{}' });
    if (this.#status !== null) take({ event: 'status', id: null, data: this.#status.data });
    this.#listeners.add(take);
    this.#timer ??= setTimeout(() => this.#look(), 0);
  }

  #leave(take: Listener): void {
    this.#listeners.delete(take);
    if (this.#listeners.size === 0) this.#rest();
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#at = null;
    this.#status = null;
  }

  #look(): void {
    this.#turn = this.#turn.then(async () => {
      try {
        await this.#lookNow();
        this.#faulty = false;
      } catch (error) {
        // Once per outage; the next look that succeeds makes up for it.
        if (!this.#faulty) this.#deps.onError(error);
        this.#faulty = true;
      }
      if (this.#listeners.size > 0)
        this.#timer = setTimeout(() => this.#look(), FEED_LIMITS.lookMs);
    });
  }

  async #lookNow(): Promise<void> {
    const from = this.#at;
    if (from === null) return;
    const { frames, at } = await this.#since(from, FEED_LIMITS.look);
    // All listeners may have left meanwhile, and another joined.
    if (this.#at !== from) return;
    this.#at = at;
    for (const frame of frames) this.#broadcast(frame);
    await this.#lookAtStatus();
  }

  async #lookAtStatus(): Promise<void> {
    const now = performance.now();
    if (this.#status !== null && now - this.#status.at < FEED_LIMITS.statusMs) return;
    const data = JSON.stringify(await this.#deps.status());
    if (this.#at === null) return;
    const isNew = data !== this.#status?.data;
    this.#status = { data, at: now };
    if (isNew) this.#broadcast({ event: 'status', id: null, data });
  }

  #broadcast(frame: Frame): void {
    for (const take of [...this.#listeners]) take(frame);
  }

  async #now(): Promise<FeedPosition> {
    const { store } = this.#deps;
    const [journal, changes] = await Promise.all([
      store.readJournalAfter(null, 1),
      store.readChanges(null, 1),
    ]);
    return { journal: journal.cursor, changes: changes.cursor };
  }

  /** What came after this place, as frames, each with the place to resume at. */
  async #since(from: FeedPosition, limit: number) {
    const { store, view } = this.#deps;
    const [journal, changes] = await Promise.all([
      store.readJournalAfter(from.journal, limit),
      store.readChanges(from.changes, limit),
    ]);
    const at = { journal: journal.cursor, changes: changes.cursor };
    const between = { ...at, changes: from.changes };
    const frames: Frame[] = [];
    const add = (event: FeedEvent, place: FeedPosition, data: readonly unknown[]) => {
      if (data.length > 0) frames.push({ event, id: idOf(place), data: JSON.stringify(data) });
    };
    add('journal', between, journal.entries);
    const gone = changes.workers.filter(({ value }) => value === null);
    add(
      'removed',
      between,
      gone.map(({ sid }) => sid),
    );
    add(
      'workers',
      at,
      changes.workers.flatMap(({ value }) => (value === null ? [] : view(value))),
    );
    if (changes.lost) frames.push({ event: 'gap', id: idOf(at), data: '{}' });
    return { frames, at, lost: changes.lost, more: journal.more || changes.more };
  }
}

function idOf({ journal, changes }: FeedPosition): string {
  return `${journal}~${changes}`;
}

function positionOf(id: string): FeedPosition | null {
  const [, journal, changes] = /^([\w-]{1,64})~([\w-]{1,64})$/.exec(id) ?? [];
  return journal === undefined || changes === undefined ? null : { journal, changes };
}

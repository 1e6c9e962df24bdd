// What the page knows of the floor, kept current by the daemon's stream: all Workers, the status,
// and the newest journal entries. What was missed is read again.

import { get, Refused } from './api.ts';
import { Stream } from './stream.ts';
import { Topics } from './topics.ts';
import type { Entry, RuleView, StatusView, WorkerView } from './types.ts';

export type Topic = 'workers' | 'status' | 'journal' | 'rules' | 'link';
/** silent: nothing received for long; refused: a sign-in is needed. */
export type ConnectionState = 'connecting' | 'live' | 'silent' | 'away' | 'refused';

export const LIVE_LIMITS = {
  /** Journal entries that are kept here. */
  journal: 2_000,
  page: 500,
  /** Few at first, so that something appears at once and the first drawing is short. */
  firstPage: 50,
  retryMs: 3_000,
} as const;

export class Live {
  readonly topics = new Topics<Topic>();
  readonly workers = new Map<string, WorkerView>();
  /** Newest first. */
  journal: readonly Entry[] = [];
  status: StatusView | null = null;
  /** The rules in force, in the order of the files. */
  rules: readonly RuleView[] = [];
  link: ConnectionState = 'connecting';
  /** False until all Workers have been read once. */
  complete = false;
  /** Increases with each change of any Worker. */
  changes = 0;

  readonly #stream: Stream;
  /**
   * Workers that the stream sent during the current reading, whose pages may be older; null: no
   * reading is under way.
   */
  #fresh: Set<string> | null = null;
  #reading = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#stream = new Stream({
      open: (again) => void (again ? this.#setLink('live') : this.read()),
      away: () => this.#setLink('away'),
      silent: () => this.#setLink('silent'),
      refused: () => this.#setLink('refused'),
      status: (status) => this.#takeStatus(status),
      journal: (entries) => this.#takeJournal(entries),
      workers: (workers) => this.#takeWorkers(workers),
      removed: (sids) => this.#removeWorkers(sids),
      gap: () => void this.read(),
    });
  }

  /** When the daemon was last heard from, epoch ms. */
  get heardAt(): number | null {
    return this.#stream.heardAt;
  }

  start(): void {
    this.#stream.start();
  }

  stop(): void {
    clearTimeout(this.#retryTimer);
    this.#stream.stop();
  }

  /** Reads everything again; what the stream sends meanwhile counts as newer. */
  async read(): Promise<void> {
    this.#reading += 1;
    const turn = this.#reading;
    clearTimeout(this.#retryTimer);
    this.#fresh = new Set();
    const before = new Set(this.journal.map(({ id }) => id));
    try {
      const [status, { journal, next }] = await Promise.all([
        get<StatusView>('status'),
        get<{ journal: readonly Entry[]; next: string | null }>('journal', { limit: 200 }),
      ]);
      if (turn !== this.#reading) return;
      this.#setLink('live');
      this.#takeStatus(status);
      // Between what was known before and these there may be others: then those before are let go.
      const joins = next === null || journal.some(({ id }) => before.has(id));
      if (!joins) this.journal = this.journal.filter(({ id }) => !before.has(id));
      this.#takeJournal(journal);
      await this.#readWorkers(turn);
    } catch (error) {
      if (turn !== this.#reading) return;
      this.#setLink(error instanceof Refused && error.status === 401 ? 'refused' : 'away');
      this.#retryTimer = setTimeout(() => void this.read(), LIVE_LIMITS.retryMs);
    }
  }

  async #readWorkers(turn: number): Promise<void> {
    const seen = new Set<string>();
    const fresh = this.#fresh ?? new Set();
    let cursor: string | null = null;
    do {
      const page: { workers: readonly WorkerView[]; next: string | null } = await get('workers', {
        limit: cursor === null ? LIVE_LIMITS.firstPage : LIVE_LIMITS.page,
        cursor,
      });
      if (turn !== this.#reading) return;
      for (const worker of page.workers) {
        seen.add(worker.sid);
        if (!fresh.has(worker.sid)) this.workers.set(worker.sid, worker);
      }
      this.#workersChanged();
      cursor = page.next;
      // Each page is drawn before the next is requested, so that no drawing takes long.
      await this.topics.flushed();
      if (turn !== this.#reading) return;
    } while (cursor !== null);
    for (const sid of this.workers.keys()) {
      if (!seen.has(sid) && !fresh.has(sid)) this.workers.delete(sid);
    }
    this.#fresh = null;
    this.complete = true;
    this.#workersChanged();
  }

  #takeWorkers(workers: readonly WorkerView[]): void {
    for (const worker of workers) {
      this.#fresh?.add(worker.sid);
      this.workers.set(worker.sid, worker);
    }
    this.#workersChanged();
  }

  #removeWorkers(sids: readonly string[]): void {
    for (const sid of sids) this.workers.delete(sid);
    this.#workersChanged();
  }

  #workersChanged(): void {
    this.changes += 1;
    this.topics.changed('workers');
  }

  #takeStatus(status: StatusView): void {
    const before = this.status?.rules.id;
    this.status = status;
    this.topics.changed('status');
    if (status.rules.id === before) return;
    void this.#readRules();
    // Other rules have other groups, and no event of the stream announces those.
    if (before !== undefined) void this.read();
  }

  async #readRules(): Promise<void> {
    try {
      this.rules = (await get<{ rules: readonly RuleView[] }>('rules')).rules;
      this.topics.changed('rules');
    } catch (error) {
      // The cause will show at the next reading of everything.
      if (!(error instanceof Refused)) throw error;
    }
  }

  #takeJournal(entries: readonly Entry[]): void {
    const known = new Set(this.journal.map(({ id }) => id));
    const fresh = entries.filter(({ id }) => !known.has(id));
    if (fresh.length === 0) return;
    const all = [...fresh, ...this.journal].sort(newestFirst);
    this.journal = all.slice(0, LIVE_LIMITS.journal);
    this.topics.changed('journal');
  }

  #setLink(link: ConnectionState): void {
    if (link === this.link) return;
    this.link = link;
    this.topics.changed('link');
  }
}

/** Within one millisecond, the longer or greater id is later: ids are growing numbers, as text. */
function newestFirst(a: Entry, b: Entry): number {
  return b.at - a.at || b.id.length - a.id.length || (a.id < b.id ? 1 : -1);
}

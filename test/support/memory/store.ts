// The store in the memory of one process: a third implementation of the port beside Redis and SQL,
// held to the same contract. Tests step its clock, and its data outlives the loop that used it.

import type { WorkerSid } from '../../../src/core/ids.ts';
import type {
  JournalEntry,
  JournalPage,
  JournalTail,
  Json,
  RecordChanges,
  Store,
  Versioned,
} from '../../../src/ports.ts';
import { CallBudget } from '../../../src/store/call-budget.ts';
import { ChangeFeed } from '../../../src/store/change-feed.ts';
import { EMBEDDED_RETENTION, type JournalRetention } from '../../../src/store/journal-retention.ts';
import { LIMITS } from '../../../src/store/limits.ts';

interface Kept {
  /** As JSON text, so that changing what was read cannot change what is stored. */
  readonly text: string;
  readonly version: number;
}

export class MemoryStore implements Store {
  readonly #now: () => number;
  readonly #workers = new Map<string, Kept>();
  readonly #documents = new Map<string, Kept>();
  readonly #seen = new Map<string, number>();
  readonly #wakes = new Map<string, number>();
  readonly #claims = new Map<string, number>();
  readonly #calls = new CallBudget();
  readonly #changes = new ChangeFeed();
  #journal: { readonly id: number; readonly added: number; readonly entry: JournalEntry }[] = [];
  #lastId = 0;

  readonly #keep: JournalRetention;

  constructor(now: () => number = Date.now, keep: JournalRetention = EMBEDDED_RETENTION) {
    this.#now = now;
    this.#keep = keep;
  }

  /** Loses everything, like a Redis without persistence that restarts. */
  lose(): void {
    for (const kept of [this.#workers, this.#documents, this.#seen, this.#wakes, this.#claims])
      kept.clear();
    this.#journal = [];
  }

  async loadWorker(worker: WorkerSid): Promise<Versioned<Json> | null> {
    return load(this.#workers, worker);
  }

  async saveWorker(worker: WorkerSid, value: Json, expected: number): Promise<boolean> {
    const saved = save(this.#workers, worker, value, expected);
    if (saved) this.#changes.record(worker);
    return saved;
  }

  async removeWorker(worker: WorkerSid): Promise<void> {
    this.#workers.delete(worker);
    this.#changes.record(worker);
  }

  async listWorkers(limit: number, cursor = '') {
    const sids = [...this.#workers.keys()].filter((sid) => sid > cursor).sort();
    const workers = sids.slice(0, limit).map((sid) => ({
      sid: sid as WorkerSid,
      value: JSON.parse(this.#workers.get(sid)?.text ?? 'null') as Json,
    }));
    return { workers, next: sids.length > limit ? (sids[limit - 1] ?? null) : null };
  }

  async hasSeen(eventSid: string): Promise<boolean> {
    return (this.#seen.get(eventSid) ?? Number.NEGATIVE_INFINITY) > this.#now();
  }

  async markSeen(eventSid: string, eventAt: number): Promise<void> {
    this.#seen.set(eventSid, Math.max(eventAt, this.#now()) + LIMITS.seenMs);
  }

  async countSeen(): Promise<number> {
    return this.#seen.size;
  }

  async setWake(key: string, at: number | null): Promise<void> {
    if (at === null) this.#wakes.delete(key);
    else this.#wakes.set(key, at);
  }

  async leaseWakes(now: number, leaseMs: number, limit: number): Promise<string[]> {
    const due = [...this.#wakes]
      .filter(([, at]) => at <= now)
      .sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))
      .slice(0, limit)
      .map(([key]) => key);
    for (const key of due) this.#wakes.set(key, now + leaseMs);
    return due;
  }

  /** When the next wake is due, for tests that step the clock; null: none is booked. */
  nextWake(): number | null {
    return this.#wakes.size === 0 ? null : Math.min(...this.#wakes.values());
  }

  async appendJournal(entries: readonly JournalEntry[]): Promise<void> {
    for (const entry of entries) {
      this.#lastId += 1;
      this.#journal.push({ id: this.#lastId, added: this.#now(), entry });
    }
    const { ms, entries: most } = this.#keep;
    const from = this.#now() - ms;
    const old = this.#journal.findIndex(({ added }) => added >= from);
    if (old !== 0) this.#journal = old === -1 ? [] : this.#journal.slice(old);
    if (this.#journal.length > most + LIMITS.journalSlack) {
      this.#journal = this.#journal.slice(-most);
    }
  }

  async readJournal(query: Parameters<Store['readJournal']>[0]): Promise<JournalPage> {
    const { limit, before, worker } = query;
    const found = this.#journal
      .filter(({ id }) => before === undefined || id < Number(before))
      .filter(({ entry }) => worker === undefined || entry.worker === worker)
      .reverse();
    const entries = found.slice(0, limit).map(({ id, entry }) => ({ ...entry, id: String(id) }));
    return { entries, next: found.length > limit ? (entries.at(-1)?.id ?? null) : null };
  }

  async readJournalAfter(after: string | null, limit: number): Promise<JournalTail> {
    if (after === null) return { entries: [], cursor: String(this.#lastId), more: false };
    const found = this.#journal.filter(({ id }) => id > Number(after));
    const entries = found.slice(0, limit).map(({ id, entry }) => ({ ...entry, id: String(id) }));
    return { entries, cursor: entries.at(-1)?.id ?? after, more: found.length > limit };
  }

  async readChanges(after: string | null, limit: number): Promise<RecordChanges> {
    const { sids, ...changes } = this.#changes.since(after, limit);
    const workers = await Promise.all(
      sids.map(async (sid) => ({ sid, value: (await this.loadWorker(sid))?.value ?? null })),
    );
    return { ...changes, workers };
  }

  async getDocument(name: string): Promise<Versioned<Json> | null> {
    return load(this.#documents, name);
  }

  async putDocument(name: string, value: Json, expected: number): Promise<boolean> {
    return save(this.#documents, name, value, expected);
  }

  async claimOnce(key: string, ttlMs: number): Promise<boolean> {
    const now = this.#now();
    if ((this.#claims.get(key) ?? Number.NEGATIVE_INFINITY) > now) return false;
    this.#claims.set(key, now + ttlMs);
    return true;
  }

  async takeCall(limit: number, windowMs: number): Promise<number> {
    return this.#calls.take(limit, windowMs, this.#now());
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {}
}

function load(kept: Map<string, Kept>, name: string): Versioned<Json> | null {
  const found = kept.get(name);
  return found === undefined
    ? null
    : { value: JSON.parse(found.text) as Json, version: found.version };
}

function save(kept: Map<string, Kept>, name: string, value: Json, expected: number): boolean {
  if ((kept.get(name)?.version ?? 0) !== expected) return false;
  kept.set(name, { text: JSON.stringify(value), version: expected + 1 });
  return true;
}

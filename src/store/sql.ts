// The store on SQL: PGlite in process, or a PostgreSQL server. Every change is one statement, so
// none needs a transaction. Names always include their schema, because the session's search path
// belongs to the queue.

import type { WorkerSid } from '../core/ids.ts';
import type {
  JournalEntry,
  JournalPage,
  JournalTail,
  Json,
  RecordChanges,
  Store,
  Versioned,
} from '../ports.ts';
import { StoreDown } from '../ports.ts';
import { CallBudget } from './call-budget.ts';
import { ChangeFeed } from './change-feed.ts';
import { EMBEDDED_RETENTION, type JournalRetention } from './journal-retention.ts';
import { LIMITS } from './limits.ts';
import type { Row, SqlClient } from './sql-client.ts';
import { type JournalQuery, SqlJournal } from './sql-journal.ts';
import { SCHEMA } from './sql-schema.ts';

type Kind = 'worker' | 'document';

export class SqlStore implements Store {
  readonly #client: SqlClient;
  readonly #scope: string;
  readonly #journal: SqlJournal;
  readonly #calls = new CallBudget();
  readonly #changes = new ChangeFeed();
  #sweptAt = 0;

  private constructor(client: SqlClient, scope: string, keep: JournalRetention) {
    this.#client = client;
    this.#scope = scope;
    this.#journal = new SqlJournal((text, params) => this.#query(text, params), keep);
  }

  static async open(
    client: SqlClient,
    scope: string,
    keep: JournalRetention = EMBEDDED_RETENTION,
  ): Promise<SqlStore> {
    const store = new SqlStore(client, scope, keep);
    await store.#client.query(SCHEMA);
    return store;
  }

  loadWorker(worker: WorkerSid): Promise<Versioned<Json> | null> {
    return this.#load('worker', worker);
  }

  async saveWorker(worker: WorkerSid, value: Json, expected: number): Promise<boolean> {
    const saved = await this.#save('worker', worker, value, expected);
    if (saved) this.#changes.record(worker);
    return saved;
  }

  async removeWorker(worker: WorkerSid): Promise<void> {
    await this.#query(
      `DELETE FROM headroom.record WHERE scope = $1 AND kind = 'worker' AND name = $2`,
      [worker],
    );
    this.#changes.record(worker);
  }

  async listWorkers(
    limit: number,
    cursor = '',
  ): Promise<{ workers: { sid: WorkerSid; value: Json }[]; next: string | null }> {
    const rows = await this.#query(
      `SELECT name, value FROM headroom.record
       WHERE scope = $1 AND kind = 'worker' AND name > $2 ORDER BY name LIMIT $3`,
      [cursor, limit + 1],
    );
    const workers = rows
      .slice(0, limit)
      .map((row) => ({ sid: text(row, 'name') as WorkerSid, value: json(row, 'value') }));
    return { workers, next: rows.length > limit ? (workers.at(-1)?.sid ?? null) : null };
  }

  getDocument(name: string): Promise<Versioned<Json> | null> {
    return this.#load('document', name);
  }

  putDocument(name: string, value: Json, expected: number): Promise<boolean> {
    return this.#save('document', name, value, expected);
  }

  async hasSeen(eventSid: string, _eventAt: number): Promise<boolean> {
    const rows = await this.#query(
      `SELECT 1 FROM headroom.seen WHERE scope = $1 AND event_sid = $2`,
      [eventSid],
    );
    return rows.length > 0;
  }

  async markSeen(eventSid: string, eventAt: number): Promise<void> {
    await this.#sweep();
    await this.#query(
      `INSERT INTO headroom.seen (scope, event_sid, expires_at) VALUES ($1, $2, $3)
       ON CONFLICT (scope, event_sid) DO NOTHING`,
      [eventSid, Math.max(eventAt, Date.now()) + LIMITS.seenMs],
    );
  }

  async countSeen(): Promise<number> {
    const rows = await this.#query(
      `SELECT count(*)::int AS n FROM headroom.seen WHERE scope = $1`,
      [],
    );
    return number(rows[0], 'n');
  }

  async setWake(key: string, at: number | null): Promise<void> {
    await (at === null
      ? this.#query('DELETE FROM headroom.wake WHERE scope = $1 AND key = $2', [key])
      : this.#query(
          `INSERT INTO headroom.wake (scope, key, at) VALUES ($1, $2, $3)
           ON CONFLICT (scope, key) DO UPDATE SET at = EXCLUDED.at`,
          [key, at],
        ));
  }

  async leaseWakes(now: number, leaseMs: number, limit: number): Promise<string[]> {
    // RETURNING knows only the new instant, so the order comes from the rows that were selected.
    const rows = await this.#query(
      `WITH due AS (
         SELECT key, at FROM headroom.wake WHERE scope = $1 AND at <= $2
         ORDER BY at, key LIMIT $4 FOR UPDATE SKIP LOCKED),
       leased AS (
         UPDATE headroom.wake w SET at = $3 FROM due WHERE w.scope = $1 AND w.key = due.key)
       SELECT key FROM due ORDER BY at, key`,
      [now, now + leaseMs, limit],
    );
    return rows.map((row) => text(row, 'key'));
  }

  appendJournal(entries: readonly JournalEntry[]): Promise<void> {
    return this.#journal.append(entries);
  }

  readJournal(query: JournalQuery): Promise<JournalPage> {
    return this.#journal.read(query);
  }

  readJournalAfter(after: string | null, limit: number): Promise<JournalTail> {
    return this.#journal.readAfter(after, limit);
  }

  async readChanges(after: string | null, limit: number): Promise<RecordChanges> {
    const { sids, ...changes } = this.#changes.since(after, limit);
    if (sids.length === 0) return { ...changes, workers: [] };
    const rows = await this.#query(
      `SELECT name, value FROM headroom.record
       WHERE scope = $1 AND kind = 'worker' AND name = ANY($2::text[])`,
      [sids],
    );
    const values = new Map(rows.map((row) => [text(row, 'name'), json(row, 'value')]));
    return { ...changes, workers: sids.map((sid) => ({ sid, value: values.get(sid) ?? null })) };
  }

  async claimOnce(key: string, ttlMs: number): Promise<boolean> {
    await this.#sweep();
    const now = Date.now();
    const rows = await this.#query(
      `INSERT INTO headroom.claim AS c (scope, key, expires_at) VALUES ($1, $2, $3)
       ON CONFLICT (scope, key) DO UPDATE SET expires_at = EXCLUDED.expires_at
         WHERE c.expires_at <= $4 RETURNING 1`,
      [key, now + ttlMs, now],
    );
    return rows.length > 0;
  }

  async takeCall(limit: number, windowMs: number): Promise<number> {
    return this.#calls.take(limit, windowMs, Date.now());
  }

  async ping(): Promise<void> {
    await this.claimOnce('ping', 1);
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #load(kind: Kind, name: string): Promise<Versioned<Json> | null> {
    const [row] = await this.#query(
      `SELECT version, value FROM headroom.record WHERE scope = $1 AND kind = $2 AND name = $3`,
      [kind, name],
    );
    return row === undefined
      ? null
      : { value: json(row, 'value'), version: number(row, 'version') };
  }

  async #save(kind: Kind, name: string, value: Json, expected: number): Promise<boolean> {
    const rows = await this.#query(
      expected === 0
        ? `INSERT INTO headroom.record (scope, kind, name, version, value)
           VALUES ($1, $2, $3, $4::bigint + 1, $5) ON CONFLICT DO NOTHING RETURNING 1`
        : `UPDATE headroom.record SET version = $4::bigint + 1, value = $5
           WHERE scope = $1 AND kind = $2 AND name = $3 AND version = $4::bigint RETURNING 1`,
      [kind, name, expected, JSON.stringify(value)],
    );
    return rows.length > 0;
  }

  /** Removes expired rows now and then: SQL has no expiry of its own. */
  async #sweep(): Promise<void> {
    const now = Date.now();
    if (now - this.#sweptAt < LIMITS.sweepMs) return;
    this.#sweptAt = now;
    for (const table of ['seen', 'claim']) {
      await this.#query(`DELETE FROM headroom.${table} WHERE scope = $1 AND expires_at <= $2`, [
        now,
      ]);
    }
  }

  /** Runs a statement whose first parameter is the scope. */
  async #query(statement: string, params: readonly unknown[]): Promise<readonly Row[]> {
    try {
      return await this.#client.query(statement, [this.#scope, ...params]);
    } catch (error) {
      throw new StoreDown(error);
    }
  }
}

function text(row: Row, column: string): string {
  return String(row[column]);
}

function json(row: Row, column: string): Json {
  return JSON.parse(text(row, column)) as Json;
}

/** A server answers bigint as text, PGlite as a number. */
function number(row: Row | undefined, column: string): number {
  return Number(row?.[column] ?? 0);
}

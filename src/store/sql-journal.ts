// The journal in SQL: one table, trimmed by number after some new entries, and by age now and then.

import type { JournalEntry, JournalPage, JournalTail, Store } from '../ports.ts';
import type { JournalRetention } from './journal-retention.ts';
import { LIMITS } from './limits.ts';
import type { Row } from './sql-client.ts';

/** Runs a statement whose first parameter is the scope. */
type Query = (statement: string, params: readonly unknown[]) => Promise<readonly Row[]>;

export type JournalQuery = Parameters<Store['readJournal']>[0];

export class SqlJournal {
  readonly #query: Query;
  readonly #retention: JournalRetention;
  #appending: Promise<unknown> = Promise.resolve();
  /** What an earlier process of this scope left is trimmed at the first append. */
  #sinceCut: number = LIMITS.journalSlack;
  #cutAt = 0;

  constructor(query: Query, keep: JournalRetention) {
    this.#query = query;
    this.#retention = keep;
  }

  /**
   * One at a time: ids are assigned before a statement is visible, and a reader that continues from
   * an id must not miss a smaller one.
   */
  async append(entries: readonly JournalEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const mine = this.#appending.then(() => this.#append(entries));
    this.#appending = mine.catch(() => undefined);
    await mine;
  }

  async #append(entries: readonly JournalEntry[]): Promise<void> {
    const now = Date.now();
    await this.#query(
      `INSERT INTO headroom.journal (scope, worker, entry, added)
       SELECT $1, w, e, $4::bigint FROM unnest($2::text[], $3::text[])
         WITH ORDINALITY AS x(w, e, n) ORDER BY n`,
      [entries.map((entry) => entry.worker), entries.map((entry) => JSON.stringify(entry)), now],
    );
    this.#sinceCut += entries.length;
    if (this.#sinceCut >= LIMITS.journalSlack) {
      this.#sinceCut = 0;
      await this.#query(
        `DELETE FROM headroom.journal WHERE scope = $1 AND id <= (
           SELECT id FROM headroom.journal WHERE scope = $1 ORDER BY id DESC OFFSET $2 LIMIT 1)`,
        [this.#retention.entries],
      );
    }
    if (now - this.#cutAt < LIMITS.sweepMs) return;
    this.#cutAt = now;
    await this.#query(`DELETE FROM headroom.journal WHERE scope = $1 AND added < $2::bigint`, [
      now - this.#retention.ms,
    ]);
  }

  async read(query: JournalQuery): Promise<JournalPage> {
    const limit = Math.min(query.limit, LIMITS.journalPage);
    const rows = await this.#query(
      `SELECT id, entry FROM headroom.journal
       WHERE scope = $1 AND ($2::bigint IS NULL OR id < $2) AND ($3::text IS NULL OR worker = $3)
       ORDER BY id DESC LIMIT $4`,
      [cursorOf(query.before), query.worker ?? null, limit + 1],
    );
    const entries = rows.slice(0, limit).map(storedOf);
    return { entries, next: rows.length > limit ? (entries.at(-1)?.id ?? null) : null };
  }

  async readAfter(after: string | null, limit: number): Promise<JournalTail> {
    if (after === null) {
      const { entries } = await this.read({ limit: 1 });
      return { entries: [], cursor: entries[0]?.id ?? '0', more: false };
    }
    const rows = await this.#query(
      `SELECT id, entry FROM headroom.journal WHERE scope = $1 AND id > $2 ORDER BY id LIMIT $3`,
      [cursorOf(after) ?? '0', limit + 1],
    );
    const entries = rows.slice(0, limit).map(storedOf);
    return { entries, cursor: entries.at(-1)?.id ?? after, more: rows.length > limit };
  }
}

/** A cursor that is no number of ours reads from the start. */
function cursorOf(before: string | undefined): string | null {
  return before !== undefined && /^\d{1,18}$/.test(before) ? before : null;
}

function storedOf(row: Row): JournalEntry & { readonly id: string } {
  return { ...(JSON.parse(String(row.entry)) as JournalEntry), id: String(row.id) };
}

// The journal on Redis: one stream, bounded by number at each append and by age now and then. A
// read scans a limited number of entries, however few of them match.

import type { Redis } from 'ioredis';
import type { JournalEntry, JournalPage, JournalTail, Store } from '../ports.ts';
import type { JournalRetention } from './journal-retention.ts';
import { LIMITS } from './limits.ts';

type Stored = JournalEntry & { readonly id: string };
type Run = <T>(command: (redis: Redis) => Promise<T>) => Promise<T>;

export type JournalQuery = Parameters<Store['readJournal']>[0];

export class RedisJournal {
  readonly #run: Run;
  readonly #key: string;
  readonly #retention: JournalRetention;
  #cutAt = 0;

  constructor(run: Run, key: string, keep: JournalRetention) {
    this.#run = run;
    this.#key = key;
    this.#retention = keep;
  }

  async append(entries: readonly JournalEntry[]): Promise<void> {
    if (entries.length === 0) return;
    await this.#run(async (redis) => {
      const trip = redis.multi();
      for (const entry of entries) {
        const text = JSON.stringify(entry);
        trip.xadd(this.#key, 'MAXLEN', this.#retention.entries, '*', 'entry', text);
      }
      const now = Date.now();
      if (now - this.#cutAt >= LIMITS.sweepMs) {
        this.#cutAt = now;
        // Ids begin with the instant at which an entry was added.
        trip.xtrim(this.#key, 'MINID', `${Math.max(0, now - this.#retention.ms)}-0`);
      }
      for (const [error] of (await trip.exec()) ?? []) if (error !== null) throw error;
    });
  }

  async read(query: JournalQuery): Promise<JournalPage> {
    const limit = Math.min(query.limit, LIMITS.journalPage);
    const found: Stored[] = [];
    let from = cursorOf(query.before);
    // If a Worker is given, most entries are of others: then larger pages are read.
    const count = query.worker === undefined ? limit + 1 : LIMITS.journalPage;
    for (let seen = 0; found.length <= limit; seen += count) {
      const page = await this.#before(from, count);
      found.push(...page.filter((e) => query.worker === undefined || e.worker === query.worker));
      const last = page.at(-1);
      if (last === undefined || page.length < count) break;
      from = `(${last.id}`;
      if (seen + count >= LIMITS.journalScan && found.length <= limit) {
        return { entries: found, next: last.id };
      }
    }
    const entries = found.slice(0, limit);
    return { entries, next: found.length > limit ? (entries.at(-1)?.id ?? null) : null };
  }

  async readAfter(after: string | null, limit: number): Promise<JournalTail> {
    if (after === null) {
      const [last] = await this.#before('+', 1);
      return { entries: [], cursor: last?.id ?? '0-0', more: false };
    }
    const from = /^\d{1,18}-\d{1,18}$/.test(after) ? `(${after}` : '-';
    const rows = await this.#run((redis) => redis.xrange(this.#key, from, '+', 'COUNT', limit + 1));
    const entries = rows.slice(0, limit).map(storedOf);
    return { entries, cursor: entries.at(-1)?.id ?? after, more: rows.length > limit };
  }

  async #before(from: string, count: number): Promise<Stored[]> {
    const rows = await this.#run((redis) => redis.xrevrange(this.#key, from, '-', 'COUNT', count));
    return rows.map(storedOf);
  }
}

/** A cursor that is no id of ours reads from the newest on. */
function cursorOf(before: string | undefined): string {
  return before !== undefined && /^\d{1,18}-\d{1,18}$/.test(before) ? `(${before}` : '+';
}

function storedOf([id, fields]: [string, string[]]): Stored {
  return { ...(JSON.parse(fields[1] ?? '{}') as JournalEntry), id };
}

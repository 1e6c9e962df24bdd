// The store on Redis or Valkey: what several replicas share. What has to happen in one step is one
// script.

import type { Redis } from 'ioredis';
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
import { longestWait } from './call-budget.ts';
import { type JournalRetention, SHARED_RETENTION } from './journal-retention.ts';
import { LIMITS } from './limits.ts';
import {
  checkRedis,
  connectRedis,
  type OnError,
  type RedisCheck,
  type Reply,
} from './redis-client.ts';
import { type JournalQuery, RedisJournal } from './redis-journal.ts';
import * as scripts from './redis-scripts.ts';

export class RedisStore implements Store {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #journal: RedisJournal;

  private constructor(redis: Redis, prefix: string, keep: JournalRetention) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#journal = new RedisJournal((command) => this.#run(command), this.#key('journal'), keep);
  }

  static async open(
    url: string,
    prefix: string,
    { onError, keep }: { readonly onError: OnError; readonly keep?: JournalRetention },
  ): Promise<RedisStore> {
    return new RedisStore(await connectRedis(url, onError), prefix, keep ?? SHARED_RETENTION);
  }

  check(): Promise<RedisCheck> {
    return checkRedis(this.#redis);
  }

  loadWorker(worker: WorkerSid): Promise<Versioned<Json> | null> {
    return this.#load('workers', worker);
  }

  saveWorker(worker: WorkerSid, value: Json, expected: number): Promise<boolean> {
    return this.#save('workers', worker, value, expected);
  }

  async removeWorker(worker: WorkerSid): Promise<void> {
    await this.#run((redis) => scripts.removeRecord(redis, this.#recordKeys('workers'), [worker]));
  }

  async listWorkers(
    limit: number,
    cursor = '',
  ): Promise<{ workers: { sid: WorkerSid; value: Json }[]; next: string | null }> {
    const found = await this.#run((redis) =>
      scripts.listRecords(redis, this.#recordKeys('workers'), [cursor, limit + 1]),
    );
    const pairs = pairsOf(found);
    const workers = pairs
      .slice(0, limit)
      .map(([sid, record]) => ({ sid: sid as WorkerSid, value: recordOf(record).value }));
    return { workers, next: pairs.length > limit ? (workers.at(-1)?.sid ?? null) : null };
  }

  getDocument(name: string): Promise<Versioned<Json> | null> {
    return this.#load('documents', name);
  }

  putDocument(name: string, value: Json, expected: number): Promise<boolean> {
    return this.#save('documents', name, value, expected);
  }

  async hasSeen(eventSid: string, eventAt: number): Promise<boolean> {
    // The inputs may differ a little on the time of one event, just across a bucket's edge.
    const times = [eventAt, eventAt - LIMITS.seenSkewMs, eventAt + LIMITS.seenSkewMs];
    const keys = [...new Set(times.map(bucketOf))].map((bucket) => this.#key(`seen:${bucket}`));
    const isMember = (key: string) => this.#run((redis) => redis.sismember(key, eventSid));
    return (await Promise.all(keys.map(isMember))).includes(1);
  }

  async markSeen(eventSid: string, eventAt: number): Promise<void> {
    const bucket = bucketOf(eventAt);
    const now = Date.now();
    const expiresAt = Math.max(eventAt, now) + LIMITS.seenBucketMs + LIMITS.seenMs;
    await this.#run((redis) =>
      scripts.markSeen(
        redis,
        [this.#key(`seen:${bucket}`), this.#key('seen')],
        [bucket, eventSid, expiresAt, now],
      ),
    );
  }

  async countSeen(): Promise<number> {
    const count = await this.#run((redis) =>
      scripts.countSeen(redis, [this.#key('seen')], [this.#key('seen:')]),
    );
    return Number(count);
  }

  async setWake(key: string, at: number | null): Promise<void> {
    const wakes = this.#key('wakes');
    await this.#run((redis) => (at === null ? redis.zrem(wakes, key) : redis.zadd(wakes, at, key)));
  }

  async leaseWakes(now: number, leaseMs: number, limit: number): Promise<string[]> {
    const args = [now, now + leaseMs, limit];
    const due = await this.#run((redis) => scripts.leaseWakes(redis, [this.#key('wakes')], args));
    return Array.isArray(due) ? due.map(String) : [];
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
    const from = after === null || !/^\d{1,16}$/.test(after) ? null : Number(after);
    const args = from === null ? ['+inf', 0] : [from, limit + 1];
    const reply = await this.#run((redis) =>
      scripts.readChanges(redis, this.#recordKeys('workers'), args),
    );
    const [now = '0', ...flat] = Array.isArray(reply) ? reply.map(String) : [];
    const lost = (after !== null && from === null) || (from ?? 0) > Number(now);
    if (from === null || lost) return { workers: [], cursor: now, more: false, lost };
    const found = triplesOf(flat);
    const workers = found.slice(0, limit).map(([sid, , record]) => ({
      sid: sid as WorkerSid,
      value: record === '' ? null : recordOf(record).value,
    }));
    const more = found.length > limit;
    return { workers, cursor: more ? (found[limit - 1]?.[1] ?? now) : now, more, lost };
  }

  async claimOnce(key: string, ttlMs: number): Promise<boolean> {
    const name = this.#key(`claim:${key}`);
    return (await this.#run((redis) => redis.set(name, '1', 'PX', ttlMs, 'NX'))) === 'OK';
  }

  async takeCall(limit: number, windowMs: number): Promise<number> {
    const args = [limit, windowMs, longestWait(windowMs)];
    return Number(await this.#run((redis) => scripts.takeCall(redis, [this.#key('calls')], args)));
  }

  /** Unlike a PING, this is refused by a replica and by a Redis that is full, as any write is. */
  async ping(): Promise<void> {
    await this.claimOnce('ping', 1);
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
  }

  async #load(kind: 'workers' | 'documents', name: string): Promise<Versioned<Json> | null> {
    const record = await this.#run((redis) => redis.hget(this.#key(kind), name));
    return record === null ? null : recordOf(record);
  }

  async #save(
    kind: 'workers' | 'documents',
    name: string,
    value: Json,
    expected: number,
  ): Promise<boolean> {
    const args = [name, expected, JSON.stringify(value)];
    const saved = await this.#run((redis) =>
      scripts.saveRecord(redis, this.#recordKeys(kind), args),
    );
    return saved === 1;
  }

  /** Only changes of Workers go into the feed. */
  #recordKeys(kind: 'workers' | 'documents'): string[] {
    const keys = [this.#key(kind), this.#key(`${kind}:names`)];
    if (kind === 'documents') return keys;
    return [...keys, this.#key('workers:change'), this.#key('workers:changed')];
  }

  #key(name: string): string {
    return `${this.#prefix}:${name}`;
  }

  async #run<T>(command: (redis: Redis) => Promise<T>): Promise<T> {
    try {
      return await command(this.#redis);
    } catch (error) {
      throw new StoreDown(error);
    }
  }
}

/** The span that contains the event's own time: the same event always has the same set. */
function bucketOf(eventAt: number): string {
  return String(Math.floor(eventAt / LIMITS.seenBucketMs));
}

function recordOf(record: string): Versioned<Json> {
  const colon = record.indexOf(':');
  return {
    version: Number(record.slice(0, colon)),
    value: JSON.parse(record.slice(colon + 1)) as Json,
  };
}

function triplesOf(flat: readonly string[]): [string, string, string][] {
  return flat.flatMap((name, i) =>
    i % 3 === 0 ? [[name, flat[i + 1] ?? '', flat[i + 2] ?? '']] : [],
  );
}

function pairsOf(reply: Reply): [string, string][] {
  const flat = Array.isArray(reply) ? reply.map(String) : [];
  return flat
    .flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] ?? ''] as const] : []))
    .map(([name, value]) => [name, value]);
}

// PGlite in process, behind the interface of a node-postgres pool: the store and BullMQ's
// PostgreSQL backend share this one database. Only this file knows PGlite.

import { EventEmitter } from 'node:events';
import { setImmediate as macrotask } from 'node:timers/promises';
import { PGlite } from '@electric-sql/pglite';
import { LIMITS } from './limits.ts';
import type { Row, SqlClient } from './sql-client.ts';

interface Result {
  rows: Row[];
  rowCount: number;
}

/** The part of a node-postgres pool that is used here; `pg.Pool` has it too. */
export interface PoolLike {
  query(text: string, params?: readonly unknown[]): Promise<{ rows: Row[] }>;
  connect(): Promise<EventEmitter & { release(destroy?: boolean): void }>;
  end(): Promise<void>;
}

// Small buffers: the default of 128 MB shared would be most of this process.
const CONF = ['shared_buffers = 16MB', 'wal_buffers = 512kB', 'max_connections = 10'];

// Ours, BullMQ's, and those of the catalogue that temporary tables bloat.
const TABLES = `
SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND (n.nspname IN ('bullmq', 'headroom') OR c.relname IN
  ('pg_class', 'pg_attribute', 'pg_type', 'pg_depend', 'pg_index', 'pg_constraint'))`;

export class PgliteDatabase implements SqlClient {
  readonly pool: PoolLike;
  readonly #db: PGlite;
  /** Set while a client is between BEGIN and COMMIT: all clients share one session. */
  #exclusive: Promise<void> | null = null;
  #closed: string | null = null;
  #statements = 0;

  readonly #onClosed: () => Promise<void>;

  private constructor(db: PGlite, onClosed: () => Promise<void>) {
    this.#db = db;
    this.#onClosed = onClosed;
    this.pool = new Pool(this);
  }

  static async open(folder: string, onClosed: () => Promise<void>): Promise<PgliteDatabase> {
    const db = await PGlite.create({ dataDir: folder, postgresqlconf: CONF });
    // BullMQ's statements name tables without a schema; the store always names its schema.
    await db.exec('SET search_path TO bullmq');
    return new PgliteDatabase(db, onClosed);
  }

  async query(text: string, params?: readonly unknown[]): Promise<Row[]> {
    return (await this.run(text, params)).rows;
  }

  /** Waits for any other client's transaction; `inside`: the caller is in its own. */
  async run(text: string, params?: readonly unknown[], inside = false): Promise<Result> {
    // PGlite answers in microtasks only: without this a busy consumer would starve every timer and
    // socket of the process.
    await macrotask();
    while (!inside && this.#exclusive !== null) await this.#exclusive;
    if (this.#closed !== null) {
      // BullMQ takes this code for a lost connection, and pauses before it asks again.
      throw Object.assign(new Error(this.#closed), { code: 'ECONNREFUSED' });
    }
    this.#statements += 1;
    if (this.#statements % LIMITS.vacuumEveryStatements === 0)
      void this.vacuum().catch(() => undefined);
    if (params === undefined) {
      const results = await this.#db.exec(text);
      const last = results.at(-1);
      return { rows: (last?.rows ?? []) as Row[], rowCount: last?.affectedRows ?? 0 };
    }
    const result = await this.#db.query<Row>(text, [...params]);
    return { rows: result.rows, rowCount: result.affectedRows ?? result.rows.length };
  }

  /** Does what a server's autovacuum does: otherwise the files grow as long as the daemon runs. */
  async vacuum(): Promise<void> {
    // Table by table, so that nobody waits for more than one.
    for (const { name } of await this.query(TABLES)) await this.query(`VACUUM (ANALYZE) ${name}`);
  }

  /** Begins a section that only its caller's queries enter; the function returned ends it. */
  async beginExclusive(): Promise<() => void> {
    while (this.#exclusive !== null) await this.#exclusive;
    let resolve = (): void => undefined;
    this.#exclusive = new Promise((done) => {
      resolve = done;
    });
    return () => {
      this.#exclusive = null;
      resolve();
    };
  }

  listen(channel: string, onNotify: (payload: string) => void): Promise<() => Promise<void>> {
    return this.#db.listen(channel, onNotify);
  }

  /** From now on every query is rejected: the files are no longer ours. */
  refuse(why: string): void {
    this.#closed = why;
  }

  async close(): Promise<void> {
    this.#closed ??= 'the database is closed';
    if (this.#db.closed) return;
    await this.#db.close();
    await this.#onClosed();
  }
}

class Pool extends EventEmitter implements PoolLike {
  readonly #db: PgliteDatabase;
  constructor(db: PgliteDatabase) {
    super();
    this.#db = db;
    // Every queue and consumer adds a listener of its own.
    this.setMaxListeners(0);
  }
  query(text: string, params?: readonly unknown[]): Promise<Result> {
    return this.#db.run(text, params);
  }
  async connect(): Promise<Client> {
    return new Client(this.#db);
  }
  /** The database is closed separately. */
  async end(): Promise<void> {}
}

class Client extends EventEmitter {
  readonly #db: PgliteDatabase;
  #endExclusive: (() => void) | null = null;
  readonly #unlisten: (() => Promise<void>)[] = [];

  constructor(db: PgliteDatabase) {
    super();
    this.#db = db;
    // Every waiting consumer adds a listener of its own.
    this.setMaxListeners(0);
  }

  async query(text: string, params?: readonly unknown[]): Promise<Result> {
    const listen = /^LISTEN\s+(\w+)/im.exec(text)?.[1];
    if (listen !== undefined) return this.#listen(listen);
    if (/^\s*BEGIN\b/i.test(text)) this.#endExclusive = await this.#db.beginExclusive();
    try {
      return await this.#db.run(text, params, this.#endExclusive !== null);
    } finally {
      if (/^\s*(COMMIT|ROLLBACK)\b/i.test(text)) this.#end();
    }
  }

  async #listen(channel: string): Promise<Result> {
    const stop = await this.#db.listen(channel, (payload) => {
      this.emit('notification', { channel, payload });
    });
    this.#unlisten.push(stop);
    return { rows: [], rowCount: 0 };
  }

  release(): void {
    this.#end();
    for (const stop of this.#unlisten.splice(0)) void stop().catch(() => undefined);
  }

  #end(): void {
    this.#endExclusive?.();
    this.#endExclusive = null;
  }
}

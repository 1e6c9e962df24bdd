// The user's own PostgreSQL server, through node-postgres, which is loaded only here and only when
// DATABASE_URL is set: it is an optional dependency.

import type { Pool, QueryConfig } from 'pg';
import { LIMITS } from './limits.ts';
import type { Row, SqlClient } from './sql-client.ts';

export interface PostgresDatabase extends SqlClient {
  readonly pool: Pool;
}

export async function openPostgresDatabase(
  url: string,
  onError: (error: Error) => void,
): Promise<PostgresDatabase> {
  const { default: pg } = await import('pg').catch((cause: unknown) => {
    throw new Error('DATABASE_URL is set but the package pg is not installed: npm install pg', {
      cause,
    });
  });
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: LIMITS.connectMs,
    keepAlive: true,
    // BullMQ's statements name tables without a schema; the store always names its schema.
    options: '-c search_path=bullmq',
  });
  pool.on('error', onError);
  // Every queue and consumer adds a listener of its own.
  pool.setMaxListeners(0);
  return {
    pool,
    async query(text, params) {
      if (params === undefined) return (await pool.query<Row>(text)).rows;
      // The time-out is the client's own; node-postgres accepts it in the query, untyped.
      const query: QueryConfig & { query_timeout: number } = {
        text,
        values: [...params],
        query_timeout: LIMITS.commandMs,
      };
      return (await pool.query<Row>(query)).rows;
    },
    close: () => pool.end(),
  };
}

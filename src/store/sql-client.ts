// The part of a SQL database that the store needs, so that PGlite in process and a PostgreSQL
// server look the same to it.

export type Row = Readonly<Record<string, unknown>>;

export interface SqlClient {
  query(text: string, params?: readonly unknown[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

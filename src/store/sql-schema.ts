// The store's tables, all in a schema of their own. Values are JSON kept as text: nothing queries
// inside them, and `jsonb` rejects characters that TaskRouter may send.

/** One statement list, run at each start; the lock keeps two processes from creating at once. */
export const SCHEMA = `
BEGIN;
SELECT pg_advisory_xact_lock(4851101);
CREATE SCHEMA IF NOT EXISTS headroom;
CREATE TABLE IF NOT EXISTS headroom.record (
  scope text NOT NULL, kind text NOT NULL, name text COLLATE "C" NOT NULL,
  version bigint NOT NULL, value text NOT NULL,
  PRIMARY KEY (scope, kind, name));
CREATE TABLE IF NOT EXISTS headroom.seen (
  scope text NOT NULL, event_sid text NOT NULL, expires_at bigint NOT NULL,
  PRIMARY KEY (scope, event_sid));
CREATE INDEX IF NOT EXISTS seen_expiry ON headroom.seen (expires_at);
CREATE TABLE IF NOT EXISTS headroom.wake (
  scope text NOT NULL, key text NOT NULL, at bigint NOT NULL,
  PRIMARY KEY (scope, key));
CREATE INDEX IF NOT EXISTS wake_at ON headroom.wake (scope, at);
CREATE TABLE IF NOT EXISTS headroom.journal (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  scope text NOT NULL, worker text, entry text NOT NULL,
  added bigint NOT NULL DEFAULT (extract(epoch FROM now()) * 1000)::bigint);
ALTER TABLE headroom.journal ADD COLUMN IF NOT EXISTS
  added bigint NOT NULL DEFAULT (extract(epoch FROM now()) * 1000)::bigint;
CREATE INDEX IF NOT EXISTS journal_added ON headroom.journal (scope, added);
CREATE INDEX IF NOT EXISTS journal_scope ON headroom.journal (scope, id);
CREATE INDEX IF NOT EXISTS journal_worker ON headroom.journal (scope, worker, id);
CREATE TABLE IF NOT EXISTS headroom.claim (
  scope text NOT NULL, key text NOT NULL, expires_at bigint NOT NULL,
  PRIMARY KEY (scope, key));
COMMIT;`;

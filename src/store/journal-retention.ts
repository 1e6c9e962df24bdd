// How much of the journal is kept: by time and by number, whichever is reached first.

import { LIMITS } from './limits.ts';

export interface JournalRetention {
  readonly ms: number;
  readonly entries: number;
}

/** Redis and PostgreSQL: a day with thousands of Workers. */
export const SHARED_RETENTION: JournalRetention = {
  ms: LIMITS.journalKeepMs,
  entries: LIMITS.journalKeep,
};

/** The embedded store: its files and its indexes live in this process. */
export const EMBEDDED_RETENTION: JournalRetention = {
  ms: LIMITS.journalKeepMs,
  entries: LIMITS.journalKeepEmbedded,
};

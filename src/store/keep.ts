// How much of the journal is kept: by time and by number, whichever is reached first.

import { LIMITS } from './limits.ts';

export interface JournalKeep {
  readonly ms: number;
  readonly entries: number;
}

/** Redis and PostgreSQL: a day with thousands of Workers. */
export const SHARED_KEEP: JournalKeep = {
  ms: LIMITS.journalKeepMs,
  entries: LIMITS.journalKeep,
};

/** The embedded store: its files and its indexes live in this process. */
export const EMBEDDED_KEEP: JournalKeep = {
  ms: LIMITS.journalKeepMs,
  entries: LIMITS.journalKeepEmbedded,
};

// Every limit of the store in one place. Times are in milliseconds.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const LIMITS = {
  /** How long an absorbed event is remembered. Twilio's longest retry is four hours. */
  seenMs: 5 * HOUR,
  /**
   * Events are remembered in sets by this much of their own time, so that each set expires whole.
   */
  seenBucketMs: 10 * MINUTE,
  /** By how much the time of one event may differ between the inputs that tell it. */
  seenApartMs: 2_000,
  /** How long a journal entry is kept where the environment does not say. */
  journalKeepMs: 7 * 24 * HOUR,
  /** Journal entries that are kept at most; 1,000 Workers make some 40,000 a day. */
  journalKeep: 200_000,
  /** The same in the embedded database. */
  journalKeepEmbedded: 50_000,
  /** Entries that one read looks through, where few of them are asked for. */
  journalScan: 20_000,
  /** On SQL the journal is cut back once this many entries have come, not at each one. */
  journalSlack: 1_000,
  /** Most journal entries in one page. */
  journalPage: 1_000,
  /** Workers whose last change can still be told apart, those removed included. */
  changesKeep: 50_000,
  /** One command that has no answer by then counts as lost. */
  commandMs: 2_000,
  /** A connection that is not made by then counts as failed. */
  connectMs: 2_000,
  /** A socket that owes an answer this long is dead, e.g. after a firewall forgot it. */
  socketMs: 4_000,
  /** The longest pause between two attempts to connect again. */
  reconnectMs: 1_000,
  /** The longest wait for a REST call that is believed, and in windows where those are longer. */
  callWaitMs: 10 * MINUTE,
  callsAhead: 10,
  /** How often expired rows are removed on SQL. */
  sweepMs: MINUTE,
  /** PGlite's dead rows are cleared after so many statements. */
  tendStatements: 20_000,
  /** The holder of a data folder shows that it lives this often. */
  lockBeatMs: 5_000,
  /** A holder on another host that has not shown itself for this long is dead. */
  lockStaleMs: 15_000,
  /** How long a starter waits for such a holder before it gives up. */
  lockWaitMs: 16_000,
} as const;

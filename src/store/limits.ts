// Every limit of the store in one place. Times are in milliseconds.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const LIMITS = {
  /** How long an absorbed event is remembered. Twilio's longest retry is four hours. */
  seenMs: 5 * HOUR,
  /**
   * Events are remembered in sets, one per span of their own time, so that each set expires whole.
   */
  seenBucketMs: 10 * MINUTE,
  /** By how much the time of one event may differ between the inputs that deliver it. */
  seenSkewMs: 2_000,
  /** How long a journal entry is kept if the environment does not say. */
  journalKeepMs: 7 * 24 * HOUR,
  /** The most journal entries kept; 1,000 Workers make some 40,000 a day. */
  journalKeep: 200_000,
  /** The same in the embedded database. */
  journalKeepEmbedded: 50_000,
  /** The most entries that one read scans, if few of them match. */
  journalScan: 20_000,
  /** On SQL the journal is trimmed once this many entries were added, not at each one. */
  journalSlack: 1_000,
  /** Most journal entries in one page. */
  journalPage: 1_000,
  /** Workers whose last change is remembered, including removed ones. */
  changesKeep: 50_000,
  /** A command without an answer by then counts as lost. */
  commandMs: 2_000,
  /** A connection not made by then counts as failed. */
  connectMs: 2_000,
  /** A socket that owes an answer this long is dead, e.g. after a firewall dropped it. */
  socketMs: 4_000,
  /** The longest pause between two attempts to reconnect. */
  reconnectMs: 1_000,
  /** The longest credible wait for a REST call: this, or so many windows if that is longer. */
  callWaitMs: 10 * MINUTE,
  callsAhead: 10,
  /** How often expired rows are removed on SQL. */
  sweepMs: MINUTE,
  /** PGlite's dead rows are cleared after so many statements. */
  vacuumEveryStatements: 20_000,
  /** How often the holder of a data folder renews its lock. */
  lockBeatMs: 5_000,
  /** A holder on another host that has not renewed its lock for this long is dead. */
  lockStaleMs: 15_000,
  /** How long a start waits for such a holder before it gives up. */
  lockWaitMs: 16_000,
} as const;

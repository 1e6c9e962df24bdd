// Everything that the HTTP side bounds, in one list.

export const LIMITS = {
  /**
   * The largest delivery that is read. Worker and Task attributes hold up to 4,096 characters each
   * and one such character takes up to nine bytes in a form, so 64 kB would refuse genuine ones.
   */
  bodyBytes: 256 * 1024,
  /**
   * The same for a batch of Event Streams, whose length Twilio does not publish: a hundred of the
   * largest events. Only who signed the URL gets this far.
   */
  batchBytes: 8 * 1024 * 1024,
  /** A delivery has some forty fields; new ones may appear at any time. */
  formFields: 1000,
  /** What a sender is told to wait while the store is down, s. */
  retryAfterS: 2,
  /** So many refused signatures within the window are a run, which is alarmed once a window. */
  forgedRun: 10,
  forgedWindowMs: 60_000,
  /** After so long without a refused signature the next one is told in the log again. */
  forgedQuietMs: 15 * 60_000,
  /** How long status says that signatures were refused. */
  refusedNoteMs: 60 * 60_000,
  /** Handing a delivery on: how long one attempt may take, and how long it is tried. */
  forwardMs: 5_000,
  forwardForMs: 15 * 60_000,
  /** The shortest and the longest wait between two attempts. */
  forwardFirstMs: 1_000,
  forwardLastMs: 60_000,
  /** How long `/readyz` waits for the store. */
  readyMs: 3000,
  /** Entries of a list, at most and where the query does not say. */
  listMost: 500,
  listUsual: 100,
  /** The body of an order such as a pause, and what is in it. */
  orderBytes: 16 * 1024,
  /** The files of a rule set that is only to be compared, as one JSON body. */
  rulesBytes: 2 * 1024 * 1024,
  nameLength: 128,
  reasonLength: 500,
  /**
   * Wrong tokens from one address within the window, after which it is answered 429. The address
   * may be that of a proxy with everybody behind it, so a morning of mistyping has to fit; and a
   * token of 16 characters is out of reach at a thousand times this pace.
   */
  authFailures: 30,
  authWindowMs: 60_000,
  /** After so long without a wrong token the next one is told in the log again. */
  authQuietMs: 15 * 60_000,
  /** How long another replica may not know yet that somebody signed out. */
  signedOutFreshMs: 2_000,
  /** How long a sign-in at the page holds. */
  sessionMs: 12 * 60 * 60_000,
  /** Streams open at once, in one process. */
  streams: 100,
  /** What may wait for one client to take it; who has more waiting is behind. */
  streamBytes: 512 * 1024,
  /** Who is behind for so long is cut. */
  streamBehindMs: 30_000,
  /** A sign of life that proxies see, and when a client asks again after a cut. */
  streamBeatMs: 15_000,
  streamRetryMs: 2_000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 15_000,
  /**
   * Longer than a usual load balancer keeps an idle connection (60 s), so that it hangs up first.
   */
  keepAliveMs: 75_000,
} as const;

// Every bound of the HTTP side, in one list.

export const LIMITS = {
  /**
   * The largest delivery that is read. Worker and Task attributes hold up to 4,096 characters each
   * and one such character takes up to nine bytes in a form, so 64 kB would refuse genuine ones.
   */
  bodyBytes: 256 * 1024,
  /**
   * The same for a batch of Event Streams, whose size Twilio does not publish: a hundred of the
   * largest events. Only a sender that signed the URL gets this far.
   */
  batchBytes: 8 * 1024 * 1024,
  /** A delivery has some forty fields; new ones may appear at any time. */
  formFields: 1000,
  /** The `Retry-After` of a 503, s. */
  retryAfterS: 2,
  /** So many refused signatures within the window are a run, with one alarm per window. */
  forgedRun: 10,
  forgedWindowMs: 60_000,
  /** After so long without a refused signature, the next one is logged again. */
  forgedQuietMs: 15 * 60_000,
  /** How long status reports that signatures were refused. */
  refusedNoteMs: 60 * 60_000,
  /** Forwarding a delivery: how long one attempt may take, and how long it is retried. */
  forwardMs: 5_000,
  forwardForMs: 15 * 60_000,
  /** The shortest and the longest wait between two attempts. */
  forwardFirstMs: 1_000,
  forwardLastMs: 60_000,
  /** How long `/readyz` waits for the store. */
  readyMs: 3000,
  /** Entries of a list: the maximum, and the default. */
  listMost: 500,
  listUsual: 100,
  /** The body of an order such as a pause, and what is in it. */
  orderBytes: 16 * 1024,
  /** The files of a rule set that is only compared, as one JSON body. */
  rulesBytes: 2 * 1024 * 1024,
  nameLength: 128,
  reasonLength: 500,
  /**
   * Wrong tokens from one address within the window, after which it is answered 429. The address
   * may be that of a proxy with everybody behind it, so a morning of typing errors has to fit; and
   * a token of 16 characters withstands a thousand times this pace.
   */
  authFailures: 30,
  authWindowMs: 60_000,
  /** After so long without a wrong token, the next one is logged again. */
  authQuietMs: 15 * 60_000,
  /** How late another replica may learn that somebody signed out. */
  signedOutFreshMs: 2_000,
  /** How long a sign-in at the page is valid. */
  sessionMs: 12 * 60 * 60_000,
  /** Streams open at once, in one process. */
  streams: 100,
  /** What may wait for one client to read it; with more waiting, the client is behind. */
  streamBytes: 512 * 1024,
  /** A client that is behind for this long is disconnected. */
  streamBehindMs: 30_000,
  /** A heartbeat that proxies see, and when a client reconnects. */
  streamBeatMs: 15_000,
  streamRetryMs: 2_000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 15_000,
  /** Longer than a usual load balancer keeps an idle connection (60 s), so that it closes first. */
  keepAliveMs: 75_000,
} as const;

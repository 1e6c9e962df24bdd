// A queue job that failed for good, as shown to people.

export interface DeadJob {
  readonly queue: 'events' | 'passes';
  readonly id: string;
  /** The Worker, or the key of whatever else the pass is over. */
  readonly worker: string | null;
  readonly reason: string;
  /** epoch ms */
  readonly at: number;
  readonly attempts: number;
}

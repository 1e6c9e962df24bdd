// A job of the queues that failed for good, as people see it.

export interface DeadJob {
  readonly queue: 'events' | 'passes';
  readonly id: string;
  /** The Worker it is about, or what else it is a pass over. */
  readonly worker: string | null;
  readonly reason: string;
  /** epoch ms */
  readonly at: number;
  readonly attempts: number;
}

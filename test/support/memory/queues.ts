// The queues in the memory of one process, held to the same contract as those on Redis and SQL. A
// test may step them: then nothing runs by itself, and a job that was active when its loop died
// waits again.

import type { RoutingEvent } from '../../../src/core/event.types.ts';
import {
  type PassUrgency,
  type QueueCounts,
  QueueFull,
  type Queues,
  RetryLater,
} from '../../../src/ports.ts';
import { LIMITS } from '../../../src/queue/limits.ts';

type Name = 'events' | 'passes';

interface Job {
  readonly queue: Name;
  readonly id: string;
  readonly data: string;
  readonly seq: number;
  /** Of the waiting jobs, the lowest goes first. */
  priority: number;
  state: 'waiting' | 'active' | 'delayed' | 'failed' | 'done';
  attempts: number;
  /** When a delayed job may run again. */
  dueAt: number;
  /** The urgency of a pass that was requested again while it ran. */
  again: PassUrgency | null;
  reason: string;
  endedAt: number;
}

const PRIORITY = { now: 0, all: 5, restore: 6, raise: 7, resync: 10 } as const;
const URGENCIES = Object.keys(PRIORITY) as PassUrgency[];

type Handlers = Parameters<Queues['consume']>[0];

const AT_ONCE = {
  events: LIMITS.eventsAtOnce as number,
  passes: LIMITS.passesAtOnce as number,
};
const ATTEMPTS = { events: LIMITS.eventAttempts, passes: LIMITS.passAttempts } as const;

export interface MemoryQueuesOptions {
  readonly queueDepth?: number;
  readonly now?: () => number;
  /** Jobs run only when `step` is called. */
  readonly stepped?: boolean;
  readonly passesAtOnce?: number | undefined;
}

export class MemoryQueues implements Queues {
  readonly #depth: number;
  readonly #now: () => number;
  readonly #stepped: boolean;
  readonly #atOnce: typeof AT_ONCE;
  #jobs: Job[] = [];
  #handlers: Handlers | null = null;
  #timers = new Set<NodeJS.Timeout>();
  #running = new Set<Promise<void>>();
  #seq = 0;
  #held = false;

  constructor({ queueDepth, now, stepped, passesAtOnce }: MemoryQueuesOptions = {}) {
    this.#atOnce = { ...AT_ONCE, ...(passesAtOnce !== undefined && { passes: passesAtOnce }) };
    this.#depth = queueDepth ?? LIMITS.queueDepth;
    this.#now = now ?? Date.now;
    this.#stepped = stepped ?? false;
  }

  async addEvent(event: RoutingEvent): Promise<void> {
    const waiting = this.#of('events', 'waiting', 'delayed').length;
    if (waiting >= this.#depth) throw new QueueFull(waiting, this.#depth);
    if (this.#jobs.some((job) => job.queue === 'events' && job.id === event.sid)) return;
    this.#add('events', event.sid, JSON.stringify(event));
  }

  async addPass(key: string, urgency: PassUrgency = 'now'): Promise<void> {
    const priority = PRIORITY[urgency];
    const waiting = this.#of('passes', 'waiting').find((job) => job.data === key);
    const active = this.#of('passes', 'active').find((job) => job.data === key);
    if (waiting !== undefined) {
      if (waiting.priority <= priority) return;
      waiting.priority = priority;
      this.#jobs = [...this.#jobs.filter((job) => job !== waiting), waiting];
    } else if (active !== undefined) active.again = urgency;
    else this.#add('passes', `${key}-${this.#seq}`, key, priority);
  }

  async consume(handlers: Handlers): Promise<void> {
    this.#handlers = handlers;
    this.#pump();
  }

  async ping(): Promise<void> {}

  async holdPasses(isHeld: boolean): Promise<void> {
    this.#held = isHeld;
    this.#pump();
  }

  async counts(): Promise<{ readonly events: QueueCounts; readonly passes: QueueCounts }> {
    return { events: this.#counts('events'), passes: this.#counts('passes') };
  }

  async failed(limit: number) {
    return this.#jobs
      .filter(({ state }) => state === 'failed')
      .sort((a, b) => b.endedAt - a.endedAt || b.seq - a.seq)
      .slice(0, limit)
      .map(({ queue, id, reason, endedAt: at, attempts }) => ({ queue, id, reason, at, attempts }));
  }

  async close(graceMs: number): Promise<void> {
    this.#handlers = null;
    for (const timer of this.#timers) clearTimeout(timer);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([Promise.allSettled([...this.#running]), patience]);
    clearTimeout(timer);
  }

  // ── for tests that step ────────────────────────────────────────────────────────────────────

  /**
   * Runs the first job that may run now, of this queue or of either; false: there is none. If it is
   * a pass that may run `together` with others, those waiting run beside it, up to the limit.
   */
  async step(queue?: Name, together: (key: string) => boolean = () => false): Promise<boolean> {
    this.#wakeDelayed();
    const handlers = this.#handlers;
    const may = this.#jobs.filter(
      (each) =>
        each.state === 'waiting' &&
        (queue === undefined || each.queue === queue) &&
        !this.#isBusy(each),
    );
    const [job, ...others] = may.sort(byPriority);
    if (job === undefined || handlers === null) return false;
    const runs = new Map([[job.data, job]]);
    for (const each of job.queue === 'passes' && together(job.data) ? others : []) {
      if (runs.size === this.#atOnce.passes) break;
      const beside = each.queue === 'passes' && together(each.data) && !runs.has(each.data);
      if (beside) runs.set(each.data, each);
    }
    await Promise.all([...runs.values()].map((each) => this.#run(each, handlers)));
    return true;
  }

  /** When the next delayed job may run; null: there is none. */
  nextDue(): number | null {
    const due = this.#jobs.filter(({ state }) => state === 'delayed').map(({ dueAt }) => dueAt);
    return due.length === 0 ? null : Math.min(...due);
  }

  /** The process that ran the active jobs is dead: they wait again. */
  abandon(): void {
    this.#handlers = null;
    for (const job of this.#jobs) if (job.state === 'active') job.state = 'waiting';
  }

  #add(queue: Name, id: string, data: string, priority = 0): void {
    this.#seq += 1;
    this.#jobs.push({
      ...{ queue, id, data, seq: this.#seq, state: 'waiting', attempts: 0, dueAt: 0 },
      ...{ priority, again: null, reason: '', endedAt: 0 },
    });
    this.#pump();
  }

  #of(queue: Name, ...states: readonly Job['state'][]): readonly Job[] {
    return this.#jobs.filter((job) => job.queue === queue && states.includes(job.state));
  }

  #counts(queue: Name): QueueCounts {
    const n = (state: Job['state']) => this.#of(queue, state).length;
    return {
      waiting: n('waiting'),
      active: n('active'),
      delayed: n('delayed'),
      failed: n('failed'),
    };
  }

  /** Passes over one key never overlap; while passes are held, none begins. */
  #isBusy({ queue, data }: Job): boolean {
    if (queue === 'passes' && this.#held) return true;
    return queue === 'passes' && this.#of('passes', 'active').some((job) => job.data === data);
  }

  #pump(): void {
    const handlers = this.#handlers;
    if (this.#stepped || handlers === null) return;
    for (const queue of ['events', 'passes'] as const) {
      for (const job of [...this.#of(queue, 'waiting')].sort(byPriority)) {
        if (this.#of(queue, 'active').length >= this.#atOnce[queue]) break;
        if (this.#isBusy(job)) continue;
        const running = this.#run(job, handlers).finally(() => {
          this.#running.delete(running);
          this.#pump();
        });
        this.#running.add(running);
      }
    }
  }

  async #run(job: Job, handlers: Handlers): Promise<void> {
    job.state = 'active';
    job.attempts += 1;
    try {
      let left: unknown = null;
      if (job.queue === 'passes') left = await handlers.pass(job.data, urgencyOf(job));
      else await handlers.event(JSON.parse(job.data) as RoutingEvent);
      this.#end(job, handlers, null);
      if (typeof left === 'string') await this.addPass(job.data, left as PassUrgency);
    } catch (error) {
      this.#end(job, handlers, error);
    }
  }

  /** A job whose process died meanwhile (`abandon`) reports nothing any more. */
  #end(job: Job, handlers: Handlers, error: unknown): void {
    if (this.#handlers !== handlers && this.#stepped) return;
    const { again } = job;
    job.again = null;
    job.endedAt = this.#now();
    if (error === null) this.#done(job);
    else this.#again(job, error);
    if (again !== null) void this.addPass(job.data, again);
  }

  #done(job: Job): void {
    job.state = 'done';
    if (job.queue === 'passes') this.#jobs = this.#jobs.filter((each) => each !== job);
    const done = this.#of('events', 'done');
    const old = done.slice(0, Math.max(0, done.length - LIMITS.keepCompleted.count));
    if (old.length > 0) this.#jobs = this.#jobs.filter((each) => !old.includes(each));
  }

  #again(job: Job, error: unknown): void {
    const asked = error instanceof RetryLater ? error : null;
    job.reason = error instanceof Error ? error.message : String(error);
    if (asked?.afterMs != null) job.attempts -= 1;
    if (asked?.retryable === false || job.attempts >= ATTEMPTS[job.queue]) {
      job.state = 'failed';
      return;
    }
    const own = Math.min(LIMITS.backoffFirstMs * 2 ** (job.attempts - 1), LIMITS.backoffLastMs);
    const waitMs = Math.max(LIMITS.againMs, asked?.afterMs ?? own);
    job.state = 'delayed';
    job.dueAt = this.#now() + waitMs;
    if (this.#stepped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#wakeDelayed();
      this.#pump();
    }, waitMs + 1);
    this.#timers.add(timer);
  }

  #wakeDelayed(): void {
    const now = this.#now();
    for (const job of this.#jobs) {
      if (job.state === 'delayed' && job.dueAt <= now) job.state = 'waiting';
    }
  }
}

function urgencyOf({ priority }: Job): PassUrgency {
  return URGENCIES.find((each) => PRIORITY[each] === priority) ?? 'now';
}

/** Equal priorities keep the order of arrival: sorting is stable. */
function byPriority(a: Job, b: Job): number {
  return a.priority - b.priority;
}

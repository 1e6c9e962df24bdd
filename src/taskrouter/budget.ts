// The order in which REST calls are sent: by urgency, of equal urgency those for Workers in an
// available Activity first, then first come, first served. One place at a time is taken from the
// rate that all replicas share, and goes to the first in line when it comes due, so an urgent write
// never waits behind a thousand earlier reads.

import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, Failure, type Urgency } from '../ports.ts';

export interface Budget {
  /**
   * Resolves when the call may be made; rejects with `StoreDown` when no place can be taken.
   * `away`: its Worker's Activity is not available, so others go first.
   */
  acquire(urgency: Urgency, away?: boolean): Promise<void>;
  /**
   * Rejects the last waiting read that a pass makes for a listing, so that this pass gives way to a
   * more urgent one; if none is waiting, the next one that would.
   */
  makeRoom(): void;
  /** No call is sent before `at` (epoch ms), but none is held back by this for over a minute. */
  pauseUntil(at: number): void;
  /** How many calls are waiting. */
  waiting(): number;
  /** Rejects reads, waiting and new ones: a process that stops has time for writes at most. */
  onlyWrites(): void;
  /** Rejects all calls, waiting and new ones. */
  close(): void;
}

export interface BudgetOptions {
  /** Takes one place for all replicas and answers how long to wait for it, ms. */
  take(): Promise<number>;
  /**
   * What this process never exceeds by itself, however late its timers fire. Default: only the
   * places limit it.
   */
  readonly rate?: Rate;
  readonly clock: Clock;
  /** Waits this long, ms, or rejects when `signal` is aborted; tests step it. Default: a timer. */
  sleep?(ms: number, signal: AbortSignal): Promise<void>;
}

export const BUDGET_LIMITS = {
  /** A pause that TaskRouter asks for is respected up to this; then one call tries again. */
  pauseMs: 60_000,
  /** The most calls waiting at once; one more is rejected as throttled, so its job is retried. */
  waiting: 10_000,
  /** When a pass that made room is retried, ms. */
  awayMs: 100,
} as const;

/** A burst has at most as many calls as the rate allows in this time, ms, not a whole window's. */
const BURST_MS = 100;
/** Every span is a tenth longer than needed: one call may be delayed, and the next ones not. */
const TENTHS = 11;

export interface Rate {
  readonly limit: number;
  readonly windowMs: number;
}

/**
 * How to take places so that no span of `windowMs` ever contains more than `limit` calls, also when
 * they arrive: 20 in 1000 ms become 2 in 110 ms.
 */
export function paceOf(rate: Rate): Rate {
  const limit = Math.max(1, Math.floor((rate.limit * BURST_MS) / rate.windowMs));
  return { limit, windowMs: Math.ceil((rate.windowMs * limit * TENTHS) / (rate.limit * 10)) };
}

/**
 * When calls were sent, so that those which a busy process sends late do not coincide with the
 * next: a place is taken for an instant, and a timer may fire long after it.
 */
function sendLogOf({ limit, windowMs }: Rate) {
  // Longer than the window, because calls may be delayed on their way, but shorter than the pace,
  // so that one late call does not delay those of the next window.
  const span = windowMs * 1.05;
  const left: number[] = [];
  return {
    /** ms until the next may be sent; at most a span, also after the clock was set back. */
    wait(now: number): number {
      const first = left.length < limit ? undefined : left[0];
      return first === undefined ? 0 : Math.min(span, Math.max(0, first + span - now));
    },
    add(now: number): void {
      left.push(now);
      if (left.length > limit) left.shift();
    },
  };
}

/** More work goes behind reads: one of them may show that a Worker has to be protected. */
const ORDER: readonly Urgency[] = ['hard', 'lower', 'restore', 'read', 'raise', 'list', 'resync'];

const READS: readonly Urgency[] = ['read', 'list', 'resync'];

interface WaitingCall {
  readonly resolve: () => void;
  readonly reject: (why: unknown) => void;
}

/** The waiting calls of one urgency, first come, first served. */
interface UrgencyQueue {
  readonly first: WaitingCall[];
  readonly away: WaitingCall[];
}

const newUrgencyQueue = (): UrgencyQueue => ({ first: [], away: [] });

export function createBudget(options: BudgetOptions): Budget {
  const { clock, sleep = timer } = options;
  const stop = new AbortController();
  const lines: Record<Urgency, UrgencyQueue> = {
    ...{
      hard: newUrgencyQueue(),
      lower: newUrgencyQueue(),
      restore: newUrgencyQueue(),
      raise: newUrgencyQueue(),
    },
    ...{ read: newUrgencyQueue(), list: newUrgencyQueue(), resync: newUrgencyQueue() },
  };
  const inOrder = ORDER.flatMap((urgency) => [lines[urgency].first, lines[urgency].away]);
  const departures = options.rate && sendLogOf(options.rate);
  let pausedUntil = 0;
  let serving = false;
  let stopping = false;
  /** A more urgent pass came when no read of a listing was waiting. */
  let wanted = false;

  const waiting = () => inOrder.reduce((sum, line) => sum + line.length, 0);
  const next = () => inOrder.find((line) => line.length > 0)?.shift();

  function refuseAll(why: unknown, which: readonly Urgency[] = ORDER): void {
    const refused = which.flatMap((urgency) => Object.values(lines[urgency]));
    for (const line of refused) for (const each of line.splice(0)) each.reject(why);
  }

  async function rest(): Promise<void> {
    // A pause may be extended during the wait; one that a clock set back made longer is bounded.
    for (;;) {
      const now = clock.now();
      pausedUntil = Math.min(pausedUntil, now + BUDGET_LIMITS.pauseMs);
      if (pausedUntil <= now) return;
      await sleep(pausedUntil - now, stop.signal);
    }
  }

  async function serve(): Promise<void> {
    serving = true;
    while (waiting() > 0) {
      try {
        await rest();
        const ms = await options.take();
        if (ms > 0) await sleep(ms, stop.signal);
        const behind = departures?.wait(clock.now()) ?? 0;
        if (behind > 0) await sleep(behind, stop.signal);
        await rest();
        const first = next();
        if (first) departures?.add(clock.now());
        first?.resolve();
      } catch (error) {
        // The others would only get the same error, one time-out after the other.
        refuseAll(error);
      }
    }
    serving = false;
  }

  return {
    acquire(urgency, away = false) {
      if (stop.signal.aborted || (stopping && READS.includes(urgency)))
        return Promise.reject(closedFailure());
      if (waiting() >= BUDGET_LIMITS.waiting) {
        return Promise.reject(
          new Failure(
            'throttled',
            `${BUDGET_LIMITS.waiting} calls to TaskRouter are already waiting`,
          ),
        );
      }
      if (wanted && urgency === 'resync') {
        wanted = false;
        return Promise.reject(yieldFailure());
      }
      return new Promise((resolve, reject) => {
        lines[urgency][away ? 'away' : 'first'].push({ resolve, reject });
        if (!serving) void serve();
      });
    },
    makeRoom() {
      const last = lines.resync.away.pop() ?? lines.resync.first.pop();
      wanted = last === undefined;
      last?.reject(yieldFailure());
    },
    pauseUntil(at) {
      pausedUntil = Math.max(pausedUntil, Math.min(at, clock.now() + BUDGET_LIMITS.pauseMs));
    },
    waiting,
    onlyWrites() {
      stopping = true;
      refuseAll(closedFailure(), READS);
    },
    close() {
      stop.abort();
      refuseAll(closedFailure());
    },
  };
}

function yieldFailure(): Failure {
  return new Failure('throttled', 'a read that can wait was dropped for a more urgent pass', {
    retryAfterMs: BUDGET_LIMITS.awayMs,
  });
}

function closedFailure(): Failure {
  return new Failure('network', 'the gateway is closed');
}

function timer(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal });
}

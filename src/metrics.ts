// What a Prometheus server scrapes at `GET /metrics`. Labels have bounded sets of values: never a
// Worker or a channel, and a rule only while it is in force. Counters are incremented as things
// happen; gauges are set at the scrape.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Registry } from 'prom-client';
import type { Failure, JournalEntry, QueueCounts } from './ports.ts';

/** What is read at the scrape. */
export interface GaugeValues {
  readonly queues: { readonly events: QueueCounts; readonly passes: QueueCounts };
  /** null: forwarding is off. */
  readonly forwards: QueueCounts | null;
  readonly callsWaiting: number;
  readonly rules: {
    readonly id: string | null;
    readonly lastReloadOk: boolean;
    readonly modes: Readonly<Record<string, number>>;
  };
  /** Seconds; before the first resync ended, since the start: no value would raise no alarm. */
  readonly resyncAge: number;
  /** Seconds since the last genuine delivery, or since the start. */
  readonly deliveryAge: number;
  /** Changes at TaskRouter that were never delivered, since the store was created. */
  readonly lostChanges: number;
  /** Worker Channels that each rule in force decides, by rule name; null: not counted yet. */
  readonly ruleClaims: ReadonlyMap<string, number> | null;
  readonly workers: number | null;
  readonly pauses: number;
  readonly contested: number;
  readonly observing: boolean;
}

export class Metrics {
  readonly #registry = new Registry();
  readonly #counters = countersIn(this.#registry);
  readonly #gauges = gaugesIn(this.#registry);
  readonly #loop = monitorEventLoopDelay({ resolution: 10 });

  constructor() {
    this.#loop.enable();
  }

  readonly contentType = this.#registry.contentType;

  /** A delivery was answered. */
  delivered(outcome: string): void {
    this.#counters.deliveries.inc({ outcome });
  }

  /** An event was taken from the queue; one that was absorbed before is not new. */
  absorbed(isNew: boolean): void {
    this.#counters.events.inc({ result: isNew ? 'absorbed' : 'known' });
  }

  /** A delivery was forwarded or given up, or an attempt failed. */
  forwarded(result: string): void {
    this.#counters.forwards.inc({ result });
  }

  /** A request was rejected. */
  authFailed(reason: string): void {
    this.#counters.authFailures.inc({ reason });
  }

  passFinished(result: 'done' | 'failed'): void {
    this.#counters.passes.inc({ result });
  }

  callFinished(outcome: 'answered' | Failure['kind']): void {
    this.#counters.calls.inc({ outcome });
  }

  journalled(entries: readonly JournalEntry[]): void {
    for (const { reason, to, actor } of entries) {
      if (reason.startsWith('write.')) this.#counters.failedWrites.inc({ reason });
      else if (WRITTEN.has(reason) && to !== null && actor === 'headroom') {
        this.#counters.writes.inc({ reason });
      } else if (REFUSED.has(reason)) this.#counters.refusals.inc({ reason });
      else this.#counters.told.inc({ reason });
    }
  }

  async render(now: GaugeValues): Promise<string> {
    const gauges = this.#gauges;
    for (const queue of ['events', 'passes'] as const) {
      for (const state of ['waiting', 'active', 'delayed', 'failed'] as const) {
        gauges.jobs.set({ queue, state }, now.queues[queue][state]);
      }
    }
    for (const state of ['waiting', 'active', 'delayed', 'failed'] as const) {
      if (now.forwards) gauges.jobs.set({ queue: 'forwards', state }, now.forwards[state]);
    }
    gauges.callsWaiting.set(now.callsWaiting);
    gauges.reloadOk.set(now.rules.lastReloadOk ? 1 : 0);
    gauges.ruleSet.reset();
    gauges.ruleSet.set({ set: now.rules.id ?? 'none' }, 1);
    for (const [mode, n] of Object.entries(now.rules.modes)) gauges.rules.set({ mode }, n);
    gauges.resyncAge.set(now.resyncAge);
    gauges.deliveryAge.set(now.deliveryAge);
    gauges.lostChanges.set(now.lostChanges);
    gauges.ruleClaims.reset();
    for (const [rule, n] of now.ruleClaims ?? []) gauges.ruleClaims.set({ rule }, n);
    gauges.workers.set(now.workers ?? Number.NaN);
    gauges.pauses.set(now.pauses);
    gauges.contested.set(now.contested);
    gauges.observing.set(now.observing ? 1 : 0);
    // The monitor's values include its own interval.
    gauges.lag.set({ quantile: '0.5' }, this.#loop.percentile(50) / 1e9);
    gauges.lag.set({ quantile: '0.99' }, this.#loop.percentile(99) / 1e9);
    gauges.lag.set({ quantile: '1' }, this.#loop.max / 1e9);
    this.#loop.reset();
    gauges.memory.set(process.memoryUsage.rss());
    return await this.#registry.metrics();
  }

  stop(): void {
    this.#loop.disable();
  }
}

const WRITTEN: ReadonlySet<string> = new Set(['rule.claimed', 'baseline.restored', 'person.edit']);
const REFUSED: ReadonlySet<string> = new Set([
  'dwell.waiting',
  'channel.contested',
  'keep_open.floor',
  'max_change.spent',
  'baseline.unknown',
]);

function countersIn(registry: Registry) {
  const counter = (name: string, help: string, label: string) =>
    new Counter({
      name: `headroom_${name}_total`,
      help,
      labelNames: [label],
      registers: [registry],
    });
  return {
    deliveries: counter('deliveries', 'Event deliveries, by outcome', 'outcome'),
    authFailures: counter('auth_failures', 'Rejected requests, by reason', 'reason'),
    events: counter('events', 'Events taken from the queue, by whether they were new', 'result'),
    forwards: counter('forwards', 'Attempts to forward a delivery, by result', 'result'),
    passes: counter('passes', 'Passes over a Worker, by how they ended', 'result'),
    calls: counter('taskrouter_calls', 'Calls to TaskRouter, by outcome', 'outcome'),
    writes: counter('writes', 'Writes to Worker Channels that were answered, by reason', 'reason'),
    failedWrites: counter('failed_writes', 'Writes that were not confirmed, by reason', 'reason'),
    refusals: counter(
      'refusals',
      'Changes held back, counted once per episode, by reason',
      'reason',
    ),
    told: counter('journal_entries', 'Other journal entries, by reason', 'reason'),
  };
}

function gaugesIn(registry: Registry) {
  const gauge = <T extends string>(name: string, help: string, ...labelNames: T[]) =>
    new Gauge<T>({ name: `headroom_${name}`, help, labelNames, registers: [registry] });
  return {
    jobs: gauge('queue_jobs', 'Jobs kept in the queues, by state', 'queue', 'state'),
    callsWaiting: gauge('taskrouter_calls_waiting', 'Calls waiting for the rate limit'),
    reloadOk: gauge(
      'rules_last_reload_ok',
      '1 if the last read of the rules folder found no errors',
    ),
    ruleSet: gauge('rules_info', 'The rule set in force', 'set'),
    rules: gauge('rules', 'Rules in force, by the mode in which they run here', 'mode'),
    resyncAge: gauge('resync_age_seconds', 'Time since the last resync ended, or since the start'),
    deliveryAge: gauge('last_delivery_age_seconds', 'Time since the last valid delivery'),
    lostChanges: gauge(
      'lost_changes',
      'Changes that were never delivered, since the store was created',
    ),
    ruleClaims: gauge('rule_claims', 'Worker Channels set by a rule now', 'rule'),
    workers: gauge('workers', 'Workers at the last resync'),
    pauses: gauge('pauses', 'Pauses in force'),
    contested: gauge(
      'contested_channels',
      'Worker Channels not written because somebody else keeps changing them',
    ),
    observing: gauge('observing', '1 under HEADROOM_MODE=observe'),
    lag: gauge('event_loop_delay_seconds', 'Delay of timers since the last scrape', 'quantile'),
    memory: gauge('resident_memory_bytes', 'Resident memory of the process'),
  };
}

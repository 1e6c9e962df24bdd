// The facts beyond one Worker, for one daemon: TaskQueues, groups, rules with one state for all,
// and which events were received; with the pulse that keeps them current.

import { BACKFILL_LIMITS, Backfill, blindTypes, isBackfillPending } from '../control/backfill.ts';
import { ClockWatch } from '../control/clock-watch.ts';
import type { DirectoryKeeper } from '../control/directory.ts';
import type { Drift } from '../control/drift.ts';
import { COVERAGE_LIMITS, EventCoverage } from '../control/event-coverage.ts';
import { FactsKeeper } from '../control/facts-keeper.ts';
import type { Records } from '../control/records.ts';
import type { World } from '../core/decide.ts';
import { isWithin } from '../core/instants.ts';
import type { RuleSet } from '../core/rules.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../ports.ts';
import type { ControlParts } from './wire-control.ts';

const PULSE_MS = 1_000;

export interface WiredFactsParts {
  readonly records: Records;
  readonly directory: DirectoryKeeper;
  /** Whether no other process uses the store. */
  readonly alone: boolean;
  rules(): RuleSet | null;
  world(): World;
  drift(): Drift;
  /** Reads what other replicas changed that rules are judged by. */
  ensureFresh(): Promise<void>;
  /** Whether every Worker is on record. */
  allWorkersListed(): boolean;
  /** Requests a pass over every Worker on record. */
  reevaluateAll(): Promise<unknown>;
  /** Requests a read of everything, Worker Channels too. */
  requestFullResync(): Promise<void>;
}

export interface WiredFacts {
  readonly keeper: FactsKeeper;
  readonly coverage: EventCoverage;
  /** Something that rules read is only yet to be read: after a start, or a blind span. */
  catchingUp(): boolean;
  /** Before anything is decided: loads what was known at the last run, and the gap since. */
  restore(): Promise<void>;
  /** Starts the pulse. */
  run(): void;
  stop(): Promise<void>;
  /** What people should know about unknown facts, as sentences. */
  notes(): readonly string[];
}

export function wireFacts(control: ControlParts, parts: WiredFactsParts): WiredFacts {
  const { clock, store, queues, gateway, options } = control;
  const { log, config, identity } = options;
  const coverage = new EventCoverage(store, clock);
  const onError = (err: unknown) =>
    log.error({ err }, 'facts for the rules (queues, groups, counts) could not be updated');
  const keeper = new FactsKeeper({
    ...parts,
    store,
    queues,
    gateway,
    clock,
    pollMs: config.pollMs,
    modeOf: (rule) => parts.world().modeOf(rule),
    onError,
  });
  const backfill = new Backfill({
    ...parts,
    ...{ store, queues, gateway, clock, coverage },
    workspaceSid: identity.workspaceSid,
    references: () => keeper.references(),
    onError,
    log: { info: (t: string) => log.info({}, t), warn: (t: string) => log.warn({}, t) },
  });
  const { catchingUp, catchUp } = catchingUpOf(keeper, coverage, clock, parts.reevaluateAll);
  const watch = new ClockWatch();
  const pulse = pulseOf(async () => {
    await parts.ensureFresh();
    await watch.check(clock.now(), performance.now(), async () => {
      log.warn({}, 'the clock was set back: every Worker is evaluated again');
      await parts.reevaluateAll();
    });
    await keeper.pulse();
    await logMissedSpans(coverage, log);
    // What was missed may be anything: an Activity, attributes, a Task in hand.
    await coverage.requestFullRead(parts.requestFullResync);
    await parts.drift().pulse();
    if (parts.allWorkersListed() && !coverage.isRefusing()) await backfill.pulse();
    await catchUp();
  }, onError);
  return {
    keeper,
    coverage,
    catchingUp,
    async restore() {
      const missed = await coverage.start();
      const long = missed !== null && missed.to - missed.from > COVERAGE_LIMITS.maxGapMs;
      if (long)
        log.warn({}, `no replica was listening from ${iso(missed.from)} to ${iso(missed.to)}`);
    },
    run: pulse.run,
    async stop() {
      await pulse.stop();
      await Promise.all([keeper.idle(), parts.drift().idle(), backfill.idle()]);
    },
    notes: () => {
      const open = blindTypes(keeper.references(), coverage, clock.now());
      return open.map(
        ([type]) =>
          `${type} before ${iso(coverage.blindTo(type))} may have been missed, so its count is unknown`,
      );
    },
  };
}

/** `catchUp`: once a second. */
function catchingUpOf(
  keeper: FactsKeeper,
  coverage: EventCoverage,
  clock: Clock,
  reevaluateAll: () => Promise<unknown>,
) {
  const startedAt = clock.now();
  const catchingUp = () => {
    const at = clock.now();
    if (isBackfillPending(keeper.references(), coverage, at)) return true;
    return isWithin(startedAt, at, BACKFILL_LIMITS.pendingMs) && !keeper.isAllKnown();
  };
  const isLacking = () =>
    blindTypes(keeper.references(), coverage, clock.now()).length > 0 || !keeper.isAllKnown();
  let was = true;
  return {
    catchingUp,
    async catchUp() {
      const is = catchingUp();
      // What is still unknown now ends the claims of rules with `if_stale: release`.
      if (was && !is && isLacking()) await reevaluateAll();
      was = is;
    },
  };
}

async function logMissedSpans(coverage: EventCoverage, log: Log): Promise<void> {
  if (await coverage.beat())
    log.warn({}, 'no replica was listening for a while: events may have been missed');
  const refused = await coverage.recordRefusals();
  if (refused !== null)
    log.warn({}, `deliveries were refused from ${iso(refused.from)} to ${iso(refused.to)}`);
}

/** Once a second and never twice at once; a fault is reported when it begins, not every second. */
function pulseOf(beat: () => Promise<void>, onError: (error: unknown) => void) {
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> | null = null;
  let faulty = false;
  const once = async () => {
    try {
      await beat();
      faulty = false;
    } catch (error) {
      if (!faulty) onError(error);
      faulty = true;
    }
  };
  return {
    run() {
      timer = setInterval(() => {
        running ??= once().finally(() => {
          running = null;
        });
      }, PULSE_MS);
    },
    async stop() {
      if (timer !== null) clearInterval(timer);
      await running;
    },
  };
}

function iso(at: number): string {
  return Math.abs(at) < 8.64e15 ? new Date(at).toISOString() : 'now';
}

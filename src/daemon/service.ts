// The daemon: `startService` starts its parts in the order in which data flows, and `stop` stops
// them, so that tests and the command line run the same thing. The edges meet in `daemon/build.ts`.

import { absorb } from '../control/absorb.ts';
import { ruleOfKey } from '../control/keys.ts';
import { reconcile } from '../control/reconcile.ts';
import type { WorkerSid } from '../core/ids.ts';
import { type Listener, listen } from '../ingress/listen.ts';
import type { Metrics } from '../metrics.ts';
import { type PassUrgency, RetryLater } from '../ports.ts';
import { withTimeout } from '../queue/group-commit.ts';
import type { Backend } from './backends.ts';
import { build, type DaemonParts } from './build.ts';
import type { ServiceOptions } from './options.ts';
import type { StatusView } from './status.ts';
import type { Control } from './wire-control.ts';

export interface Service {
  /** Where it listens, e.g. `http://127.0.0.1:3000`. */
  readonly url: string;
  readonly backend: Backend;
  /** What people should know about the store. */
  readonly notes: readonly string[];
  status(): Promise<StatusView>;
  /** Stops accepting, finishes what is running, closes; ends within about `graceMs`. */
  stop(graceMs?: number): Promise<void>;
}

/** Less than the command line waits for it, so that the store is closed as well. */
const GRACE_MS = 7_500;
/** When a pass is retried that a replica took before it found that it cannot read the rules, ms. */
const INCOMPATIBLE_RETRY_MS = 1_000;

export async function startService(options: ServiceOptions): Promise<Service> {
  let url = '';
  const built = await build(options, () => url);
  const { backend, notes, status } = built;
  const { host, port } = options.config;
  // From here on things run: first what can receive, then what decides, last the clock.
  const listener = await listen(built.http.app, host, port).catch(async (error: unknown) => {
    await backend.close(0);
    throw error;
  });
  url = `http://${host.includes(':') ? `[${host}]` : host}:${listener.port}`;
  const stop = (graceMs = GRACE_MS) => stopAll(built, listener, graceMs);
  try {
    await startAll(built);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, backend, notes, status, stop };
}

async function startAll(built: DaemonParts): Promise<void> {
  const { http, control, forwarding, ticks } = built;
  const { rules } = control;
  const { log } = built.options;
  await http.begin();
  await control.deps.directory.restore();
  await control.pauses.start({
    onError: (err) => log.error({ err }, 'the pauses could not be read'),
    onChanged: control.reevaluateAll,
  });
  await control.facts.restore();
  await rules.start();
  await control.facts.keeper.rulesChanged();
  await control.members.rulesChanged();
  await consume(built);
  forwarding?.run();
  // Until now, events may have been missed.
  await control.resyncs.request(true);
  ticks.start();
  control.facts.run();
  rules.run();
}

async function consume({ backend, control, metrics, budget }: DaemonParts): Promise<void> {
  const { deps, workspaceChanged } = control;
  await backend.queues.consume({
    event: async (event) => {
      metrics.absorbed(await absorb(event, { ...deps, workspaceChanged }));
    },
    pass: (key, urgency) => counted(pass(key, urgency, control), metrics),
    onSlotsTaken: () => budget.makeRoom(),
  });
}

/**
 * Each gets a third of the grace: the listener, background work, and the running passes, which may
 * still write. A read could wait for its turn, or for an answer, longer than the whole grace.
 */
async function stopAll(built: DaemonParts, listener: Listener, graceMs: number): Promise<void> {
  const { http, ticks, control, forwarding, backend, budget, gateway, metrics } = built;
  const { log } = built.options;
  await http.endStreams();
  await listener.close(graceMs / 3);
  // Before reads are refused, so that only passes that are running have to be retried.
  await backend.queues.holdPasses(true);
  budget.onlyWrites();
  control.pauses.stop();
  const byItself = [ticks, control.facts, control.rules].map((each) => each.stop());
  const others = [control.resyncs.idle(), forwarding?.stop(graceMs / 3)];
  await withTimeout(graceMs / 3, Promise.all([...byItself, ...others])).catch((err: unknown) =>
    log.warn({ err }, 'some work was still running when its grace period ended'),
  );
  // Running passes still call TaskRouter and save, so what they use closes after them.
  await backend.queues.close(graceMs / 3);
  budget.close();
  gateway.close();
  metrics.stop();
  await backend.store.close();
}

/** Decides by shared copies that are at most `FRESH_MS` old. */
async function pass(
  key: string,
  urgency: PassUrgency,
  { ensureFresh, deps, members, rules }: Control,
): Promise<PassUrgency | null> {
  await Promise.all([ensureFresh(), members.ensureFresh()]);
  if (await rules.leavesPasses()) {
    const why =
      'the rule set in force is not valid in this version: this pass is for another replica';
    throw new RetryLater(why, { afterMs: INCOMPATIBLE_RETRY_MS, retryable: true });
  }
  const rule = ruleOfKey(key);
  if (rule === null) return await reconcile(key as WorkerSid, deps, urgency);
  await members.runPass(rule);
  return null;
}

async function counted<T>(pass: Promise<T>, metrics: Metrics): Promise<T> {
  try {
    const answer = await pass;
    metrics.passFinished('done');
    return answer;
  } catch (error) {
    metrics.passFinished('failed');
    throw error;
  }
}

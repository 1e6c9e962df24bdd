// The daemon, put together: the one place where the edges meet. `startService` builds them in the
// order in which data flows and `stop` takes them down in reverse, so that tests and the command
// line run the same thing.

import type { Backend } from './backends.ts';
import { absorb } from './control/absorb.ts';
import { ruleOfKey } from './control/keys.ts';
import { reconcile } from './control/reconcile.ts';
import { RESYNC_WAKE } from './control/resync.ts';
import { Ticks } from './control/ticks.ts';
import type { WorkerSid } from './core/ids.ts';
import { Deliveries } from './ingress/deliveries.ts';
import { listen } from './ingress/listen.ts';
import { signedBase } from './ingress/verify.ts';
import { Metrics } from './metrics.ts';
import { openBackend } from './open-backend.ts';
import type { ServiceOptions } from './options.ts';
import type { PassUrgency } from './ports.ts';
import { buildStatus, type StatusView } from './status.ts';
import { type Control, wireControl } from './wire-control.ts';
import { wireForward } from './wire-forward.ts';
import { wireHttp } from './wire-http.ts';
import { wireTaskRouter } from './wire-taskrouter.ts';

export interface Service {
  /** Where it listens, e.g. `http://127.0.0.1:3000`. */
  readonly url: string;
  readonly backend: Backend;
  /** What a person should know about the store. */
  readonly notes: readonly string[];
  status(): Promise<StatusView>;
  /** Stops accepting, finishes what is in hand, closes; ends within about `graceMs`. */
  stop(graceMs?: number): Promise<void>;
}

/** Less than the command line waits for it, so that the store is closed too. */
const GRACE_MS = 7_500;
const TWILIO = 'https://taskrouter.twilio.com';
/** Names the emulator's store whatever port it got, so that a second start finds the first's. */
const EMULATED = 'http://emulated';

export async function startService(options: ServiceOptions): Promise<Service> {
  const { config, identity, log } = options;
  const clock = options.clock ?? { now: () => Date.now() };
  const { backend, notes } = await openBackend({
    config,
    workspaceSid: identity.workspaceSid,
    taskrouter: identity.emulated ? EMULATED : identity.baseUrl,
    log: log.child({ part: 'store' }),
  });
  const { store, queues } = backend;
  const metrics = new Metrics();
  const { gateway, budget } = wireTaskRouter(config, identity, store, clock, metrics);
  const forwarding = wireForward(options, clock, { metrics, forwards: backend.forwards });
  const control = wireControl({ options, clock, store, queues, gateway, budget, metrics });
  const { deps, rules, resyncs } = control;

  let url = '';
  const deliveries = new Deliveries(clock.now());
  const status = async () =>
    buildStatus({
      version: options.version,
      taskrouter: identity.emulated ? 'emulated' : (identity.baseUrl ?? TWILIO),
      observing: control.where.observeAll,
      pauses: control.pauses.current(),
      backend,
      startedAt: control.startedAt,
      rules: rules.status(),
      rollout: control.rollout.view(rules.status().id),
      active: rules.active(),
      where: control.where,
      members: control.members,
      guard: control.guard,
      contested: control.contested,
      deliveries: deliveries.counts(),
      sync: resyncs.state(),
      config,
      drift: await control.drift.state(),
      statistics: control.around.keeper.readings(),
      forwarding,
      waitingCalls: budget.waiting(),
      notes: [
        ...notes,
        ...control.notes(),
        ...http.notes(),
        ...deliveries.notes(clock.now(), `${signedBase(config.publicUrl ?? url)}/webhooks/…`),
      ],
    });
  const http = wireHttp({
    options,
    clock,
    store,
    queues,
    deadJobs: backend.deadJobs,
    control,
    status,
    metrics,
    forwarding,
    deliveries,
    url: () => url,
  });
  const ticks = new Ticks({
    store,
    queues,
    clock,
    // Not waited for: boundaries must not stand behind a long listing.
    resync: () => void resyncs.run(),
    pauseEnded: () => control.orders.expire(),
    onError: (err) => log.error({ err }, 'a tick failed; the next one looks at the same again'),
  });

  // From here on things run: first what can receive, then what decides, last the clock.
  const listener = await listen(http.app, config.host, config.port).catch(
    async (error: unknown) => {
      await backend.close(0);
      throw error;
    },
  );
  url = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${listener.port}`;
  const stop = async (graceMs = GRACE_MS) => {
    await http.endStreams();
    await listener.close(graceMs / 3);
    await ticks.stop();
    await control.around.stop();
    control.pauses.stop();
    await rules.stop();
    await forwarding?.stop(graceMs / 3);
    // Passes in hand still call TaskRouter and save, so what they use closes after them.
    await queues.close(graceMs / 3);
    budget.close();
    gateway.close();
    await resyncs.idle();
    metrics.stop();
    await store.close();
  };
  try {
    await http.begin();
    await deps.directory.restore();
    await control.pauses.start({
      onError: (err) => log.error({ err }, 'what is paused could not be read'),
      onChanged: control.lookAgain,
    });
    await control.around.restore();
    await rules.start();
    await control.around.keeper.rulesChanged();
    await control.members.rulesChanged();
    await queues.consume({
      event: async (event) => {
        const { workspaceChanged } = control;
        metrics.absorbed(await absorb(event, { ...deps, workspaceChanged }));
      },
      pass: (key, urgency) => counted(pass(key, urgency, control), metrics),
      crowded: () => budget.makeRoom(),
    });
    forwarding?.run();
    await store.setWake(RESYNC_WAKE, clock.now());
    ticks.start();
    control.around.run();
    rules.run();
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, backend, notes, status, stop };
}

/** By what was known outside the Worker a moment ago, at most. */
async function pass(
  key: string,
  urgency: PassUrgency,
  { fresh, deps, members }: Control,
): Promise<PassUrgency | null> {
  await Promise.all([fresh(), members.fresh()]);
  const rule = ruleOfKey(key);
  if (rule === null) return await reconcile(key as WorkerSid, deps, urgency);
  await members.pass(rule);
  return null;
}

async function counted<T>(pass: Promise<T>, metrics: Metrics): Promise<T> {
  try {
    const answer = await pass;
    metrics.passed('done');
    return answer;
  } catch (error) {
    metrics.passed('failed');
    throw error;
  }
}

// Constructs the daemon's parts in the order in which data flows, without starting them:
// `daemon/service.ts` starts and stops them.

import { Ticks } from '../control/ticks.ts';
import { Deliveries } from '../ingress/deliveries.ts';
import { signedBase } from '../ingress/verify.ts';
import { Metrics } from '../metrics.ts';
import type { Clock, Gateway } from '../ports.ts';
import type { Budget } from '../taskrouter/budget.ts';
import { TASKROUTER_URL } from '../urls.ts';
import type { Backend } from './backends.ts';
import { openBackend } from './open-backend.ts';
import type { ServiceOptions } from './options.ts';
import { buildStatus, type StatusView } from './status.ts';
import { type Control, wireControl } from './wire-control.ts';
import { type Forwarding, wireForward } from './wire-forward.ts';
import { type Http, wireHttp } from './wire-http.ts';
import { wireTaskRouter } from './wire-taskrouter.ts';

/** Names the emulator's store whatever its port, so that a second start finds the first one's. */
const EMULATED = 'http://emulated';

export interface DaemonParts extends BaseParts {
  readonly http: Http;
  readonly ticks: Ticks;
  status(): Promise<StatusView>;
}

/** The parts that the HTTP interface uses. */
interface BaseParts {
  readonly options: ServiceOptions;
  readonly clock: Clock;
  readonly backend: Backend;
  /** What people should know about the store. */
  readonly notes: readonly string[];
  readonly metrics: Metrics;
  readonly gateway: Gateway;
  readonly budget: Budget;
  readonly forwarding: Forwarding | null;
  readonly control: Control;
  /** Counts deliveries by outcome. */
  readonly deliveries: Deliveries;
}

/** `url`: where it listens, once it does. */
export async function build(options: ServiceOptions, url: () => string): Promise<DaemonParts> {
  const inner = await buildBase(options);
  const { backend, control } = inner;
  const { store, queues, deadJobs } = backend;
  const status = () => statusOf(inner, http, url());
  const http: Http = wireHttp({ ...inner, store, queues, deadJobs, status, url });
  const ticks = new Ticks({
    ...{ store, queues, clock: inner.clock },
    // Not waited for: boundaries must not wait for a long listing.
    resync: () => void control.resyncs.run(),
    pauseEnded: () => control.orders.expire(),
    onError: (err) => options.log.error({ err }, 'a tick failed; the next one tries again'),
  });
  return { ...inner, http, ticks, status };
}

async function buildBase(options: ServiceOptions): Promise<BaseParts> {
  const { config, identity, log } = options;
  const clock = options.clock ?? { now: () => Date.now() };
  const { backend, notes } = await openBackend({
    config,
    workspaceSid: identity.workspaceSid,
    taskrouter: identity.emulated ? EMULATED : identity.baseUrl,
    log: log.child({ part: 'store' }),
  });
  const { store, queues, forwards } = backend;
  const metrics = new Metrics();
  const { gateway, budget } = wireTaskRouter(config, identity, { store, clock, metrics });
  const forwarding = wireForward(options, clock, { metrics, forwards });
  const control = wireControl({ options, clock, store, queues, gateway, budget, metrics });
  const made = { options, clock, backend, notes, metrics, gateway, budget, forwarding, control };
  return { ...made, deliveries: new Deliveries(clock.now()) };
}

async function statusOf(inner: BaseParts, http: Http, url: string): Promise<StatusView> {
  const { options, backend, clock, control, budget, deliveries, forwarding, notes } = inner;
  const { config, identity, version } = options;
  const { where, members, guard, contested, startedAt, rules } = control;
  const checkedAt = `${signedBase(config.publicUrl ?? url)}/webhooks/…`;
  return await buildStatus({
    ...{ version, backend, where, members, guard, contested, startedAt, config, forwarding },
    deliveries: deliveries.counts(),
    taskrouter: identity.emulated ? 'emulated' : (identity.baseUrl ?? TASKROUTER_URL),
    observing: where.observeAll,
    pauses: control.pauses.current(),
    rules: rules.status(),
    rollout: control.rollout.view(rules.status().id),
    active: rules.active(),
    sync: control.resyncs.state(),
    drift: await control.drift.state(),
    statistics: control.facts.keeper.readings(),
    waitingCalls: budget.waiting(),
    notes: [
      ...notes,
      ...control.notes(),
      ...http.notes(),
      ...deliveries.notes(clock.now(), checkedAt),
    ],
  });
}

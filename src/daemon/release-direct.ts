// A release without a daemon: from the store straight to TaskRouter, by the daemon's own passes
// over each Worker in the scope, leaving everything else alone. If the store was lost, what rules
// claim now is restored to the declared baselines.

import { setTimeout as delay } from 'node:timers/promises';
import { type Holdings, holdings } from '../control/holdings.ts';
import type { Refusal } from '../control/orders.ts';
import type { Pause, Scope } from '../control/pauses.ts';
import { readChannels } from '../control/read.ts';
import { reconcile } from '../control/reconcile.ts';
import { type ResyncDeps, resync } from '../control/resync.ts';
import { decide } from '../core/decide.ts';
import { hold } from '../core/hold.ts';
import type { WorkerSid } from '../core/ids.ts';
import type { RuleSet } from '../core/rules.ts';
import { Metrics } from '../metrics.ts';
import { RetryLater } from '../ports.ts';
import { openBackend } from './open-backend.ts';
import type { ServiceOptions } from './options.ts';
import { type Control, wireControl } from './wire-control.ts';
import { wireTaskRouter } from './wire-taskrouter.ts';

export interface DirectOrder {
  /** A friendly name or a SID; null: everything. */
  readonly worker: string | null;
  readonly channel: string | null;
  readonly reason: string;
  readonly by: string;
}

export interface DirectRelease {
  readonly release: Holdings;
  /** Workers that could not be restored, each with the reason. */
  readonly failed: readonly { readonly worker: string; readonly why: string }[];
}

const LIMITS = { atOnce: 8, attempts: 6, waitMs: 2_000, mostWaitMs: 60_000, rounds: 3 } as const;

/** Rejects if the store cannot be opened, e.g. because the daemon holds its data folder. */
export async function releaseDirectly(
  options: ServiceOptions,
  order: DirectOrder,
): Promise<DirectRelease | Refusal> {
  const { config, identity, log } = options;
  const clock = options.clock ?? { now: () => Date.now() };
  const place = { config, workspaceSid: identity.workspaceSid, taskrouter: identity.baseUrl, log };
  const { backend } = await openBackend(place);
  const metrics = new Metrics();
  const { gateway, budget } = wireTaskRouter(config, identity, {
    store: backend.store,
    clock,
    metrics,
  });
  // No passes are taken from the queue here, so none are added to it.
  const queues = { addPass: async () => {}, holdPasses: async () => {} };
  const parts = { options, clock, store: backend.store, queues, gateway, budget, metrics };
  const control = wireControl(parts);
  try {
    await control.deps.directory.restore();
    await control.pauses.refresh();
    await control.rules.start();
    await control.rules.stop();
    await control.members.refresh();
    return await releaseWith(control, order);
  } finally {
    budget.close();
    gateway.close();
    metrics.stop();
    await backend.close(0);
  }
}

async function releaseWith(control: Control, order: DirectOrder): Promise<DirectRelease | Refusal> {
  const { deps, orders, rules } = control;
  const active = rules.active();
  if (active !== null && !deps.observing()) await adoptLostBaselines(active, deps);
  const worker = order.worker === null ? null : await sidOf(order.worker, deps);
  if (worker === null && order.worker !== null) {
    return { refused: 'missing', sentence: `No Worker ${JSON.stringify(order.worker)} is known.` };
  }
  const scope: Scope = { rule: null, worker, channel: order.channel };
  const done = await orders.release({ ...scope, reason: order.reason, by: order.by });
  if ('refused' in done) return done;
  const pauses = {
    forChannel: releaseOnly(scope, done.pause),
    forRule: () => null,
    reread: async () => {},
  };
  const only = { ...deps, pauses };
  return { release: done.holdings, failed: await restoreAll(scope, only) };
}

/** Only the scope is restored; nothing else is touched. */
function releaseOnly(scope: Scope, pause: Pause) {
  return (worker: WorkerSid, channel: string): Pause => {
    const inside =
      (scope.worker === null || scope.worker === worker) &&
      (scope.channel === null || scope.channel === channel);
    return { ...pause, released: inside };
  };
}

async function sidOf(name: string, deps: ResyncDeps): Promise<WorkerSid | null> {
  for await (const state of deps.records.all()) {
    if (state.sid === name || state.name?.value === name) return state.sid;
  }
  return null;
}

/** A store without any record was lost: what rules claim now, they may have claimed before. */
async function adoptLostBaselines(rules: RuleSet, deps: ResyncDeps): Promise<void> {
  const { workers } = await deps.store.listWorkers(1);
  if (workers.length > 0 || rules.defaults.baseline.size === 0) return;
  await resync(deps, false);
  for await (const { sid } of deps.records.all()) {
    const found = await deps.records.load(sid);
    if (found === null) continue;
    const { state, version } = await readChannels(sid, found.state, deps);
    const at = deps.clock.now();
    const decision = decide(rules, state, deps.world(), at);
    await deps.records.save(sid, hold(state, decision, rules, at).state, version);
  }
}

async function restoreAll(scope: Scope, deps: ResyncDeps): Promise<DirectRelease['failed']> {
  const sids: WorkerSid[] = [];
  if (scope.worker !== null) sids.push(scope.worker);
  else for await (const { sid } of deps.records.all()) sids.push(sid);
  const failed: { worker: string; why: string }[] = [];
  const one = async (): Promise<void> => {
    for (let sid = sids.shift(); sid !== undefined; sid = sids.shift()) {
      const why = await restoreWorker({ ...scope, worker: sid }, sid, deps);
      if (why !== null) failed.push({ worker: sid, why });
    }
  };
  await Promise.all(Array.from({ length: LIMITS.atOnce }, one));
  return failed;
}

/** One pass writes and the next one stops holding; null: nothing is held any more. */
async function restoreWorker(
  scope: Scope,
  worker: WorkerSid,
  deps: ResyncDeps,
): Promise<string | null> {
  for (let round = 0; round < LIMITS.rounds; round += 1) {
    const why = await pass(worker, deps);
    if (why !== null) return why;
    const left = await holdings(scope, deps);
    if (left.channels + left.edits.length + left.unknown.length === 0) return null;
  }
  return 'it is still held after several passes';
}

async function pass(worker: WorkerSid, deps: ResyncDeps): Promise<string | null> {
  let why = '';
  for (let attempt = 0; attempt < LIMITS.attempts; attempt += 1) {
    try {
      // Nothing is postponed: no other passes run here.
      await reconcile(worker, deps, 'restore');
      return null;
    } catch (error) {
      if (!(error instanceof RetryLater)) throw error;
      why = error.message;
      if (!error.retryable) return why;
      await delay(Math.min(error.afterMs ?? LIMITS.waitMs, LIMITS.mostWaitMs));
    }
  }
  return why;
}

// What people order through the API, passed to the control loop: bodies in, plain JSON out.

import type { Holdings } from '../control/holdings.ts';
import { type PauseView, pauseView } from '../control/pauses.ts';
import type { DeadJobViews } from '../ingress/dead-jobs.ts';
import type { OrderOutcome, Orders as OrdersHttp } from '../ingress/orders.ts';
import type { Log } from '../log.ts';
import type { Clock, DeadJobs } from '../ports.ts';
import type { Control } from './wire-control.ts';

/** What a release answers. */
export interface ReleaseAnswer {
  readonly pause: PauseView;
  readonly release: Holdings;
}

export function wireOrders(control: Control, clock: Clock, log: Log): OrdersHttp {
  const { orders, pauses, resyncs, rules } = control;
  const paused = () => pauses.current().map(pauseView);
  return {
    now: () => clock.now(),
    async pause(body) {
      const done = await orders.pause(body);
      return 'refused' in done ? done : answer({ pause: pauseView(done.pause), paused: paused() });
    },
    async resume(body) {
      const done = await orders.resume(body);
      if ('refused' in done) return done;
      const resumed = done.ended === null ? null : pauseView(done.ended);
      return answer({ resumed, paused: paused() });
    },
    async release(body) {
      const done = await orders.release({ ...body, rule: null });
      if ('refused' in done) return done;
      const { pause, holdings } = done;
      return answer({ pause: pauseView(pause), release: holdings, paused: paused() });
    },
    async resync(by) {
      log.info({ by }, `${by} ordered a resync`);
      await resyncs.request(true);
      return answer({ started: true });
    },
    async reload(by) {
      log.info({ by }, `${by} ordered a reload of the rules`);
      await rules.reload();
      const { id, rules: count, lastReloadOk, faults } = rules.status();
      if (lastReloadOk) return answer({ id, rules: count, faults });
      const stays = id === null ? 'no set was ever valid' : `set ${id} stays in force`;
      const sentence = `The rules folder has problems; ${stays}.`;
      return { refused: 'faulty', sentence, more: { id, faults } };
    },
  };
}

/** What people do with jobs that failed for good, recorded in the journal. */
export function wireDeadJobs(jobs: DeadJobs, control: Control, clock: Clock): DeadJobViews {
  return {
    jobs,
    async recordOrder(order, what, actor) {
      const [reason, done] =
        order === 'replay'
          ? (['jobs.replayed', 'tried again'] as const)
          : (['jobs.discarded', 'thrown away'] as const);
      const none = { worker: null, workerName: null, channel: null, rule: null };
      const entry = { ...none, from: null, to: null, reason, actor };
      await control.deps.journal.append([{ ...entry, at: clock.now(), text: `${what} ${done}` }]);
    },
  };
}

function answer(body: object): OrderOutcome {
  return { answer: body };
}

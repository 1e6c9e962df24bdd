// What can be done with jobs that failed for good, on any backend.

import { describe, expect, it } from 'vitest';
import type { RoutingEvent } from '../../src/core/event.types.ts';
import type { WorkerSid } from '../../src/core/ids.ts';
import { RetryLater } from '../../src/ports.ts';
import type { BullQueues } from '../../src/queue/queues.ts';
import { waitFor } from '../support/wait.ts';
import { eventOf } from './queues.contract.ts';

export function deadJobsContract(fresh: () => Promise<BullQueues>): void {
  const WK = `WK${'1'.repeat(32)}` as WorkerSid;
  const worker = { workerSid: WK, workerName: null, attributes: null };
  const ofWorker = (): RoutingEvent => ({
    ...{ ...worker, activitySid: null, activityName: null },
    ...{ sid: eventOf().sid, at: 1_000, type: 'worker.created' },
  });

  /** Three events and two passes that failed for good; `heal` lets the next attempts succeed. */
  async function failing(test: (q: BullQueues, heal: () => string[]) => Promise<void>) {
    const q = await fresh();
    let ran: string[] | null = null;
    const handle = async (name: string): Promise<void> => {
      if (ran === null) throw new RetryLater('refused', { afterMs: null, retryable: false });
      ran.push(name);
    };
    try {
      await q.consume({ event: ({ sid }) => handle(sid), pass: handle });
      await Promise.all([q.addEvent(ofWorker()), q.addEvent(eventOf()), q.addEvent(eventOf())]);
      await Promise.all([q.addPass(WK), q.addPass('WK2')]);
      const failed = async () => (await q.dead.page({ limit: 10 })).jobs.length;
      await waitFor('all have failed', async () => (await failed()) === 5);
      await test(q, () => {
        ran = [];
        return ran;
      });
    } finally {
      await q.close(2_000);
    }
  }

  describe('jobs that failed for good', () => {
    it('are listed page by page, each once, newest first, with the Worker', async () => {
      await failing(async (q) => {
        const first = await q.dead.page({ limit: 3 });
        const second = await q.dead.page({ limit: 3, cursor: first.next ?? '' });
        expect([first.jobs.length, second.jobs.length, second.next]).toEqual([3, 2, null]);
        const all = [...first.jobs, ...second.jobs];
        expect(new Set(all.map(({ queue, id }) => `${queue} ${id}`)).size).toBe(5);
        expect(all.map(({ at }) => at)).toEqual(all.map(({ at }) => at).sort((a, b) => b - a));
        const about = all.map(({ queue, worker }) => `${queue} ${worker}`).sort();
        const events = ['events null', 'events null', `events ${WK}`].sort();
        expect(about).toEqual([...events, `passes ${WK}`, 'passes WK2'].sort());
        expect(all[0]).toMatchObject({ reason: 'refused', attempts: 1 });
      });
    });

    it('are retried, one or all, with all their attempts', async () => {
      await failing(async (q, heal) => {
        const ran = heal();
        const { jobs } = await q.dead.page({ limit: 10 });
        const [one] = jobs.filter(({ queue, worker }) => queue === 'events' && worker !== null);
        const which = { queue: 'events', id: one?.id ?? '' } as const;
        expect(await q.dead.replay(which)).toEqual({ done: 1, left: 4 });
        await waitFor('it ran', () => ran.length === 1);
        expect(ran).toEqual([one?.id]);
        expect(await q.dead.replay(which)).toBeNull();
        expect(await q.dead.replay({ queue: 'passes', id: 'nothing' })).toBeNull();
        expect(await q.dead.replay('all')).toEqual({ done: 4, left: 0 });
        await waitFor('all ran', () => ran.length === 5);
        expect(ran).toEqual(expect.arrayContaining([WK, 'WK2']));
        expect(await q.dead.page({ limit: 10 })).toEqual({ jobs: [], next: null });
      });
    });

    it('are discarded, one or all, and do not run', async () => {
      await failing(async (q, heal) => {
        const ran = heal();
        const [one] = (await q.dead.page({ limit: 10 })).jobs;
        const which = { queue: one?.queue ?? 'events', id: one?.id ?? '' };
        expect(await q.dead.discard(which)).toEqual({ done: 1, left: 4 });
        expect(await q.dead.discard(which)).toBeNull();
        expect(await q.dead.discard('all')).toEqual({ done: 4, left: 0 });
        expect(await q.dead.discard('all')).toEqual({ done: 0, left: 0 });
        // New jobs run, and none before them.
        const after = eventOf();
        await q.addEvent(after);
        await waitFor('the new one ran', () => ran.length > 0);
        expect(ran).toEqual([after.sid]);
      });
    });

    it('include only the last pass over a Worker, and none once one succeeded', async () => {
      await failing(async (q, heal) => {
        const listed = async () => (await q.dead.page({ limit: 10 })).jobs;
        const ofPass = async () => (await listed()).filter(({ worker: key }) => key === 'WK2');
        const [before] = await ofPass();
        await q.addPass('WK2');
        await waitFor('the later one took its place', async () => {
          const [last, ...others] = await ofPass();
          return others.length === 0 && last !== undefined && last.id !== before?.id;
        });
        const ran = heal();
        await q.addPass('WK2');
        await waitFor('it is gone', async () => (await ofPass()).length === 0);
        expect([ran, (await listed()).length]).toEqual([['WK2'], 4]);
      });
    });
  });
}

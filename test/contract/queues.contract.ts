// What the queues promise, on any backend. `fresh` opens queues that nobody used before; they are
// closed at the end of each test, which also shows that closing ends.

import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { RoutingEvent } from '../../src/core/event.types.ts';
import type { EventSid } from '../../src/core/ids.ts';
import { QueueFull, type Queues, RetryLater } from '../../src/ports.ts';
import { waitFor } from '../support/wait.ts';

export function eventOf(sid = `EV${randomUUID().replaceAll('-', '')}`, what = 'a'): RoutingEvent {
  return { sid: sid as EventSid, at: 1_000, type: 'workspace.changed', what };
}

const idle = { event: async () => undefined, pass: async () => undefined };

/** A gate that holds handlers until it is opened, and counts those inside. */
function gate(): {
  readonly inside: () => number;
  readonly pass: () => Promise<void>;
  readonly open: () => void;
} {
  let open = (): void => undefined;
  let inside = 0;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    inside: () => inside,
    open: () => open(),
    async pass() {
      inside += 1;
      await opened;
      inside -= 1;
    },
  };
}

export function queuesContract(
  fresh: (options?: { readonly queueDepth?: number }) => Promise<Queues>,
): void {
  const opened: Queues[] = [];
  const queues = async (options?: { readonly queueDepth?: number }): Promise<Queues> => {
    const one = await fresh(options);
    opened.push(one);
    return one;
  };
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.close(2_000)));
  });
  const settled = (one: Queues): Promise<true> =>
    waitFor('nothing is left to do', async () => {
      const { events, passes } = await one.counts();
      const left = [events, passes].map((q) => q.waiting + q.active + q.delayed);
      return left.every((n) => n === 0);
    });

  describe('events', () => {
    it('arrive as they were added, every character', async () => {
      const q = await queues();
      const event = { ...eventOf(), what: 'nul \u0000, half a pair \ud800, ü "quoted"' };
      const got: RoutingEvent[] = [];
      await q.consume({ ...idle, event: async (e) => void got.push(e) });
      await q.addEvent(event);
      await waitFor('it arrives', () => got.length > 0);
      expect(got).toEqual([event]);
    });

    it('39: added twice are one job while the job is kept, waiting or done', async () => {
      const q = await queues();
      const event = eventOf();
      await Promise.all([q.addEvent(event), q.addEvent(event)]);
      await q.addEvent(event);
      expect((await q.counts()).events.waiting).toBe(1);
      let runs = 0;
      const count = async (): Promise<void> => {
        runs += 1;
      };
      await q.consume({ ...idle, event: count });
      await waitFor('it ran', () => runs > 0);
      await settled(q);
      await q.addEvent(event);
      const other = eventOf();
      await q.addEvent(other);
      await waitFor('the other ran', () => runs > 1);
      await settled(q);
      expect(runs).toBe(2);
    });

    it('that arrive together are all stored, even more than fit in one trip', async () => {
      const q = await queues();
      await Promise.all(Array.from({ length: 1_200 }, () => q.addEvent(eventOf())));
      expect((await q.counts()).events.waiting).toBe(1_200);
    });

    it('are refused when the queue is full, and accepted again when it is not', async () => {
      const q = await queues({ queueDepth: 5 });
      const add = (): Promise<void> => q.addEvent(eventOf());
      await waitFor('it is full', () =>
        add().then(
          () => false,
          (error: unknown) => error instanceof QueueFull,
        ),
      );
      await expect(add()).rejects.toBeInstanceOf(QueueFull);
      await q.consume(idle);
      await waitFor('it takes events again', () =>
        add().then(
          () => true,
          () => false,
        ),
      );
    });

    it('are handled twenty at once, not more', async () => {
      const q = await queues();
      const held = gate();
      await Promise.all(Array.from({ length: 30 }, () => q.addEvent(eventOf())));
      await q.consume({ ...idle, event: held.pass });
      await waitFor('twenty are in hand', () => held.inside() === 20);
      expect(await q.counts()).toMatchObject({ events: { active: 20, waiting: 10 } });
      held.open();
      await settled(q);
    });
  });

  describe('failing jobs', () => {
    it('are retried with growing delays, and forgotten once they succeed', async () => {
      const q = await queues();
      let runs = 0;
      const event = async (): Promise<void> => {
        runs += 1;
        if (runs < 4) throw new Error('not yet');
      };
      await q.consume({ ...idle, event });
      await q.addEvent(eventOf());
      await waitFor('the fourth try', () => runs === 4);
      await settled(q);
      expect((await q.counts()).events.failed).toBe(0);
    });

    it('that cannot heal are kept as failed at once, and visible', async () => {
      const q = await queues();
      const event = eventOf();
      let runs = 0;
      const fail = async (): Promise<void> => {
        runs += 1;
        throw new RetryLater('TaskRouter refused it', { afterMs: null, retryable: false });
      };
      await q.consume({ event: fail, pass: fail });
      await q.addEvent(event);
      await waitFor('it failed', async () => (await q.counts()).events.failed === 1);
      await q.addPass('WK1');
      const failed = await waitFor('both are visible', async () => {
        const list = await q.failed(10);
        return list.length === 2 ? list : null;
      });
      expect(runs).toBe(2);
      const common = { reason: 'TaskRouter refused it', attempts: 1, at: expect.any(Number) };
      expect(failed).toEqual([
        { queue: 'passes', id: expect.any(String), ...common },
        { queue: 'events', id: event.sid, ...common },
      ]);
      expect(await q.failed(1)).toHaveLength(1);
    });

    it('that ask for a wait use up no attempt', async () => {
      const q = await queues();
      let runs = 0;
      // More often than the number of attempts.
      const event = async (): Promise<void> => {
        runs += 1;
        if (runs <= 14) throw new RetryLater('throttled', { afterMs: 10, retryable: true });
      };
      await q.consume({ ...idle, event });
      await q.addEvent(eventOf());
      await waitFor('it got through', () => runs === 15);
      await settled(q);
      expect((await q.counts()).events.failed).toBe(0);
    });

    it('that ask for a wait are delayed that long, while others proceed', async () => {
      const q = await queues();
      const ran: string[] = [];
      const [throttled, other] = [eventOf(), eventOf()];
      const event = async ({ sid }: RoutingEvent): Promise<void> => {
        ran.push(sid);
        if (sid !== throttled.sid) return;
        throw new RetryLater('throttled', { afterMs: 3_600_000, retryable: true });
      };
      await q.consume({ ...idle, event });
      await q.addEvent(throttled);
      await waitFor('it is put off', async () => (await q.counts()).events.delayed === 1);
      await q.addEvent(other);
      await waitFor('the other ran', () => ran.length > 1);
      expect((await q.counts()).events).toMatchObject({ waiting: 0, delayed: 1, failed: 0 });
      expect(ran).toEqual([throttled.sid, other.sid]);
    });
  });

  describe('passes', () => {
    it('of one key: one running, one waiting, however often requested', async () => {
      const q = await queues();
      const held = gate();
      let runs = 0;
      const pass = async (): Promise<void> => {
        runs += 1;
        await held.pass();
      };
      await Promise.all(Array.from({ length: 5 }, () => q.addPass('WK1')));
      await q.addPass('WK1');
      expect((await q.counts()).passes.waiting).toBe(1);
      await q.consume({ ...idle, pass });
      await waitFor('it is at work', () => held.inside() === 1);
      for (let i = 0; i < 5; i += 1) await q.addPass('WK1');
      expect(held.inside()).toBe(1);
      held.open();
      await waitFor('the second ran', () => runs === 2);
      await settled(q);
      expect(runs).toBe(2);
    });

    it('10: requested while one is running always yield one more', async () => {
      const q = await queues();
      const log: string[] = [];
      let asked = 0;
      const pass = async (key: string): Promise<void> => {
        log.push(key);
        // Each pass asks for one more until ten have run: none of the requests may be lost.
        if (asked < 9) {
          asked += 1;
          await q.addPass(key);
        }
      };
      await q.consume({ ...idle, pass });
      await q.addPass('WK2');
      await waitFor('ten passes', () => log.length === 10);
      await settled(q);
      expect(log).toHaveLength(10);
    });

    it('that are urgent go first; a waiting one is moved up but never down', async () => {
      const q = await queues();
      const held = gate();
      const began: string[] = [];
      const pass = async (key: string): Promise<void> => {
        if (key.startsWith('held')) return await held.pass();
        began.push(key);
      };
      await q.consume({ ...idle, pass });
      // All ten slots are taken while the others are requested.
      const range = (n: number) => Array.from({ length: n }, (_, i) => i);
      for (const i of range(10)) await q.addPass(`held${i}`);
      await waitFor('ten are in hand', () => held.inside() === 10);
      for (const i of range(40)) await q.addPass(`listed${i}`, 'resync');
      for (const i of range(8)) await q.addPass(`all${i}`, 'all');
      await q.addPass('first');
      for (const i of range(5)) await q.addPass(`event${i}`);
      await q.addPass('listed39');
      await q.addPass('listed38', 'all');
      for (const urgency of ['resync', 'all', 'now'] as const) await q.addPass('first', urgency);
      for (const urgency of ['resync', 'all'] as const) await q.addPass('listed39', urgency);
      expect((await q.counts()).passes).toMatchObject({ active: 10, waiting: 54 });
      held.open();
      await waitFor('all have begun', () => began.length === 54);
      // Ten begin at once, so a neighbour may be seen first.
      const at = (key: string) => began.indexOf(key);
      for (const key of ['first', ...range(5).map((i) => `event${i}`), 'listed39']) {
        expect([key, at(key) < 7 + 10]).toEqual([key, true]);
      }
      for (const key of [...range(8).map((i) => `all${i}`), 'listed38']) {
        expect([key, at(key) < 16 + 10]).toEqual([key, true]);
      }
      expect(at('listed37')).toBeGreaterThan(30);
      await settled(q);
    });

    it('18: that leave something over run again, with its urgency', async () => {
      const q = await queues();
      const log: string[] = [];
      await q.consume({
        ...idle,
        async pass(key, urgency) {
          log.push(`${key} ${urgency}`);
          return urgency === 'now' ? 'restore' : urgency === 'restore' ? 'raise' : null;
        },
      });
      await q.addPass('A');
      await waitFor('all three', () => log.length === 3);
      await settled(q);
      expect(log).toEqual(['A now', 'A restore', 'A raise']);
    });

    it('requested twice at once are one, with the higher urgency', async () => {
      const q = await queues();
      await Promise.all([q.addPass('A', 'resync'), q.addPass('A'), q.addPass('A', 'all')]);
      expect((await q.counts()).passes.waiting).toBe(1);
    });

    it('of one key never overlap, while other keys proceed', async () => {
      const q = await queues();
      const held = gate();
      const atWork = new Map<string, number>();
      let most = 0;
      const pass = async (key: string): Promise<void> => {
        const now = (atWork.get(key) ?? 0) + 1;
        atWork.set(key, now);
        most = Math.max(most, now);
        await held.pass();
        // Long enough for another to begin if it were allowed to.
        await q.counts();
        atWork.set(key, now - 1);
      };
      const askFor = () => Promise.all(['A', 'B', 'C', 'D'].map((key) => q.addPass(key)));
      await q.consume({ ...idle, pass });
      await askFor();
      await waitFor('all keys are at work', () => held.inside() === 4);
      for (let round = 0; round < 9; round += 1) await askFor();
      expect(held.inside()).toBe(4);
      held.open();
      await askFor();
      await settled(q);
      expect(most).toBe(1);
    });

    it('do not begin while held, even from the start; they wait until resumed', async () => {
      const q = await queues();
      const got: string[] = [];
      await q.holdPasses(true);
      await q.consume({ ...idle, pass: async (key) => void got.push(key) });
      await q.addPass('WK1');
      await q.addEvent(eventOf());
      await waitFor('events go on', async () => (await q.counts()).events.waiting === 0);
      expect([got, (await q.counts()).passes.waiting]).toEqual([[], 1]);
      await q.holdPasses(false);
      await waitFor('it is taken', () => got.length === 1);
      await q.holdPasses(true);
      await q.addPass('WK2');
      await q.holdPasses(false);
      await waitFor('the next as well', () => got.length === 2);
      expect(got).toEqual(['WK1', 'WK2']);
    });

    it('that fail are retried, and a request meanwhile still gets its own', async () => {
      const q = await queues();
      let runs = 0;
      const pass = async (key: string): Promise<void> => {
        runs += 1;
        if (runs === 1) {
          await q.addPass(key);
          throw new RetryLater('throttled', { afterMs: 30, retryable: true });
        }
      };
      await q.consume({ ...idle, pass });
      await q.addPass('WK3');
      await waitFor('the first, its repetition and the request', () => runs === 3);
      await settled(q);
      expect(runs).toBe(3);
    });
  });

  it('closing waits for running jobs, but not longer than the grace time', async () => {
    const q = await queues();
    const held = gate();
    let finished = 0;
    const event = async (): Promise<void> => {
      await held.pass();
      finished += 1;
    };
    await q.consume({ ...idle, event });
    await q.addEvent(eventOf());
    await waitFor('it is in hand', () => held.inside() === 1);
    const closing = q.close(10_000);
    held.open();
    await closing;
    expect(finished).toBe(1);

    const stuck = await queues();
    const never = gate();
    await stuck.consume({ ...idle, event: never.pass });
    await stuck.addEvent(eventOf());
    await waitFor('it is in hand', () => never.inside() === 1);
    // If close waited for it, it would never end.
    await stuck.close(100);
    expect(never.inside()).toBe(1);
    never.open();
  });
}

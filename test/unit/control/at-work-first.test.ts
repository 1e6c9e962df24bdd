// The order in which the Workers of a whole Workspace are handled.

import { expect, it } from 'vitest';
import { CONTROL_LIMITS, type ControlDeps } from '../../../src/control/deps.ts';
import { reconcile } from '../../../src/control/reconcile.ts';
import { Records } from '../../../src/control/records.ts';
import { requestAllPasses } from '../../../src/control/resync.ts';
import type { WorkerSid } from '../../../src/core/ids.ts';
import { createBudget } from '../../../src/taskrouter/budget.ts';
import { BREAK, HOUR, sid, T0, worker, world } from '../../support/builders.ts';
import { memoryGateway, newWorld } from '../../support/memory/gateway.ts';
import { MemoryStore } from '../../support/memory/store.ts';
import { rule, ruleSet } from '../../support/rules.ts';
import { waitFor } from '../../support/wait.ts';

it('32: Workers in an available Activity come first, each Worker exactly once', async () => {
  const away = { at: T0, sid: 'read', activity: BREAK, name: 'Break', available: false };
  const workers = [1, 2, 3, 4].map((n) =>
    worker({ sid: sid('WK', n) as WorkerSid, ...(n % 2 === 1 && { activities: [away] }) }),
  );
  const asked: string[] = [];
  const looked = await requestAllPasses({
    records: {
      async *all() {
        yield* workers;
      },
    },
    queues: { addPass: async (key, urgency) => void asked.push(`${key} ${urgency}`) },
    directory: { current: () => world().directory },
  });
  expect(looked).toBe(4);
  expect(asked).toEqual([2, 4, 1, 3].map((n) => `${sid('WK', n)} all`));
});

it('32: calls that wait for the rate keep that order: reads, and then writes', async () => {
  const clock = { now: () => T0 };
  const there = newWorld(clock.now);
  for (const friendlyName of ['Away', 'Here', 'Late']) {
    there.createWorker({ friendlyName, attributes: {} });
    if (friendlyName !== 'Away') there.setActivity(friendlyName, 'Available');
  }
  const store = new MemoryStore(clock.now);
  const three = ruleSet([rule('three', { chat: 3 })]);
  const taken: ((ms: number) => void)[] = [];
  const take = () => new Promise<number>((resolve) => void taken.push(resolve));
  const budget = createBudget({ clock, take });
  const made: string[] = [];
  const inner = memoryGateway(there, {
    now: clock.now,
    turn: ({ urgency = 'lower', away }) => budget.acquire(urgency, away),
    async carry({ what, path, effect }) {
      const [, of = '', channels] = path.split('/');
      if (channels !== undefined) made.push(`${what} ${there.worker(of).friendlyName}`);
      return effect();
    },
  });
  const deps: ControlDeps = {
    ...{ store, records: new Records(store), clock },
    gateway: {
      ...inner,
      async channels(of, urgency = 'read', away = false) {
        await budget.acquire(urgency, away);
        return await inner.channels(of);
      },
    },
    journal: { append: async () => undefined },
    rules: () => three,
    world: () => world(),
    observing: () => false,
    limits: { ...CONTROL_LIMITS, resyncMs: HOUR },
  };
  const look = (name: string) => reconcile(there.worker(name).sid as WorkerSid, deps);
  /** Grants one place in the rate once this many wait for it. */
  const oneOf = async (waiting: number) => {
    await waitFor(`${waiting} wait`, () => budget.waiting() === waiting && taken.length > 0);
    taken.shift()?.(0);
  };
  const away = look('Away');
  await waitFor('it waits', () => budget.waiting() === 1);
  const here = look('Here');
  await oneOf(2);
  await oneOf(2);
  await waitFor('both were read', () => budget.waiting() === 2);
  const late = look('Late');
  for (const waiting of [3, 3, 2, 1]) await oneOf(waiting);
  await Promise.all([away, here, late]);
  expect(made).toEqual([
    ...['read Here', 'read Away', 'read Late'],
    ...['write Here', 'write Late', 'write Away'],
  ]);
});

// A whole pass in memory: what it stores before it writes, what it reads when numbers disagree, and
// what it leaves alone.

import { expect, it } from 'vitest';
import { CONTROL_LIMITS, type ControlDeps } from '../../../src/control/deps.ts';
import { reconcile } from '../../../src/control/reconcile.ts';
import { Records } from '../../../src/control/records.ts';
import { evolve } from '../../../src/core/evolve.ts';
import type { WorkerSid } from '../../../src/core/ids.ts';
import type { RuleSet } from '../../../src/core/rules.ts';
import { world as around, channelEvent, HOUR, T0 } from '../../support/builders.ts';
import { type Call, memoryGateway, newWorld } from '../../support/memory/gateway.ts';
import { MemoryStore } from '../../support/memory/store.ts';
import { rule, ruleSet } from '../../support/rules.ts';

const three = ruleSet([rule('three', { chat: 3 })]);

function standing(rules: RuleSet | null, onCall: (call: Call<unknown>) => Promise<void>) {
  const clock = { now: () => T0 };
  const world = newWorld(clock.now);
  world.createQueue('Support', '1 == 1');
  const sid = world.createWorker({ friendlyName: 'Ann', attributes: {} }).sid as WorkerSid;
  world.setActivity('Ann', 'Available');
  const store = new MemoryStore(clock.now);
  const records = new Records(store);
  const deps: ControlDeps = {
    ...{ store, records, clock },
    gateway: memoryGateway(world, {
      now: clock.now,
      async carry(call) {
        await onCall(call);
        return call.effect();
      },
    }),
    journal: { append: async () => undefined },
    rules: () => rules,
    world: () => around(),
    observing: () => false,
    limits: { ...CONTROL_LIMITS, resyncMs: 6 * HOUR },
  };
  return { world, sid, records, store, pass: () => reconcile(sid, deps) };
}

it('24: the baseline and the intent are in the store when the request is sent', async () => {
  const stored: unknown[] = [];
  const { sid, records, pass, world } = standing(three, async ({ what }) => {
    if (what === 'write') stored.push((await records.load(sid))?.state.channels.chat);
  });
  await pass();
  expect(stored).toMatchObject([
    {
      intent: { at: T0, capacity: { from: 1, to: 3 }, available: null },
      capacity: { baseline: { value: 1 }, claimed: true },
    },
  ]);
  expect(world.channel('Ann', 'chat').configuredCapacity).toBe(3);
});

it('25: a channel whose reads were all dropped gets another pass a second later', async () => {
  let n = 0;
  const { sid, records, store, pass } = standing(three, async ({ what, path }) => {
    if (what !== 'read' || !path.includes('/Channels')) return;
    // Somebody changes it during each read.
    n += 1;
    const event = channelEvent('worker.capacity.update', T0, { n });
    await records.change(sid, T0, (state) => evolve(state, event));
  });
  await pass();
  expect(n).toBeGreaterThan(1);
  expect(store.nextWake()).toBe(T0 + CONTROL_LIMITS.unreadMs);
});

it("28: if a read counts other Tasks in hand, the Worker's Reservations are listed", async () => {
  const asked: string[] = [];
  const { sid, records, pass, world } = standing(three, async ({ path }) => {
    asked.push(path);
  });
  world.createTask({ channel: 'chat', queue: 'Support' });
  const [offer] = world.reservations();
  world.accept(offer?.sid ?? '');
  await pass();
  expect(asked).toContain(`Workers/${sid}/Reservations`);
  expect((await records.load(sid))?.state.reservations).toMatchObject({
    [offer?.sid ?? '']: { status: 'accepted', channel: 'chat' },
  });
});

it('28: if it counts the same, nothing more is read', async () => {
  const asked: string[] = [];
  const { sid, pass } = standing(three, async ({ path }) => {
    asked.push(path);
  });
  await pass();
  expect(asked).toEqual([
    `Workers/${sid}`,
    `Workers/${sid}/Channels`,
    expect.stringMatching(`^Workers/${sid}/Channels/`),
  ]);
});

it('29: without any valid rule set so far, nothing is read or written', async () => {
  const asked: string[] = [];
  const { pass } = standing(null, async ({ path }) => {
    asked.push(path);
  });
  expect(await pass()).toBeNull();
  expect(asked).toEqual([]);
});

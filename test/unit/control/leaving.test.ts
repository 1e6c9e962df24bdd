// What is checked again before a waiting write is sent: orders given meanwhile are obeyed.

import { expect, it } from 'vitest';
import { CONTROL_LIMITS, type ControlDeps } from '../../../src/control/deps.ts';
import { Pauses } from '../../../src/control/pauses.ts';
import { reconcile } from '../../../src/control/reconcile.ts';
import { Records } from '../../../src/control/records.ts';
import type { WorkerSid } from '../../../src/core/ids.ts';
import type { Rule } from '../../../src/core/rules.ts';
import { world as around, HOUR, T0 } from '../../support/builders.ts';
import { memoryGateway, newWorld } from '../../support/memory/gateway.ts';
import { MemoryStore } from '../../support/memory/store.ts';
import { rule, ruleSet } from '../../support/rules.ts';

/** One pass over Ann, during which `paused` is paused while the first write waits for its turn. */
async function pausedWhileWaiting(rules: readonly Rule[], paused: string) {
  const clock = { now: () => T0 };
  const world = newWorld(clock.now);
  const sid = world.createWorker({ friendlyName: 'Ann', attributes: {} }).sid as WorkerSid;
  world.setActivity('Ann', 'Available');
  const store = new MemoryStore(clock.now);
  const pauses = new Pauses(store, clock.now);
  const inForce = ruleSet(rules);
  const pause = { worker: null, channel: null, since: T0, until: null, reason: 'x', by: 'dana' };
  let waits = true;
  const deps: ControlDeps = {
    ...{ store, clock, pauses, records: new Records(store) },
    gateway: memoryGateway(world, {
      now: clock.now,
      turn: async () => {
        if (waits) await pauses.begin({ ...pause, rule: paused, released: false });
        waits = false;
      },
    }),
    journal: { append: async () => undefined },
    rules: () => inForce,
    world: () => around(),
    observing: () => false,
    limits: { ...CONTROL_LIMITS, resyncMs: 6 * HOUR },
  };
  await reconcile(sid, deps);
  const { configuredCapacity: capacity, available } = world.channel('Ann', 'chat');
  return { capacity, available };
}

it('21: a rule paused meanwhile decides neither field of a write sent later', async () => {
  const both = [rule('three', { chat: 3 }), rule('quiet', { chat: 'pause' })];
  const before = { capacity: 1, available: true };
  expect(await pausedWhileWaiting(both, 'three')).toEqual(before);
  expect(await pausedWhileWaiting(both, 'quiet')).toEqual(before);
});

it('21: a rule paused meanwhile decides no number that another rule added to', async () => {
  const summed = [rule('three', { chat: 3 }), rule('more', { chat: { add: 1 } })];
  expect(await pausedWhileWaiting(summed, 'three')).toEqual({ capacity: 1, available: true });
});

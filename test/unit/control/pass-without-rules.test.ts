// Passes while no rule set is in force: records keep their bounds, and nothing is asked or written.

import { expect, it } from 'vitest';
import { CONTROL_LIMITS, type ControlDeps } from '../../../src/control/deps.ts';
import { reconcile } from '../../../src/control/reconcile.ts';
import { Records } from '../../../src/control/records.ts';
import { evolve } from '../../../src/core/evolve.ts';
import { STATE_LIMITS } from '../../../src/core/state.ts';
import {
  world as around,
  HOUR,
  reservationEvent,
  SECOND,
  T0,
  WORKER,
  worker,
} from '../../support/builders.ts';
import { memoryGateway, newWorld } from '../../support/memory/gateway.ts';
import { MemoryStore } from '../../support/memory/store.ts';

it('a record does not grow without bound, and keeps what rules to come may count', async () => {
  const now = T0 + HOUR;
  const clock = { now: () => now };
  const store = new MemoryStore(clock.now);
  const records = new Records(store);
  const asked: string[] = [];
  const carry = async <T>({ path, effect }: { path: string; effect: () => T }): Promise<T> => {
    asked.push(path);
    return effect();
  };
  const deps: ControlDeps = {
    ...{ store, records, clock },
    gateway: memoryGateway(newWorld(clock.now), { now: clock.now, carry }),
    journal: { append: (entries) => store.appendJournal(entries) },
    rules: () => null,
    world: () => around(),
    observing: () => false,
    limits: { ...CONTROL_LIMITS, resyncMs: 6 * HOUR },
  };
  let state = worker();
  for (let n = 0; n < 600; n += 1) {
    const event = reservationEvent('reservation.timeout', T0 + n * SECOND, { reservation: n });
    state = evolve(state, event);
  }
  await records.save(WORKER, state, 0);
  await reconcile(WORKER, deps);
  const kept = (await records.load(WORKER))?.state;
  expect(Object.keys(kept?.reservations ?? {})).toHaveLength(STATE_LIMITS.reservations);
  expect(kept?.counted).toHaveLength(STATE_LIMITS.counted);
  expect(kept?.rules).toEqual(state.rules);
  expect(asked).toEqual([]);
});

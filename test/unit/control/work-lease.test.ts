// The lease of work that one replica does for all.

import { expect, it } from 'vitest';
import { LEASE_LIMITS, WorkLease } from '../../../src/control/work-lease.ts';
import { T0 } from '../../support/builders.ts';
import { MemoryStore } from '../../support/memory/store.ts';

function replicas() {
  const clock = { at: T0, now: () => clock.at };
  const store = new MemoryStore(clock.now);
  const lease = () => new WorkLease('work', { store, clock, alone: false });
  return { clock, first: lease(), second: lease() };
}
const done = async () => {};

it('is free again as soon as the work has failed', async () => {
  const { first, second } = replicas();
  const failing = first.run(() => Promise.reject(new Error('the store is gone')));
  await expect(failing).rejects.toThrow('the store is gone');
  await first.renew();
  expect(await second.run(done)).toBe(true);
  expect(await first.run(done)).toBe(true);
});

it('is held while the work lasts, as long as it is renewed', async () => {
  const { clock, first, second } = replicas();
  let end = () => {};
  const working = first.run(() => new Promise((resolve) => (end = resolve)));
  for (let n = 0; n < 10; n += 1) {
    await first.renew();
    clock.at += LEASE_LIMITS.leaseMs - 1;
    await first.renew();
    expect(await second.run(done)).toBe(false);
  }
  end();
  expect(await working).toBe(true);
  expect(await second.run(done)).toBe(true);
});

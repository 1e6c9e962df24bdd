// Two replicas that read the same TaskQueue; the first took longer than its lease.

import { expect, it } from 'vitest';
import { DirectoryKeeper } from '../../../src/control/directory.ts';
import { FactsKeeper } from '../../../src/control/facts-keeper.ts';
import { Records } from '../../../src/control/records.ts';
import { LEASE_LIMITS } from '../../../src/control/work-lease.ts';
import { compileRules } from '../../../src/language/compile.ts';
import type { QueueReading } from '../../../src/ports.ts';
import { SECOND, T0, world } from '../../support/builders.ts';
import { memoryGateway, newWorld } from '../../support/memory/gateway.ts';
import { MemoryStore } from '../../support/memory/store.ts';
import { waitFor } from '../../support/wait.ts';

const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce }
rules:
  - { name: busy, who: everyone, when: 'queue("Support").waiting >= 20', then: { chat: { add: 1 } } }
`;
const { ruleSet } = compileRules([{ name: 'rules.yaml', text: RULES }]);

it('the newer reading is kept, and so is the lease of the replica that still reads', async () => {
  let now = T0;
  const clock = { now: () => now };
  const store = new MemoryStore(clock.now);
  const there = newWorld(clock.now);
  there.createQueue('Support', '1 == 1');
  const inner = memoryGateway(there, { now: clock.now });
  const replica = () => {
    const asked: ((waiting: number) => void)[] = [];
    const gateway = {
      ...inner,
      queue: (): Promise<QueueReading> => {
        const rest = { longestWaitMs: 0, eligible: 1, availableWorkers: 1, asOf: now };
        return new Promise((resolve) => {
          asked.push((waiting) => resolve({ waiting, ...rest }));
        });
      },
    };
    const keeper = new FactsKeeper({
      ...{ store, clock, gateway, records: new Records(store), pollMs: 30 * SECOND },
      alone: false,
      queues: { addPass: async () => undefined },
      directory: new DirectoryKeeper(store, gateway),
      rules: () => ruleSet,
      world: () => world(),
      modeOf: () => 'enforce',
      allWorkersListed: () => true,
      onError: (error) => {
        throw error;
      },
    });
    return { keeper, asked };
  };
  const [first, second, third] = [replica(), replica(), replica()];
  await first.keeper.pulse();
  await waitFor('the first reads', () => first.asked.length === 1);
  now += LEASE_LIMITS.leaseMs + SECOND;
  await second.keeper.pulse();
  await waitFor('the second reads', () => second.asked.length === 1);
  second.asked[0]?.(5);
  await second.keeper.idle();
  now += 30 * SECOND;
  await third.keeper.pulse();
  await waitFor('the third reads', () => third.asked.length === 1);
  first.asked[0]?.(25);
  await first.keeper.idle();
  expect(first.keeper.queue('Support')).toMatchObject({ waiting: 5 });
  // While the third reads, no other replica starts to.
  await second.keeper.pulse();
  await second.keeper.idle();
  expect(second.asked).toHaveLength(1);
  third.asked[0]?.(7);
  await third.keeper.idle();
  await second.keeper.refresh();
  expect(second.keeper.queue('Support')).toMatchObject({ waiting: 7 });
});

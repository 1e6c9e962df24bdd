// What one replica reads of TaskQueues, on a stepped clock: no event that names a TaskQueue is
// forgotten, and neither are Workers whose queues have another expression.

import { expect, it } from 'vitest';
import { DirectoryKeeper } from '../../../src/control/directory.ts';
import { FactsKeeper } from '../../../src/control/facts-keeper.ts';
import { Records } from '../../../src/control/records.ts';
import type { WorkerSid } from '../../../src/core/ids.ts';
import { newWorker } from '../../../src/core/state.ts';
import { updateQueue } from '../../../src/emulator/world/queues.ts';
import { compileRules } from '../../../src/language/compile.ts';
import { StoreDown } from '../../../src/ports.ts';
import { MINUTE, SECOND, T0, WORKER, world } from '../../support/builders.ts';
import { memoryGateway, newWorld } from '../../support/memory/gateway.ts';
import { MemoryStore } from '../../support/memory/store.ts';

const rules = (...lines: readonly string[]) => {
  const head = ['version: 1', 'defaults: { timezone: UTC, mode: enforce }'];
  const { ruleSet } = compileRules([{ name: 'rules.yaml', text: [...head, ...lines].join('\n') }]);
  if (ruleSet === null) throw new Error('the rules have faults');
  return ruleSet;
};

async function setting(ruleSet: ReturnType<typeof rules>) {
  const clock = { at: T0, now: () => clock.at };
  const store = new MemoryStore(clock.now);
  const there = newWorld(clock.now);
  for (const name of ['Sales', 'Support']) there.createQueue(name, 'team == "a"');
  const reads: string[] = [];
  const gateway = memoryGateway(there, {
    now: clock.now,
    async carry(call) {
      const [, sid] = /^TaskQueues\/(\w+)\//.exec(call.path) ?? [];
      if (sid !== undefined) reads.push(there.queue(sid).friendlyName);
      return call.effect();
    },
  });
  const records = new Records(store);
  await records.save(WORKER as WorkerSid, newWorker(WORKER as WorkerSid, T0), 0);
  const passes: string[] = [];
  const here = { down: false, ruleSet };
  const keeper = new FactsKeeper({
    ...{ store, clock, gateway, records, alone: true, pollMs: 5 * MINUTE },
    queues: {
      async addPass(key) {
        if (here.down) throw new StoreDown(new Error('gone'));
        passes.push(key);
      },
    },
    directory: new DirectoryKeeper(store, gateway),
    rules: () => ruleSet,
    world: () => world(),
    modeOf: () => 'enforce',
    allWorkersListed: () => true,
    onError: () => {},
  });
  /** Second after second. */
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      clock.at += SECOND;
      await keeper.pulse();
      await keeper.idle();
    }
  };
  return { there, keeper, reads, passes, here, pass };
}

it('an event that comes soon after a reading is followed by another, whatever else is read', async () => {
  const when = 'queue("Sales").waiting >= 9 || queue("Support").waiting >= 9';
  const { keeper, reads, pass } = await setting(
    rules('rules:', `  - { name: busy, who: everyone, when: '${when}', then: { chat: 2 } }`),
  );
  await pass(10);
  reads.splice(0);
  keeper.touch('Sales');
  await pass(1);
  expect(reads).toEqual(['Sales']);
  keeper.touch('Sales');
  keeper.touch('Support');
  await pass(1);
  expect(reads).toEqual(['Sales', 'Support']);
  await pass(10);
  expect(reads).toEqual(['Sales', 'Support', 'Sales']);
});

it('when a TaskQueue has another expression, passes are requested until that succeeds', async () => {
  const { there, keeper, passes, here, pass } = await setting(
    rules(
      'groups: { support: { queue: Support } }',
      'rules:',
      '  - { name: all, who: support, then: { chat: 2 } }',
    ),
  );
  await pass(10);
  passes.splice(0);
  updateQueue(there.space, there.queue('Support'), { targetWorkers: 'team == "b"' });
  await keeper.queuesChanged();
  here.down = true;
  await pass(30);
  expect(passes).toEqual([]);
  here.down = false;
  await pass(30);
  expect(passes).toEqual([WORKER]);
});

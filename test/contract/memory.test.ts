// The in-memory store and queues that tests of the control loop use, under the contracts of the
// real ones: what holds for a loop on these also holds on the real ones.

import { describe } from 'vitest';
import type { TaskSid, WorkerSid } from '../../src/core/ids.ts';
import { memoryGateway, newWorld } from '../support/memory/gateway.ts';
import { MemoryQueues } from '../support/memory/queues.ts';
import { MemoryStore } from '../support/memory/store.ts';
import { feedContract } from './feed.contract.ts';
import { gatewayContract } from './gateway.contract.ts';
import { queuesContract } from './queues.contract.ts';
import { storeContract } from './store.contract.ts';

describe('the store in memory', () => {
  const store = new MemoryStore();
  storeContract(
    () => store,
    async (keep) => new MemoryStore(Date.now, keep),
  );
  feedContract(() => ({ mine: store, theirs: store }));
});

describe('the queues in memory', () => {
  queuesContract(async (options) => new MemoryQueues(options));
});

gatewayContract("the emulator's world in memory", async () => {
  const world = newWorld();
  const worker = world.createWorker({
    friendlyName: 'Ann',
    attributes: { team: 'support' },
    activity: 'Available',
    channels: { chat: { capacity: 3 } },
  });
  world.createWorker({ friendlyName: 'Bo', activity: 'Offline' });
  const queue = world.createQueue('Support');
  const task = world.createTask({ channel: 'chat', queue });
  const offered = world.reservations().find((each) => each.taskSid === task.sid);
  world.accept(offered ?? world.reserve(task, worker));
  return {
    gateway: memoryGateway(world),
    worker: worker.sid as WorkerSid,
    workerName: 'Ann',
    workers: 2,
    task: task.sid as TaskSid,
    close: async () => {},
  };
});

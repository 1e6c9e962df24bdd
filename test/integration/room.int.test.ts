// Ten concurrent passes, each of which may have to wait for the rate: a Worker to be protected gets
// one of the ten slots though all are taken by reads that can wait.

import { afterEach, expect, it } from 'vitest';
import type { WorkerSid } from '../../src/core/ids.ts';
import type { WorkerState } from '../../src/core/state.ts';
import { type Rig, startRig } from '../support/rig.ts';
import { waitFor } from '../support/wait.ts';

const RULES = `version: 1
defaults: { timezone: Europe/London, mode: enforce }
rules:
  - { name: one, who: { where: 'worker.crowd == true' }, then: { chat: { max: 1 } } }
  - { name: away, who: everyone, when: { enter: 'worker.away == true', for: 1h }, then: { chat: pause } }
`;
/** More than passes that run concurrently. */
const CROWD = 14;

let rig: Rig | null = null;
afterEach(async () => {
  await rig?.stop();
  rig = null;
});

it('18: an urgent pass runs while ten reads of a listing wait for the rate', async () => {
  rig = await startRig({
    rules: { 'rules.yaml': RULES },
    world: ({ world }) => {
      world.createWorker({ friendlyName: 'Ana', attributes: { away: false } });
      for (let n = 0; n < CROWD; n += 1) {
        world.createWorker({ friendlyName: `W${n}`, attributes: { crowd: true, away: false } });
      }
    },
  });
  const { service, emulator } = rig;
  const ana = emulator.world.worker('Ana').sid as WorkerSid;
  const lists = () => emulator.calls().filter((c) => c.path.endsWith('/Channels'));
  const before = lists().length;
  // The listing's first read has to wait, and with it all calls.
  emulator.world.faults.add({
    ...{ kind: 'too-many', retryAfter: 60, when: 'before', method: 'GET', path: '/Channels' },
    next: 1,
  });
  const answer = await fetch(`${service.url}/api/v1/resync`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' },
  });
  expect(answer.status).toBeLessThan(300);
  await waitFor('ten passes that wait', async () => {
    const { passes } = await service.backend.queues.counts();
    return passes.active === 10 && lists().length > before;
  });
  const asked = lists().length;
  emulator.world.updateWorker('Ana', { attributes: { away: true } });
  await waitFor('the pass of who has to be protected', async () => {
    const found = await service.backend.store.loadWorker(ana);
    const state = found?.value as unknown as WorkerState;
    // It needs no read, so its record shows that it ran.
    return state.rules.away?.phase === 'pending';
  });
  expect(lists()).toHaveLength(asked);
});

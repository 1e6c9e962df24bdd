// Lists of Workers may contain null attributes: each such Worker is read individually, and its
// attributes from before the listing are not acted on.

import { beforeEach, describe, expect, it } from 'vitest';
import { CONTROL_LIMITS, type ControlDeps } from '../../../src/control/deps.ts';
import { DirectoryKeeper } from '../../../src/control/directory.ts';
import { reconcile } from '../../../src/control/reconcile.ts';
import { Records } from '../../../src/control/records.ts';
import { resync } from '../../../src/control/resync.ts';
import type { WorkerSid } from '../../../src/core/ids.ts';
import { compileRules } from '../../../src/language/compile.ts';
import { Failure } from '../../../src/ports.ts';
import { world as around, HOUR, MINUTE, T0 } from '../../support/builders.ts';
import { memoryGateway, newWorld } from '../../support/memory/gateway.ts';
import { MemoryStore } from '../../support/memory/store.ts';

const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce }
rules:
  - { name: support-chat, who: { where: 'worker.team == "support"' }, then: { chat: 3 } }
  - { name: sales-chat, who: { where: 'worker.team == "sales"' }, then: { chat: 2 } }
`;
const { ruleSet } = compileRules([{ name: 'rules.yaml', text: RULES }]);

function started() {
  let now = T0;
  const clock = { now: () => now };
  const world = newWorld(clock.now);
  world.doubts.listAttributes = 'null';
  const sid = world.createWorker({ friendlyName: 'Ann', attributes: { team: 'support' } })
    .sid as WorkerSid;
  world.setActivity('Ann', 'Available');
  const asked: string[] = [];
  const trouble = { isDown: false };
  const gateway = memoryGateway(world, {
    now: clock.now,
    async carry({ path, effect }) {
      asked.push(path);
      if (trouble.isDown && path === `Workers/${sid}`) throw new Failure('unavailable', '503');
      return effect();
    },
  });
  const store = new MemoryStore(clock.now);
  const records = new Records(store);
  const deps: ControlDeps = {
    ...{ store, records, clock, gateway },
    journal: { append: async () => undefined },
    rules: () => ruleSet,
    world: () => around(),
    observing: () => false,
    limits: { ...CONTROL_LIMITS, resyncMs: 6 * HOUR },
  };
  const directory = new DirectoryKeeper(store, gateway);
  return {
    ...{ world, asked, trouble, alone: `Workers/${sid}` },
    pass: () => reconcile(sid, deps),
    listing: () => resync({ ...deps, directory, queues: { addPass: async () => {} } }, false),
    chat: () => world.channel('Ann', 'chat').configuredCapacity,
    later: () => {
      now += 10 * MINUTE;
    },
  };
}

describe('2: a listing with null for attributes', () => {
  let daemon: ReturnType<typeof started>;
  beforeEach(() => {
    daemon = started();
  });

  it('2: causes an individual read of the Worker, and no write until it succeeds', async () => {
    const { listing, pass, trouble, asked, alone, chat } = daemon;
    await listing();
    trouble.isDown = true;
    await expect(pass()).rejects.toThrow('503');
    expect(asked.slice(-1)).toEqual([alone]);
    expect(chat()).toBe(1);
    trouble.isDown = false;
    await pass();
    expect(chat()).toBe(3);
  });

  it('2: does so even if they were known, and have changed since without an event', async () => {
    const { listing, pass, trouble, asked, alone, world, later, chat } = daemon;
    await pass();
    expect(chat()).toBe(3);
    later();
    world.updateWorker('Ann', { attributes: { team: 'sales' } });
    later();
    await listing();
    trouble.isDown = true;
    await expect(pass()).rejects.toThrow('503');
    expect(asked.slice(-1)).toEqual([alone]);
    expect(chat()).toBe(3);
    trouble.isDown = false;
    await pass();
    expect(chat()).toBe(2);
  });

  it('2: costs no call if the Worker has not changed since they were known', async () => {
    const { listing, pass, asked, alone, later } = daemon;
    await pass();
    // The write of the pass may have touched the Worker itself.
    later();
    await listing();
    await pass();
    for (let n = 0; n < 2; n += 1) {
      later();
      await listing();
      asked.length = 0;
      await pass();
      expect(asked).not.toContain(alone);
    }
  });
});

// A rule that reads a group's load has its Workers' channels read, and waits for that.

import { expect, it } from 'vitest';
import { CONTROL_LIMITS } from '../../../src/control/deps.ts';
import { DirectoryKeeper } from '../../../src/control/directory.ts';
import { FactsKeeper } from '../../../src/control/facts-keeper.ts';
import { reconcile } from '../../../src/control/reconcile.ts';
import { Records } from '../../../src/control/records.ts';
import { type ResyncDeps, resync } from '../../../src/control/resync.ts';
import type { World } from '../../../src/core/decide.ts';
import type { WorkerSid } from '../../../src/core/ids.ts';
import { compileRules } from '../../../src/language/compile.ts';
import { world as around, HOUR, MINUTE, SECOND, T0 } from '../../support/builders.ts';
import { memoryGateway, newWorld } from '../../support/memory/gateway.ts';
import { MemoryStore } from '../../support/memory/store.ts';

const LIFT = `version: 1
defaults: { timezone: UTC, mode: enforce, baseline: { chat: 1 } }
groups: { support: { where: 'worker.team == "support"' } }
rules:
  - name: lift
    who: support
    when: { enter: 'group("support").load >= 0.9', exit: 'group("support").load <= 0.5' }
    then: { chat: 3 }
`;

it('3: after a start with an empty store, an unknown load raises no one and is read', async () => {
  let now = T0;
  const clock = { now: () => now };
  const world = newWorld(clock.now);
  for (const [friendlyName, team] of Object.entries({ Ana: 'support', Ben: 'support', Cy: 'x' })) {
    world.createWorker({ friendlyName, attributes: { team } });
    world.setActivity(friendlyName, 'Available');
  }
  const asked: string[] = [];
  const gateway = memoryGateway(world, {
    now: clock.now,
    async carry({ what, path, effect }) {
      asked.push(`${what} ${path}`);
      return effect();
    },
  });
  const store = new MemoryStore(clock.now);
  const records = new Records(store);
  const directory = new DirectoryKeeper(store, gateway);
  const { ruleSet } = compileRules([{ name: 'rules.yaml', text: LIFT }]);
  const passes = new Set<string>();
  const together = {
    ...{ store, records, clock, gateway, directory },
    queues: { addPass: async (key: string) => void passes.add(key) },
    rules: () => ruleSet,
    world: (): World => ({
      ...around({ directory: directory.current(), shared: (rule) => keeper.sharedVerdict(rule) }),
      group: (name) => keeper.group(name),
    }),
  };
  const keeper = new FactsKeeper({
    ...together,
    alone: true,
    pollMs: MINUTE,
    modeOf: () => 'enforce',
    allWorkersListed: () => true,
    onError: (error) => expect(error).toBeNull(),
  });
  const deps: ResyncDeps = {
    ...together,
    groups: keeper,
    journal: { append: async () => undefined },
    observing: () => false,
    limits: { ...CONTROL_LIMITS, resyncMs: 6 * HOUR },
  };
  const work = async () => {
    await keeper.pulse();
    await keeper.idle();
    await keeper.pulse();
    for (const key of passes) await reconcile(key as WorkerSid, deps);
    passes.clear();
  };
  const load = () => {
    const support = keeper.group('support');
    return 'load' in support ? support.load : support;
  };

  await resync(deps, true);
  await work();
  expect(load()).toEqual({
    unknown: 'the Worker Channels of 2 of its Workers have not been read yet',
  });
  const sids = ['Ana', 'Ben', 'Cy'].map((name) => world.worker(name).sid);
  const listings = asked.filter((each) => each.endsWith('/Channels'));
  expect(listings).toEqual(sids.slice(0, 2).map((sid) => `read Workers/${sid}/Channels`));
  now += MINUTE + SECOND;
  await work();
  expect([load(), keeper.isAllKnown()]).toEqual([0, true]);
  expect(asked.filter((each) => each.startsWith('write'))).toEqual([]);
});

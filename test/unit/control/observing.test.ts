// Guardrails that count Workers while headroom only observes: nothing is spent, and who is open is
// known when enforcement begins.

import { expect, it } from 'vitest';
import { CONTROL_LIMITS, type ControlDeps } from '../../../src/control/deps.ts';
import { Guard } from '../../../src/control/guard.ts';
import { reconcile } from '../../../src/control/reconcile.ts';
import { Records } from '../../../src/control/records.ts';
import type { World } from '../../../src/core/decide.ts';
import type { WorkerSid } from '../../../src/core/ids.ts';
import { compileRules } from '../../../src/language/compile.ts';
import { world as around, HOUR, T0 } from '../../support/builders.ts';
import { memoryGateway, newWorld } from '../../support/memory/gateway.ts';
import { MemoryStore } from '../../support/memory/store.ts';

const NAMES = ['Ann', 'Ben', 'Cleo'];
const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce }
groups: { team: { where: 'worker.team == "support"' } }
guardrails:
  keep_open: [{ group: team, channel: chat, at_least: 2 }]
  max_change: { workers: 100%, per: 5m }
rules:
  - { name: close, who: team, then: { chat: pause } }
`;
const OBSERVED = RULES.replace('then: { chat: pause }', 'then: { chat: pause }, mode: observe');

function started(text: string) {
  let rules = compileRules([{ name: 'rules.yaml', text }]).ruleSet;
  let observes = false;
  const clock = { now: () => T0 };
  const world = newWorld(clock.now);
  for (const friendlyName of NAMES) {
    world.createWorker({ friendlyName, attributes: { team: 'support' } });
    world.setActivity(friendlyName, 'Available');
  }
  const store = new MemoryStore(clock.now);
  const records = new Records(store);
  const there: World = { ...around(), modeOf: ({ mode }) => mode ?? 'enforce' };
  const shared = { store, clock, rules: () => rules, world: () => there };
  const guard = new Guard({ ...shared, queues: { addPass: async () => undefined } });
  const deps: ControlDeps = {
    ...{ ...shared, records, guard },
    gateway: memoryGateway(world, { now: clock.now }),
    journal: { append: async () => undefined },
    observing: () => observes,
    limits: { ...CONTROL_LIMITS, resyncMs: HOUR },
  };
  return {
    guard,
    use: (next: string) => {
      rules = compileRules([{ name: 'rules.yaml', text: next }]).ruleSet;
    },
    observe: (is: boolean) => {
      observes = is;
    },
    async passes() {
      for (const { sid } of world.workers()) await reconcile(sid as WorkerSid, deps);
    },
    open: () => NAMES.filter((name) => world.channel(name, 'chat').available).length,
  };
}

const UNTOUCHED = {
  keepOpen: [{ group: 'team', channel: 'chat', open: 3, atLeast: 2 }],
  maxChange: { written: 0, allowed: 3 },
  waiting: 0,
};

it('21: HEADROOM_MODE=observe spends nothing; enforcement then respects the floor', async () => {
  const { guard, observe, passes, open } = started(RULES);
  observe(true);
  await passes();
  await passes();
  expect(guard.view()).toEqual(UNTOUCHED);
  observe(false);
  await passes();
  expect(open()).toBe(2);
});

it('21: the same holds if the rule alone observes', async () => {
  const { guard, use, passes, open } = started(OBSERVED);
  await passes();
  expect(guard.view()).toEqual(UNTOUCHED);
  use(RULES);
  await passes();
  expect(open()).toBe(2);
});

it('21: Workers in line leave it once they are only observed', async () => {
  const { guard, observe, passes } = started(RULES);
  // When the first of them ask, none of the others is known to be open.
  await passes();
  await passes();
  expect(guard.view()?.waiting).toBe(2);
  observe(true);
  await passes();
  expect(guard.view()?.waiting).toBe(0);
});

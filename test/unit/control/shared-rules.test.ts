// A rule with one state for all, on two replicas: whoever requests its Workers' passes late does
// not take a change that came meanwhile for done.

import { expect, it } from 'vitest';
import { Records } from '../../../src/control/records.ts';
import { SharedRules } from '../../../src/control/shared-rules.ts';
import { newWorker } from '../../../src/core/state.ts';
import { compileRules } from '../../../src/language/compile.ts';
import { SECOND, T0, WORKER, world } from '../../support/builders.ts';
import { MemoryStore } from '../../support/memory/store.ts';
import { waitFor } from '../../support/wait.ts';

const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce }
rules:
  - { name: busy, who: everyone, when: 'queue("Support").waiting >= 20', then: { chat: { add: 1 } } }
`;
const { ruleSet } = compileRules([{ name: 'rules.yaml', text: RULES }]);

it('a change during the walk of a slow replica is still to be acted on after it', async () => {
  if (ruleSet === null) throw new Error('the rules have faults');
  const store = new MemoryStore(() => T0);
  const records = new Records(store);
  await records.save(WORKER, newWorker(WORKER, T0), 0);
  let goOn = () => {};
  const mayGoOn = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  let walking = false;
  const replica = (addPass: () => Promise<void>) =>
    new SharedRules({ store, records, queues: { addPass }, world: () => world() });
  const slow = replica(async () => {
    walking = true;
    await mayGoOn;
  });
  const other = replica(async () => {});
  let waiting = 30;
  const around = {
    queue: () => ({ waiting, longestWaitMs: 0, eligible: 1, availableWorkers: 1 }),
    group: () => ({ unknown: 'no groups here' }),
    modeOf: () => 'enforce' as const,
  };
  await slow.judge(ruleSet, around, T0);
  const walk = slow.requestPasses(ruleSet, T0);
  await waitFor('the walk', () => walking);
  await other.refresh();
  expect(await other.requestPasses(ruleSet, T0)).toBe(1);
  // It flips, and its replica dies before it has requested a pass.
  waiting = 0;
  await other.judge(ruleSet, around, T0 + SECOND);
  goOn();
  await walk;
  await slow.refresh();
  expect(await slow.requestPasses(ruleSet, T0 + SECOND)).toBe(1);
  await slow.refresh();
  expect(await slow.requestPasses(ruleSet, T0 + SECOND)).toBe(0);
});

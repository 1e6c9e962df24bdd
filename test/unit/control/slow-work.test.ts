// Two replicas on one store, and a TaskRouter so slow that what one of them does for both takes
// minutes: the other does not begin the same, unless the first has died.

import { describe, expect, it } from 'vitest';
import { Backfill } from '../../../src/control/backfill.ts';
import { CONTROL_LIMITS } from '../../../src/control/deps.ts';
import { DirectoryKeeper } from '../../../src/control/directory.ts';
import { Drift } from '../../../src/control/drift.ts';
import { EventCoverage } from '../../../src/control/event-coverage.ts';
import { FactsKeeper } from '../../../src/control/facts-keeper.ts';
import { Records } from '../../../src/control/records.ts';
import { RESYNC_WAKE, ResyncRunner } from '../../../src/control/resync.ts';
import { referencesOf } from '../../../src/control/rule-references.ts';
import { compileRules } from '../../../src/language/compile.ts';
import type { Gateway } from '../../../src/ports.ts';
import { HOUR, MINUTE, SECOND, T0, world } from '../../support/builders.ts';
import { memoryGateway, newWorld } from '../../support/memory/gateway.ts';
import { MemoryStore } from '../../support/memory/store.ts';
import { waitFor } from '../../support/wait.ts';

const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce }
rules:
  - { name: busy, who: everyone, when: 'queue("Support").waiting >= 20', then: { chat: { add: 1 } } }
  - name: missed
    who: everyone
    when: count("reservation.timeout", duration("1h")) >= 3
    then: { chat: { add: 1 } }
`;
const { ruleSet } = compileRules([{ name: 'rules.yaml', text: RULES }]);

interface Work {
  /** Once a second. */
  pulse(): Promise<unknown>;
  idle(): Promise<unknown>;
}

function partsOf(store: MemoryStore, clock: { now(): number }, gateway: Gateway) {
  const onError = (error: unknown) => {
    throw error;
  };
  return {
    ...{ store, clock, gateway, onError, records: new Records(store), alone: false },
    directory: new DirectoryKeeper(store, gateway),
    queues: { addPass: async () => {}, addEvent: async () => {} },
    ...{ rules: () => ruleSet, world: () => world() },
    log: { info: () => {}, warn: () => {}, error: onError },
    limits: { ...CONTROL_LIMITS, resyncMs: 6 * HOUR },
    workspaceSid: `WS${'0'.repeat(32)}`,
  };
}
type Parts = ReturnType<typeof partsOf>;

function listing(parts: Parts) {
  const deps = parts as Parts & ConstructorParameters<typeof ResyncRunner>[0];
  const resyncs = new ResyncRunner(deps, parts.log);
  return {
    resyncs,
    async pulse() {
      await resyncs.refresh();
      // The tick of this second, for which the first of the replicas comes.
      const due = await parts.store.leaseWakes(parts.clock.now(), MINUTE, 10);
      if (due.includes(RESYNC_WAKE)) void resyncs.run();
    },
    idle: () => resyncs.idle(),
  };
}

function looking(parts: Parts): Work {
  const control = parts as Parts & ConstructorParameters<typeof Drift>[0]['control'];
  const drift = new Drift({ ...parts, control });
  return { pulse: () => drift.pulse(), idle: () => drift.idle() };
}

function polling(parts: Parts): Work {
  const more = { pollMs: 30 * SECOND, modeOf: () => 'enforce' as const };
  const keeper = new FactsKeeper({ ...parts, ...more, allWorkersListed: () => true });
  return { pulse: () => keeper.pulse(), idle: () => keeper.idle() };
}

function filling(parts: Parts): Work {
  const coverage = new EventCoverage(parts.store, parts.clock);
  const references = referencesOf(ruleSet);
  const backfill = new Backfill({ ...parts, coverage, references: () => references });
  return {
    async pulse() {
      await coverage.beat();
      await backfill.pulse();
    },
    idle: () => backfill.idle(),
  };
}

/** `slow`: the path of the calls that wait until they are answered. */
function setting<T extends Work>(slow: string, workOf: (parts: Parts) => T) {
  const clock = { at: T0, now: () => clock.at };
  const store = new MemoryStore(clock.now);
  const there = newWorld(clock.now);
  there.createQueue('Support', '1 == 1');
  there.createWorker({ friendlyName: 'Ana', attributes: {} });
  const replica = () => {
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const made = { asked: 0, answer };
    const gateway = memoryGateway(there, {
      now: clock.now,
      async carry(call) {
        if (call.path.includes(slow)) {
          made.asked += 1;
          await answered;
        }
        return call.effect();
      },
    });
    return Object.assign(made, workOf(partsOf(store, clock, gateway)));
  };
  const pass = async (seconds: number, ...living: readonly Work[]) => {
    for (let second = 0; second < seconds; second += 1) {
      clock.at += SECOND;
      // Each is first in turn.
      for (const each of second % 2 ? living : living.toReversed()) await each.pulse();
    }
  };
  return { clock, store, pass, first: replica(), second: replica() };
}

const WORKS: readonly (readonly [string, string, (parts: Parts) => Work])[] = [
  ['a resync', 'Workers', listing],
  ['a look at the history', 'Events', looking],
  ['a poll of TaskQueues', 'RealTimeStatistics', polling],
  ['a repair from the history', 'Events', filling],
];

describe.each(WORKS)('%s', (_, slow, workOf) => {
  async function begun() {
    const set = setting(slow, workOf);
    const { store, clock, first, pass } = set;
    await store.setWake(RESYNC_WAKE, clock.at);
    await waitFor('the first is at it', async () => {
      await pass(1, first);
      return first.asked > 0;
    });
    return set;
  }

  it('is made once, however long it takes', async () => {
    const { first, second, pass } = await begun();
    await pass(300, first, second);
    expect([first.asked, second.asked]).toEqual([1, 0]);
    first.answer();
    await first.idle();
  });

  it('is begun by another within a minute or so after its replica has died', async () => {
    const { first, second, pass } = await begun();
    await pass(300, first, second);
    await pass(15, second);
    expect(second.asked).toBe(0);
    await pass(70, second);
    expect(second.asked).toBe(1);
  });
});

describe('a resync that one replica requests while another lists', () => {
  it('follows when that one is done, and reads what was requested', async () => {
    const { clock, store, first, second, pass } = setting('Workers', listing);
    await store.setWake(RESYNC_WAKE, clock.at);
    await pass(1, first);
    await waitFor('the first lists', () => first.asked === 1);
    await second.resyncs.request(true);
    await pass(30, first, second);
    expect([first.asked, second.asked]).toEqual([1, 0]);
    for (const each of [first, second]) each.answer();
    await first.idle();
    await pass(1, first, second);
    for (const each of [first, second]) await each.idle();
    expect(first.asked + second.asked).toBe(2);
    const [ana] = (await store.listWorkers(1)).workers;
    expect(ana?.value).toMatchObject({ relistAt: clock.at });
    // None is due until the next in turn.
    await pass(60, first, second);
    expect(first.asked + second.asked).toBe(2);
    expect(store.nextWake()).toBe(clock.at - MINUTE + 6 * HOUR);
  });

  it('is not lost with a store that loses everything meanwhile', async () => {
    const { clock, store, first, second, pass } = setting('Workers', listing);
    for (let n = 0; n < 3; n += 1) await first.resyncs.request(true);
    await pass(1, first);
    await waitFor('the first lists', () => first.asked === 1);
    store.lose();
    await second.resyncs.request(true);
    for (const each of [first, second]) each.answer();
    await first.idle();
    await pass(1, first, second);
    for (const each of [first, second]) await each.idle();
    expect(first.asked + second.asked).toBe(2);
    const [ana] = (await store.listWorkers(1)).workers;
    expect(ana?.value).toMatchObject({ relistAt: clock.at });
  });
});

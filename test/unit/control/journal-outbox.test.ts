// The journal while the store fails: at each single one of a pass's calls to it, before or after
// its effect, with the process going on or not. What happened is reported once.

import { expect, it } from 'vitest';
import { CONTROL_LIMITS, type ControlDeps } from '../../../src/control/deps.ts';
import { reconcile } from '../../../src/control/reconcile.ts';
import { Records } from '../../../src/control/records.ts';
import { evolve } from '../../../src/core/evolve.ts';
import type { WorkerSid } from '../../../src/core/ids.ts';
import { Failure, RetryLater, type Store, StoreDown } from '../../../src/ports.ts';
import { world as around, channelEvent, HOUR, SECOND, T0 } from '../../support/builders.ts';
import { type Call, memoryGateway, newWorld } from '../../support/memory/gateway.ts';
import { MemoryStore } from '../../support/memory/store.ts';
import { rule, ruleSet } from '../../support/rules.ts';

type When = 'before' | 'after';

const BOTH = ruleSet([rule('both', { chat: 3, sms: 2 })]);

/** A store that fails once: at its call `n`, before or after the effect. */
function awayOnce(store: MemoryStore) {
  const away = { in: Number.POSITIVE_INFINITY, when: 'before' as When };
  const call = async (name: PropertyKey, args: unknown[]) => {
    away.in -= 1;
    const now = away.in === 0;
    if (now && away.when === 'before') throw new StoreDown(new Error(`away at ${String(name)}`));
    const answer: unknown = await Reflect.apply(Reflect.get(store, name), store, args);
    if (now) throw new StoreDown(new Error(`away after ${String(name)}`));
    return answer;
  };
  const proxy = new Proxy<Store>(store, {
    get: (_, name) => (name === 'then' ? undefined : (...args: unknown[]) => call(name, args)),
  });
  return { proxy, away };
}

function ann(refused: readonly string[]) {
  const clock = { at: T0, now: () => clock.at };
  const world = newWorld(clock.now);
  const sid = world.createWorker({ friendlyName: 'Ann', attributes: {} }).sid as WorkerSid;
  world.setActivity('Ann', 'Available');
  const kept = new MemoryStore(clock.now);
  const { proxy: store, away } = awayOnce(kept);
  const carry = async <T>({ what, path, effect }: Call<T>): Promise<T> => {
    if (what === 'write' && refused.some((channel) => path.endsWith(channel)))
      throw new Failure('invalid', 'TaskRouter answered 400', { status: 400 });
    return effect();
  };
  const deps: ControlDeps = {
    ...{ store, records: new Records(store), clock },
    gateway: memoryGateway(world, { now: clock.now, carry }),
    journal: { append: (entries) => store.appendJournal(entries) },
    rules: () => BOTH,
    world: () => around(),
    observing: () => false,
    limits: { ...CONTROL_LIMITS, resyncMs: 6 * HOUR },
  };
  /** As the queue does: again after the store failed, whatever TaskRouter answers. */
  const passes = async () => {
    for (let quiet = 0; quiet < 2; ) {
      clock.at += SECOND;
      try {
        await reconcile(sid, deps);
        quiet += 1;
      } catch (error) {
        if (error instanceof RetryLater) quiet += 1;
        else if (!(error instanceof StoreDown)) throw error;
      }
    }
  };
  const told = async () => {
    const { entries } = await kept.readJournal({ limit: 100 });
    return entries.map(({ channel, reason }) => `${channel} ${sort(reason)}`).sort();
  };
  return { world, sid, clock, away, passes, told, records: new Records(kept) };
}

/** A write whose response could not be stored is reported by the read that finds it. */
function sort(reason: string): string {
  return reason === 'write.done' || reason === 'rule.claimed' ? 'written' : reason;
}

type Ann = ReturnType<typeof ann>;

/** Runs it with the store failing at each of its calls; the number of calls. */
async function everywhere(when: When, run: (how: (here: Ann) => void) => Promise<Ann>) {
  for (let n = 1; ; n += 1) {
    const here = await run(({ away }) => Object.assign(away, { in: n, when }));
    if (here.away.in > 0) return n - 1;
  }
}

it.each(['before', 'after'] as const)(
  'every write is reported once, if the store fails %s the effect',
  async (when) => {
    const calls = await everywhere(when, async (arm) => {
      const here = ann([]);
      arm(here);
      await here.passes();
      expect(await here.told()).toEqual(['chat written', 'sms written']);
      return here;
    });
    expect(calls).toBeGreaterThan(10);
  },
);

it.each(['before', 'after'] as const)(
  'every refusal is reported once, if the store fails %s the effect',
  async (when) => {
    const calls = await everywhere(when, async (arm) => {
      const here = ann(['chat']);
      arm(here);
      await here.passes();
      expect(await here.told()).toEqual(['chat write.invalid', 'sms written']);
      return here;
    });
    expect(calls).toBeGreaterThan(10);
  },
);

it.each(['before', 'after'] as const)(
  'every edit is reported once, if the store fails %s the effect',
  async (when) => {
    await everywhere(when, async (arm) => {
      const here = ann([]);
      await here.passes();
      here.clock.at += HOUR;
      here.world.editChannel('Ann', 'chat', { capacity: 7 });
      const event = channelEvent('worker.capacity.update', here.clock.at, { channel: 'chat' });
      await here.records.change(here.sid, here.clock.at, (state) => evolve(state, event));
      arm(here);
      await here.passes();
      expect(await here.told()).toEqual(['chat person.edit', 'chat written', 'sms written']);
      const { state } = (await here.records.load(here.sid)) ?? { state: null };
      expect(state?.untold).toBeUndefined();
      return here;
    });
  },
);

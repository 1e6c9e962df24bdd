// A Worker with one Worker Channel that cannot be written: the others are written, scheduled passes
// come in time, and each episode is reported.

import { expect, it } from 'vitest';
import { CONTROL_LIMITS, type ControlDeps } from '../../../src/control/deps.ts';
import { reconcile } from '../../../src/control/reconcile.ts';
import { Records } from '../../../src/control/records.ts';
import { workerView } from '../../../src/control/views.ts';
import { evolve } from '../../../src/core/evolve.ts';
import type { WorkerSid } from '../../../src/core/ids.ts';
import { REASONS } from '../../../src/core/reasons.ts';
import { Failure, type FailureKind, RetryLater } from '../../../src/ports.ts';
import { world as around, channelEvent, HOUR, SECOND, T0 } from '../../support/builders.ts';
import { type Call, memoryGateway, newWorld } from '../../support/memory/gateway.ts';
import { MemoryStore } from '../../support/memory/store.ts';
import { rule, ruleSet } from '../../support/rules.ts';

const STATUS = { unavailable: 500, throttled: 429, refused: 403, invalid: 400 } as const;

/** Ann; `faults` says how writes of each Worker Channel fail, and reads. */
function ann(faults: Record<string, FailureKind>, rules = ruleSet([BOTH])) {
  const clock = { at: T0, now: () => clock.at };
  const world = newWorld(clock.now);
  const sid = world.createWorker({ friendlyName: 'Ann', attributes: {} }).sid as WorkerSid;
  world.setActivity('Ann', 'Available');
  const store = new MemoryStore(clock.now);
  const records = new Records(store);
  const tried: string[] = [];
  const here = { rules };
  const carry = async <T>({ what, path, effect }: Call<T>): Promise<T> => {
    const channel = path.split('/').at(-1) ?? '';
    if (what === 'write') tried.push(channel);
    const kind = faults[what === 'write' ? channel : 'read'];
    if (kind === undefined) return effect();
    const status = kind in STATUS ? STATUS[kind as keyof typeof STATUS] : null;
    throw new Failure(kind, `${channel} fails`, { status });
  };
  const deps: ControlDeps = {
    ...{ store, records, clock },
    gateway: memoryGateway(world, { now: clock.now, carry }),
    journal: { append: (entries) => store.appendJournal(entries) },
    rules: () => here.rules,
    world: () => around(),
    observing: () => false,
    limits: { ...CONTROL_LIMITS, resyncMs: 6 * HOUR },
  };
  const capacity = (channel: string) => world.channel('Ann', channel).configuredCapacity;
  const pass = () => reconcile(sid, deps);
  return { ...{ clock, store, records, tried, here, faults, sid, deps }, capacity, pass };
}

const BOTH = rule('both', { chat: 3, sms: 2 });

it('a Worker Channel that always answers 500 does not block writes to the others', async () => {
  const { pass, capacity } = ann({ chat: 'unavailable' });
  await expect(pass()).rejects.toMatchObject({ message: 'chat fails', retryable: true });
  expect([capacity('chat'), capacity('sms')]).toEqual([1, 2]);
});

it('a channel whose write failed is shown with one of the reason codes', async () => {
  for (const kind of ['network', 'unavailable', 'throttled', 'refused', 'invalid'] as const) {
    const { pass, records, sid, deps } = ann({ chat: kind });
    await expect(pass()).rejects.toThrow('chat fails');
    const found = await records.load(sid);
    if (found === null) throw new Error('Ann is on record');
    const seen = workerView(found.state, {
      ...deps,
      directory: { current: () => ({ activities: {} }) },
    });
    const shown = seen.channels.find(({ channel }) => channel === 'chat')?.refused ?? '';
    expect([shown, Object.hasOwn(REASONS, shown)]).toEqual([expect.stringMatching('write'), true]);
  }
});

it('if two fail, the one that can heal has the pass repeated', async () => {
  const one = ann({ chat: 'invalid', sms: 'unavailable' });
  await expect(one.pass()).rejects.toMatchObject({ message: 'sms fails', retryable: true });
  const other = ann({ chat: 'unavailable', sms: 'invalid' });
  await expect(other.pass()).rejects.toMatchObject({ message: 'chat fails', retryable: true });
});

it.each(['network', 'throttled', 'refused'] as const)(
  'after %s no other channel of the Worker is tried, since it would fail too',
  async (kind) => {
    const { pass, tried } = ann({ chat: kind });
    await expect(pass()).rejects.toBeInstanceOf(RetryLater);
    expect(tried).toEqual(['chat']);
  },
);

const LATE = { when: { enter: 'worker.sid != ""', forMs: 20 * SECOND } };

it.each(['invalid', 'refused', 'unavailable', 'network', 'throttled'] as const)(
  '10: the earliest instant wins even if a write failed: %s',
  async (kind) => {
    const soon = ann({ chat: kind }, ruleSet([BOTH, rule('late', { voice: 2 }, LATE)]));
    await expect(soon.pass()).rejects.toBeInstanceOf(RetryLater);
    expect(soon.store.nextWake()).toBe(T0 + 20 * SECOND);
    const alone = ann({ chat: kind });
    await expect(alone.pass()).rejects.toBeInstanceOf(RetryLater);
    const { unreachableMs, refusedMs } = CONTROL_LIMITS;
    const patience = kind === 'invalid' || kind === 'refused' ? refusedMs : unreachableMs;
    expect(alone.store.nextWake()).toBe(T0 + patience);
  },
);

it('10: the earliest instant wins even if a Worker Channel could not be read', async () => {
  const rules = ruleSet([BOTH, rule('late', { voice: 2 }, LATE)]);
  const { pass, store, clock, faults, records, sid } = ann({}, rules);
  await pass();
  clock.at += 10 * SECOND;
  const event = channelEvent('worker.channel.availability.update', clock.at);
  await records.change(sid, clock.at, (state) => evolve(state, event));
  faults.read = 'unavailable';
  await expect(pass()).rejects.toBeInstanceOf(RetryLater);
  expect(store.nextWake()).toBe(T0 + 20 * SECOND);
});

it.each(['invalid', 'refused', 'unavailable'] as const)(
  '15: each episode of failed writes is reported once: %s',
  async (kind) => {
    const { pass, store, clock, here } = ann({ chat: kind });
    const told = async () => {
      const { entries } = await store.readJournal({ limit: 100 });
      return entries.filter((e) => e.channel === 'chat' && e.reason.startsWith('write.')).length;
    };
    const fails = async () => {
      clock.at += HOUR;
      await expect(pass()).rejects.toBeInstanceOf(RetryLater);
    };
    await fails();
    await fails();
    here.rules = ruleSet([rule('more', { chat: 4 })]);
    await fails();
    expect(await told()).toBe(1);
    here.rules = ruleSet([]);
    clock.at += HOUR;
    await pass();
    here.rules = ruleSet([BOTH]);
    await fails();
    await fails();
    expect(await told()).toBe(2);
  },
);

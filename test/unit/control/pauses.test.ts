// Pauses that end by themselves: each end is reported once, even if somebody's order comes first;
// and two replicas on one store, one of which gives the order.

import { afterEach, describe, expect, it, vi } from 'vitest';
import { Orders } from '../../../src/control/orders.ts';
import { PAUSE_LIMITS, type Pause, Pauses, TooManyPauses } from '../../../src/control/pauses.ts';
import { Records } from '../../../src/control/records.ts';
import type { ResyncDeps } from '../../../src/control/resync.ts';
import type { WorkerSid } from '../../../src/core/ids.ts';
import { newWorker } from '../../../src/core/state.ts';
import { StoreDown } from '../../../src/ports.ts';
import { MINUTE, T0, WORKER } from '../../support/builders.ts';
import { MemoryStore } from '../../support/memory/store.ts';

const ALL = { rule: null, worker: null, channel: null };

function orders() {
  const clock = { at: T0 };
  const now = () => clock.at;
  const store = new MemoryStore(now);
  const pauses = new Pauses(store, now);
  const control = {
    ...{ store, pauses, clock: { now }, records: new Records(store) },
    journal: {
      append: (entries: Parameters<typeof store.appendJournal>[0]) => store.appendJournal(entries),
    },
    queues: { addPass: async () => {} },
    rules: () => null,
    observing: () => false,
  } as unknown as ResyncDeps;
  const ended = async () => {
    const { entries } = await store.readJournal({ limit: 50 });
    return entries.filter((e) => e.reason === 'pause.ended').map((e) => [e.actor, e.text]);
  };
  const onError = (error: unknown) => {
    throw error;
  };
  const given = new Orders({ control, pauses, onError });
  return { store, clock, now, control, pauses, orders: given, ended };
}

describe('21: a pause that has ended before the tick', () => {
  const over = ['headroom', 'everything resumed: the pause by dana ended'];
  const pause = { ...ALL, reason: 'odd', by: 'dana', until: T0 + MINUTE };

  it.each<[string, (given: ReturnType<typeof orders>) => Promise<unknown>]>([
    ['another pause', (g) => g.orders.pause({ ...ALL, reason: 'x', by: 'eve', until: null })],
    ['a resume', (g) => g.orders.resume({ ...ALL, by: 'eve' })],
    ['the tick itself', (g) => g.orders.expire()],
  ])('is reported once as ended by itself if %s removes it', async (_, drop) => {
    const given = orders();
    await given.orders.pause(pause);
    given.clock.at += MINUTE;
    await drop(given);
    expect(await given.ended()).toEqual([over]);
    await given.orders.expire();
    expect(await given.ended()).toEqual([over]);
  });

  it('is not ended by a later resume', async () => {
    const given = orders();
    await given.orders.pause(pause);
    given.clock.at += MINUTE;
    expect(await given.orders.resume({ ...ALL, by: 'eve' })).toEqual({ ended: null });
  });
});

describe('22: passes that could not be requested after an order', () => {
  async function failing() {
    const given = orders();
    const here = { down: true };
    const control = {
      ...given.control,
      directory: { current: () => ({ activities: {} }) },
      queues: {
        async addPass() {
          if (here.down) throw new StoreDown(new Error('gone'));
        },
      },
      journal: {
        async append() {
          if (here.down) throw new StoreDown(new Error('gone'));
        },
      },
    } as unknown as ResyncDeps;
    await control.records.save(WORKER, newWorker(WORKER, T0), 0);
    const { pauses } = given;
    vi.useFakeTimers();
    const looked: boolean[] = [];
    await pauses.start({
      onError: () => {},
      async onChanged() {
        looked.push(!here.down);
        if (here.down) throw new StoreDown(new Error('gone'));
      },
    });
    return { ...given, here, looked, orders: new Orders({ control, pauses, onError: () => {} }) };
  }
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each<[string, (given: Awaited<ReturnType<typeof failing>>) => Promise<unknown>]>([
    ['a release', (g) => g.orders.release({ ...ALL, reason: 'odd', by: 'dana' })],
    ['a resume', (g) => g.orders.resume({ ...ALL, by: 'dana' })],
    ['its own end', (g) => g.orders.expire()],
  ])('are requested once they can be, after %s', async (_, act) => {
    const given = await failing();
    const { here, looked, pauses, clock } = given;
    const until = T0 + MINUTE;
    const pause = { ...ALL, since: T0, until, reason: 'odd', by: 'dana', released: false };
    await pauses.begin(pause);
    if (_ === 'its own end') clock.at += MINUTE;
    await act(given).catch(() => {});
    await vi.advanceTimersByTimeAsync(3_000);
    expect(looked).toContain(false);
    here.down = false;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(looked.filter((done) => done)).toEqual([true]);
    pauses.stop();
  });
});

it('22: a pause by another replica is known as soon as a write checks', async () => {
  const { store, now, pauses } = orders();
  const other = new Pauses(store, now);
  const pause: Pause = {
    ...ALL,
    since: T0,
    until: null,
    reason: 'odd',
    by: 'dana',
    released: false,
  };
  await other.refresh();
  await pauses.begin(pause);
  expect(other.forChannel(WORKER, 'chat')).toBe(null);
  await other.reread();
  expect(other.forChannel(WORKER, 'chat')).toEqual(pause);
});

describe('22: a pause holds until it is resumed, even if the store lost everything', () => {
  const all: Pause = { ...ALL, since: T0, until: null, reason: 'odd', by: 'dana', released: false };
  const ana: Pause = { ...all, worker: WORKER };
  async function lost(...paused: readonly Pause[]) {
    const { store, now, pauses } = orders();
    for (const pause of paused) await pauses.begin(pause);
    store.lose();
    return { store, pauses, another: new Pauses(store, now) };
  }

  it.each(['at once', 'a second later'])('resuming one %s ends that one', async (when) => {
    const { pauses } = await lost(all, ana);
    if (when !== 'at once') await pauses.refresh();
    expect((await pauses.end(ana)).ended).toEqual(ana);
    expect(pauses.current()).toEqual([all]);
  });

  it('another pause leaves earlier ones in force, on every replica', async () => {
    const { pauses, another } = await lost(all);
    await pauses.begin(ana);
    expect(pauses.current()).toEqual([all, ana]);
    await another.refresh();
    expect(another.current()).toEqual([all, ana]);
  });

  it('its end is scheduled again', async () => {
    const { store, pauses } = await lost({ ...all, until: T0 + MINUTE });
    await pauses.refresh();
    expect(store.nextWake()).toBe(T0 + MINUTE);
  });
});

it('pauses of deleted Workers do not count against the limit', async () => {
  const { store, pauses } = orders();
  const pause: Pause = {
    ...{ ...ALL, since: T0, until: null, reason: 'odd', by: 'dana', released: false },
  };
  const sid = (n: number) => `WK${String(n).padStart(32, '0')}` as WorkerSid;
  for (let n = 0; n < PAUSE_LIMITS.most; n += 1) {
    await store.saveWorker(sid(n), {}, 0);
    await pauses.begin({ ...pause, worker: sid(n) });
  }
  await expect(pauses.begin(pause)).rejects.toBeInstanceOf(TooManyPauses);
  for (const n of [1, 2]) await store.removeWorker(sid(n));
  await pauses.begin(pause);
  expect(pauses.current()).toHaveLength(PAUSE_LIMITS.most - 1);
  expect(pauses.forChannel(sid(0), 'chat')).toMatchObject({ worker: null });
});

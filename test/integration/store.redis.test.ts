// The store on Redis, by the common contract, and what only Redis has: its own set-up to be checked,
// and a server that goes away and comes back.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { WorkerSid } from '../../src/core/ids.ts';
import { type Store, StoreDown } from '../../src/ports.ts';
import { RedisStore } from '../../src/store/redis.ts';
import { feedContract } from '../contract/feed.contract.ts';
import { storeContract } from '../contract/store.contract.ts';
import {
  keysUnder,
  type OwnRedis,
  ownPrefix,
  ownRedis,
  removeKeys,
  testRedisUrl,
} from '../support/redis.ts';
import { waitFor } from '../support/wait.ts';

const quiet = (): void => undefined;

describe('on the given server', () => {
  const url = testRedisUrl();
  const prefix = ownPrefix();
  let store: RedisStore;
  let other: RedisStore;
  beforeAll(async () => {
    store = await RedisStore.open(url, prefix, quiet);
    other = await RedisStore.open(url, prefix, quiet);
  });
  afterAll(async () => {
    await store.close();
    await other.close();
    await removeKeys(url, prefix);
  });

  storeContract(() => store);
  feedContract(() => ({ mine: store, theirs: other }));

  it('all that grows expires or is bounded', async () => {
    await store.markSeen('EVlast', Date.now());
    await store.claimOnce('tick', 60_000);
    await store.takeCall(1, 60_000);
    const kinds = (await keysUnder(url, prefix)).map((key) => key.split(':')[1]);
    expect([...new Set(kinds)].sort()).toEqual(
      ['calls', 'claim', 'documents', 'journal', 'seen', 'wakes', 'workers'].sort(),
    );
  });

  it('a budget is shared by replicas: two connections together take no more than one', async () => {
    const shared = `${prefix}:shared`;
    const two = [
      await RedisStore.open(url, shared, quiet),
      await RedisStore.open(url, shared, quiet),
    ];
    const waits = await Promise.all(
      Array.from({ length: 15 }).flatMap(() => two.map((one) => one.takeCall(10, 60_000))),
    );
    await Promise.all(two.map((one) => one.close()));
    const inMinute = (n: number): number =>
      waits.filter((wait) => wait > n * 60_000 - 5_000 && wait <= (n + 1) * 60_000 - 5_000).length;
    expect([inMinute(0), inMinute(1), inMinute(2)]).toEqual([10, 10, 10]);
  });
});

describe('on a server of its own', () => {
  let own: OwnRedis;
  let store: RedisStore | null = null;
  const open = async (): Promise<RedisStore> => {
    store = await RedisStore.open(own.url, 'own', quiet);
    return store;
  };
  afterEach(async () => {
    await store?.close();
    await own.remove();
  });

  it('every method rejects with StoreDown in time while Redis is gone, and works again after', async () => {
    own = await ownRedis('--appendonly', 'yes', '--appendfsync', 'always');
    const redis = await open();
    await redis.saveWorker('WK1' as WorkerSid, 'kept', 0);
    await own.stop();
    for (const ask of everyMethod(redis)) await rejectsInTime(ask);
    await own.start();
    await waitFor('it is back', () =>
      redis.ping().then(
        () => true,
        () => false,
      ),
    );
    expect((await redis.loadWorker('WK1' as WorkerSid))?.value).toBe('kept');
    // The server lost its scripts; they are sent again.
    expect(await redis.saveWorker('WK1' as WorkerSid, 'changed', 1)).toBe(true);
  });

  it('a server that hangs is told from one that answers, and is used again when it goes on', async () => {
    own = await ownRedis();
    const redis = await open();
    await redis.ping();
    own.signal('SIGSTOP');
    await rejectsInTime(() => redis.ping());
    own.signal('SIGCONT');
    await waitFor('it is back', () =>
      redis.ping().then(
        () => true,
        () => false,
      ),
    );
  });

  it('a store may be opened before its server is there', async () => {
    own = await ownRedis();
    await own.stop();
    const redis = await open();
    await rejectsInTime(() => redis.ping());
    await own.start();
    await waitFor('it is there', () =>
      redis.ping().then(
        () => true,
        () => false,
      ),
    );
  });

  it('37: Redis must be noeviction, with persistence or a warning', async () => {
    own = await ownRedis('--maxmemory-policy', 'allkeys-lru', '--save', '');
    expect(await (await open()).check()).toEqual({
      errors: ['Redis has maxmemory-policy allkeys-lru: it must be noeviction, or events are lost'],
      warnings: [
        'Redis keeps nothing on disk (appendonly is no, save is empty): its restart loses events',
      ],
    });
  });

  it('a Redis that keeps everything passes; one that hides its settings is warned about', async () => {
    own = await ownRedis('--appendonly', 'yes');
    const redis = await open();
    expect(await redis.check()).toEqual({ errors: [], warnings: [] });
    await redis.close();
    await own.remove();
    own = await ownRedis('--rename-command', 'CONFIG', '');
    const hidden = await (await open()).check();
    expect([hidden.errors, hidden.warnings.length]).toEqual([[], 1]);
  });

  it('the check of a Redis that is not there rejects', async () => {
    own = await ownRedis();
    await own.stop();
    await expect((await open()).check()).rejects.toBeInstanceOf(StoreDown);
  });
});

async function rejectsInTime(ask: () => Promise<unknown>): Promise<void> {
  const began = performance.now();
  await expect(ask()).rejects.toBeInstanceOf(StoreDown);
  expect(performance.now() - began).toBeLessThan(3_000);
}

function everyMethod(store: Store): (() => Promise<unknown>)[] {
  const worker = 'WK1' as WorkerSid;
  return [
    () => store.loadWorker(worker),
    () => store.saveWorker(worker, 1, 1),
    () => store.removeWorker(worker),
    () => store.listWorkers(10),
    () => store.hasSeen('EV1', 1),
    () => store.markSeen('EV1', 1),
    () => store.countSeen(),
    () => store.setWake('k', 1),
    () => store.setWake('k', null),
    () => store.leaseWakes(1, 1, 1),
    () =>
      store.appendJournal([
        {
          at: 1,
          worker: null,
          workerName: null,
          channel: null,
          reason: 'write.done',
          rule: null,
          from: null,
          to: null,
          text: '',
          actor: 'headroom',
        },
      ]),
    () => store.readJournal({ limit: 1 }),
    () => store.getDocument('d'),
    () => store.putDocument('d', 1, 0),
    () => store.claimOnce('c', 1),
    () => store.takeCall(1, 1),
    () => store.ping(),
  ];
}

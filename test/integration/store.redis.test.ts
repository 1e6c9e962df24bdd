// The store on Redis, by the common contract, and what only Redis has: its settings to be checked,
// and a server that goes away and comes back.

import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { WorkerSid } from '../../src/core/ids.ts';
import { type Store, StoreDown } from '../../src/ports.ts';
import { LIMITS } from '../../src/store/limits.ts';
import { RedisStore } from '../../src/store/redis.ts';
import { feedContract } from '../contract/feed.contract.ts';
import { entry, storeContract } from '../contract/store.contract.ts';
import {
  keysUnder,
  type OwnRedis,
  ownPrefix,
  ownRedis,
  removeKeys,
  testRedisUrl,
  withRedis,
} from '../support/redis.ts';
import { waitFor } from '../support/wait.ts';

const quiet = (): void => undefined;

describe('on the given server', () => {
  const url = testRedisUrl();
  const prefix = ownPrefix();
  let store: RedisStore;
  let other: RedisStore;
  const kept: RedisStore[] = [];
  beforeAll(async () => {
    store = await RedisStore.open(url, prefix, { onError: quiet });
    other = await RedisStore.open(url, prefix, { onError: quiet });
  });
  afterAll(async () => {
    await store.close();
    await other.close();
    for (const each of kept) await each.close();
    await removeKeys(url, prefix);
  });

  storeContract(
    () => store,
    async (keep) => {
      const own = `${prefix}:${randomUUID()}`;
      const opened = await RedisStore.open(url, own, { onError: quiet, keep });
      kept.push(opened);
      return opened;
    },
  );
  feedContract(() => ({ mine: store, theirs: other }));

  it("a Worker's entries behind many others are found by reading on", async () => {
    const mine = `WK${'1'.repeat(32)}`;
    const store = await RedisStore.open(url, `${prefix}:${randomUUID()}`, { onError: quiet });
    kept.push(store);
    await store.appendJournal([entry(0, mine)]);
    const lot = Array.from({ length: LIMITS.journalScan / 10 }, (_, n) => entry(n));
    for (let n = 0; n < 11; n += 1) await store.appendJournal(lot);
    await store.appendJournal([entry(1, mine)]);
    const first = await store.readJournal({ limit: 2, worker: mine });
    expect(first.entries.map(({ text }) => text)).toEqual(['entry 1']);
    const rest = await store.readJournal({ limit: 2, worker: mine, before: first.next ?? '' });
    expect([rest.entries.map(({ text }) => text), rest.next]).toEqual([['entry 0'], null]);
  });

  it('everything that grows expires or is bounded', async () => {
    await store.markSeen('EVlast', Date.now());
    await store.claimOnce('tick', 60_000);
    await store.takeCall(1, 60_000);
    const kinds = (await keysUnder(url, prefix))
      .filter((key) => !/:[0-9a-f-]{36}:/.test(key))
      .map((key) => key.split(':')[1]);
    expect([...new Set(kinds)].sort()).toEqual(
      ['calls', 'claim', 'documents', 'journal', 'seen', 'wakes', 'workers'].sort(),
    );
  });

  it('a budget is shared by replicas: two connections together take no more than one', async () => {
    const shared = `${prefix}:shared`;
    const two = [
      await RedisStore.open(url, shared, { onError: quiet }),
      await RedisStore.open(url, shared, { onError: quiet }),
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
    store = await RedisStore.open(own.url, 'own', { onError: quiet });
    return store;
  };
  afterEach(async () => {
    await store?.close();
    await own.remove();
  });

  it('every method rejects in time while Redis is gone, and works again afterwards', async () => {
    own = await ownRedis('--appendonly', 'yes', '--appendfsync', 'always');
    const redis = await open();
    await redis.saveWorker('WK1' as WorkerSid, 'kept', 0);
    await own.stop();
    for (const ask of everyMethod(redis)) await isRefused(ask);
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

  it('a server that hangs is detected, and used again when it continues', async () => {
    own = await ownRedis();
    const redis = await open();
    await redis.ping();
    own.signal('SIGSTOP');
    await isRefused(() => redis.ping());
    own.signal('SIGCONT');
    await waitFor('it is back', () =>
      redis.ping().then(
        () => true,
        () => false,
      ),
    );
  });

  it('a store may be opened before its server is up', async () => {
    own = await ownRedis();
    await own.stop();
    const redis = await open();
    await isRefused(() => redis.ping());
    await own.start();
    await waitFor('it is there', () =>
      redis.ping().then(
        () => true,
        () => false,
      ),
    );
  });

  it('30: a ping proves that writes are accepted: a full Redis fails it', async () => {
    own = await ownRedis();
    const redis = await open();
    const most = (bytes: string) =>
      withRedis(own.url, (server) => server.config('SET', 'maxmemory', bytes));
    await most('1');
    await isRefused(() => redis.ping());
    await most('0');
    await expect(redis.ping()).resolves.toBeUndefined();
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

  it('a durable Redis passes; one that hides its settings causes a warning', async () => {
    own = await ownRedis('--appendonly', 'yes');
    const redis = await open();
    expect(await redis.check()).toEqual({ errors: [], warnings: [] });
    await redis.close();
    await own.remove();
    own = await ownRedis('--rename-command', 'CONFIG', '');
    const hidden = await (await open()).check();
    expect([hidden.errors, hidden.warnings.length]).toEqual([[], 1]);
  });

  it('the check of an unreachable Redis rejects', async () => {
    own = await ownRedis();
    await own.stop();
    await expect((await open()).check()).rejects.toBeInstanceOf(StoreDown);
  });
});

/** Redis is gone until afterwards, so a call that waited for it would never end. */
async function isRefused(ask: () => Promise<unknown>): Promise<void> {
  await expect(ask()).rejects.toBeInstanceOf(StoreDown);
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

// The queues on Redis, by the common contract, over several lives, and while the server is away.

import { afterAll, describe, expect, it } from 'vitest';
import { StoreDown } from '../../src/ports.ts';
import { BullForwards } from '../../src/queue/forwards.ts';
import { redisQueueBackend } from '../../src/queue/queue-backend.ts';
import { BullQueues } from '../../src/queue/queues.ts';
import { backendDurability } from '../contract/backend-durability.ts';
import { deadJobsContract } from '../contract/dead-jobs.contract.ts';
import { forwardsContract } from '../contract/forwards.contract.ts';
import { eventOf, queuesContract } from '../contract/queues.contract.ts';
import { onRedis, ownPrefix, ownRedis, removeKeys, testRedisUrl } from '../support/redis.ts';
import { waitFor } from '../support/wait.ts';

const prefixes: string[] = [];
const prefix = (): string => {
  prefixes.push(ownPrefix());
  return prefixes.at(-1) ?? '';
};
afterAll(async () => {
  for (const one of prefixes) await removeKeys(testRedisUrl(), one);
});

describe('on the given server', () => {
  queuesContract(async (options) => {
    const backing = await redisQueueBackend(testRedisUrl(), prefix(), () => undefined);
    const queues = new BullQueues(backing, { onError: () => undefined }, options?.queueDepth);
    return queues;
  });

  deadJobsContract(async () => {
    const backing = await redisQueueBackend(testRedisUrl(), prefix(), () => undefined);
    return new BullQueues(backing, { onError: () => undefined });
  });

  forwardsContract(async (bounds) => {
    const backing = await redisQueueBackend(testRedisUrl(), prefix(), () => undefined);
    const queue = new BullForwards(backing, { onError: () => undefined }, bounds);
    const close = async () => {
      await queue.close(2_000);
      backing.close();
    };
    return { queue, close };
  });

  backendDurability(() => {
    const mine = prefix();
    return {
      settings: { BACKEND: 'redis', WHERE: testRedisUrl(), PREFIX: mine },
      open: () => onRedis(testRedisUrl(), mine),
    };
  });
});

describe('on a server of its own', () => {
  it('adding is refused while Redis is gone; both sides recover on their own', async () => {
    const own = await ownRedis('--appendonly', 'yes', '--appendfsync', 'always');
    const { queues, close } = await onRedis(own.url, 'own');
    try {
      const got: string[] = [];
      const event = async ({ sid }: { sid: string }): Promise<void> => void got.push(sid);
      await queues.consume({ event, pass: async () => undefined });
      const before = eventOf();
      await queues.addEvent(before);
      await waitFor('it arrives', () => got.includes(before.sid));
      await own.stop();
      await isRefused(() => queues.addEvent(eventOf()));
      await isRefused(() => queues.addPass('WK1'));
      await isRefused(() => queues.counts());
      await isRefused(() => queues.failed(1));
      await own.start();
      const after = eventOf();
      await waitFor('it takes events again', () =>
        queues.addEvent(after).then(
          () => true,
          () => false,
        ),
      );
      await waitFor('the consumer goes on', () => got.includes(after.sid));
    } finally {
      await close(1_000);
      await own.remove();
    }
  });

  it('events in flight while Redis hangs are all refused', async () => {
    const own = await ownRedis();
    const { queues, close } = await onRedis(own.url, 'own');
    try {
      own.signal('SIGSTOP');
      const some = Array.from({ length: 50 }, () => eventOf());
      const first = Promise.all(some.map((event) => isRefused(() => queues.addEvent(event))));
      await isRefused(() => queues.addEvent(eventOf()));
      await first;
      own.signal('SIGCONT');
      // Sent again they are stored once, even if the first sending arrived after all.
      for (const event of some) {
        await waitFor('it is taken', () =>
          queues.addEvent(event).then(
            () => true,
            () => false,
          ),
        );
      }
      const { waiting } = (await queues.counts()).events;
      expect(waiting).toBeGreaterThanOrEqual(some.length);
      expect(waiting).toBeLessThanOrEqual(some.length + 1);
    } finally {
      await close(1_000);
      await own.remove();
    }
  });

  it('closing ends while Redis is gone', async () => {
    const own = await ownRedis();
    const { queues, close } = await onRedis(own.url, 'own');
    await queues.consume({ event: async () => undefined, pass: async () => undefined });
    await own.remove();
    // If close waited for Redis, it would never end.
    await close(500);
  });
});

/** Redis is gone until afterwards, so a call that waited for it would never end. */
async function isRefused(ask: () => Promise<unknown>): Promise<void> {
  await expect(ask()).rejects.toBeInstanceOf(StoreDown);
}

// The parts of the queues that need no queue: shared trips, the depth guard, and delays.

import { describe, expect, it } from 'vitest';
import { batchWrites } from '../../src/batch-writes.ts';
import { QueueFull, StoreDown } from '../../src/ports.ts';
import { DepthGuard } from '../../src/queue/depth.ts';
import { GroupCommit } from '../../src/queue/group-commit.ts';
import { LIMITS } from '../../src/queue/limits.ts';
import { backoff } from '../../src/queue/retry.ts';
import { waitFor } from '../support/wait.ts';

it('what one turn writes to a socket leaves together, in order, apart from the next', async () => {
  const left: string[][] = [];
  let held: string[] | null = null;
  const socket = {
    cork: () => {
      held = [];
    },
    uncork: () => {
      left.push(held ?? []);
      held = null;
    },
    write: (text: string) => {
      held?.push(text);
      return true;
    },
  };
  batchWrites(socket);
  socket.write('one');
  await Promise.resolve().then(() => socket.write('two'));
  await new Promise((resolve) => setImmediate(resolve));
  socket.write('three');
  await new Promise((resolve) => setImmediate(resolve));
  expect(left).toEqual([['one', 'two'], ['three']]);
});

describe('a group commit', () => {
  it('sends all that came together in one trip, and what came meanwhile in the next', async () => {
    const trips: number[][] = [];
    let arrive = (): void => undefined;
    const commit = new GroupCommit<number>((items) => {
      trips.push([...items]);
      return new Promise<void>((resolve) => {
        arrive = resolve;
      });
    });
    const first = Promise.all([1, 2, 3].map((n) => commit.add(n)));
    await waitFor('the first trip', () => trips.length === 1);
    const second = Promise.all([4, 5].map((n) => commit.add(n)));
    arrive();
    await first;
    await waitFor('the second trip', () => trips.length === 2);
    arrive();
    await second;
    expect(trips).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
  });

  it('has no more concurrent trips than allowed, and each settles its own', async () => {
    const trips: { readonly items: readonly number[]; readonly arrive: () => void }[] = [];
    const commit = new GroupCommit<number>((items) => {
      return new Promise<void>((resolve) => trips.push({ items, arrive: resolve }));
    }, 2);
    const stored: number[] = [];
    const add = (n: number) => commit.add(n).then(() => stored.push(n));
    const first = add(1);
    await waitFor('the first trip', () => trips.length === 1);
    const second = add(2);
    await waitFor('the second trip', () => trips.length === 2);
    const others = Promise.all([add(3), add(4)]);
    for (let turn = 0; turn < 5; turn += 1) await new Promise((next) => setImmediate(next));
    expect(trips).toHaveLength(2);
    trips[1]?.arrive();
    await second;
    expect(stored).toEqual([2]);
    await waitFor('the third trip', () => trips.length === 3);
    for (const { arrive } of trips) arrive();
    await Promise.all([first, others]);
    expect(trips.map(({ items }) => items)).toEqual([[1], [2], [3, 4]]);
  });

  it('never sends more than a trip holds', async () => {
    const trips: number[] = [];
    const commit = new GroupCommit<number>(async (items) => void trips.push(items.length));
    await Promise.all(Array.from({ length: 2 * LIMITS.batchSize + 1 }, (_, n) => commit.add(n)));
    expect(trips).toEqual([LIMITS.batchSize, LIMITS.batchSize, 1]);
  });

  it('that fails rejects everyone, also those waiting meanwhile, then works again', async () => {
    let fail = (_: Error): void => undefined;
    let trips = 0;
    const commit = new GroupCommit<number>(() => {
      trips += 1;
      return trips > 1
        ? Promise.resolve()
        : new Promise((_, reject) => {
            fail = reject;
          });
    });
    const outcome = (n: number): Promise<unknown> => commit.add(n).catch((error) => error);
    const first = outcome(1);
    await waitFor('the trip', () => trips === 1);
    const second = outcome(2);
    fail(new Error('gone'));
    for (const one of await Promise.all([first, second])) expect(one).toBeInstanceOf(StoreDown);
    await expect(commit.add(3)).resolves.toBeUndefined();
  });

  it('that hangs is given up', async () => {
    const commit = new GroupCommit<number>(() => new Promise(() => undefined));
    await expect(commit.add(1)).rejects.toBeInstanceOf(StoreDown);
  });
});

describe('the depth guard', () => {
  it('refuses at the limit, counting what was added since it last looked', async () => {
    const guard = new DepthGuard(async () => 3, 5);
    guard.admit();
    await waitFor('it has looked', () => Promise.resolve(true));
    guard.admit();
    guard.admit();
    expect(() => guard.admit()).toThrow(QueueFull);
  });

  it('lets everything through while the depth cannot be read', async () => {
    const guard = new DepthGuard(() => Promise.reject(new Error('gone')), 5);
    for (let i = 0; i < 4; i += 1) guard.admit();
    await Promise.resolve();
    expect(() => guard.admit()).not.toThrow();
  });
});

it('delays double up to the longest, each drawn from its whole range', () => {
  for (let attempts = 1; attempts <= 30; attempts += 1) {
    const most = Math.min(LIMITS.backoffLastMs, LIMITS.backoffFirstMs * 2 ** (attempts - 1));
    const drawn = Array.from({ length: 200 }, () => backoff(attempts));
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(most);
    expect(Math.max(...drawn) - Math.min(...drawn)).toBeGreaterThan(most / 2);
  }
});

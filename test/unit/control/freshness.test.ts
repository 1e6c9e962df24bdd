// Copies of what replicas share: who asks while a read is under way waits for it.

import { expect, it } from 'vitest';
import { Freshness } from '../../../src/control/documents.ts';

it('who asks while a read is under way goes on only when it is done', async () => {
  const freshness = new Freshness();
  let answer = () => {};
  let reads = 0;
  const read = () => {
    reads += 1;
    return new Promise<void>((resolve) => {
      answer = resolve;
    });
  };
  const done: string[] = [];
  const asked = ['first', 'second'].map((who) => freshness.within(read).then(() => done.push(who)));
  await Promise.resolve();
  expect([reads, done]).toEqual([1, []]);
  answer();
  await Promise.all(asked);
  expect([reads, done]).toEqual([1, ['first', 'second']]);
});

it('a read that failed is made again', async () => {
  const freshness = new Freshness();
  await expect(freshness.within(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
  let reads = 0;
  await freshness.within(async () => {
    reads += 1;
  });
  expect(reads).toBe(1);
});

// Copies of what replicas share: a caller during a read waits for it.

import { expect, it } from 'vitest';
import { Freshness } from '../../../src/control/documents.ts';

it('a caller during a read continues only when the read is done', async () => {
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

it('a failed read is repeated', async () => {
  const freshness = new Freshness();
  await expect(freshness.within(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
  let reads = 0;
  await freshness.within(async () => {
    reads += 1;
  });
  expect(reads).toBe(1);
});

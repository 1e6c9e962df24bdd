// Copies of what replicas share: a caller during a read waits for it.

import { expect, it } from 'vitest';
import { SharedRead } from '../../../src/control/shared-document.ts';

it('a caller during a read continues only when the read is done', async () => {
  const freshness = new SharedRead();
  let answer = () => {};
  let reads = 0;
  const read = () => {
    reads += 1;
    return new Promise<void>((resolve) => {
      answer = resolve;
    });
  };
  const done: string[] = [];
  const asked = ['first', 'second'].map((who) => freshness.run(read).then(() => done.push(who)));
  await Promise.resolve();
  expect([reads, done]).toEqual([1, []]);
  answer();
  await Promise.all(asked);
  expect([reads, done]).toEqual([1, ['first', 'second']]);
});

it('a failed read is repeated', async () => {
  const freshness = new SharedRead();
  await expect(freshness.run(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
  let reads = 0;
  await freshness.run(async () => {
    reads += 1;
  });
  expect(reads).toBe(1);
});

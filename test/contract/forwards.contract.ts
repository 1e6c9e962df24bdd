// What the queue of deliveries to be forwarded promises, on any backend.

import { describe, expect, it } from 'vitest';
import type { Forward } from '../../src/core/forward.types.ts';
import { type Forwards, QueueFull, RetryLater } from '../../src/ports.ts';
import type { ForwardBounds } from '../../src/queue/forwards.ts';
import { waitFor } from '../support/wait.ts';

export function forwardOf(body: string, at = 1_000): Forward {
  return {
    route: 'taskrouter',
    contentType: 'application/x-www-form-urlencoded; charset=UTF-8',
    body: Buffer.from(body).toString('base64'),
    signature: 'c2ln',
    at,
  };
}

export function forwardsContract(
  fresh: (bounds?: ForwardBounds) => Promise<{ queue: Forwards; close(): Promise<void> }>,
): void {
  describe('40: deliveries to be forwarded', () => {
    const using = async (
      bounds: ForwardBounds | undefined,
      test: (q: Forwards) => Promise<void>,
    ) => {
      const { queue, close } = await fresh(bounds);
      try {
        await test(queue);
      } finally {
        await close();
      }
    };
    const left = async (queue: Forwards) => {
      const { waiting, active, delayed } = await queue.counts();
      return waiting + active + delayed;
    };

    it('arrive as they were added, even twice, and leave nothing behind', async () => {
      await using(undefined, async (queue) => {
        const one = forwardOf('a=\u0000%ff漢');
        await Promise.all([queue.add(one), queue.add(one), queue.add(forwardOf('b=1'))]);
        expect(await left(queue)).toBe(3);
        const got: Forward[] = [];
        queue.consume(async (forward) => void got.push(forward));
        await waitFor('all arrive', () => got.length === 3);
        expect(got).toEqual(expect.arrayContaining([one, one, forwardOf('b=1')]));
        await waitFor('none is left', async () => (await left(queue)) === 0);
        expect((await queue.counts()).failed).toBe(0);
      });
    });

    it('are retried as often as the handler asks, without delaying others', async () => {
      await using(undefined, async (queue) => {
        const runs: Record<string, number> = {};
        await Promise.all([queue.add(forwardOf('dead')), queue.add(forwardOf('good'))]);
        queue.consume(async ({ body }) => {
          const text = Buffer.from(body, 'base64').toString();
          runs[text] = (runs[text] ?? 0) + 1;
          if (text === 'dead' && runs[text] < 6) {
            throw new RetryLater('not yet', { afterMs: 20.5, retryable: true });
          }
        });
        await waitFor('both are done', () => runs.dead === 6 && runs.good === 1);
        await waitFor('none is left', async () => (await left(queue)) === 0);
      });
    });

    it.each([
      ['in number', { depth: 5, bytes: 1_000_000 }, 'x'],
      ['in bytes', { depth: 1_000, bytes: 20_000 }, 'x'.repeat(3_000)],
    ])('are bounded %s: more are refused', async (_, bounds, body) => {
      await using(bounds, async (queue) => {
        const refused = await waitFor('it is full', () =>
          queue.add(forwardOf(body)).then(
            () => null,
            (error: unknown) => error,
          ),
        );
        expect(refused).toBeInstanceOf(QueueFull);
        expect(await left(queue)).toBeGreaterThanOrEqual(5);
        // The depth is measured while adding goes on, so one or two more may get in.
        expect(await left(queue)).toBeLessThanOrEqual(7);
      });
    });
  });
}

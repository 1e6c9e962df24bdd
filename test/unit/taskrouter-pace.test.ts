// The pace at which calls go out for a stated rate.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paceOf } from '../../src/taskrouter/budget.ts';

describe('the pace of a rate', () => {
  it.each([
    [
      { limit: 20, windowMs: 1_000 },
      { limit: 2, windowMs: 110 },
    ],
    [
      { limit: 10, windowMs: 1_000 },
      { limit: 1, windowMs: 110 },
    ],
    [
      { limit: 3, windowMs: 1_000 },
      { limit: 1, windowMs: 367 },
    ],
    [
      { limit: 600, windowMs: 60_000 },
      { limit: 1, windowMs: 110 },
    ],
    [
      { limit: 200, windowMs: 1_000 },
      { limit: 20, windowMs: 110 },
    ],
  ])('of %o is %o', (rate, pace) => {
    expect(paceOf(rate)).toEqual(pace);
  });

  it('never lets more than the rate into any window, and wastes at most a fifth of it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.constantFrom(1_000, 60_000, 3_600_000),
        (limit, windowMs) => {
          const pace = paceOf({ limit, windowMs });
          // A full spurt at the window's first instant, and every spurt after it in time.
          const inWindow = pace.limit * Math.ceil(windowMs / pace.windowMs);
          expect(inWindow).toBeLessThanOrEqual(limit);
          expect((pace.limit / pace.windowMs) * windowMs).toBeGreaterThan(limit * 0.8);
        },
      ),
    );
  });
});

// The pace at which calls go out for a stated rate.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallBudget } from '../../src/store/call-budget.ts';
import { createBudget, paceOf, type Rate } from '../../src/taskrouter/budget.ts';

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

  it.each([1, 5, 6, 7, 60])('of %i an hour allows no more than that in an hour', (rate) => {
    const hour = 3_600_000;
    const { limit, windowMs } = paceOf({ limit: rate, windowMs: hour });
    const budget = new CallBudget();
    const calls: number[] = [];
    // Requested one after the other, as each is made.
    const next = (at: number) => at + budget.take(limit, windowMs, at);
    for (let at = next(0); at < 3 * hour; at = next(at)) calls.push(at);
    const inAnHour = calls.map((from) => calls.filter((at) => at >= from && at < from + hour));
    expect(Math.max(...inAnHour.map(({ length }) => length))).toBeLessThanOrEqual(rate);
    expect(calls.length).toBeGreaterThan(2 * rate);
  });

  it('never allows more than the rate in any window, and wastes at most a fifth of it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.constantFrom(1_000, 60_000, 3_600_000),
        (limit, windowMs) => {
          const pace = paceOf({ limit, windowMs });
          // A full burst at the window's first instant, and every later one in time.
          const inWindow = pace.limit * Math.ceil(windowMs / pace.windowMs);
          expect(inWindow).toBeLessThanOrEqual(limit);
          expect((pace.limit / pace.windowMs) * windowMs).toBeGreaterThan(limit * 0.8);
        },
      ),
    );
  });

  it('32: is kept even if the process is too busy for its timers to fire in time', async () => {
    const rates = fc.constantFrom(
      { limit: 10, windowMs: 1_000 },
      { limit: 50, windowMs: 1_000 },
      { limit: 6, windowMs: 3_600_000 },
    );
    // Most fire in time: a late one then meets those.
    const lateness = fc.oneof(
      { weight: 12, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 1_500 }) },
    );
    const late = fc.array(lateness, { minLength: 1, maxLength: 100 });
    await fc.assert(
      fc.asyncProperty(rates, late, async (rate, all) => {
        const sent = await departuresAt(rate, all);
        const within = (from: number) => sent.filter((t) => t >= from && t < from + rate.windowMs);
        expect(Math.max(...sent.map((from) => within(from).length))).toBeLessThanOrEqual(
          rate.limit,
        );
      }),
    );
  });
});

/** When a hundred simultaneous calls leave, if the n-th wait ends this many ms late. */
async function departuresAt(rate: Rate, late: readonly number[]): Promise<readonly number[]> {
  let [now, waits] = [0, 0];
  const places = new CallBudget();
  const pace = paceOf(rate);
  const budget = createBudget({
    clock: { now: () => now },
    rate,
    take: async () => places.take(pace.limit, pace.windowMs, now),
    async sleep(ms) {
      now += ms + (late[waits % late.length] ?? 0);
      waits += 1;
    },
  });
  const sent: number[] = [];
  const calls = Array.from({ length: 100 }, () =>
    budget.acquire('read').then(() => sent.push(now)),
  );
  await Promise.all(calls);
  return sent;
}

import { describe, expect, it } from 'vitest';
import { burstAt, drawArrivals, shapeAt } from '../../../src/emulator/floor/arrivals.ts';
import { chanceFor, exponential, logNormal } from '../../../src/emulator/floor/distributions.ts';

const HOUR = 3_600_000;
/** Quiet for twelve hours, then four times as busy. */
const SHAPE = Array.from({ length: 24 }, (_, hour) => (hour < 12 ? 1 : 4));

function count(arrivals: readonly number[], from: number, to: number): number {
  return arrivals.filter((at) => at >= from * HOUR && at < to * HOUR).length;
}

describe('the rate of a day', () => {
  it('equals the shape in the middle of an hour, and is interpolated in between', () => {
    expect(shapeAt([2, 4], 0.5 * HOUR)).toBe(2);
    expect(shapeAt([2, 4], 1 * HOUR)).toBe(3);
    expect(shapeAt([2, 4], 1.5 * HOUR)).toBe(4);
  });

  it('is cyclic: the last hour leads to the first', () => {
    expect(shapeAt([2, 4], 2 * HOUR)).toBe(3);
    expect(shapeAt([2, 4], 0)).toBe(3);
  });

  it('is zero without a shape', () => {
    expect(shapeAt([], HOUR)).toBe(0);
  });

  it("during several bursts is the strongest's, from its start until just before its end", () => {
    const bursts = [
      { fromMs: 10, forMs: 10, times: 2 },
      { fromMs: 15, forMs: 10, times: 3 },
    ];
    expect([9, 10, 15, 24, 25].map((at) => burstAt(bursts, at))).toEqual([1, 2, 3, 3, 1]);
  });
});

describe('arrivals', () => {
  it('are about as many as expected, in order, and most of them when it is busy', () => {
    const drawn = drawArrivals({ expected: 5_000, shape: SHAPE, bursts: [] }, chanceFor(1, 'a'));
    expect(drawn.length).toBeGreaterThan(4_750);
    expect(drawn.length).toBeLessThan(5_250);
    expect(drawn).toEqual([...drawn].sort((a, b) => a - b));
    const busy = count(drawn, 13, 23) / count(drawn, 1, 11);
    expect(busy).toBeGreaterThan(3.5);
    expect(busy).toBeLessThan(4.5);
  });

  it('are that many times as frequent during a burst', () => {
    const bursts = [{ fromMs: 4 * HOUR, forMs: 4 * HOUR, times: 3 }];
    const drawn = drawArrivals({ expected: 20_000, shape: SHAPE, bursts }, chanceFor(2, 'b'));
    const times = count(drawn, 4, 8) / count(drawn, 8, 11) / (4 / 3);
    expect(times).toBeGreaterThan(2.6);
    expect(times).toBeLessThan(3.4);
  });

  it('are none where none are expected', () => {
    expect(drawArrivals({ expected: 0, shape: SHAPE, bursts: [] }, chanceFor(1))).toEqual([]);
    expect(drawArrivals({ expected: 9, shape: [0, 0], bursts: [] }, chanceFor(1))).toEqual([]);
  });
});

describe('draws', () => {
  const mean = (draw: () => number) =>
    Array.from({ length: 20_000 }, draw).reduce((sum, value) => sum + value, 0) / 20_000;

  it('have the requested mean', () => {
    const chance = chanceFor(3, 'draws');
    expect(mean(() => logNormal(chance, 300, 0.6)) / 300).toBeCloseTo(1, 1);
    expect(mean(() => exponential(chance, 300)) / 300).toBeCloseTo(1, 1);
  });

  it('depend on the seed and their purpose only', () => {
    const first = (seed: number, ...parts: string[]) => chanceFor(seed, ...parts).next();
    expect(first(1, 'x')).toBe(first(1, 'x'));
    expect(first(1, 'x')).not.toBe(first(2, 'x'));
    expect(first(1, 'x')).not.toBe(first(1, 'y'));
  });
});

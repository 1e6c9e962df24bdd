import { describe, expect, it } from 'vitest';
import { availablePercentage, parseCapacity } from '../../../src/emulator/world/capacity.ts';

describe('available_capacity_percentage', () => {
  it.each([
    ['nothing in hand', 0, 3, 100],
    ['one of three', 1, 3, 66],
    ['two of three, by the formula and not by its prose', 2, 3, 33],
    ['all in hand', 3, 3, 0],
    ['a capacity of zero', 0, 0, 0],
    ['capacity lowered below what is in hand', 3, 1, 0],
    ['one of a hundredth that binary fractions would lose', 29, 50, 42],
  ])('%s', (_, open, capacity, percentage) => {
    expect(availablePercentage(open, capacity)).toBe(percentage);
  });
});

describe('a capacity', () => {
  it.each([
    ['0', 0],
    ['1', 1],
    ['50', 50],
  ])('%s is accepted', (text, value) => {
    expect(parseCapacity(text)).toBe(value);
  });

  it.each(['51', '-1', '1.5', 'two', '', '1e1'])('"%s" is refused', (text) => {
    expect(() => parseCapacity(text)).toThrow('Invalid Capacity');
  });
});

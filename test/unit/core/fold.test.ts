// The fixed order in which claims become a setting, as arithmetic: baseline or edit, set, add, min,
// max, pause, and then the bounds.

import { describe, expect, it } from 'vitest';
import {
  type Claim,
  foldAvailable,
  foldCapacity,
  winningSet,
  withinBounds,
} from '../../../src/core/fold.ts';

function claim(rule: string, over: Partial<Claim>): Claim {
  const none = { set: null, add: null, min: null, max: null, pause: false };
  return { rule, priority: 0, hard: false, ...none, ...over };
}

const from = (value: number | null, edited = false) => ({ value, edited });

describe('12: numbers', () => {
  it.each<[string, number, Claim[], number, string[]]>([
    ['no claim leaves the baseline', 2, [], 2, []],
    ['a set replaces it', 2, [claim('a', { set: 3 })], 3, ['a']],
    ['a set to what it is names its rule', 3, [claim('a', { set: 3 })], 3, ['a']],
    ['a set to 0 is a number like any', 2, [claim('a', { set: 0 })], 0, ['a']],
    ['adds are summed', 1, [claim('b', { add: 1 }), claim('a', { add: 2 })], 4, ['a', 'b']],
    [
      'an add builds on the set',
      1,
      [claim('s', { set: 3 }), claim('a', { add: 1 })],
      4,
      ['s', 'a'],
    ],
    ['a lift stops at the max beside it', 4, [claim('a', { add: 3, max: 5 })], 5, ['a']],
    [
      'a lift stops at the lowest max beside an add',
      1,
      [claim('a', { add: 3, max: 5 }), claim('b', { add: 3, max: 2 })],
      2,
      ['a', 'b'],
    ],
    ['a lift never lowers by that max', 6, [claim('a', { add: 1, max: 5 })], 6, []],
    [
      'the max beside an add does not limit a set',
      1,
      [claim('s', { set: 8 }), claim('a', { add: 1, max: 5 })],
      8,
      ['s'],
    ],
    ['a lowering add stops at the min beside it', 4, [claim('a', { add: -3, min: 2 })], 2, ['a']],
    ['a lowering add never lifts by that min', 1, [claim('a', { add: -1, min: 2 })], 1, []],
    ['a lowering add stops at 0', 1, [claim('a', { add: -3 })], 0, ['a']],
    [
      'adds that cancel out change nothing',
      2,
      [claim('a', { add: 1 }), claim('b', { add: -1 })],
      2,
      [],
    ],
    ['a min lifts', 1, [claim('m', { min: 2 })], 2, ['m']],
    ['a min that is reached says nothing', 3, [claim('m', { min: 2 })], 3, []],
    ['the highest min counts', 1, [claim('m', { min: 2 }), claim('n', { min: 3 })], 3, ['n']],
    ['a max lowers', 4, [claim('x', { max: 2 })], 2, ['x']],
    ['the lowest max counts', 4, [claim('x', { max: 2 }), claim('y', { max: 3 })], 2, ['x']],
    ['max beats min', 1, [claim('m', { min: 4 }), claim('x', { max: 2 })], 2, ['m', 'x']],
    [
      'a separate max limits a lift',
      1,
      [claim('a', { add: 9 }), claim('x', { max: 3 })],
      3,
      ['a', 'x'],
    ],
    ['set and max of one claim both count', 1, [claim('a', { set: 4, max: 3 })], 3, ['a']],
    ['a pause is no number', 2, [claim('p', { pause: true })], 2, []],
    [
      'priority is not read between add, min and max',
      1,
      [claim('m', { min: 4, priority: 9 }), claim('x', { max: 2 })],
      2,
      ['m', 'x'],
    ],
  ])('12: %s', (_, baseline, claims, value, by) => {
    expect(foldCapacity(from(baseline), claims, baseline)).toEqual({ value, by });
    expect(foldCapacity(from(baseline), [...claims].reverse(), baseline).value).toBe(value);
  });

  it('12: the highest priority set wins, a tie goes to the lower number, then by name', () => {
    const low = claim('low', { set: 5 });
    const high = claim('high', { set: 3, priority: 1 });
    const alike = claim('alike', { set: 2, priority: 1 });
    const twin = claim('a-twin', { set: 2, priority: 1 });
    for (const claims of [
      [low, high, alike, twin],
      [twin, alike, high, low],
    ]) {
      expect(winningSet(claims)).toBe(twin);
    }
    expect(winningSet([low, high])).toBe(high);
    expect(winningSet([claim('a', { add: 1 })])).toBeNull();
  });

  it.each<[string, number, Partial<Claim>, number, string[]]>([
    ['a lower add stops at the min beside it', 5, { add: -4, min: 2 }, 2, ['a']],
    ['which never raises', 1, { add: -4, min: 2 }, 1, []],
    ['and at 0, on which a separate min builds', 1, { add: -4 }, 0, ['a']],
  ])('12: %s', (_, baseline, over, value, by) => {
    expect(foldCapacity(from(baseline), [claim('a', over)], baseline)).toEqual({ value, by });
  });

  it('12: a negative add stops at 0 before min raises', () => {
    const claims = [claim('a', { add: -4 }), claim('m', { min: 1 })];
    expect(foldCapacity(from(1), claims, 1)).toEqual({ value: 1, by: ['a', 'm'] });
  });

  it('12: never below 0', () => {
    expect(foldCapacity(from(1), [claim('x', { max: -2 })], 1).value).toBe(0);
  });
});

describe('13: over an edit', () => {
  const day = claim('day', { set: 2 });
  const add = claim('add', { add: 1 });

  it('13: only hard claims fold', () => {
    expect(foldCapacity(from(5, true), [day, add], 5)).toEqual({ value: 5, by: [] });
    const hard = claim('hard', { max: 3, hard: true });
    expect(foldCapacity(from(5, true), [day, add, hard], 5)).toEqual({ value: 3, by: ['hard'] });
    const set = claim('set', { set: 1, hard: true });
    expect(foldCapacity(from(5, true), [set, { ...day, priority: 9 }], 5).value).toBe(1);
  });

  it('13: a pause that is not hard leaves the channel as the person set it', () => {
    const soft = claim('soft', { pause: true });
    const edited = { value: true, edited: true };
    expect(foldAvailable(edited, [soft])).toEqual({ value: true, by: [] });
    const hard = claim('hard', { pause: true, hard: true });
    expect(foldAvailable(edited, [soft, hard])).toEqual({ value: false, by: ['hard'] });
  });
});

describe('27: an unknown baseline', () => {
  it('27: an add does nothing, since it would add to itself', () => {
    const add = claim('a', { add: 1 });
    expect(foldCapacity(from(null), [add], 3)).toEqual({ value: null, by: [] });
  });

  it('27: a set needs no baseline, and adds build on it', () => {
    const claims = [claim('s', { set: 2 }), claim('a', { add: 1 })];
    expect(foldCapacity(from(null), claims, 9)).toEqual({ value: 3, by: ['s', 'a'] });
  });

  it('27: min and max limit the current number', () => {
    expect(foldCapacity(from(null), [claim('x', { max: 2 })], 3)).toEqual({ value: 2, by: ['x'] });
    // It holds already: the current number, so that planning after the write asks for the same.
    expect(foldCapacity(from(null), [claim('m', { min: 2 })], 3)).toEqual({ value: 3, by: [] });
  });

  it('if not even the current number was read, nothing is decided', () => {
    expect(foldCapacity(from(null), [claim('x', { max: 2 })], null)).toEqual({
      value: null,
      by: [],
    });
  });
});

describe('12: available', () => {
  const start = (value: boolean | null) => ({ value, edited: false });

  it('12: any pause wins, whatever its priority; several are named in order', () => {
    const claims = [claim('b', { pause: true }), claim('a', { pause: true, priority: -1 })];
    expect(foldAvailable(start(true), claims)).toEqual({ value: false, by: ['a', 'b'] });
  });

  it.each([true, false, null])('12: without a pause it is the baseline, %s', (value) => {
    expect(foldAvailable(start(value), [claim('s', { set: 5 })])).toEqual({ value, by: [] });
  });
});

describe('15: bounds', () => {
  it.each<[string, number, number, number]>([
    ['what is within them passes', 3, 1, 3],
    ['a rise stops at the highest', 8, 1, 5],
    ['a fall stops at the lowest', 0, 4, 1],
    ['what is as it should be is not moved, though outside', 8, 8, 8],
    ['a rise from above them is not turned into a fall', 9, 8, 8],
    ['a fall from below them is not turned into a rise', -1, 0, 0],
    ['a fall from above ends within them', 6, 8, 5],
    ['a rise from below ends within them', 1, 0, 1],
  ])('15: %s', (_, value, observed, to) => {
    expect(withinBounds({ value, by: ['rule'] }, observed, [1, 5])).toBe(to);
  });

  it('15: a baseline or an edit outside them is left alone', () => {
    expect(withinBounds({ value: 8, by: [] }, 1, [1, 5])).toBe(8);
  });

  it('15: limit even if the channel was not read', () => {
    expect(withinBounds({ value: 8, by: ['rule'] }, null, [1, 5])).toBe(5);
  });

  it('15: change nothing if there are none, or nothing is decided', () => {
    expect(withinBounds({ value: 8, by: ['rule'] }, 1, undefined)).toBe(8);
    expect(withinBounds({ value: null, by: [] }, 1, [1, 5])).toBeNull();
  });
});

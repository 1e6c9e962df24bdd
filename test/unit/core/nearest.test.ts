import { expect, it } from 'vitest';
import { editDistance, likelyMeant } from '../../../src/core/nearest.ts';

it.each([
  ['caht', 'chat', 'two letters swapped'],
  ['dya', 'day', 'two letters of a short name swapped'],
  ['ANA', 'Ana', 'another case'],
  ['suport', 'support', 'a letter missing'],
])('%s is most likely meant to be %s: %s', (found, meant) => {
  expect(likelyMeant(found, ['voice', 'day', 'chat', 'Ana', 'support'])).toBe(meant);
});

it.each(['Nobody', 'x', ''])('"%s" is near none of them, so none is suggested', (found) => {
  expect(likelyMeant(found, ['Chloe', 'Eva', 'on-a-call'])).toBeNull();
});

it('a swap of neighbours is one step, a longer way around is not shortened', () => {
  expect([editDistance('ab', 'ba'), editDistance('abc', 'ca'), editDistance('', 'abc')]).toEqual([
    1, 3, 3,
  ]);
});

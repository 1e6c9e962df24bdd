// The gauge of rules' claims: only rules in force, and idle ones as 0.

import { expect, it } from 'vitest';
import { RuleClaims } from '../../../src/control/rule-claims.ts';
import type { RuleSet } from '../../../src/core/rules.ts';
import type { WorkerState } from '../../../src/core/state.ts';

const worker = (...by: (readonly string[] | undefined)[]) =>
  ({
    channels: Object.fromEntries(by.map((each, n) => [`c${n}`, { by: each }])),
  }) as unknown as WorkerState;
const set = (...names: string[]) =>
  ({ rules: names.map((name) => ({ name })) }) as unknown as RuleSet;

it('counts Worker Channels by rule; an idle rule is 0, a removed one is gone', async () => {
  let rules = set('day', 'night', 'overload');
  const claims = new RuleClaims({
    records: {
      async *all() {
        yield worker(['day'], ['day', 'overload'], undefined);
        yield worker(['day'], ['gone']);
      },
    },
    rules: () => rules,
    onError(error) {
      throw error;
    },
  });
  expect(claims.view()).toBeNull();
  await claims.idle();
  expect([...(claims.view() ?? [])]).toEqual([
    ['day', 3],
    ['night', 0],
    ['overload', 1],
  ]);
  rules = set('night');
  expect([...(claims.view() ?? [])]).toEqual([['night', 0]]);
});

it('keeps the last count while the store is down, and asks it again later', async () => {
  const faults: unknown[] = [];
  const claims = new RuleClaims({
    records: {
      // biome-ignore lint/correctness/useYield: it fails before it yields anything.
      async *all() {
        throw new Error('away');
      },
    },
    rules: () => set('day'),
    onError: (error) => faults.push(error),
  });
  expect(claims.view()).toBeNull();
  await claims.idle();
  expect(claims.view()).toBeNull();
  expect(faults).toHaveLength(1);
});

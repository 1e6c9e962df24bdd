// The parts of the store that need no store: the scope of keys, and the budget of calls.

import { describe, expect, it } from 'vitest';
import { CallBudget } from '../../src/store/call-budget.ts';
import { LIMITS } from '../../src/store/limits.ts';
import { prefixOf, scopeOf } from '../../src/store/scope.ts';

describe('31: the scope of keys, which names Workspace and TaskRouter', () => {
  const one = scopeOf('WS1', 'http://127.0.0.1:4010');

  it('is the same however the base URL is written', () => {
    expect(scopeOf('WS1', 'HTTP://127.0.0.1:4010/')).toBe(one);
    expect(one).toMatch(/^[0-9a-f]{12}$/);
  });

  it('differs by Workspace and by TaskRouter', () => {
    const all = [one, scopeOf('WS2', 'http://127.0.0.1:4010'), scopeOf('WS1', null)];
    expect(new Set([...all, scopeOf('WS1', 'http://127.0.0.1:4011')]).size).toBe(4);
  });

  it('follows the prefix', () => {
    const place = { keyPrefix: 'ours', workspaceSid: 'WS1', baseUrl: 'http://127.0.0.1:4010' };
    expect(prefixOf(place)).toBe(`ours:${one}`);
  });
});

describe('the budget of calls in one process', () => {
  it('grants the limit at once, then spreads waiting calls evenly over the window', () => {
    const budget = new CallBudget();
    const take = (now: number): number => budget.take(3, 1_000, now);
    expect([0, 0, 10, 20, 20, 20, 20].map(take)).toEqual([0, 0, 0, 980, 1_313, 1_646, 1_980]);
  });

  it('is free again after a quiet time', () => {
    const budget = new CallBudget();
    for (let i = 0; i < 3; i += 1) budget.take(3, 1_000, 0);
    expect(budget.take(3, 1_000, 5_000)).toBe(0);
  });

  it('follows a limit that shrinks or grows', () => {
    const budget = new CallBudget();
    expect([4, 4, 4, 4].map((limit) => budget.take(limit, 1_000, 0))).toEqual([0, 0, 0, 0]);
    expect(budget.take(2, 1_000, 0)).toBe(1_000);
    expect(budget.take(4, 1_000, 1_000)).toBe(0);
  });

  it('starts anew when the clock was set back far', () => {
    const budget = new CallBudget();
    budget.take(1, 1_000, 10 * LIMITS.callWaitMs);
    expect(budget.take(1, 1_000, 0)).toBe(0);
  });
});

import { expect, it } from 'vitest';
import type { DayWrite } from '../../../src/cli/day-control.ts';
import { overloadLines } from '../../../src/cli/day-report.ts';

const TEN = Date.parse('2026-06-10T09:00:00Z'); // ten in London

function write(minute: number, worker: string, from: number, to: number): DayWrite {
  const rule = to > from ? 'support-overload' : null;
  const reason = rule === null ? 'baseline.restored' : 'rule.claimed';
  const change = { from: { capacity: from }, to: { capacity: to } };
  return { at: TEN + minute * 60_000, worker, channel: 'chat', ...change, reason, rule };
}

it('the overload rule is reported from the first Worker raised to the last released', () => {
  const day = [
    ...[write(0, 'A', 3, 4), write(1, 'B', 3, 4), write(10, 'A', 4, 3), write(12, 'B', 4, 3)],
    ...[write(30, 'A', 3, 4)],
  ];
  expect(overloadLines(day).slice(2)).toEqual([
    '  10:00 to 10:12  Support is overloaded: 2 raised',
    '  10:30 to the end  Support is overloaded: 1 raised',
  ]);
  expect(overloadLines([]).at(-1)).toBe('The overload rule did not act on this day.');
});

// Whatever a rule-test file contains, it runs or is reported with a position; it never crashes.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reportJson } from '../../src/trial/rule-test/report.ts';
import { runSuite } from '../../src/trial/rule-test/suite.ts';

const RULES = `version: 1
defaults: { timezone: Europe/London, mode: enforce, baseline: { chat: 1 } }
rules:
  - name: busy
    who: { where: worker.team == "support" }
    when: { enter: 'queue("Support").waiting >= 20', exit: 'queue("Support").waiting <= 8', for: 2m, keep: 5m }
    then: { chat: { add: 1 } }
    limit: { workers: 50%, step: { workers: 1, every: 1m } }
  - { name: misses, who: everyone, when: 'count("reservation.timeout", duration("15m")) >= 1', then: { voice: pause } }
`;

const TESTS = `rules: [rules.yaml]
tests:
  - name: one
    worker: { team: support, channels: { chat: { capacity: 2, assigned: 1 } } }
    at: "2026-06-10T10:00"
    series: { queue.Support.waiting: 18x3 21x4 ? 8x8, channel.chat.assigned: 1x2 0 }
    events: [{ at: 1m, type: reservation.timeout }, { at: 2m, type: worker.activity.update, activity: Break }]
    edits: [{ at: 4m, chat: 4 }]
    expect: [{ after: 6m, chat: 2, because: busy }, { at: "2026-06-10T10:05", voice: pause }]
    changes: 2
  - name: two
    world: { queues: { Support: { waiting: 25 } }, workers: [{ sid: A, team: support }, { sid: B, team: support }] }
    walk: { from: "2026-10-24T21:55", to: "2026-10-25T06:05" }
    expect: [{ after: 5m, worker: A, chat: baseline }]
`;

function holds(text: string): void {
  const suite = runSuite([
    { name: 'rules.yaml', text: RULES },
    { name: 'rules.test.yaml', text },
  ]);
  const lines = text.split('\n').length;
  for (const { line, column, message, file } of suite.diagnostics) {
    expect(file).not.toBe('');
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines + 1);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(message.length).toBeGreaterThan(5);
  }
  expect(() => JSON.stringify(reportJson(suite))).not.toThrow();
  // A file that reports nothing at all would look like a pass.
  if (suite.outcomes.length === 0) expect(suite.diagnostics).not.toEqual([]);
}

const SIGNS = [...':-#[]{},"\'?x%@&*|> \n0159azAZ.\t\u0000é'];

describe('a rule-test file runs or is reported with a position', () => {
  it('with one character changed, removed or inserted', () => {
    const where = fc.integer({ min: 0, max: TESTS.length - 1 });
    fc.assert(
      fc.property(where, fc.constantFrom(...SIGNS, ''), fc.boolean(), (at, sign, over) => {
        holds(TESTS.slice(0, at) + sign + TESTS.slice(at + (over ? 1 : 0)));
      }),
      { numRuns: 150 },
    );
  });

  it('with one value replaced by any other', () => {
    const values = [...TESTS.matchAll(/(?<=: )[^\s,{}[\]]+/g)];
    fc.assert(
      fc.property(fc.constantFrom(...values), fc.json({ maxDepth: 2 }), (value, other) => {
        const at = value.index;
        holds(TESTS.slice(0, at) + other + TESTS.slice(at + value[0].length));
      }),
      { numRuns: 150 },
    );
  });

  it('with arbitrary text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), holds), { numRuns: 100 });
  });
});

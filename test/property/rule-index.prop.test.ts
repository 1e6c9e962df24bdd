// The index of rules by attribute never omits a rule that applies to the Worker: whatever `who`
// says, a rule that is not a candidate would also have been judged not to apply.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, isTargeted } from '../../src/core/decide.ts';
import { candidateRules, ruleIndexOf } from '../../src/core/rule-index.ts';
import type { Who } from '../../src/core/rules.ts';
import { T0, worker, world } from '../support/builders.ts';
import { condition, rule, ruleSet } from '../support/rules.ts';

const value = fc.constantFrom<unknown>('a', 'b', '', 1, 2, true, false, null, ['a'], ['b', 1], {});
const literal = fc.constantFrom('"a"', '"b"', '""', '1', '2.0', 'true', 'false', 'null');
const path = fc.constantFrom('team', 'tags', 'deep.team', 'constructor');
const leaf = fc.oneof(
  fc.tuple(path, literal).map(([p, l]) => `worker.${p} == ${l}`),
  fc.tuple(path, literal).map(([p, l]) => `${l} == worker.${p}`),
  fc.tuple(path, literal).map(([p, l]) => `worker.${p} != ${l}`),
  fc.tuple(path, literal).map(([p, l]) => `${l} in worker.${p}`),
  fc.tuple(path, literal, literal).map(([p, l, m]) => `worker.${p} in [${l}, ${m}]`),
  fc.constantFrom('true', 'false', 'has(worker.team)', 'worker.sid == "a"'),
);
const text = fc
  .array(fc.tuple(leaf, fc.constantFrom('&&', '||'), fc.boolean()), { minLength: 1, maxLength: 4 })
  .map((parts) =>
    parts.map(([l, op, not], i) => `${i === 0 ? '' : ` ${op} `}${not ? `!(${l})` : l}`).join(''),
  );
const where = text.map((written): Who => ({ kind: 'where', where: condition(written, 'where') }));
const who: fc.Arbitrary<Who> = fc.oneof(
  where,
  where.map((of): Who => ({ kind: 'not', of })),
  fc.array(where, { minLength: 1, maxLength: 3 }).map((of): Who => ({ kind: 'any', of })),
  fc.constant<Who>({ kind: 'everyone' }),
  fc.constantFrom('support', 'nobody').map((name): Who => ({ kind: 'group', name })),
);
const attributes = fc.record(
  { team: value, tags: value, deep: fc.record({ team: value }), sid: value },
  { requiredKeys: [] },
);
const groups = {
  support: { kind: 'where', name: 'support', where: condition('worker.team == "a"', 'where') },
} as const;

const told = { ignoreEqualValues: true, numRuns: 500 };

describe('rules that can concern a Worker', () => {
  it('include every rule that applies to the Worker', () => {
    fc.assert(
      fc.property(fc.array(who, { minLength: 1, maxLength: 6 }), attributes, (whos, own) => {
        const rules = ruleSet(
          whos.map((each, i) => rule(`r${i}`, { chat: 2 }, { who: each })),
          { groups },
        );
        const state = worker({ attributes: own });
        const found = candidateRules(ruleIndexOf(rules), own);
        expect([...found]).toEqual([...found].sort((a, b) => a - b));
        const { verdicts } = decide(rules, state, world(), T0);
        for (const [i, each] of whos.entries()) {
          const meant = isTargeted(each, { rules, state }, world(), T0);
          if (meant !== false) expect(found).toContain(i);
          expect(verdicts[i]?.reason).toBe(meant === false ? 'rule.outside_who' : 'rule.standing');
        }
      }),
      told,
    );
  });

  it('exclude rules that require another value of an attribute', () => {
    const rules = ruleSet([
      rule('a', { chat: 2 }, { who: 'worker.team == "a" && worker.level > 2' }),
      rule('b', { chat: 2 }, { who: 'worker.team in ["b", "c"]' }),
      rule('tag', { chat: 2 }, { who: '"x" in worker.tags || worker.team == "d"' }),
      rule('any', { chat: 2 }, { who: 'worker.team != "a"' }),
    ]);
    const concern = ruleIndexOf(rules);
    expect(candidateRules(concern, { team: 'a' })).toEqual([0, 3]);
    expect(candidateRules(concern, { team: 'c', tags: ['y', 'x'] })).toEqual([1, 2, 3]);
    expect(candidateRules(concern, {})).toEqual([3]);
  });

  it('leave disabled rules out of the verdicts', () => {
    const rules = ruleSet([
      rule('a', { chat: 2 }, { who: 'worker.team == "a"', mode: 'disabled' }),
      rule('b', { chat: 2 }),
      rule('c', { chat: 2 }),
    ]);
    const { verdicts } = decide(rules, worker(), world({ modes: { c: 'disabled' } }), T0);
    expect(verdicts.map((v) => v.rule.name)).toEqual(['b']);
  });
});

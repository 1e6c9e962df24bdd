// Laws of TaskRouter's expressions: any tree written as text parses to the same result, and no text
// and no attributes cause an exception.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchesTarget, parseTarget } from '../../src/core/expression.ts';

/** A formula as text, with its value. */
interface Formula {
  readonly text: string;
  readonly holds: boolean;
  /** How tightly its outermost operator binds: comparison 2, AND 1, OR 0. */
  readonly binds: 0 | 1 | 2;
}

const ATTRIBUTES = { team: 'support', level: 3, tags: ['a', 'b'], vip: false };
const WORKER = { sid: 'WK1', friendlyName: 'Ann', attributes: ATTRIBUTES };

const compared: fc.Arbitrary<Formula> = fc.constantFrom(
  { text: 'team == "support"', holds: true, binds: 2 },
  { text: 'level > 3', holds: false, binds: 2 },
  { text: 'tags HAS "a"', holds: true, binds: 2 },
  { text: 'team IN ["sales"]', holds: false, binds: 2 },
  { text: 'missing == 1', holds: false, binds: 2 },
  { text: 'worker.vip != true', holds: true, binds: 2 },
);

const { formula } = fc.letrec<{ formula: Formula }>((tie) => ({
  formula: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    compared,
    fc
      .tuple(tie('formula'), tie('formula'), fc.constantFrom('AND' as const, 'or' as const))
      .map(([left, right, op]): Formula => {
        const binds = op === 'AND' ? 1 : 0;
        // Parentheses only where they are needed, so that precedence is tested.
        const write = (side: Formula) => (side.binds < binds ? `(${side.text})` : side.text);
        const holds = op === 'AND' ? left.holds && right.holds : left.holds || right.holds;
        return { text: `${write(left)} ${op} ${write(right)}`, holds, binds };
      }),
  ),
}));

describe('expressions', () => {
  test('AND binds tighter than OR, and the result equals that of the tree', () => {
    fc.assert(
      fc.property(formula, ({ text, holds }) => {
        fc.pre(text.length < 4_000);
        const parsed = parseTarget(text);
        if (!parsed.ok) {
          expect(parsed.error.message).toBe('parentheses are nested too deeply');
          return;
        }
        expect(matchesTarget(parsed.expression, WORKER)).toBe(holds);
      }),
      { numRuns: 500 },
    );
  });

  test('any text parses, or yields an error with a message and a position', () => {
    const word = fc.constantFrom(
      ...'team worker . [ ] ( ) , == != < HAS in NOT and OR CONTAINS "a" 1 -2.5 true - = & task'.split(
        ' ',
      ),
    );
    const anyText = fc.oneof(
      fc.array(word, { maxLength: 14 }).map((w) => w.join(' ')),
      fc.string(),
    );
    fc.assert(
      fc.property(anyText, (text) => {
        const parsed = parseTarget(text);
        if (parsed.ok) {
          expect(typeof matchesTarget(parsed.expression, WORKER)).toMatch(/boolean|object/);
          return;
        }
        const { message, start, end } = parsed.error;
        expect(message).not.toBe('');
        expect(start).toBeGreaterThanOrEqual(0);
        expect(end).toBeGreaterThanOrEqual(start);
        expect(end).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 2_000 },
    );
  });

  test('for any attributes, the answer is true or false', () => {
    const texts = ['a == b', 'a HAS b OR b IN a', 'a.b.c CONTAINS a[0]', 'a < b AND a NOT IN b'];
    const parsed = texts.map((text) => parseTarget(text));
    const attributes = fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), fc.jsonValue());
    fc.assert(
      fc.property(fc.constantFrom(...parsed), attributes, (expression, given) => {
        if (!expression.ok) throw new Error(expression.error.message);
        const answer = matchesTarget(expression.expression, { ...WORKER, attributes: given });
        expect(typeof answer).toBe('boolean');
      }),
      { numRuns: 1_000 },
    );
  });
});

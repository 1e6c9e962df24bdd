// Laws of conditions: three-valued logic is Kleene's and independent of order; known facts are
// judged as the CEL package would judge them; no text and no attributes cause an exception.

import { Environment } from '@marcbachmann/cel-js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileCondition, evaluate, type Verdict } from '../../src/core/condition/condition.ts';
import { checkWhy, fillWhy } from '../../src/core/condition/why.ts';
import { compiled, facts, type Given } from '../unit/core/condition-builders.ts';

/** A formula over parts that hold, fail or are unknown, with its verdict by the truth tables. */
interface Formula {
  readonly text: string;
  readonly mirrored: string;
  readonly verdict: Verdict;
}

const RANK: Readonly<Record<Verdict, number>> = { fails: 0, unknown: 1, holds: 2 };
const NOT: Readonly<Record<Verdict, Verdict>> = {
  fails: 'holds',
  unknown: 'unknown',
  holds: 'fails',
};

const part: fc.Arbitrary<Formula> = fc.constantFrom(
  { text: 'worker.yes', mirrored: 'worker.yes', verdict: 'holds' },
  { text: 'worker.no', mirrored: 'worker.no', verdict: 'fails' },
  { text: 'worker.gone == 1', mirrored: '1 == worker.gone', verdict: 'unknown' },
  { text: 'queue("x").waiting > 2', mirrored: '2 < queue("x").waiting', verdict: 'unknown' },
);

function joined(a: Formula, b: Formula, op: '&&' | '||'): Formula {
  const first =
    op === '&&' ? RANK[a.verdict] <= RANK[b.verdict] : RANK[a.verdict] >= RANK[b.verdict];
  return {
    text: `(${a.text}) ${op} (${b.text})`,
    mirrored: `(${b.mirrored}) ${op} (${a.mirrored})`,
    verdict: first ? a.verdict : b.verdict,
  };
}

const { formula } = fc.letrec<{ formula: Formula }>((tie) => ({
  formula: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    part,
    fc
      .tuple(tie('formula'), tie('formula'), fc.constantFrom('&&' as const, '||' as const))
      .map(([a, b, op]) => joined(a, b, op)),
    tie('formula').map((of) => ({
      text: `!(${of.text})`,
      mirrored: `!(${of.mirrored})`,
      verdict: NOT[of.verdict],
    })),
  ),
}));

const yesAndNo = facts({ attributes: { yes: true, no: false } });

describe('three-valued logic', () => {
  test("is Kleene's, in either order, and its trace agrees", () => {
    fc.assert(
      fc.property(formula, ({ text, mirrored, verdict }) => {
        fc.pre(text.length <= 1_500);
        const both = [compileCondition(text, 'when'), compileCondition(mirrored, 'when')];
        for (const result of both) {
          if (!result.ok) {
            expect(result.errors[0]?.code).toBe('condition.too_big');
            continue;
          }
          const judged = evaluate(result.condition, yesAndNo, { trace: true });
          expect(judged.verdict).toBe(verdict);
          expect(judged.trace?.verdict).toBe(verdict);
          expect(judged.unknown.length > 0).toBe(verdict === 'unknown');
        }
      }),
      { numRuns: 500 },
    );
  });
});

const ATTRIBUTES = {
  n: 3,
  f: 2.5,
  zero: 0,
  s: 'support',
  t: 'Sup',
  list: ['a', 'support'],
  nums: [1, 3],
  b: true,
};

const number = fc.constantFrom('worker.n', 'worker.f', 'worker.zero', 'queue("q").waiting');
const intLiteral = fc.integer({ min: -5, max: 25 }).map((n) => (n < 0 ? `(${n})` : `${n}`));
const numeric = fc.oneof(
  number,
  intLiteral,
  fc.tuple(number, fc.constantFrom('+', '-', '*'), number).map((parts) => parts.join(' ')),
  fc
    .tuple(intLiteral, fc.constantFrom('+', '-', '*', '/', '%'), fc.constantFrom('2', '3'))
    .map((p) => p.join(' ')),
);
const text = fc.constantFrom('worker.s', 'worker.t', '"support"', '"Sup"', '""');
const list = fc.constantFrom('worker.list', 'worker.nums', '["a", "b"]', '[1, 3]');
const compareOp = fc.constantFrom('==', '!=', '<', '<=', '>', '>=');
const leaf = fc.oneof(
  fc.tuple(numeric, compareOp, numeric).map((parts) => parts.join(' ')),
  fc.tuple(text, compareOp, text).map((parts) => parts.join(' ')),
  fc
    .tuple(
      fc.oneof(number, text),
      fc.constantFrom('==', '!='),
      fc.constantFrom('worker.b', 'worker.s', 'worker.n'),
    )
    .map((p) => p.join(' ')),
  fc.tuple(fc.oneof(text, number), list).map((parts) => parts.join(' in ')),
  fc
    .tuple(
      list,
      fc.constantFrom('exists', 'all', 'exists_one'),
      fc.constantFrom('i == "a"', 'i != "a"'),
    )
    .map(([l, m, p]) => `${l}.${m}(i, ${p})`),
  fc
    .tuple(text, fc.constantFrom('startsWith', 'endsWith', 'contains'), text)
    .map(([a, m, b]) => `${a}.${m}(${b})`),
  fc.tuple(list, compareOp, intLiteral).map(([l, op, n]) => `size(${l}) ${op} ${n}`),
  fc.constantFrom('worker.b', 'true', 'false', 'has(worker.n)', 'has(worker.nope)'),
);
const expression = fc
  .array(fc.tuple(leaf, fc.constantFrom(' && ', ' || '), fc.boolean()), {
    minLength: 1,
    maxLength: 5,
  })
  .map((parts) =>
    parts.map(([l, op, not], i) => `${i ? op : ''}${not ? `!(${l})` : `(${l})`}`).join(''),
  );

const reference = new Environment()
  .registerVariable('worker', 'map<string, dyn>')
  .registerFunction('queue(string): dyn', () => ({ waiting: 18 }));

describe('known facts', () => {
  test('are judged as the CEL package judges them', () => {
    const given = facts({ attributes: ATTRIBUTES, queues: { q: { waiting: 18 } } });
    fc.assert(
      fc.property(expression, (source) => {
        let expected: unknown;
        try {
          expected = reference.evaluate(source, { worker: ATTRIBUTES });
        } catch (error) {
          // The package alone does not calculate with numbers of mixed kinds.
          fc.pre(!/no such overload/.test(String(error)));
          throw error;
        }
        const { verdict } = evaluate(compiled(source), given);
        expect([source, verdict]).toEqual([source, expected === true ? 'holds' : 'fails']);
      }),
      { numRuns: 1_500 },
    );
  });
});

const word = fc.constantFrom(
  ...'worker activity channels now channel queue group count has size duration timestamp ( ) [ ] . , && || ! == >= in + - ? : " \' 1 2.5 "a" "5m" team available waiting load exists x true null == { } matches'.split(
    ' ',
  ),
);

const anyGiven: fc.Arbitrary<Given> = fc.record(
  {
    attributes: fc.dictionary(
      fc.constantFrom('a', 'b', 'team', '__proto__', 'constructor'),
      fc.jsonValue(),
    ),
    channels: fc.dictionary(
      fc.constantFrom('voice', 'chat'),
      fc.record({ load: fc.double({ noNaN: true }) }),
    ),
    queues: fc.constant({ a: { waiting: 3 } }),
  },
  { requiredKeys: [] },
);

describe('nothing throws', () => {
  test('any text compiles, or yields errors with a message and a position', () => {
    const source = fc.oneof(
      fc.array(word, { maxLength: 14 }).map((w) => w.join(' ')),
      fc.string(),
    );
    fc.assert(
      fc.property(source, fc.constantFrom('when' as const, 'where' as const), (written, scope) => {
        const result = compileCondition(written, scope);
        if (result.ok) return;
        expect(result.errors.length).toBeGreaterThan(0);
        for (const { message, start, end } of result.errors) {
          expect(message).not.toBe('');
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThanOrEqual(start);
          expect(end).toBeLessThanOrEqual(written.length);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('a condition with one character changed compiles, or yields an error with a place', () => {
    const whole =
      '(queue("Support").waiting >= 20 || now - activity.since > duration("4m")) && "x" in worker.tags';
    fc.assert(
      fc.property(
        fc.nat(whole.length - 1),
        fc.string({ minLength: 0, maxLength: 1 }),
        (at, put) => {
          const written = whole.slice(0, at) + put + whole.slice(at + 1);
          const result = compileCondition(written, 'when');
          if (!result.ok) expect(result.errors[0]?.start).toBeLessThanOrEqual(written.length);
          else evaluate(result.condition, facts(), { trace: true });
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('for any facts, a verdict has reasons exactly if it is unknown', () => {
    const sources = [
      'worker.a == worker.b && worker.a < worker.b',
      'worker.a.exists(x, x == worker.b) || worker.b in worker.a',
      'worker.a + worker.b > 3 && size(worker.a) > 1',
      'worker.team.startsWith("x") || worker.a[worker.b] == 1 || -worker.a > 2',
      'channels.exists(c, channels[c].load > 0.5) && channel("voice").load >= queue("a").waiting',
      'timestamp(worker.a) < now || duration(worker.b) > duration("1m") || int(worker.a) > 1',
      'worker.__proto__.constructor == worker.constructor ? worker.a : worker.b',
    ].map((source) => compiled(source));
    fc.assert(
      fc.property(fc.constantFrom(...sources), anyGiven, (condition, given) => {
        const result = evaluate(condition, facts(given), { trace: true });
        expect(result.verdict === 'unknown').toBe(result.unknown.length > 0);
        expect(result.trace?.verdict).toBe(result.verdict);
      }),
      { numRuns: 1_000 },
    );
  });

  test('any why template can be checked and filled', () => {
    const template = fc.array(
      fc.oneof(fc.constantFrom('{', '}', '.', 'queue', 'worker', 'a'), fc.string()),
    );
    fc.assert(
      fc.property(template, anyGiven, (parts, given) => {
        const written = parts.join('');
        for (const { end } of checkWhy(written)) expect(end).toBeLessThanOrEqual(written.length);
        expect(typeof fillWhy(written, facts(given))).toBe('string');
      }),
      { numRuns: 500 },
    );
  });
});

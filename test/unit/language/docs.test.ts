import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { compileRules } from '../../../src/language/compile.ts';
import { referenceMarkdown } from '../../../src/language/reference.ts';
import { passed } from '../../../src/trial/rule-test/run.ts';
import { runSuite } from '../../../src/trial/rule-test/suite.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const PAGE = resolve(ROOT, 'docs/rules.md');
const text = readFileSync(PAGE, 'utf8');
const calendar = {
  name: 'calendars/uk.ics',
  text: readFileSync(resolve(ROOT, 'test/fixtures/rules-good/example/calendars/uk.ics'), 'utf8'),
};

const BLOCKS = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, block = ''], index) => ({
  block,
  line: text.slice(0, text.indexOf(block)).split('\n').length,
  index,
}));
const RULES = BLOCKS.filter(({ block }) => 'version' in parse(block));

describe('docs/rules.md', () => {
  it.each(RULES)('the rules at line $line compile without an error', ({ block }) => {
    const { ruleSet, diagnostics } = compileRules([{ name: 'rules.yaml', text: block }, calendar]);
    expect(diagnostics).toEqual([]);
    expect(ruleSet?.rules.length).toBeGreaterThan(0);
  });

  it('has a lunch rule in another zone that passes its test', () => {
    const at = BLOCKS.findIndex(({ block }) => 'tests' in parse(block));
    const { outcomes, diagnostics } = runSuite([
      { name: 'lunch.yaml', text: BLOCKS[at - 1]?.block ?? '' },
      { name: 'lunch.test.yaml', text: BLOCKS[at]?.block ?? '' },
    ]);
    expect(diagnostics).toEqual([]);
    expect(outcomes.map((each) => passed(each))).toEqual([true, true]);
  });

  it('shows every field of a rule', () => {
    const { rules } = {
      rules: RULES.flatMap(({ block }) => Object.keys(Object.assign({}, ...parse(block).rules))),
    };
    for (const field of ['who', 'during', 'when', 'release', 'ramp', 'limit', 'hard', 'until']) {
      expect(rules).toContain(field);
    }
  });

  it('has an up-to-date reference; UPDATE_GENERATED=1 rewrites it', () => {
    const [begin, end] = ['<!-- reference: begin -->', '<!-- reference: end -->'];
    const head = text.slice(0, text.indexOf(begin) + begin.length);
    const now = `${head}\n\n${referenceMarkdown()}\n\n${text.slice(text.indexOf(end))}`;
    if (process.env.UPDATE_GENERATED === '1') writeFileSync(PAGE, now);
    expect(readFileSync(PAGE, 'utf8')).toBe(now);
  });
});

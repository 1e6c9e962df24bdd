import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { isRulesFile } from '../../../src/language/compile.ts';
import { jsonSchema } from '../../../src/language/schema.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const validate = new Ajv({ strict: false }).compile(jsonSchema());

function accepts(yaml: string): boolean {
  return validate(parse(yaml));
}

describe('the JSON Schema', () => {
  it('accepts the example of the language and every sample', () => {
    const samples = readdirSync(resolve(ROOT, 'rules')).filter(isRulesFile);
    expect(samples.length).toBeGreaterThan(7);
    const example = 'test/fixtures/rules-good/example/rules.yaml';
    const files = [example, ...samples.map((name) => `rules/${name}`)];
    for (const file of files) {
      expect([accepts(readFileSync(resolve(ROOT, file), 'utf8')), validate.errors]).toEqual([
        true,
        null,
      ]);
    }
  });

  it.each([
    ['an unknown field', 'version: 1\nrules: [{ name: a, who: everyone, then: {}, whom: b }]'],
    ['a rule without then', 'version: 1\nrules: [{ name: a, who: everyone }]'],
    ['a capacity above 50', 'version: 1\nrules: [{ name: a, who: everyone, then: { chat: 51 } }]'],
    ['an unknown action', 'version: 1\nrules: [{ name: a, who: everyone, then: { chat: stop } }]'],
    ['another version', 'version: 2'],
    ['a time that is a number', 'version: 1\nschedules: { a: { hours: 1320 } }'],
    ['a time without a unit', 'version: 1\nguardrails: { min_dwell: 60 }'],
  ])('refuses %s', (_, yaml) => {
    expect(accepts(yaml)).toBe(false);
  });

  it('is the file that the samples name; UPDATE_GENERATED=1 rewrites it', () => {
    const file = resolve(ROOT, 'rules/rules.schema.json');
    const now = `${JSON.stringify(jsonSchema(), null, 2)}\n`;
    if (process.env.UPDATE_GENERATED === '1') writeFileSync(file, now);
    expect(readFileSync(file, 'utf8')).toBe(now);
  });
});

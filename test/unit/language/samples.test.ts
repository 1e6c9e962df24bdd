import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileRules } from '../../../src/language/compile.ts';
import { lint } from '../../../src/trial/lint/lint.ts';
import { passed } from '../../../src/trial/rule-test/run.ts';
import { runSuite } from '../../../src/trial/rule-test/suite.ts';

const FOLDER = resolve(import.meta.dirname, '../../../rules');
const FILES = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(?:ya?ml|ics)$/.test(name))
  .map((name) => ({ name, text: readFileSync(join(FOLDER, name), 'utf8') }));
const RULES = FILES.filter(({ name }) => /\.yaml$/.test(name) && !name.includes('.test.'));

describe('the sample rules', () => {
  it('compile together without diagnostics', () => {
    const { ruleSet, diagnostics } = compileRules(FILES);
    expect(diagnostics).toEqual([]);
    expect(ruleSet?.sample).toBe(true);
    expect(ruleSet?.rules.every(({ sample }) => sample)).toBe(true);
    expect(ruleSet?.rules.every(({ why }) => why !== null)).toBe(true);
  });

  it('pass their own tests, which touch every rule and every branch of it', () => {
    const { outcomes, diagnostics, covered } = runSuite(FILES);
    expect(diagnostics).toEqual([]);
    expect(outcomes.filter((outcome) => !passed(outcome))).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(20);
    expect(covered?.untouched).toEqual([]);
  });

  it('have no linter findings', () => {
    const { ruleSet } = compileRules(FILES);
    expect(ruleSet === null ? null : lint(ruleSet, Date.parse('2026-11-23T12:00Z'))).toEqual([]);
  });

  it.each(RULES)('$name says when to use it, is marked, and names its schema', ({ text }) => {
    const lines = text.split('\n');
    expect(lines[0]).toBe('# yaml-language-server: $schema=./rules.schema.json');
    expect(lines[2]).toMatch(/^# When to use it: /);
    expect(text).toMatch(/^sample: true #/m);
  });
});

import { describe, expect, it } from 'vitest';
import { compileExpression, dig } from '../../../src/emulator/expression/evaluate.ts';

const WORKER = {
  team: 'support',
  level: 3,
  level_text: '3',
  remote: true,
  languages: ['en', 'es'],
  routing: { skills: ['psu-l1'], levels: { es: 2 } },
  nothing: null,
};

function matches(expression: string): boolean {
  return compileExpression(expression).predicate((path) => dig(WORKER, path));
}

describe('an expression matches', () => {
  it.each([
    '1==1',
    'team == "support"',
    "team == 'support'",
    '"support" == team',
    'team = "support"',
    'team != "sales"',
    'level > 2 AND level <= 3',
    'level >= 3.0',
    'remote == true',
    'team CONTAINS "upp"',
    'team contains "upp"',
    'languages HAS "es"',
    '"es" IN languages',
    'team IN ["sales", "support"]',
    'team in ["sales", "support"]',
    'team NOT IN ["sales"]',
    'routing.skills HAS "psu-l1"',
    'routing.levels.es == 2',
    'languages[1] == "es"',
    'team == "sales" OR team == "support" AND level == 3',
    '(team == "sales" OR team == "support") AND (level == 3)',
    'missing != "anything"',
    'team == "sup\\port"',
  ])('%s', (expression) => {
    expect(matches(expression)).toBe(true);
  });
});

describe('an expression does not match', () => {
  it.each([
    '1==2',
    'team == "Support"',
    'missing == "anything"',
    'missing > 1',
    'missing < 1',
    'nothing == nothing',
    'level == "3"',
    'level == level_text',
    'level HAS "3"',
    'languages == "en"',
    'languages != "en"',
    'languages CONTAINS "en"',
    'team IN languages',
    'team NOT IN team',
    'missing IN ["a"]',
    'languages[9] == "en"',
    '(team == "support" OR level == 3) AND remote == false',
  ])('%s', (expression) => {
    expect(matches(expression)).toBe(false);
  });
});

describe('an expression is refused', () => {
  it.each([
    ['skill-level > 3', "token recognition error at: '-'"],
    ['remote', "extraneous input '<EOF>' expecting OPERATOR"],
    ['team ==', "extraneous input '<EOF>' expecting a value"],
    ['(team == "a"', "expecting ')'"],
    ['team == "a" team == "b"', "extraneous input 'team' expecting <EOF>"],
    ['NOT team == "a"', "extraneous input 'team' expecting OPERATOR"],
    ['', "extraneous input '<EOF>'"],
  ])('%s', (expression, sentence) => {
    expect(() => compileExpression(expression)).toThrow(sentence);
  });
});

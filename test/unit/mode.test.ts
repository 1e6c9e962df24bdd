// The mode of a rule, by where it runs: a sample or an omission never changes anybody's floor.

import { describe, expect, it } from 'vitest';
import { modeNotes, modeOf } from '../../src/control/mode.ts';
import type { Mode, Rule, RuleSet } from '../../src/core/rules.ts';
import { compileRules } from '../../src/language/compile.ts';

const LIVE = { live: true, observeAll: false };
const EMULATED = { live: false, observeAll: false };

function set(options: { defaults?: Mode; rule?: Mode; sample?: boolean; head?: string }): RuleSet {
  const text = [
    'version: 1',
    ...(options.sample ? ['sample: true'] : []),
    ...(options.defaults ? [`defaults: { mode: ${options.defaults} }`] : []),
    'rules:',
    '  - name: a',
    '    who: everyone',
    '    then: { chat: 3 }',
    ...(options.rule ? [`    mode: ${options.rule}`] : []),
  ].join('\n');
  const { ruleSet, diagnostics } = compileRules([{ name: 'a.yaml', text }]);
  if (ruleSet === null) throw new Error(JSON.stringify(diagnostics));
  return ruleSet;
}

const mode = (rules: RuleSet, where: typeof LIVE) => modeOf(rules.rules[0] as Rule, rules, where);

describe('38: the mode of a rule', () => {
  it.each<[string, Parameters<typeof set>[0], Mode, Mode]>([
    ['nowhere written', {}, 'observe', 'enforce'],
    ['by the set', { defaults: 'enforce' }, 'enforce', 'enforce'],
    ['by the rule', { rule: 'enforce' }, 'enforce', 'enforce'],
    ['the rule beats the set', { defaults: 'enforce', rule: 'observe' }, 'observe', 'observe'],
    ['disabled stays disabled', { defaults: 'enforce', rule: 'disabled' }, 'disabled', 'disabled'],
    [
      'a sample, even when it says enforce',
      { sample: true, defaults: 'enforce' },
      'observe',
      'enforce',
    ],
  ])('%s', (_, options, live, emulated) => {
    const rules = set(options);
    expect(mode(rules, LIVE)).toBe(live);
    expect(mode(rules, EMULATED)).toBe(emulated);
  });

  it('HEADROOM_MODE=observe overrides every rule but a disabled one', () => {
    expect(mode(set({ rule: 'enforce' }), { live: false, observeAll: true })).toBe('observe');
    expect(mode(set({ rule: 'disabled' }), { live: false, observeAll: true })).toBe('disabled');
  });
});

describe('the note about it', () => {
  it('says against Twilio itself that samples and sets without a mode only observe', () => {
    expect(modeNotes(set({ sample: true }), LIVE).join()).toMatch(/sample rules only observe/);
    expect(modeNotes(set({}), LIVE).join()).toMatch(/has no explicit `mode`/);
    expect(modeNotes(set({ defaults: 'enforce' }), LIVE)).toEqual([]);
    expect(modeNotes(set({ sample: true }), EMULATED)).toEqual([]);
  });
});

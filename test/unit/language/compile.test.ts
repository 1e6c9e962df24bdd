import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileRules } from '../../../src/language/compile.ts';

const RULE = '  - { name: r, who: everyone, then: { chat: 2 } }\n';

function compile(text: string, name = 'rules.yaml') {
  return compileRules([{ name, text }]);
}

function problemsIn(text: string): readonly string[] {
  return compile(text).diagnostics.map((d) => `${d.line}:${d.column} ${d.code} ${d.message}`);
}

function example() {
  const folder = new URL('../../fixtures/rules-good/example/', import.meta.url);
  return ['rules.yaml', 'overload.test.yaml', 'calendars/uk.ics'].map((name) => ({
    name,
    text: readFileSync(new URL(name, folder), 'utf8'),
  }));
}

describe('the example of the language', () => {
  const compiled = compileRules(example());
  const rule = (name: string) => compiled.ruleSet?.rules.find((each) => each.name === name);

  it('compiles without diagnostics', () => {
    expect(compiled.diagnostics).toEqual([]);
    expect(compiled.ruleSet?.rules.map(({ name }) => name)).toEqual([
      'day-chat',
      'night',
      'support-overload',
      'on-a-call',
      'protect-after-misses',
      'newcomer-ramp',
      'shift-warm-up',
      'holiday',
    ]);
  });

  it('keeps its defaults and guardrails', () => {
    expect(compiled.ruleSet?.defaults).toMatchObject({
      zone: { kind: 'fixed', id: 'Europe/London' },
      mode: 'enforce',
      respectMs: 7_200_000,
      ifStale: 'hold',
      staleAfterMs: 90_000,
      optOut: { text: 'worker.headroom == "off"' },
      baseline: new Map([
        ['chat', 1],
        ['voice', 1],
      ]),
    });
    expect(compiled.ruleSet?.guardrails).toMatchObject({
      bounds: new Map([
        ['voice', [0, 1]],
        ['chat', [0, 5]],
      ]),
      keepOpen: [{ group: 'support', channel: 'chat', atLeast: { count: 4 } }],
      maxChange: { workers: { share: 0.3 }, perMs: 300_000 },
      minDwellMs: 60_000,
    });
  });

  it('reads every form of group and schedule', () => {
    expect([...(compiled.ruleSet?.groups.values() ?? [])].map(({ kind }) => kind)).toEqual([
      'where',
      'where',
      'target',
      'queue',
    ]);
    expect(compiled.ruleSet?.schedules.get('day')?.alternatives).toEqual([
      {
        zone: null,
        days: new Set([1, 2, 3, 4, 5]),
        opening: { kind: 'hours', windows: [{ start: 510, end: 1050 }] },
        dates: null,
        from: null,
        until: null,
        except: { calendars: ['uk-holidays'], dates: new Set() },
        exceptions: new Map(),
      },
    ]);
    expect(compiled.ruleSet?.schedules.get('fair')?.alternatives[0]?.opening.kind).toBe('cron');
  });

  it('distinguishes a condition on the world from one on the Worker', () => {
    expect(rule('support-overload')?.when).toMatchObject({
      forMs: 120_000,
      keepMs: 300_000,
      perWorker: false,
      exit: { text: 'queue("Support").waiting <= 8' },
    });
    expect(rule('on-a-call')?.when).toMatchObject({ perWorker: true, exit: null, keepMs: 30_000 });
  });

  it('reads settings, limits, releases and ramps', () => {
    expect(rule('support-overload')?.then.channels).toEqual(
      new Map([
        ['chat', { set: null, add: 1, min: null, max: 5, pause: false }],
        ['email', { set: null, add: null, min: null, max: null, pause: true }],
      ]),
    );
    expect(rule('support-overload')?.limit).toEqual({
      workers: { share: 0.5 },
      pick: 'least_loaded',
      step: { workers: { share: 0.1 }, everyMs: 60_000 },
    });
    expect(rule('protect-after-misses')?.release?.afterMs).toBe(1_200_000);
    expect(rule('newcomer-ramp')?.ramp).toEqual({
      since: { kind: 'attribute', path: ['hired_on'] },
      steps: [
        { after: { days: 0, ms: 0 }, value: 1 },
        { after: { days: 14, ms: 0 }, value: 2 },
        { after: { days: 30, ms: 0 }, value: 3 },
        { after: { days: 60, ms: 0 }, value: 'end' },
      ],
    });
    expect(rule('holiday')).toMatchObject({
      at: { file: 'rules.yaml', line: 61, column: 5 },
      who: { kind: 'not', of: { kind: 'group', name: 'holiday-crew' } },
      during: { kind: 'calendar', name: 'uk-holidays' },
      hard: true,
    });
    expect(rule('holiday')?.then).toMatchObject({ channels: new Map(), any: { pause: true } });
  });
});

describe('the set as a whole', () => {
  const one = { name: 'a.yaml', text: `version: 1\nrules:\n${RULE}` };

  it('has an id that depends only on its files', () => {
    const other = { name: 'b.yaml', text: 'version: 1\ngroups: { g: { queue: Support } }\n' };
    const id = compileRules([one, other]).ruleSet?.id;
    expect(id).toMatch(/^[0-9a-f]{12}$/);
    expect(compileRules([other, one]).ruleSet?.id).toBe(id);
    expect(compileRules([one]).ruleSet?.id).not.toBe(id);
    expect(compileRules([{ ...one, text: `${one.text}#` }, other]).ruleSet?.id).not.toBe(id);
  });

  it('is not affected by rule tests', () => {
    const test = { name: 'a.test.yaml', text: 'nonsense: [' };
    expect(compileRules([one, test])).toEqual(compileRules([one]));
  });

  it('recognises its samples by their marker', () => {
    const sample = compile(`version: 1\nsample: true\nrules:\n${RULE}`).ruleSet;
    expect([sample?.sample, sample?.rules[0]?.sample]).toEqual([true, true]);
    const own = compileRules([one]).ruleSet;
    expect([own?.sample, own?.rules[0]?.sample]).toEqual([false, false]);
  });

  it('uses names that a later file defines', () => {
    const rules = `version: 1\nrules:\n  - { name: r, who: team, during: day, then: { chat: 2 } }\n`;
    const names =
      'version: 1\ndefaults: { timezone: UTC }\ngroups: { team: { queue: Support } }\nschedules: { day: { days: mon-fri } }\n';
    const compiled = compileRules([
      { name: 'a.yaml', text: rules },
      { name: 'z.yaml', text: names },
    ]);
    expect(compiled.diagnostics).toEqual([]);
  });

  it('without a file is a fault, never an empty set', () => {
    const nothing = compileRules([]);
    expect(nothing.ruleSet).toBeNull();
    expect(nothing.diagnostics).toEqual([
      {
        code: 'folder.no_rules',
        severity: 'error',
        file: '.',
        line: 1,
        column: 1,
        message: 'the rules folder contains no *.yaml file, expected at least one rule',
      },
    ]);
    expect(problemsIn('version: 1\n')).toEqual([
      '1:1 folder.no_rules the rules folder contains no rule, expected at least one rule',
    ]);
  });

  it('checks the good files beside a broken one', () => {
    const broken = { name: 'a.yaml', text: 'version: 1\ngroups: { crew: { queue: X } }\nx: [1,\n' };
    const used = 'version: 1\nrules:\n  - { name: r, who: crew, then: { chat: 51 } }\n';
    const { diagnostics } = compileRules([broken, { name: 'b.yaml', text: used }]);
    expect(diagnostics.map((d) => `${d.file}:${d.line}:${d.column} ${d.code}`)).toEqual([
      'a.yaml:3:4 yaml.unclosed_bracket',
      'b.yaml:3:41 capacity.too_high',
    ]);
  });

  it('9: ends a rule with the last day, in the zone of the set', () => {
    const until = (zone: string) =>
      compile(
        `version: 1\ndefaults: { timezone: ${zone} }\nrules:\n  - { name: r, who: everyone, then: { chat: 2 }, until: 2026-10-24 }\n`,
      ).ruleSet?.rules[0]?.until;
    expect(until('Europe/London')).toBe(Date.parse('2026-10-24T23:00:00Z'));
    expect(until('America/New_York')).toBe(Date.parse('2026-10-25T04:00:00Z'));
    expect(until('worker.timezone')).toBe(Date.parse('2026-10-25T12:00:00Z'));
  });

  it('accepts "any" for a channel in `then` only', () => {
    expect(
      problemsIn(`version: 1\nguardrails: { bounds: { any: [0, 5] } }\nrules:\n${RULE}`),
    ).toEqual([
      '2:25 name.reserved "any" means every other channel in "then" only, expected the name of one channel',
    ]);
  });

  it('gives a condition a new id only if its text changes', () => {
    const id = (when: string) =>
      compile(
        `version: 1\nrules:\n  - { name: r, who: everyone, when: ${when}, then: { chat: 2 } }\n`,
      ).ruleSet?.rules[0]?.when?.id;
    const plain = id('channel("voice").assigned >= 1');
    expect(id('{ enter: channel("voice").assigned >= 1 }')).toBe(plain);
    expect(id('{ enter: channel("voice").assigned >= 1, keep: 30s }')).not.toBe(plain);
    expect(id('channel("voice").assigned >= 2')).not.toBe(plain);
  });
});

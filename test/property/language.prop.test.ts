import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { CODES } from '../../src/language/codes.ts';
import { type Compiled, compileRules } from '../../src/language/compile.ts';
import { jsonSchema } from '../../src/language/schema.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (name: string) => ({ name, text: readFileSync(join(ROOT, name), 'utf8') });
const SAMPLES = [
  read('test/fixtures/rules-good/example/rules.yaml'),
  ...readdirSync(join(ROOT, 'rules'))
    .filter((name) => /(?<!\.test)\.yaml$/.test(name))
    .map((name) => read(`rules/${name}`)),
];
const { text: calendar } = read('test/fixtures/rules-good/example/calendars/uk.ics');
const CALENDARS = [
  { name: 'calendars/uk.ics', text: calendar },
  { name: 'calendars/england.ics', text: calendar },
];
const accepts = new Ajv({ strict: false }).compile(jsonSchema());

/** What holds for every result, whatever the input. */
function checkWhole({ ruleSet, diagnostics }: Compiled, text: string): void {
  const lines = text.split('\n').length;
  for (const each of diagnostics) {
    expect(Object.keys(CODES)).toContain(each.code);
    expect(each.message).toMatch(/\S/);
    expect(each.message).not.toMatch(/\n|undefined|\[object|NaN/);
    expect(each.line).toBeGreaterThanOrEqual(1);
    expect(each.column).toBeGreaterThanOrEqual(1);
    if (each.file === 'a.yaml') expect(each.line).toBeLessThanOrEqual(lines);
  }
  expect(ruleSet === null).toBe(diagnostics.some(({ severity }) => severity === 'error'));
}

const CHARACTERS = ` \t\n:#-[]{}"'|>&*!%@\`,?\\.0aZ9é😀\u0000\uFEFF`;
const mutation = fc.record({
  file: fc.nat(SAMPLES.length - 1),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  kind: fc.constantFrom('remove', 'insert', 'replace', 'swap', 'double line', 'drop line'),
  character: fc.constantFrom(...CHARACTERS),
});

function mutate(text: string, at: number, kind: string, character: string): string {
  const i = Math.min(text.length - 1, Math.floor(at * text.length));
  const lines = text.split('\n');
  const line = Math.min(lines.length - 1, Math.floor(at * lines.length));
  switch (kind) {
    case 'remove':
      return text.slice(0, i) + text.slice(i + 1);
    case 'insert':
      return text.slice(0, i) + character + text.slice(i);
    case 'replace':
      return text.slice(0, i) + character + text.slice(i + 1);
    case 'swap':
      return (
        text.slice(0, i) +
        text
          .slice(i, i + 2)
          .split('')
          .reverse()
          .join('') +
        text.slice(i + 2)
      );
    case 'double line':
      return [...lines.slice(0, line), lines[line], ...lines.slice(line)].join('\n');
    default:
      return [...lines.slice(0, line), ...lines.slice(line + 1)].join('\n');
  }
}

describe('a faulty rules file', () => {
  it('with one character or line changed compiles, or is reported with a place', () => {
    fc.assert(
      fc.property(mutation, ({ file, at, kind, character }) => {
        const text = mutate(SAMPLES[file]?.text ?? '', at, kind, character);
        const compiled = compileRules([{ name: 'a.yaml', text }, ...CALENDARS]);
        checkWhole(compiled, text);
        if (compiled.ruleSet !== null) expect([accepts(parse(text)), text]).toEqual([true, text]);
      }),
      { numRuns: 200 },
    );
  });

  it('of arbitrary text is reported with a position', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        checkWhole(compileRules([{ name: 'a.yaml', text }]), text);
      }),
      { numRuns: 100 },
    );
  });
});

/** Values that are valid in one place and invalid in another. */
const value = fc.oneof(
  fc.constantFrom<unknown>(
    'support',
    'everyone',
    'day',
    'pause',
    'ramp',
    'end',
    '90s',
    '2h',
    '0s',
    '30%',
    '101%',
    '08:30-17:30',
    'mon-fri',
    '2026-12-25',
    'Europe/London',
    'worker.shift',
    'worker.team == "support"',
    'channel("voice").assigned >= 1',
    'observe',
    'hold',
    'least_loaded',
    '',
    'no such thing',
    null,
    true,
    0,
    1,
    3,
    51,
    -1,
    1.5,
    [],
    {},
    [0, 5],
    ['2026-12-25'],
    { chat: 3 },
    { chat: 'pause', any: { max: 2 } },
    { where: 'worker.team == "support"' },
    { not: 'support' },
    { calendar: 'holidays' },
    { enter: 'channel("voice").assigned >= 1', keep: '30s' },
    { after: '20m' },
    { since: 'worker.hired_on', steps: { '0d': 1, '14d': 'end' } },
    { workers: '50%' },
  ),
  fc.string({ maxLength: 6 }),
);

const FIELDS =
  'who during when release ramp then limit hard mode until why priority if_stale name days hours dates from except cron timezone'.split(
    ' ',
  );
const then = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<unknown>({ chat: 2 }, { chat: { max: 'ramp' } }) },
  { weight: 1, arbitrary: value },
);
const rule = fc
  .tuple(fc.dictionary(fc.constantFrom(...FIELDS.slice(0, 14)), value, { maxKeys: 2 }), then)
  .map(([fields, what]) => ({
    rule: { name: 'r', who: 'everyone', ...withThen(what), ...fields },
  }));
const schedule = fc
  .dictionary(fc.constantFrom(...FIELDS.slice(14)), value, { maxKeys: 2 })
  .map((fields) => ({ schedule: fields }));
const defaults = fc
  .dictionary(
    fc.constantFrom('timezone', 'mode', 'baseline', 'opt_out', 'stale_after', 'if_stale'),
    value,
    { maxKeys: 2 },
  )
  .map((fields) => ({ defaults: fields }));
const guardrails = fc
  .dictionary(fc.constantFrom('bounds', 'min_dwell', 'max_change'), value, { maxKeys: 1 })
  .map((fields) => ({ guardrails: fields }));

interface Parts {
  readonly rule?: object;
  readonly schedule?: object;
  readonly defaults?: object;
  readonly guardrails?: object;
}
const file: fc.Arbitrary<Parts> = fc.oneof(rule, schedule, defaults, guardrails);

/** The linter mistakes a literal `then` for a thenable. */
function withThen(what: unknown): object {
  return Object.fromEntries([['then', what]]);
}

describe('the JSON Schema and the compiler', () => {
  it('agree: the compiler refuses whatever the schema refuses', () => {
    let compiledCount = 0;
    fc.assert(
      fc.property(file, (parts) => {
        const written = {
          version: 1,
          defaults: parts.defaults ?? {},
          guardrails: parts.guardrails ?? {},
          groups: { support: { where: 'worker.team == "support"' } },
          calendars: { holidays: { dates: ['2026-12-25'] } },
          schedules: { day: { days: 'mon-fri' }, other: { days: 'sat', ...parts.schedule } },
          rules: [parts.rule ?? { name: 'r', who: 'everyone', ...withThen({ chat: 2 }) }],
        };
        const text = stringify(written);
        const compiled = compileRules([{ name: 'a.yaml', text }]);
        checkWhole(compiled, text);
        if (compiled.ruleSet !== null) compiledCount += 1;
        if (!accepts(written)) expect([compiled.ruleSet, text]).toEqual([null, text]);
      }),
      { numRuns: 400 },
    );
    // Otherwise the law would hold vacuously.
    expect(compiledCount).toBeGreaterThan(50);
  });
});

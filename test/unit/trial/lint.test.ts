// The linter: one fixture per kind of finding, and one that looks similar and is right. The
// sentences are part of the product, so they are asserted in full.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileRules } from '../../../src/language/compile.ts';
import { readFolder } from '../../../src/language/folder.ts';
import { FINDINGS, type Finding, witnessLines } from '../../../src/trial/lint/finding.ts';
import { lint } from '../../../src/trial/lint/lint.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/lint');
/** A Wednesday, 10:00 in London. */
const AT = Date.parse('2026-06-10T09:00:00Z');

function linted(name: string): readonly Finding[] {
  const text = readFileSync(join(FOLDER, name), 'utf8');
  return lintText(name, text);
}

function lintText(name: string, text: string): readonly Finding[] {
  const { ruleSet, diagnostics } = compileRules([{ name, text }]);
  if (ruleSet === null) throw new Error(diagnostics.map(({ message }) => message).join('; '));
  return lint(ruleSet, AT);
}

const told = ({ line, column, code, message }: Finding) => `${line}:${column} ${code}: ${message}`;
const shown = (found: Finding | undefined) => (found?.witness ? witnessLines(found.witness) : []);

const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  'never-matches': [
    '4:5 lint.never_matches: the rule "nobody" never matches: no Worker fits its "who"',
    '7:5 lint.never_matches: the rule "between" never matches: no values of the facts it reads make its "when" hold',
    '11:5 lint.never_matches: the rule "long-ago" never matches: its "during" does not open again, looked up to 2031',
  ],
  masked: [
    '8:5 lint.masked: the rule "support-three" never wins on chat: whenever it claims, "everyone-two" sets chat with a higher priority',
    '15:5 lint.masked: the "max" of the rule "very-busy" never binds on voice: whenever it claims, "busy" already limits voice to 0',
    '19:5 lint.masked: the "max" of the rule "far-off" never binds on chat: it is 4, and nothing can raise chat above 3 (its baseline is 1)',
  ],
  tie: [
    '8:5 lint.tie: the rules "late" and "day" both set chat, to 2 and 3, with priority 0, and can claim one Worker at once; the lower number wins, give one a higher priority',
  ],
  oscillates: [
    '8:5 lint.oscillates: the rules "chat-rests" and "one-at-a-time" switch each other on and off: voice goes paused, open, paused, open while no fact changes',
  ],
  'feeds-itself': [
    '4:5 lint.feeds_itself: the rule "full" switches itself on and off: chat goes 2, 1, 2, 1 while no fact changes',
  ],
  'out-of-bounds': [
    '5:5 lint.out_of_bounds: the rule "many" sets chat to 8, outside its bounds [0, 5]: 5 is written instead',
    '6:5 lint.out_of_bounds: the rule "two-calls" raises voice to 2, outside its bounds [0, 1]: 1 is written instead',
  ],
  'calendar-over': [
    '8:5 lint.calendar_over: the calendar "uk-holidays" ended on 2025-12-26, and the rule "day" still relies on it; add the coming dates',
  ],
  'for-too-long': [
    '6:5 lint.for_too_long: the rule "lunch-rush" never claims: its "for" is 30m, and the longest window of its "during" lasts 30m',
  ],
  'max-change': [
    '7:5 lint.max_change: the rule "day" changes every Worker at one boundary, and max_change allows 30% per 5m: the last would follow 15m later',
  ],
  overlap: [
    '4:5 lint.overlap: "enter" and "exit" of the rule "overload" both hold at queue.Support.waiting = 10, so it does not enter; leave a gap between their thresholds',
  ],
  'no-baseline': [
    '4:5 lint.no_baseline: no baseline is declared for voice: only the store knows it; declare it under defaults.baseline so that it survives the loss of the store',
  ],
};

/** The numbers of docs/semantics.md that a finding concerns. */
const LINES: Readonly<Record<string, string>> = {
  tie: '12',
  'max-change': '18',
  'no-baseline': '27',
};
const lineOf = (kind: string) => (LINES[kind] === undefined ? '' : `${LINES[kind]}: `);

describe('each kind of finding', () => {
  for (const [kind, sentences] of Object.entries(EXPECTED)) {
    it(`${lineOf(kind)}${kind} is reported with a witness`, () => {
      const found = linted(`${kind}.yaml`);
      expect(found.map(told)).toEqual(sentences);
      expect(found.filter((each) => shown(each).length === 0)).toEqual([]);
    });

    it(`what only looks like ${kind} is not reported`, () => {
      expect(linted(`${kind}.near.yaml`)).toEqual([]);
    });
  }

  it('has a fixture, and every fixture is a test', () => {
    const kinds = Object.keys(EXPECTED).flatMap((kind) => [`${kind}.near.yaml`, `${kind}.yaml`]);
    expect(readdirSync(FOLDER).sort()).toEqual(kinds.sort());
    const codes = Object.values(EXPECTED).flatMap((all) => all.map((each) => each.split(' ')[1]));
    const never = ['lint.not_finished'];
    expect([...new Set(codes.map((code) => code?.slice(0, -1)))].sort()).toEqual(
      Object.keys(FINDINGS)
        .filter((code) => !never.includes(code))
        .sort(),
    );
  });
});

describe('a witness can be checked by hand', () => {
  it('names the instant, the Worker, what each rule would do, and the result', () => {
    expect(shown(linted('tie.yaml')[0])).toEqual([
      'on Wed 2026-06-10 16:00 (Europe/London), a Worker with {"team":"support"}:',
      'day would set chat to 3',
      'late would set chat to 2',
      'so chat is 2',
    ]);
  });

  it('shows the nearest miss of a condition that cannot hold', () => {
    expect(shown(linted('never-matches.yaml')[1])).toEqual([
      'on Wed 2026-06-10 10:00 (Europe/London), queue.Support.waiting = 21:',
      'enter queue("Support").waiting > 20: holds',
      'enter queue("Support").waiting < 15: fails',
    ]);
  });

  it('follows two conflicting rules pass by pass', () => {
    expect(shown(linted('oscillates.yaml')[0]).slice(0, 4)).toEqual([
      'on Wed 2026-06-10 10:00 (Europe/London), channel.voice.available = true, channel.chat.available = true:',
      'Wed 2026-06-10 10:00 (Europe/London): voice becomes paused (one-at-a-time)',
      'Wed 2026-06-10 10:01 (Europe/London): chat becomes paused (chat-rests)',
      'Wed 2026-06-10 10:02 (Europe/London): voice becomes open (no rule claims it, restored to its baseline)',
    ]);
  });
});

const HEAD =
  'version: 1\ndefaults: { timezone: Europe/London, mode: enforce, baseline: { chat: 1, voice: 1 } }\nrules:\n';
const rules = (...each: readonly string[]) =>
  lintText('a.yaml', `${HEAD}${each.map((text) => `  - ${text}\n`).join('')}`).map(told);

describe('what is not reported', () => {
  it('a disabled rule', () => {
    const nobody = '{ name: a, who: { where: "worker.x == 1 && worker.x == 2" }, then: { chat: 2 }';
    expect(rules(`${nobody}, mode: disabled }`)).toEqual([]);
    expect(rules(`${nobody} }`)).toHaveLength(1);
  });

  it('that a rule never matches, if its condition has forms that are not fully searched', () => {
    const when = 'when: worker.a + worker.b == 7';
    expect(rules(`{ name: a, who: everyone, ${when}, then: { chat: 2 } }`)).toEqual([]);
  });

  it("a mask that a person's edit lifts: only hard claims fold over it", () => {
    const low = '{ name: a, who: everyone, then: { chat: 3 }, hard: true }';
    const high = '{ name: b, who: everyone, then: { chat: 2 }, priority: 1 }';
    expect(rules(low, high)).toEqual([]);
    expect(rules(low.replace(', hard: true', ''), high)).toHaveLength(1);
  });

  it('a mask that is kept for less long than what it hides', () => {
    const kept =
      '{ name: a, who: everyone, when: { enter: queue("Q").waiting >= 5, keep: 5m }, then: { chat: 3 } }';
    const above =
      '{ name: b, who: everyone, when: queue("Q").waiting >= 5, then: { chat: 2 }, priority: 1 }';
    expect(rules(kept, above)).toEqual([]);
    expect(rules(kept.replace(', keep: 5m', ''), above)).toHaveLength(1);
  });

  it('a mask that is lifted on one day of the year', () => {
    const text = (except: string) => `${HEAD.replace(
      'rules:',
      `calendars:
  closing: { dates: ["2026-12-24"] }
schedules:
  day: { days: mon-fri, hours: "09:00-17:00" }
  work: { days: mon-fri, hours: "08:00-18:00"${except} }
rules:`,
    )}  - { name: a, who: everyone, during: day, then: { chat: 3 } }
  - { name: b, who: everyone, during: work, then: { chat: 2 }, priority: 1 }
`;
    expect(lintText('a.yaml', text(', except: closing')).map(told)).toEqual([]);
    expect(lintText('a.yaml', text('')).map(told)).toHaveLength(1);
  });

  it('more findings of one kind than people read, only that there are more', () => {
    const many = Array.from(
      { length: 60 },
      (_, i) =>
        `{ name: r${i}, who: { where: "worker.x == 1 && worker.x == 2" }, then: { chat: 2 } }`,
    );
    const found = rules(...many);
    expect(found).toHaveLength(51);
    expect(found.at(-1)).toBe(
      '4:5 lint.not_finished: 10 more findings are not listed; the limit is 50 of one kind',
    );
  });

  it("a mask whose facts may be unknown while the hidden rule's are not", () => {
    const rule = '{ name: a, who: everyone, when: queue("Q").waiting >= 5, then: { chat: 3 } }';
    const other =
      '{ name: b, who: everyone, when: queue("R").waiting >= 0, then: { chat: 2 }, priority: 1 }';
    expect(rules(rule, other)).toEqual([]);
  });
});

it("finds only a missing baseline in the language's example, and nothing in samples", async () => {
  for (const [folder, expected] of [
    ['rules', []],
    ['test/fixtures/rules-good/example', []],
  ] as const) {
    const { files } = await readFolder(join(import.meta.dirname, '../../..', folder));
    const { ruleSet } = compileRules(files);
    const found = ruleSet === null ? null : lint(ruleSet, AT);
    expect(found?.filter(({ severity }) => severity !== 'note').map(told)).toEqual(expected);
  }
});

it('gives the same result for the same rules and day', () => {
  expect(linted('masked.yaml')).toEqual(linted('masked.yaml'));
});

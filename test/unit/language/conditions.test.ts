import { describe, expect, it } from 'vitest';
import { compileRules } from '../../../src/language/compile.ts';

function problemsIn(lines: readonly string[], before: readonly string[] = []): readonly string[] {
  const text = [
    'version: 1',
    ...before,
    'rules:',
    '  - name: r',
    '    who: everyone',
    ...lines.map((line) => `    ${line}`),
  ].join('\n');
  const { diagnostics } = compileRules([{ name: 'a.yaml', text: `${text}\n` }]);
  return diagnostics.map((d) => `${d.line}:${d.column} ${d.code}`);
}

const THEN = 'then: { sms: 2 }';

describe('a mistake inside a condition is placed at its character', () => {
  it.each<[string, readonly string[], string]>([
    ['plain', ['when: activity.availabel'], '5:20'],
    ['plain over two lines', ['when: activity.available', '  && activity.nam'], '6:19'],
    [
      'plain with an empty line between',
      ['when: now > now ||', '', '  activity.nam == ""'],
      '7:16',
    ],
    ['single quotes', [`when: 'activity.nam == "x"'`], '5:21'],
    ['single quotes with a doubled one', [`when: '"it''s" == activity.nam'`], '5:32'],
    ['double quotes', ['when: "activity.nam == \'x\'"'], '5:21'],
    ['double quotes with escapes', ['when: "\\"a\\\\n\\" == activity.nam"'], '5:33'],
    ['double quotes with code points', ['when: "\\"\\x41\\u0042\\" == activity.nam"'], '5:39'],
    ['double quotes over two lines', ['when: "now > now ||', "  activity.nam == ''\""], '6:16'],
    ['double quotes with a joined line', ['when: "now > \\', '  now || activity.nam"'], '6:23'],
    ['a literal block', ['when: |', '  activity.available', '  && activity.nam'], '7:19'],
    [
      'a literal block, stripped',
      ['when: |-', '  activity.available', '', '  && activity.nam'],
      '8:19',
    ],
    [
      'a literal block that is indented',
      ['when: |', '    now > now ||', '      activity.nam'],
      '7:20',
    ],
    ['a literal block with a sign', ['when: |2', '  now > now ||', '    activity.nam'], '7:18'],
    ['a folded block', ['when: >', '  activity.available', '  && activity.nam'], '7:19'],
    ['a folded block with a gap', ['when: >-', '  now > now ||', '', '  activity.nam'], '8:16'],
    [
      'a folded block with deeper lines',
      ['when: >-', '  now > now ||', '      activity.nam'],
      '7:20',
    ],
    ['beyond the basic plane', ['when: \'"😀" == activity.nam\''], '5:29'],
    ['inside a list', ['when: { enter: activity.available, exit: activity.nam }'], '5:55'],
  ])('%s', (_, lines, place) => {
    expect(problemsIn([...lines, THEN])).toEqual([`${place} condition.unknown_field`]);
  });

  it('also with Windows line ends', () => {
    const text =
      'version: 1\r\nrules:\r\n  - name: r\r\n    who: everyone\r\n    when: |\r\n      activity.available\r\n      && activity.nam\r\n    then: { sms: 2 }\r\n';
    const { diagnostics } = compileRules([{ name: 'a.yaml', text }]);
    expect(diagnostics.map((d) => [d.line, d.column])).toEqual([[7, 19]]);
  });

  it('behind an alias, at the anchor', () => {
    const groups = ['groups:', '  a: { where: &w worker.team = "x" }', '  b: { where: *w }'];
    expect(problemsIn(['then: { sms: 2 }'], groups)).toEqual(['3:30 condition.syntax']);
  });
});

describe('23: a rule that feeds itself', () => {
  it.each<[string, string, string | null]>([
    ['channel("chat").load < 0.5', '{ chat: 3 }', '5:19'],
    ['channel("chat").capacity < 5', '{ chat: { add: 1 } }', '5:19'],
    ['channel("chat").available', '{ chat: pause }', '5:19'],
    ['channel("chat").load < 0.5', '{ any: { max: 2 } }', '5:19'],
    ['activity.available && channel("chat").load < 0.5', '{ chat: 3 }', '5:41'],
    ['channels.exists(c, channels[c].load > 1)', '{ chat: { max: 2 } }', '5:11'],
    // Reading what the rule does not change is allowed.
    ['channel("chat").assigned >= 3', '{ chat: pause }', null],
    ['channel("chat").capacity >= 3', '{ chat: pause }', null],
    ['channel("chat").available', '{ chat: 2 }', null],
    ['channel("voice").load > 0.5', '{ chat: 3 }', null],
    ['channel("chat").load > 0.5', '{ voice: 1 }', null],
    ['channels.chat.load > 1', '{ chat: { max: 2 } }', '5:20'],
    ['channels["chat"].load > 1', '{ chat: { max: 2 } }', '5:20'],
    ['channels.exists(c, channels[c].assigned > 1)', '{ chat: { max: 2 } }', null],
    ['queue("Support").eligible < 3', '{ chat: 3 }', null],
  ])('when %s then %s: %s', (when, then, place) => {
    const lines = [`when: '${when}'`, `then: ${then}`];
    const plus = place?.replace(/\d+$/, (column) => String(Number(column) + 1));
    expect(problemsIn(lines)).toEqual(
      plus === undefined || place === null ? [] : [`${placeOf(place, plus)} when.feeds_itself`],
    );
  });

  /** `channels` has no place of its own, so the condition's start is given. */
  function placeOf(plain: string, quoted: string): string {
    return plain === '5:11' ? plain : quoted;
  }

  it("also through a group's load", () => {
    const groups = ['groups: { g: { queue: Support } }'];
    expect(problemsIn(['when: group("g").load < 0.5', 'then: { chat: 3 }'], groups)).toEqual([
      '6:17 when.feeds_itself',
    ]);
    expect(problemsIn(['when: group("g").size < 5', 'then: { chat: 3 }'], groups)).toEqual([]);
  });

  it('is allowed if its own exit or a release ends it', () => {
    const enter = 'channel("chat").load > 0.9';
    const exit = 'channel("chat").load < 0.3';
    const lines = (when: string, ...more: readonly string[]) => [
      `when: ${when}`,
      ...more,
      'then: { chat: 3 }',
    ];
    expect(problemsIn(lines(`{ enter: '${enter}', exit: '${exit}' }`))).toEqual([]);
    expect(problemsIn(lines(`{ enter: '${enter}' }`))).toEqual(['5:29 when.feeds_itself']);
    expect(problemsIn(lines(`'${enter}'`, 'release: { after: 5m }'))).toEqual([]);
  });
});

describe('overlapping thresholds', () => {
  it.each<[string, string, boolean]>([
    ['queue("S").waiting >= 20', 'queue("S").waiting <= 25', true],
    ['queue("S").waiting >= 20', 'queue("S").waiting <= 20', true],
    ['queue("S").waiting > 20', 'queue("S").waiting <= 20', false],
    ['queue("S").waiting >= 20', 'queue("S").waiting < 20', false],
    ['queue("S").waiting >= 20', 'queue("S").waiting <= 8', false],
    ['queue("S").waiting <= 8', 'queue("S").waiting >= 4', true],
    ['queue("S").waiting == 8', 'queue("S").waiting >= 4', true],
    ['queue("S").waiting >= 20', 'queue("T").waiting <= 25', false],
    [
      'queue("S").waiting >= 9 || queue("S").longest_wait >= duration("4m")',
      'queue("S").longest_wait <= duration("5m")',
      true,
    ],
    [
      'queue("S").longest_wait >= duration("4m")',
      'queue("S").longest_wait < duration("90s")',
      false,
    ],
    // Only plain comparisons are checked.
    ['queue("S").waiting >= 20 && activity.available', 'queue("S").waiting <= 25', false],
    ['!(queue("S").waiting < 20)', 'queue("S").waiting <= 25', false],
  ])('enter %s, exit %s: %s', (enter, exit, overlaps) => {
    const lines = [`when: { enter: '${enter}', exit: '${exit}' }`, THEN];
    const codes = problemsIn(lines).map((each) => each.split(' ')[1]);
    expect(codes).toEqual(overlaps ? ['when.overlap'] : []);
  });
});

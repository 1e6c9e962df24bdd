// Every way to be wrong: a fixture named after its code, with the exact place and sentence. For a
// mistake across several files, the fixture is a folder and the place names the file.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CODES, type Code } from '../../../src/language/codes.ts';
import { compileRules } from '../../../src/language/compile.ts';
import type { SourceFile } from '../../../src/language/decode.ts';

const FOLDER = resolve(import.meta.dirname, '../../fixtures/rules-bad');

function fixture(name: string): readonly SourceFile[] {
  const path = join(FOLDER, name);
  if (!statSync(path).isDirectory()) return [{ name, text: readFileSync(path, 'utf8') }];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:yaml|ics)$/.test(file))
    .map((file) => ({ name: file, text: readFileSync(join(path, file), 'utf8') }));
}

/** These concern bytes and folders; folder.test.ts and the limits below cover them. */
const ELSEWHERE: readonly Code[] = [
  'folder.missing',
  'folder.not_a_folder',
  'folder.no_rules',
  'folder.too_many_files',
  'file.unreadable',
  'file.too_large',
  'file.utf16',
  'file.not_utf8',
  'file.many_mistakes',
  'rules.too_many',
];

const TABLE: readonly (readonly [code: Code, place: string, sentence: string])[] = [
  ['add.zero', '5:26', '"then.chat.add" is 0 and changes nothing, expected another number'],
  [
    'amount.invalid',
    '5:23',
    '"limit.workers" is the text "150%", expected a number of Workers such as 4, or a percentage such as 30%',
  ],
  [
    'attribute.invalid',
    '5:13',
    '"during" is "worker.my-shift": "my-shift" in "worker.my-shift" is not an attribute\'s name: letters, digits and _ only',
  ],
  [
    'bounds.length',
    '2:31',
    '"guardrails.bounds.chat" has 1 numbers, expected two, the lowest and the highest',
  ],
  ['bounds.order', '2:31', '"guardrails.bounds.chat" is [5, 0], expected the lower number first'],
  [
    'calendar.duplicate',
    'b.yaml:3:3',
    'the calendar "holidays" is already defined in a.yaml, line 3',
  ],
  [
    'calendar.empty',
    '4:13',
    '"calendars.holidays" has neither dates nor an ICS file, expected one of them',
  ],
  ['calendar.unknown', '7:25', 'there is no calendar "uk-holiday"; did you mean "uk-holidays"?'],
  ['capacity.fractional', '5:19', '"then.chat" is 2.5, expected a whole number from 0 to 50'],
  [
    'capacity.negative',
    '5:19',
    '"then.chat" is -1, expected 0 or more (to close a channel, write pause)',
  ],
  [
    'capacity.too_high',
    '5:26',
    '"then.chat.max" is 51, expected at most 50, which is TaskRouter\'s limit',
  ],
  ['channel.unlikely', '5:13', 'the channel "chta" is named only here; did you mean "chat"?'],
  [
    'condition.bad_duration',
    '5:53',
    'found "4 minutes" where a duration is expected, such as "90s", "15m" or "2h"',
  ],
  [
    'condition.bad_instant',
    '5:27',
    'found "2026-13-01" where an instant with its offset is expected, such as "2026-06-10T09:00:00Z"',
  ],
  ['condition.empty', '5:12', 'the condition is empty where an expression is expected'],
  [
    'condition.nested_macro',
    '5:30',
    'found exists() inside another such call; they cannot be nested',
  ],
  [
    'condition.not_bool',
    '5:11',
    'found channel("voice").assigned, which is a number, where a condition is expected: something true or false',
  ],
  [
    'condition.not_literal',
    '5:19',
    'found channel(worker.team) where channel("name") with one quoted name is expected',
  ],
  [
    'condition.out_of_scope',
    '4:20',
    '"channel" cannot be used here: a "where" sees only the Worker (its attributes, sid and friendly_name)',
  ],
  [
    'condition.regex',
    '5:11',
    'found matches(): regular expressions are not supported, because their run time has no bound; use startsWith, endsWith, contains or ==',
  ],
  ['condition.syntax', '8:1', 'the condition ends where more is expected'],
  [
    'condition.too_big',
    '5:12',
    'the condition is too large or too deeply nested; split it over several rules',
  ],
  [
    'condition.too_long',
    '5:2012',
    'the condition has 3098 characters where at most 2000 are allowed',
  ],
  [
    'condition.type',
    '5:11',
    'found channel("voice").assigned >= "1": ">=" does not go with a number and text',
  ],
  [
    'condition.unknown_event',
    '5:17',
    'found "reservation.timed_out" where an event of a Reservation is expected (did you mean "reservation.timeout"?)',
  ],
  [
    'condition.unknown_field',
    '8:29',
    'found "asigned" where a field of channel is expected: capacity, available, assigned, load (did you mean "assigned"?)',
  ],
  [
    'condition.unknown_function',
    '5:11',
    'found cont() where one of channel, queue, group, count, duration, timestamp, size, has, int, double, string is expected (did you mean "count"?)',
  ],
  [
    'condition.unknown_name',
    '5:45',
    'found "activty" where worker, activity, channels, now, channel, queue, group, count are known (did you mean "activity"?)',
  ],
  [
    'condition.unsupported',
    '5:11',
    'found getHours(): the time of day and the weekday belong in a schedule; use "during"',
  ],
  [
    'condition.wrong_arguments',
    '5:11',
    'found has(worker) where has(worker.something) is expected',
  ],
  [
    'cron.invalid',
    '4:25',
    '"schedules.day.cron.start": found 4 fields in "0 9 1 *" where cron has 5, such as "0 9 1 * *"',
  ],
  ['date.invalid', '4:18', '"schedules.day.dates[1]": there is no day 2026-02-30'],
  [
    'dates.order',
    '4:37',
    '"schedules.day" ends on 2026-12-01, before it begins on 2026-12-24; expected "until" on or after "from"',
  ],
  [
    'days.invalid',
    '4:16',
    '"schedules.day.days": found "fry" where weekdays are expected, such as "mon-fri"; the nearest is "fri"',
  ],
  [
    'defaults.duplicate',
    'b.yaml:2:38',
    '"defaults.timezone" is already given in a.yaml, line 2, expected it in one file only',
  ],
  [
    'duration.invalid',
    '5:45',
    '"when.for" is the text "2min", expected a length of time such as 90s, 15m, 2h or 14d',
  ],
  [
    'duration.no_unit',
    '5:45',
    '"when.for" is the number 120, expected its unit too, such as 120s or 120m',
  ],
  ['duration.zero', '5:46', '"when.keep" is 0s, expected longer than zero'],
  ['during.empty', '5:13', '"during" is an empty list, expected a schedule'],
  [
    'file.control_character',
    '5:14',
    'found an invisible control character (U+0008), expected none',
  ],
  ['file.empty', '1:1', 'the file has no content, expected version: 1 and rules'],
  ['group.duplicate', 'b.yaml:3:3', 'the group "support" is already defined in a.yaml, line 3'],
  ['group.unknown', '6:10', 'there is no group "suport"; did you mean "support"?'],
  [
    'guardrails.duplicate',
    'b.yaml:2:26',
    '"guardrails.min_dwell" is already given in a.yaml, line 2, expected it in one file only',
  ],
  [
    'hours.invalid',
    '4:17',
    '"schedules.day.hours": found "25:00" where a time from 00:00 to 24:00 is expected',
  ],
  [
    'ics.invalid',
    'uk.ics:3:1',
    'the event "Christmas": its DTSTART is not a date: there is no day 2026-12-32',
  ],
  [
    'ics.missing',
    'rules.yaml:4:20',
    'there is no file "calendars/uk.isc" in the rules folder; did you mean "calendars/uk.ics"?',
  ],
  ['ics.too_many', 'uk.ics:1:1', 'the file has too many days and events, expected at most 10000'],
  [
    'ics.zone',
    'uk.ics:3:1',
    'the event "Christmas": "Office" is not a time zone, expected an IANA zone such as Europe/London',
  ],
  ['key.conflict', '4:10', '"who" says more than one thing, expected one of "where" or "not"'],
  [
    'key.missing',
    '3:5',
    'the rule "day-chat" has no "then", expected channels with what to set, such as { chat: 3 }',
  ],
  ['key.unknown', '5:5', '"durring" is not a field of a rule; did you mean "during"?'],
  [
    'name.invalid',
    '3:13',
    '"day.chat" cannot be the name of a rule, expected letters, digits, "-", "_" and blanks, at most 64',
  ],
  ['name.reserved', '3:3', '"everyone" has a meaning of its own, expected another name'],
  ['ramp.end', '5:63', 'the ramp ends at "14d", expected no steps after its end'],
  ['ramp.first_step', '5:46', 'the ramp begins at "1d", expected a first step at 0d'],
  ['ramp.order', '5:61', 'the step "7d" is not later than the one before it'],
  [
    'ramp.unused',
    '5:11',
    '"then" does not use the ramp, expected ramp as a number such as { max: ramp }',
  ],
  ['release.beside', '5:40', '"keep" is never used: only the rule\'s "release" ends its claim'],
  ['release.empty', '6:14', '"release" never comes, expected after, or, or both'],
  ['release.without_when', '5:14', 'the rule has a "release" but no "when", expected both'],
  [
    'rule.duplicate',
    '7:13',
    'the rule "day-chat" is already defined in rule.duplicate.yaml, line 3',
  ],
  [
    'schedule.cron_and_hours',
    '4:38',
    '"schedules.day" has cron lines together with days or hours, expected only one of them',
  ],
  ['schedule.duplicate', 'b.yaml:3:3', 'the schedule "day" is already defined in a.yaml, line 4'],
  [
    'schedule.empty',
    '4:8',
    '"schedules.day" is never open: its other fields exclude all its dates',
  ],
  [
    'schedule.no_fields',
    '4:8',
    '"schedules.day" has no times, expected days, hours, dates or another field',
  ],
  ['schedule.unknown', '9:13', 'there is no schedule "dya"; did you mean "day"?'],
  ['target.invalid', '3:41', 'found "HAZ" where a comparison such as ==, HAS or IN is expected'],
  ['then.action', '5:19', '"then.chat" is "puase"; did you mean "pause"?'],
  ['then.empty', '5:11', '"then" names no channel, expected one such as { chat: 3 }'],
  [
    'then.min_over_max',
    '5:26',
    '"then.chat" has min 4 above max 2, expected min to be at most max',
  ],
  ['then.no_ramp', '5:11', '"then" uses ramp but the rule has no "ramp", expected one'],
  [
    'time.bare',
    '4:17',
    '"schedules.day.hours" is 22:00 without quotes, which YAML 1.1 reads as the number 1320; expected hours in quotes such as "08:30-17:30"',
  ],
  [
    'time.unquoted',
    '4:17',
    '"schedules.day.hours" is not in quotes, expected "08:30-17:30" as a quoted text',
  ],
  ['value.choice', '5:11', '"mode" is "observ"; did you mean "observe"?'],
  [
    'value.empty',
    '5:12',
    '"during" is empty, expected a schedule, a list of them, {calendar: …}, or worker.shift',
  ],
  ['value.number', '5:15', '"priority" is 2.5, expected a whole number from -1000000 to 1000000'],
  ['value.quoted_number', '5:19', '"then.chat" is the text "3", expected a number without quotes'],
  [
    'value.type',
    '5:10',
    '"why" is a list, expected a sentence such as "Support has {queue.Support.waiting} waiting"',
  ],
  [
    'value.unquoted',
    '3:13',
    '"name" is the number 2026, expected the name of a rule; put it in quotes if it is meant as text',
  ],
  ['value.yes_no', '5:11', '"hard" is "yes", expected true or false (YAML 1.2 has no yes and no)'],
  ['version.missing', '1:1', 'the file has no "version", expected version: 1'],
  ['version.wrong', '1:10', '"version" is the text "1.0.0", expected the number 1'],
  [
    'when.feeds_itself',
    '5:19',
    '"when" reads channel("chat").load, which this rule\'s own "then" changes (then.chat); expected a separate "exit" to end it',
  ],
  [
    'when.overlap',
    '5:58',
    '"exit" (queue("Support").waiting <= 25) can hold while "enter" (queue("Support").waiting >= 20) does, expected thresholds with a gap between them',
  ],
  ['who.empty', '4:10', '"who" is an empty list, expected at least one group'],
  ['why.too_long', '5:10', '"why" has 349 characters, expected at most 300'],
  [
    'why.unclosed',
    '5:23',
    'found "{" without its "}"; a placeholder is written like {queue.Support.waiting}, {channel.voice.assigned}, {worker.team} or {activity.name}',
  ],
  [
    'why.unknown_placeholder',
    '5:23',
    'found {queue.Support.wating} where a field of queue is expected: waiting, longest_wait, eligible, available_workers (did you mean "waiting"?)',
  ],
  ['yaml.alias_loop', '4:25', 'the alias "*all" is inside its own anchor, so it never ends'],
  ['yaml.bad_escape', '5:14', '"\\%" is not a valid escape inside "…"; use \'…\' quotes'],
  [
    'yaml.colon_in_text',
    '5:10',
    '"why: Day shift: three chats" has a second ": " in one line; put text with a colon in quotes',
  ],
  ['yaml.directive', '1:1', '"%RULES 1" is a YAML directive, expected none (rules are YAML 1.2)'],
  ['yaml.duplicate_key', '5:5', '"who" is written twice in the same mapping, expected it once'],
  [
    'yaml.extra_bracket',
    '5:22',
    'this "}" closes nothing, expected a bracket to be opened before it',
  ],
  ['yaml.indent', '5:4', '"then: { chat: 3 }" is indented differently from the list item above'],
  [
    'yaml.key_not_text',
    '5:13',
    'a key is a list, a mapping or an alias here, expected a plain name',
  ],
  ['yaml.merge_key', '4:12', '"<<" is not part of YAML 1.2, expected the fields written out'],
  ['yaml.no_colon', '5:5', '"during day" has no ":" after its name'],
  ['yaml.reserved_character', '4:10', 'a text cannot begin with "@"; put it in quotes'],
  [
    'yaml.several_documents',
    '7:1',
    'a second document begins here, expected one YAML document in a file',
  ],
  [
    'yaml.syntax',
    '4:13',
    '"who: &a &b everyone" is not YAML here: a node can have at most one anchor',
  ],
  ['yaml.tab', '3:1', 'a tab indents this line, expected spaces (YAML allows no tabs there)'],
  ['yaml.tag', '5:15', '"!int" is a YAML tag, expected a plain value'],
  [
    'yaml.too_big',
    '1:1',
    'the file has 1358032 values once its aliases are followed, expected rules that people can read',
  ],
  ['yaml.too_deep', '4:60', 'the nesting is too deep here, expected at most 50 levels'],
  [
    'yaml.unclosed_bracket',
    '4:10',
    'a bracket is opened here and never closed, expected its "]" or "}"',
  ],
  [
    'yaml.unclosed_quote',
    '5:10',
    'a quote is opened here and never closed, expected a closing quote',
  ],
  ['yaml.unknown_alias', '4:10', 'the alias "*support" has no anchor "&support" before it'],
  ['zone.invalid', '2:23', '"Europe/Lodon" is not a time zone; did you mean "Europe/London"?'],
  [
    'zone.unset',
    '3:3',
    'the schedule "day" has no zone, so it is read in UTC; expected defaults.timezone or its own timezone',
  ],
];

describe('each mistake alone', () => {
  it.each(TABLE)('%s at %s', (code, place, sentence) => {
    const single = readdirSync(FOLDER).includes(`${code}.yaml`);
    const files = fixture(single ? `${code}.yaml` : code);
    const { ruleSet, diagnostics } = compileRules(files);
    const { severity } = CODES[code];
    expect(
      diagnostics.map((d) => [
        d.code,
        d.severity,
        single ? `${d.line}:${d.column}` : `${d.file}:${d.line}:${d.column}`,
        d.message,
      ]),
    ).toEqual([[code, severity, place, sentence]]);
    expect(ruleSet === null).toBe(severity === 'error');
  });

  it('every code of the rules has its fixture, and every fixture its row', () => {
    const rows = TABLE.map(([code]) => code);
    const rules = Object.keys(CODES).filter((code) => !code.startsWith('test.'));
    expect([...rows, ...ELSEWHERE].sort()).toEqual(rules.sort());
    const fixtures = readdirSync(FOLDER).map((name) => name.replace(/\.yaml$/, ''));
    expect(fixtures.sort()).toEqual([...rows].sort());
  });

  it('is one sentence: no full stop, no line break, and not too long', () => {
    for (const [code, , sentence] of TABLE) {
      expect([code, sentence]).toEqual([code, expect.stringMatching(/^[^\n]{10,240}[^.\n]$/)]);
    }
  });
});

describe('limits', () => {
  const rule = (i: number, capacity: number) =>
    `  - { name: r${i}, who: everyone, then: { chat: ${capacity} } }\n`;
  const many = (count: number, capacity: number) =>
    compileRules([
      {
        name: 'a.yaml',
        text: `version: 1\nrules:\n${Array.from({ length: count }, (_, i) => rule(i, capacity)).join('')}`,
      },
    ]);

  it('two thousand rules are allowed', () => {
    expect(many(2_000, 1).diagnostics).toEqual([]);
    expect(many(2_001, 1).diagnostics).toEqual([
      {
        code: 'rules.too_many',
        severity: 'error',
        file: 'a.yaml',
        line: 2003,
        column: 5,
        message: 'this is rule 2001, expected at most 2000 rules',
      },
    ]);
  });

  it('a hundred mistakes of one file are listed, and that there are more', () => {
    const { diagnostics } = many(150, 51);
    expect(diagnostics).toHaveLength(101);
    expect(diagnostics[0]).toMatchObject({
      code: 'file.many_mistakes',
      line: 1,
      message: 'only the first 100 mistakes of this file are listed',
    });
  });
});

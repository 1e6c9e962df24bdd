// Every way a condition can be wrong: its code, its sentence, and its place.

import { describe, expect, test } from 'vitest';
import {
  type ConditionErrorCode,
  compileCondition,
} from '../../../src/core/condition/condition.ts';

type Row = readonly [text: string, code: ConditionErrorCode, at: string, message: string];

const FACTS = 'worker, activity, channels, now, channel, queue, group, count';
const CALLS = 'channel, queue, group, count, duration, timestamp, size, has, int, double, string';

const ROWS: readonly Row[] = [
  ['  ', 'condition.empty', '  ', 'the condition is empty where an expression is expected'],
  ['worker.a ==', 'condition.syntax', '', 'the condition ends where more is expected'],
  ['worker.a = 1', 'condition.syntax', '=', 'found "=" where an operator is expected: write =='],
  [
    'worker.a and worker.b',
    'condition.syntax',
    'and',
    'found "and" where an operator is expected: write &&',
  ],
  [
    'worker.a OR worker.b',
    'condition.syntax',
    'OR',
    'found "OR" where an operator is expected: write ||',
  ],
  [
    'worker.a == "x',
    'condition.syntax',
    '"x',
    'found text that begins with a quote and never ends',
  ],
  [
    'worker.a == 1)',
    'condition.syntax',
    ')',
    'found ")" where a value, an operator or the end is expected',
  ],
  [
    'wroker.team == "a"',
    'condition.unknown_name',
    'wroker',
    `found "wroker" where ${FACTS} are known (did you mean "worker"?)`,
  ],
  [
    'team == "a"',
    'condition.unknown_name',
    'team',
    `found "team" where ${FACTS} are known; an attribute is written worker.team`,
  ],
  [
    'worker.skill-level > 3',
    'condition.unknown_name',
    'level',
    `found "level" where ${FACTS} are known; an attribute whose name has a hyphen is written worker["skill-level"]`,
  ],
  [
    'queue("A").waitng > 3',
    'condition.unknown_field',
    'waitng',
    'found "waitng" where a field of queue is expected: waiting, longest_wait, eligible, available_workers (did you mean "waiting"?)',
  ],
  [
    'activity["nme"] == "x"',
    'condition.unknown_field',
    '"nme"',
    'found "nme" where a field of activity is expected: name, available, since, available_since (did you mean "name"?)',
  ],
  [
    'chanel("voice").load > 1',
    'condition.unknown_function',
    'chanel("voice")',
    `found chanel() where one of ${CALLS} is expected (did you mean "channel"?)`,
  ],
  [
    'worker.a.startWith("x")',
    'condition.unknown_function',
    'worker.a.startWith("x")',
    'found startWith() where one of startsWith, endsWith, contains, lowerAscii, upperAscii, trim, size, exists, all, exists_one, filter, map is expected (did you mean "startsWith"?)',
  ],
  [
    'queue(worker.q).waiting > 1',
    'condition.not_literal',
    'worker.q',
    'found queue(worker.q) where queue("name") with one quoted name is expected',
  ],
  [
    'worker[worker.a] == 1',
    'condition.not_literal',
    'worker[worker.a]',
    "found worker[worker.a] where an attribute's quoted name is expected",
  ],
  [
    'channels[worker.a].load > 1',
    'condition.not_literal',
    'worker.a',
    "found channels[worker.a] where a quoted name or a macro's variable is expected",
  ],
  [
    'count("reservation.created", worker.w) > 1',
    'condition.not_literal',
    'worker.w',
    'found worker.w where a written duration is expected, such as duration("15m")',
  ],
  [
    'count(worker.t, duration("1m")) > 1',
    'condition.not_literal',
    'worker.t',
    'found count(worker.t, duration("1m")) where count("event type", duration("15m")) is expected',
  ],
  [
    'count("reservation.timout", duration("5m")) > 1',
    'condition.unknown_event',
    '"reservation.timout"',
    'found "reservation.timout" where an event of a Reservation is expected (did you mean "reservation.timeout"?)',
  ],
  [
    'count("task.created", duration("5m")) > 1',
    'condition.unknown_event',
    '"task.created"',
    'found "task.created" where an event of a Reservation is expected, such as "reservation.timeout"',
  ],
  [
    'count("reservation.timeout", duration("25h")) > 1',
    'condition.wrong_arguments',
    'duration("25h")',
    'found duration("25h") where 1d or less is expected, because older events are not kept',
  ],
  [
    'now - activity.since > duration("10 min")',
    'condition.bad_duration',
    '"10 min"',
    'found "10 min" where a duration is expected, such as "90s", "15m" or "2h"',
  ],
  [
    'now > timestamp("2026-06-10")',
    'condition.bad_instant',
    '"2026-06-10"',
    'found "2026-06-10" where an instant with its offset is expected, such as "2026-06-10T09:00:00Z"',
  ],
  [
    'worker.a.matches("^(a+)+$")',
    'condition.regex',
    'worker.a.matches("^(a+)+$")',
    'found matches(): regular expressions are not supported, because their run time has no bound; use startsWith, endsWith, contains or ==',
  ],
  [
    'worker.a.exists(x, worker.b.exists(y, x == y))',
    'condition.nested_macro',
    'worker.b.exists(y, x == y)',
    'found exists() inside another such call; they cannot be nested',
  ],
  [
    'worker.a.exists(now, now == 1)',
    'condition.wrong_arguments',
    'now',
    'found "now" as a variable, but it is a fact\'s name; choose another',
  ],
  [
    'worker.a.exists(1, true)',
    'condition.wrong_arguments',
    '1',
    'found "1" where a variable\'s name is expected, such as skills.exists(s, s == "es")',
  ],
  [
    'worker.a.startsWith() == true',
    'condition.wrong_arguments',
    'worker.a.startsWith()',
    'found 0 arguments in worker.a.startsWith() where startsWith takes 1',
  ],
  [
    'has(worker)',
    'condition.wrong_arguments',
    'has(worker)',
    'found has(worker) where has(worker.something) is expected',
  ],
  [
    'worker.a.exists(x)',
    'condition.wrong_arguments',
    'worker.a.exists(x)',
    'found worker.a.exists(x) where list.exists(item, condition) is expected',
  ],
  [
    'worker.a.all(x, true, false)',
    'condition.wrong_arguments',
    'worker.a.all(x, true, false)',
    'found worker.a.all(x, true, false) where list.all(item, condition) is expected',
  ],
  [
    '"a" in teams',
    'condition.unknown_name',
    'teams',
    `found "teams" where ${FACTS} are known; an attribute is written worker.teams`,
  ],
  [
    '3 in worker',
    'condition.type',
    'worker',
    'found worker by itself where one of its fields is expected, such as worker.team',
  ],
  [
    'activity.name.exists(c, true)',
    'condition.type',
    'activity.name',
    'found activity.name, which is text, where exists() needs a list',
  ],
  [
    'worker.a.exists(x, x + 1)',
    'condition.not_bool',
    'x + 1',
    'found x + 1, which is a number, where exists() needs true or false',
  ],
  [
    'channels.exists(c, channels[x].load > 1)',
    'condition.not_literal',
    'x',
    "found channels[x] where a quoted name or a macro's variable is expected",
  ],
  [
    'worker.a == 9007199254740993',
    'condition.unsupported',
    '9007199254740993',
    'found the literal 9007199254740993, which conditions here do not have',
  ],
  [
    'worker.a == b"x"',
    'condition.unsupported',
    'b"x"',
    'found the literal b"x", which conditions here do not have',
  ],
  [
    'worker.a[true] == 1',
    'condition.type',
    'worker.a[true]',
    'found true in brackets where a position or a quoted name is expected',
  ],
  [
    'channels.exists(c, c.load > 1)',
    'condition.type',
    'c.load',
    'found c.load, but c is text and has no fields',
  ],
  [
    'now("x") == now',
    'condition.unknown_function',
    'now("x")',
    'found now(...), but now is not a function',
  ],
  [
    'queue > 3',
    'condition.wrong_arguments',
    'queue',
    'found queue by itself where queue("name") is expected',
  ],
  [
    'worker.a in {"x": 1}',
    'condition.unsupported',
    '{"x": 1}',
    'found a map in braces, which conditions here do not have',
  ],
  [
    'now.getHours() > 9',
    'condition.unsupported',
    'now.getHours()',
    'found getHours(): the time of day and the weekday belong in a schedule; use "during"',
  ],
  [
    'worker.hired_on < now',
    'condition.type',
    'worker.hired_on < now',
    'found worker.hired_on < now: an attribute is not of type instant; write timestamp(worker.hired_on)',
  ],
  [
    'duration("1m") < worker.wait',
    'condition.type',
    'duration("1m") < worker.wait',
    'found duration("1m") < worker.wait: an attribute is not of type duration; write duration(worker.wait)',
  ],
  [
    'activity.name > 3',
    'condition.type',
    'activity.name > 3',
    'found activity.name > 3: ">" does not go with text and a number',
  ],
  [
    'queue("A").longest_wait >= 240',
    'condition.type',
    'queue("A").longest_wait >= 240',
    'found queue("A").longest_wait >= 240: ">=" does not go with a duration and a number',
  ],
  [
    'channel("voice").available == 1',
    'condition.type',
    'channel("voice").available == 1',
    'found channel("voice").available == 1: "==" does not go with true or false and a number',
  ],
  [
    '"x" in activity.name',
    'condition.type',
    '"x" in activity.name',
    'found "in" before activity.name, which is text where a list is expected',
  ],
  [
    'now + now == now',
    'condition.type',
    'now + now',
    'found now + now: "+" does not go with an instant and an instant',
  ],
  [
    'queue("A")',
    'condition.type',
    'queue("A")',
    'found queue("A") by itself where one of its fields is expected, such as .waiting',
  ],
  [
    'worker == 1',
    'condition.type',
    'worker',
    'found worker by itself where one of its fields is expected, such as worker.team',
  ],
  [
    'true ? 1 : "x"',
    'condition.type',
    'true ? 1 : "x"',
    'found a number and text as the two outcomes where one type is expected',
  ],
  [
    'queue("A").waiting',
    'condition.not_bool',
    'queue("A").waiting',
    'found queue("A").waiting, which is a number, where a condition is expected: something true or false',
  ],
  [
    '!activity.name',
    'condition.not_bool',
    'activity.name',
    'found activity.name, which is text, where a condition is expected: something true or false',
  ],
];

describe('a mistake in a condition has one sentence and a place', () => {
  test.each(ROWS)('%s', (text, code, at, message) => {
    const result = compileCondition(text, 'when');
    if (result.ok) throw new Error('it was accepted');
    const told = result.errors.map((error) => ({
      code: error.code,
      at: text.slice(error.start, error.end),
      message: error.message,
    }));
    expect(told).toEqual([{ code, at, message }]);
  });
});

test('all mistakes are reported at once, in order', () => {
  const text = 'queue("A").waitng > 3 && chanel("x").load > 1 || activity.name > 3 || teem == 1';
  const result = compileCondition(text, 'when');
  expect(result.ok ? [] : result.errors.map((error) => error.code)).toEqual([
    'condition.unknown_field',
    'condition.unknown_function',
    'condition.type',
    'condition.unknown_name',
  ]);
});

test.each([
  'queue("A").waiting > 1',
  'activity.available',
  'now > now',
  'channels.a.load > 1',
  '"a" in channels',
])('a "where" sees only the Worker: %s', (text) => {
  const result = compileCondition(text, 'where');
  expect(result.ok ? [] : result.errors.map((error) => error.code)).toContain(
    'condition.out_of_scope',
  );
});

describe('limits', () => {
  const code = (text: string) => {
    const result = compileCondition(text, 'when');
    return result.ok ? null : result.errors[0]?.code;
  };
  const joined = (count: number, by: string) => Array(count).fill('worker.a').join(by);

  test('2000 characters are accepted, more are not', () => {
    expect(code('true'.padEnd(2_000))).toBeNull();
    expect(code('true'.padEnd(2_001))).toBe('condition.too_long');
  });
  test('many parts are accepted, too many are not', () => {
    expect(code(joined(100, ' && '))).toBeNull();
    expect(code(joined(160, '&&'))).toBe('condition.too_big');
  });
  test('too deep nesting is reported and does not crash', () => {
    expect(code(`${'('.repeat(15)}true${')'.repeat(15)}`)).toBeNull();
    expect(code(`${'('.repeat(900)}true${')'.repeat(900)}`)).toBe('condition.too_big');
    expect(code(`${'!'.repeat(1_900)}true`)).toBe('condition.too_big');
  });
});

// TaskRouter's expressions: who matches, who does not, and the sentence for what cannot be parsed.

import { describe, expect, test } from 'vitest';
import { matchesTarget, parseTarget, type TargetWorker } from '../../../src/core/expression.ts';

const ANN: TargetWorker = {
  sid: 'WK1',
  friendlyName: 'Ann',
  activitySid: 'WA1',
  activityName: 'Available',
  attributes: {
    team: 'support',
    level: 3,
    rate: 2.5,
    vip: true,
    languages: ['en', 'es'],
    grades: [1, 2],
    routing: { skills: ['psu-l1', 'billing'], levels: { voice: 5 } },
    text: '3',
    worker: 'own',
    quote: 'say "hi"',
    nothing: null,
  },
  channels: new Map([
    ['chat', { capacity: 3, assigned: 1, reserved: 2 }],
    ['voice', { capacity: 1, assigned: 0 }],
    ['fax', { capacity: 0, assigned: 0 }],
  ]),
};

function match(text: string, worker = ANN) {
  const parsed = parseTarget(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return matchesTarget(parsed.expression, worker);
}

const MATCHES = [
  '1==1',
  'languages HAS "es" AND team == "support"',
  "languages has 'es' and team == 'support'",
  'worker.languages HAS "es"',
  'team != "sales"',
  'level == 3 AND level >= 3 AND level <= 3 AND level > 2.9 AND level < 4',
  '3 == level',
  'rate > 2',
  'vip == true',
  'team IN ["support", "sales"]',
  'team NOT IN ["sales"]',
  '"es" IN languages',
  '"fr" not in languages',
  'level IN grades OR 2 IN grades',
  'team CONTAINS "port"',
  'level CONTAINS 3',
  'routing.skills HAS "psu-l1"',
  'routing.levels.voice > 4',
  'routing.skills[1] == "billing"',
  'quote == "say \\"hi\\""',
  // AND binds tighter than OR; parentheses decide otherwise.
  'team == "support" OR team == "sales" AND level == 9',
  '(team == "sales" OR team == "support") AND level == 3',
  'sid == "WK1" AND friendly_name == "Ann"',
  'activity_name == "Available" AND activity_sid == "WA1"',
  'worker.channel.voice.available_capacity_percentage == 100',
  'channel.chat.available_capacity_percentage == 33',
  'channel.chat.assigned_tasks == 1 AND channel.chat.configured_capacity == 3',
  'channel.fax.available_capacity_percentage == 0',
  // NULL is unequal to everything.
  'missing != "x"',
  'missing NOT IN ["x"]',
  'worker == "own"',
  'nothing != 1',
];

const DOES_NOT = [
  'team == "Support"',
  'missing == "x"',
  'missing == nothing',
  'missing > 1',
  'missing < 1',
  'missing IN ["x"]',
  'missing HAS "x"',
  'missing CONTAINS "x"',
  'nothing CONTAINS "null"',
  // A scalar operator on a list, a list operator on scalars.
  'languages == "es"',
  'languages != "es"',
  'languages CONTAINS "es"',
  'team HAS "support"',
  'level HAS "x"',
  'team IN "support"',
  'team NOT IN "sales"',
  'languages IN ["en"]',
  'languages NOT IN ["fr"]',
  'routing == "x"',
  'routing != "x"',
  // Types are not mixed.
  'text == 3',
  'text > 2',
  'vip == "true"',
  'vip > false',
  'team == "sales" OR level == 9',
  '(team == "support" OR team == "sales") AND level == 9',
  'channel.email.assigned_tasks == 0',
  'routing.skills.length == 2',
  'toString == 1',
  'constructor.name == "Object"',
  'routing.skills[9] == "x"',
];

describe('a Worker', () => {
  test.each(MATCHES)('matches %s', (text) => expect(match(text)).toBe(true));
  test.each(DOES_NOT)('does not match %s', (text) => expect(match(text)).toBe(false));
});

describe('what is not given is unknown, if it decides', () => {
  const bare: TargetWorker = { sid: 'WK1', friendlyName: 'Ann', attributes: { team: 'a' } };
  const activity = { unknown: "the Worker's Activity is not known" };
  const channels = { unknown: "the Worker's Worker Channels are not known" };
  test.each([
    ['activity_name == "Available"', activity],
    ['activity_name == "Available" OR team == "a"', true],
    ['team == "b" AND activity_sid == "x"', false],
    ['activity_sid == "x" AND team == "b"', false],
    ['channel.voice.assigned_tasks == 0', channels],
    ['"x" IN activity_name AND 1==1', activity],
  ])('%s', (text, expected) => expect(match(text, bare)).toEqual(expected));

  test('attributes that are not a map have no keys', () => {
    expect(match('team != "a"', { ...bare, attributes: null })).toBe(true);
    expect(match('team == "a"', { ...bare, attributes: 'text' })).toBe(false);
  });

  test('an attribute that is a map with the key "unknown" is an ordinary value', () => {
    expect(match('team != "a"', { ...bare, attributes: { team: { unknown: 'x' } } })).toBe(false);
  });
});

describe('a mistake has one sentence and a place', () => {
  test.each([
    ['', '', 'the expression is empty; 1==1 matches every Worker'],
    [
      'skill-level > 3',
      'skill-level',
      'found the name "skill-level"; TaskRouter allows no hyphens in names',
    ],
    [
      'a.skill-2 == 1',
      'skill-2',
      'found the name "skill-2"; TaskRouter allows no hyphens in names',
    ],
    [
      'team',
      '',
      'found the end where a comparison such as ==, HAS or IN is expected; for true or false write team == true',
    ],
    [
      'vip AND level > 1',
      'AND',
      'found "AND" where a comparison such as ==, HAS or IN is expected; for true or false write vip == true',
    ],
    ['team LIKE "x"', 'LIKE', 'found "LIKE" where a comparison such as ==, HAS or IN is expected'],
    ['team == ', '', 'found the end where a value is expected, such as "es" or 3'],
    [
      'team == AND level > 1',
      'AND',
      'found "AND" where a value or an attribute\'s name is expected',
    ],
    [
      'NOT (team == "a")',
      'NOT',
      'found "NOT" before a condition; TaskRouter has only NOT IN and !=',
    ],
    ['team NOT "a"', 'NOT', 'found "NOT" where a comparison such as ==, HAS or IN is expected'],
    ['(team == "a"', '', 'found the end where ")" is expected'],
    ['team == "a")', ')', 'found ")" where AND, OR or the end is expected'],
    ['team == "a" level > 1', 'level', 'found "level" where AND, OR or the end is expected'],
    ['team IN ["a"', '', 'found the end where "," or "]" is expected'],
    ['team IN [sales]', 'sales', 'found "sales" where a value is expected, such as "es" or 3'],
    ['team IN ["a",]', ']', 'found "]" where a value is expected, such as "es" or 3'],
    ['team == "a', '"a', 'found text that begins with " and never ends'],
    [
      'team == "a" && level > 1',
      '&',
      'found "&", which has no meaning here; TaskRouter writes AND',
    ],
    ['!vip == true', '!', 'found "!", which has no meaning here; TaskRouter writes NOT IN or !='],
    ['list[x] == 1', 'x', 'found "x" where a position such as [0] is expected'],
    ['a.1 == 1', '1', 'found "1" where a name is expected'],
    ['task.language IN languages', 'task', 'found a Task attribute; a group sees only the Worker'],
  ])('%s', (text, at, message) => {
    const parsed = parseTarget(text);
    if (parsed.ok) throw new Error('it was accepted');
    const { error } = parsed;
    expect([text.slice(error.start, error.end), error.message]).toEqual([at, message]);
  });

  test('a single = is accepted, with a warning', () => {
    const parsed = parseTarget('team = "support"');
    expect(parsed.ok && parsed.expression.warnings).toEqual([
      { message: 'found "=" where TaskRouter documents "=="', start: 5, end: 6 },
    ]);
    expect(match('team = "support"')).toBe(true);
  });

  test('too long and too deep expressions are reported', () => {
    const long = parseTarget(`team == "${'x'.repeat(4_000)}"`);
    expect(!long.ok && long.error.message).toBe('the expression has more than 4000 characters');
    const deep = parseTarget(`${'('.repeat(60)}1==1${')'.repeat(60)}`);
    expect(!deep.ok && deep.error.message).toBe('parentheses are nested too deeply');
  });
});

// Every way in which a rule test can be written wrongly: the exact sentence and its place, all of
// them at once, and nothing of a file with a mistake is run.

import { describe, expect, it } from 'vitest';
import { CODES } from '../../../src/language/codes.ts';
import { runSuite } from '../../../src/trial/rule-test/suite.ts';

const RULES = `version: 1
defaults: { timezone: Europe/London, mode: enforce }
groups: { billing: { queue: Billing } }
rules:
  - name: busy
    who: everyone
    when: queue("Support").waiting >= 20 && group("billing").available > 1
    then: { chat: 3, voice: pause }
`;

function problemsIn(text: string, rules = RULES) {
  const files = [
    { name: 'rules.yaml', text: rules },
    { name: 'x.test.yaml', text },
  ];
  const { diagnostics, outcomes } = runSuite(files);
  return {
    ran: outcomes.length,
    said: diagnostics.map(
      ({ code, line, column, message }) => `${line}:${column} ${code} ${message}`,
    ),
  };
}

const START = 'tests:\n  - name: t\n    at: "2026-06-10T10:00"\n';
/** A complete test except for line 5. */
function line5(text: string): string {
  return `${START}    expect: [{ after: 1m, chat: 3 }]\n    ${text}\n`;
}
/** A complete expectation at line 4. */
function expecting(text: string): string {
  return `${START}    expect: [${text}]\n`;
}

const ROWS: readonly (readonly [string, string, string])[] = [
  // the form
  [
    'unknown field',
    line5('wordl: {}'),
    '5:5 key.unknown "wordl" is not a field of a test; did you mean "world"?',
  ],
  [
    'no expectation',
    START,
    '2:5 key.missing the test "t" has no "expect", expected a list of expectations',
  ],
  [
    'empty list',
    `${START}    expect: []\n`,
    '4:13 value.empty "expect" is an empty list, expected a list of expectations',
  ],
  [
    'no instant',
    'tests:\n  - { name: t, expect: [{ after: 1m, chat: 3 }] }\n',
    '2:5 test.start the test has neither "at" nor "walk", expected one of them',
  ],
  [
    'two instants',
    line5('walk: { from: "2026-06-10T10:00", to: "2026-06-10T11:00" }'),
    '2:5 test.start the test has both "at" and "walk", expected one of them',
  ],
  [
    'expectation without instant',
    expecting('{ chat: 3 }'),
    '4:14 test.start this expectation has neither "after" nor "at", expected one of them',
  ],
  [
    'expectation with two',
    expecting('{ after: 1m, at: 2m, chat: 3 }'),
    '4:14 test.start this expectation has both "after" and "at", expected one of them',
  ],
  [
    'twice the same name',
    `${expecting('{ after: 1m, chat: 3 }')}  - { name: t, at: "2026-06-10T10:00", expect: [{ after: 1m, chat: 3 }] }\n`,
    '5:13 test.duplicate the test "t" is already defined in line 2',
  ],
  [
    'rules file',
    `rules: [ruls.yaml]\n${expecting('{ after: 1m, chat: 3 }')}`,
    '1:9 test.rules_file there is no rules file "ruls.yaml"; did you mean "rules.yaml"?',
  ],
  [
    'changes',
    line5('changes: "2"'),
    '5:14 value.quoted_number "changes" is the text "2", expected a number without quotes',
  ],
  // time
  [
    'no unit',
    expecting('{ after: 6, chat: 3 }'),
    '4:23 duration.no_unit "expect[1].after" is the number 6, expected its unit too, such as 6s or 6m',
  ],
  [
    'no instant at all',
    expecting('{ at: noon, chat: 3 }'),
    '4:20 test.instant "expect[1].at" is the text "noon", expected an offset such as 90s or 6m, or an instant such as "2026-06-10T10:00"',
  ],
  [
    'no such day',
    'tests: [{ name: t, at: "2026-02-30", expect: [{ after: 1m, chat: 3 }] }]\n',
    '1:24 test.instant "at" is "2026-02-30", expected an instant such as "2026-06-10T10:00"',
  ],
  [
    'before the beginning',
    expecting('{ at: "2026-06-10T09:59", chat: 3 }'),
    '4:20 test.order "expect[1].at" is 2026-06-10 09:59, expected it after the test begins at 2026-06-10 10:00',
  ],
  [
    'a year and more',
    expecting('{ after: 500d, chat: 3 }'),
    '4:23 test.too_long "expect[1].after" is 2027-10-23 10:00, expected at most 400 days after the test begins',
  ],
  [
    'a walk to nowhere',
    'tests:\n  - { name: t, walk: { from: "2026-06-10", to: "2026-06-10" }, expect: [{ after: 1m, chat: 3 }] }\n',
    '2:48 test.order the walk begins and ends at 2026-06-10 00:00, expected a later end',
  ],
  // names
  [
    'a channel',
    expecting('{ after: 1m, caht: 3 }'),
    '4:27 test.channel "caht" is neither a field here nor a channel; did you mean "chat"?',
  ],
  [
    'a field',
    expecting('{ after: 1m, chat: 3, becuase: busy }'),
    '4:36 test.channel "becuase" is neither a field here nor a channel; did you mean "because"?',
  ],
  [
    'no channel',
    expecting('{ after: 1m, because: busy }'),
    '4:14 test.expect this expectation has no channel, expected one such as chat: 3',
  ],
  [
    'a rule',
    expecting('{ after: 1m, chat: 3, because: bussy }'),
    '4:45 test.because "bussy" is not a rule, not one of person, baseline, guardrail, and not a reason code; did you mean "busy"?',
  ],
  [
    'a Worker',
    expecting('{ after: 1m, worker: B, chat: 3 }'),
    '4:35 test.worker there is no Worker "B" in this test; expected worker',
  ],
  [
    'a channel of a Worker',
    line5('worker: { caht: { assigned: 2 } }'),
    '5:15 test.channel no rule names a channel "caht"; did you mean "chat"?; put another channel under "channels"',
  ],
  [
    'an expected value',
    expecting('{ after: 1m, chat: paused }'),
    '4:33 value.choice "expect[1].chat" is "paused"; did you mean "pause"?',
  ],
  [
    'a capacity',
    expecting('{ after: 1m, chat: 60 }'),
    `4:33 capacity.too_high "expect[1].chat" is 60, expected at most 50, which is TaskRouter's limit`,
  ],
  // facts
  [
    'a queue that no rule reads',
    line5('series: { queue.Suport.waiting: 1 }'),
    '5:15 test.fact no rule reads the TaskQueue "Suport"; did you mean "Support"?',
  ],
  [
    'a group that no rule reads',
    line5('series: { group.sales.size: 1 }'),
    '5:15 test.fact no rule reads the group "sales"; expected billing',
  ],
  [
    'a field of a queue',
    line5('series: { queue.Support.wating: 1 }'),
    '5:15 test.fact "wating" is not a field of queue; did you mean "waiting"?',
  ],
  [
    'no fact at all',
    line5('series: { qeue.Support.waiting: 1 }'),
    '5:15 test.fact "qeue.Support.waiting" is not a fact; did you mean "queue"?',
  ],
  [
    'a value that is no number',
    line5('series: { queue.Support.waiting: 18x3 2l 5 }'),
    '5:43 test.series "2l" is not a value of series.queue.Support.waiting, expected a number, 0 or more, or several such as 18x3',
  ],
  [
    'a wait without unit',
    line5('series: { queue.Support.longest_wait: 30 }'),
    '5:43 test.series "30" is not a value of series.queue.Support.longest_wait, expected a length of time such as 30s, or several such as 30sx3',
  ],
  [
    'an unknown channel',
    line5('series: { channel.fax.assigned: 1 }'),
    '5:15 test.channel neither the rules nor the Worker have a channel "fax"; expected chat or voice',
  ],
  [
    'what is never unknown',
    line5('series: { channel.chat.assigned: 1 ? }'),
    '5:15 test.series "series.channel.chat.assigned" is never unknown, expected values without ?',
  ],
  // events and edits
  [
    'an event type',
    line5('events: [{ at: 1m, type: reservation.timout }]'),
    '5:30 test.event "reservation.timout" is not an event that a test can send; did you mean "reservation.timeout"?',
  ],
  [
    'an edit as an event',
    line5('events: [{ at: 1m, type: worker.capacity.update }]'),
    '5:30 test.event "worker.capacity.update" is not an event that a test can send; expected what a person sets under "edits"',
  ],
  [
    'an Activity missing',
    line5('events: [{ at: 1m, type: worker.activity.update }]'),
    '5:14 test.event worker.activity.update has no "activity", expected one',
  ],
  [
    'a field of another event',
    line5('events: [{ at: 1m, type: worker.deleted, channel: chat }]'),
    '5:14 test.event worker.deleted has no field "channel", expected only attributes',
  ],
  [
    'an edit of nothing',
    line5('edits: [{ at: 1m }]'),
    '5:13 test.expect this edit has no channel, expected one such as chat: 4',
  ],
  [
    'an edit to a baseline',
    line5('edits: [{ at: 1m, chat: baseline }]'),
    '5:29 value.choice "edits[1].chat" is "baseline"; expected pause or open',
  ],
  // worlds
  [
    'Worker and Workers',
    `${line5('worker: {}')}    world: { workers: [{ sid: A }] }\n`,
    '5:13 key.conflict the test has "worker" and "world.workers", expected one of them',
  ],
  [
    'no name',
    line5('world: { workers: [{ team: a }] }'),
    '5:24 key.missing a Worker here has no "sid", expected a name for it',
  ],
  [
    'one name twice',
    line5('world: { workers: [{ sid: A }, { sid: A }] }'),
    '5:43 test.worker there are two Workers "A", expected each once',
  ],
  [
    'whose edit',
    line5('{ world: x }').replace(
      '{ world: x }',
      'edits: [{ at: 1m, chat: 2 }]\n    world: { workers: [{ sid: A }, { sid: B }] }',
    ),
    '5:13 test.worker the Worker is not named, expected "worker": A or B',
  ],
  [
    'a fact of one Worker',
    line5('series: { activity.available: true }\n    world: { workers: [{ sid: A }, { sid: B }] }'),
    '5:15 test.worker "series.activity.available" is a fact of one Worker, but the test has several; expected events instead',
  ],
];

describe('a mistake in a rule test', () => {
  it.each(ROWS)('%s', (_, text, sentence) => {
    expect(problemsIn(text)).toEqual({ ran: 0, said: [sentence] });
  });

  it('is reported together with all others', () => {
    const text = `${START}    expect: [{ after: 6, caht: 3 }, { after: 1m, chat: 3, because: bussy }]\n    events: [{ at: 1m, type: reservation.timout }]\n`;
    expect(problemsIn(text).said.map((said) => said.split(' ')[0])).toEqual([
      '4:23',
      '4:68',
      '5:30',
    ]);
  });

  it('does not hide behind broken YAML or an empty file', () => {
    expect(problemsIn('').said).toEqual([
      '1:1 file.empty the file has no content, expected rules and tests',
    ]);
    expect(problemsIn('tests: [\n').said.map((said) => said.split(' ')[1])).toEqual([
      'yaml.unclosed_bracket',
    ]);
  });

  it('is to have no test at all', () => {
    const suite = runSuite([{ name: 'rules.yaml', text: RULES }]);
    expect(suite.diagnostics.map(({ message }) => message)).toEqual([
      'the rules folder contains no *.test.yaml file',
    ]);
  });

  it('is a local time if every Worker has its own zone', () => {
    const rules = RULES.replace('Europe/London', 'worker.timezone');
    const text = line5('world: { workers: [{ sid: A }, { sid: B }] }');
    expect(problemsIn(text, rules).said).toEqual([
      '3:9 test.zone "at" is a local time, but each Worker has its own zone; expected an instant such as 2026-06-10T10:00Z',
    ]);
  });

  it('in the rules prevents their tests from running', () => {
    const suite = problemsIn(
      expecting('{ after: 1m, chat: 3 }'),
      RULES.replace('chat: 3', 'chat: 60'),
    );
    expect(suite.ran).toBe(0);
    expect(suite.said).toHaveLength(1);
  });

  it('has each of its codes in this table', () => {
    const own = Object.keys(CODES).filter((code) => code.startsWith('test.'));
    const shown = [
      ...ROWS.map(([, , sentence]) => sentence.split(' ')[1]),
      'test.none',
      'test.zone',
    ];
    expect(own.filter((code) => !shown.includes(code))).toEqual([]);
  });
});

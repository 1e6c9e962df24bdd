// What people see: the failing expectation at its place, what was found, why, and the past; and
// which rules and branches no test touched.

import { describe, expect, it } from 'vitest';
import { report, reportJson } from '../../../src/trial/rule-test/report.ts';
import { runSuite } from '../../../src/trial/rule-test/suite.ts';

const RULES = `version: 1
defaults: { timezone: Europe/London, mode: enforce, baseline: { chat: 1 } }
schedules: { day: { days: mon-fri, hours: "09:00-17:00" } }
rules:
  - name: busy
    who: { where: worker.team == "support" }
    during: day
    when: { enter: 'queue("Support").waiting >= 20', exit: 'queue("Support").waiting <= 8', for: 2m, keep: 5m }
    then: { chat: { add: 1 } }
    why: "{queue.Support.waiting} wait"
  - { name: idle, who: everyone, when: 'channel("chat").assigned > 5', then: { voice: pause } }
  - name: newcomer
    who: { where: has(worker.hired_on) }
    ramp: { since: worker.hired_on, steps: { 0d: 1, 7d: end } }
    then: { chat: { max: ramp } }
  - name: misses
    who: { where: worker.team == "support" }
    when: count("reservation.timeout", duration("15m")) >= 1
    release: { after: 5m, or: 'count("reservation.accepted", duration("5m")) >= 1' }
    then: { voice: pause }
`;

function suiteOf(text: string, rules = RULES) {
  const files = [
    { name: 'rules.yaml', text: rules },
    { name: 'rules.test.yaml', text },
  ];
  const suite = runSuite(files);
  expect(suite.diagnostics).toEqual([]);
  return suite;
}

function shown(text: string, rules = RULES): readonly string[] {
  return report(suiteOf(text, rules), ({ file, line, column }) => `${file}:${line}:${column}`);
}

describe('a failing test', () => {
  it('shows where, what was found, what was expected, and what happened', () => {
    const lines = shown(`rules: [rules.yaml]
tests:
  - name: busy lifts at once
    worker: { team: support }
    at: "2026-06-10T10:00"
    series: { queue.Support.waiting: 21x4 8x7 }
    edits: [{ at: 12m, chat: 6 }]
    expect: [{ after: 1m, chat: 2, because: busy }, { after: 10m, chat: baseline }]
    changes: 4
`);
    expect(lines.slice(0, 12)).toEqual([
      'FAIL rules.test.yaml:3:11 busy lifts at once',
      '  rules.test.yaml:8:27: after 1m (2026-06-10 10:01) chat: found 1 because baseline, expected 2 because busy',
      '      busy does not claim: its condition holds, but not yet for long enough',
      '  rules.test.yaml:9:14: changes: found 2, expected 4',
      '  what happened:',
      '    10:02 chat 1 → 2 rule.claimed busy: 21 wait',
      '    10:09 chat 2 → 1 baseline.restored',
      '    10:12 chat 1 → 6 person.edit',
      '',
      '1 test, 1 failed',
      'coverage: 1 of 4 rules, 4 of 12 branches; no test touches',
      '  busy: outside during',
    ]);
  });

  it('names the Worker where there are several, and the day where there are two', () => {
    const lines = shown(`tests:
  - name: everyone is lifted
    world:
      queues: { Support: { waiting: 21 } }
      workers: [{ sid: A, team: support }, { sid: B }]
    walk: { from: "2026-06-10T16:50", to: "2026-06-11T09:05" }
    expect: [{ after: 3m, chat: 2 }]
`);
    expect(lines.slice(0, 6)).toEqual([
      'FAIL rules.test.yaml:2:11 everyone is lifted',
      '  rules.test.yaml:7:27: after 3m (2026-06-10 16:53) B chat: found 1 because baseline, expected 2',
      '  what happened:',
      '    16:52 A chat 1 → 2 rule.claimed busy: 21 wait',
      '    17:00 A chat 2 → 1 baseline.restored',
      '    2026-06-11 09:02 A chat 1 → 2 rule.claimed busy: 21 wait',
    ]);
  });

  it('says which fact was unknown', () => {
    const lines = shown(`tests:
  - name: t
    worker: { team: support }
    at: "2026-06-10T10:00"
    expect: [{ after: 1m, chat: 2 }]
`);
    expect(lines[2]).toBe(
      '      busy does not claim: a fact its condition needs is unknown (the test does not define the TaskQueue "Support")',
    );
  });

  it('reports rules that undo each other endlessly', () => {
    const rules = `version: 1
defaults: { timezone: UTC }
rules:
  - { name: up, who: everyone, when: { enter: 'channel("voice").capacity < 2', exit: 'channel("voice").capacity > 2' }, then: { chat: 3 } }
  - { name: over, who: everyone, when: 'channel("chat").capacity < 3', then: { voice: 3 } }
`;
    const lines = shown(
      'tests: [{ name: t, at: "2026-06-10T10:00", expect: [{ after: 1m, chat: 3 }] }]\n',
      rules,
    );
    expect(lines).toContain(
      '  rules.test.yaml:1:17: the rules keep undoing each other at 2026-06-10 10:00',
    );
  });
});

it('38: `changes` counts the channels that `expect` names, and no others', () => {
  const rules = `version: 1
defaults: { timezone: UTC, mode: enforce, baseline: { chat: 1, voice: 1 } }
rules:
  - { name: both, who: everyone, when: 'queue("Q").waiting >= 5', then: { chat: 2, voice: 2 } }
`;
  const suite = suiteOf(
    `rules: [rules.yaml]
tests:
  - name: chat alone is counted
    worker: {}
    at: "2026-06-10T10:00"
    series: { queue.Q.waiting: 1x2 5x3 }
    expect: [{ after: 3m, chat: 2, because: both }]
    changes: 1
`,
    rules,
  );
  expect(report(suite, () => '').filter((line) => line.startsWith('FAIL'))).toEqual([]);
});

describe('coverage', () => {
  it('lists each untouched branch, and a rule that no test touched', () => {
    const { covered } = suiteOf(`tests:
  - name: t
    worker: { team: support, hired_on: "2026-06-04" }
    walk: { from: "2026-06-10T16:50", to: "2026-06-10T17:10" }
    events: [{ at: 1m, type: reservation.timeout }]
    series: { queue.Support.waiting: 21x3 8 }
    expect: [{ after: 1m, voice: pause }, { after: 6m, voice: open }]
`);
    const untouched = covered?.untouched.map(({ rule, branches, whole }) => [
      rule.name,
      whole ? 'whole' : branches,
    ]);
    expect(untouched).toEqual([
      ['idle', 'whole'],
      ['newcomer', ['ramp end']],
      ['misses', ['release or']],
    ]);
    expect(covered?.rules).toEqual({ touched: 3, all: 4 });
  });

  it('is complete when every branch was touched', () => {
    const rules = 'version: 1\nrules: [{ name: r, who: everyone, then: { chat: 2 } }]\n';
    const lines = shown(
      'tests: [{ name: t, at: "2026-06-10T10:00Z", expect: [{ after: 0m, chat: 2 }] }]\n',
      rules,
    );
    expect(lines).toEqual(['1 test passed', 'coverage: 1 of 1 rules, 1 of 1 branches']);
  });
});

describe('as JSON', () => {
  it('holds the same with instants in ISO', () => {
    const suite = suiteOf(`tests:
  - name: t
    worker: { team: support }
    at: "2026-06-10T10:00"
    series: { queue.Support.waiting: 21 }
    expect: [{ after: 1m, chat: 2 }, { after: 2m, chat: 2 }]
    changes: 1
`);
    const json = reportJson(suite);
    expect(json).toMatchObject({ passed: 0, failed: 1, diagnostics: [] });
    expect(json.tests).toEqual([
      {
        name: 't',
        file: 'rules.test.yaml',
        line: 2,
        column: 11,
        passed: false,
        failures: [
          {
            file: 'rules.test.yaml',
            line: 6,
            column: 27,
            at: '2026-06-10T09:01:00.000Z',
            worker: 'worker',
            channel: 'chat',
            found: '1 because baseline',
            expected: '2',
            rules: ['busy does not claim: its condition holds, but not yet for long enough'],
          },
        ],
        changes: { found: 1, expected: 1, file: 'rules.test.yaml', line: 7, column: 14 },
        restless: [],
        timeline: [
          {
            at: '2026-06-10T09:02:00.000Z',
            worker: 'worker',
            channel: 'chat',
            from: { capacity: 1 },
            to: { capacity: 2 },
            reason: 'rule.claimed',
            rule: 'busy',
            why: '21 wait',
          },
        ],
      },
    ]);
  });
});

// Why a Worker's channels are as they are: the whole answer, for a Worker from a file.

import { expect, it } from 'vitest';
import { compileRules } from '../../../src/language/compile.ts';
import { explain } from '../../../src/trial/explain.ts';
import { explanationLines } from '../../../src/trial/explain-lines.ts';
import { readWorker } from '../../../src/trial/worker-file.ts';

/** A Wednesday, 11:00 in London. */
const AT = Date.parse('2026-06-10T10:00:00Z');

const RULES = `version: 1
defaults: { timezone: Europe/London, mode: enforce, baseline: { chat: 1 } }
guardrails: { bounds: { chat: [0, 4] } }
schedules:
  day: { days: mon-fri, hours: "09:00-17:00" }
rules:
  - { name: day, who: { where: 'worker.team == "support"' }, during: day, then: { chat: 3 }, why: "Day shift for {worker.team}" }
  - { name: busy, who: everyone, when: { enter: queue("Support").waiting >= 20, for: 2m }, then: { chat: { add: 2 } } }
  - { name: on-a-call, who: everyone, when: { enter: channel("voice").assigned >= 1, keep: 30s }, then: { chat: pause }, hard: true }
  - { name: night, who: { where: 'worker.team == "night"' }, then: { chat: 2 } }
  - { name: off, who: everyone, then: { chat: 9 }, mode: disabled }
  - { name: trial, who: everyone, then: { voice: 2 }, mode: observe }
`;

const ANN = {
  friendly_name: 'Ann',
  attributes: { team: 'support' },
  activity: { name: 'Available', available: true, since: '2026-06-10T08:00:00Z' },
  channels: { chat: { capacity: 1, assigned: 1 }, voice: { capacity: 1 } },
  queues: { Support: { waiting: 22 } },
};

function explained(worker: object, channel?: string) {
  const { ruleSet } = compileRules([{ name: 'rules.yaml', text: RULES }]);
  const read = readWorker(JSON.stringify(worker));
  if (ruleSet === null || !read.ok) throw new Error('the fixture is wrong');
  const state = read.worker.state(AT);
  return explain({ rules: ruleSet, state, world: read.worker.world(ruleSet), at: AT }, channel);
}

it('shows baseline, claims, fold, result, silent rules and what comes next', () => {
  expect(explanationLines(explained(ANN, 'chat'))).toEqual([
    'Ann on Wed 2026-06-10 11:00 (Europe/London)',
    '',
    'chat: 3, open (rule.claimed: one or more rules claim it)',
    '  TaskRouter has 1, open, 1 assigned',
    '  baseline → 1, open  (declared)',
    '  set      → 3, open  (day)',
    '  day claims set 3: it is inside its schedule and has no other condition, next time-based check Wed 2026-06-10 17:00 (Europe/London)  rules.yaml:7',
    '      “Day shift for support”',
    '',
    'rules that do not claim:',
    '  busy: its condition holds, but not yet for long enough (rule.pending), next time-based check Wed 2026-06-10 11:02 (Europe/London)  rules.yaml:8',
    '      enter queue("Support").waiting >= 20: holds (queue.Support.waiting = 22)',
    '  on-a-call: its condition does not hold (rule.fails)  rules.yaml:9',
    '      enter channel("voice").assigned >= 1: fails (channel.voice.assigned = 0)',
    '  night: it does not apply to this Worker (rule.outside_who)  rules.yaml:10',
    '  off: it is disabled (mode.disabled)  rules.yaml:11',
    '',
    'in the next 24 h, if only time passes:',
    '  Wed 2026-06-10 11:02 (Europe/London): chat 3, open → 4, open (busy)',
    '  Wed 2026-06-10 17:00 (Europe/London): chat 4, open → 3, open (busy)',
    '  Thu 2026-06-11 09:00 (Europe/London): chat 3, open → 4, open (busy)',
  ]);
});

it('shows the bounds, a pause and an observing rule as steps of their own', () => {
  const [chat, voice] = explained({
    ...ANN,
    channels: { chat: { capacity: 9 }, voice: { capacity: 1, assigned: 1 } },
  }).channels;
  expect(chat?.result).toEqual({ capacity: 3, available: false });
  expect(chat?.fold.map(({ step, by }) => [step, ...by])).toEqual([
    ['baseline', 'declared'],
    ['set', 'day'],
    ['pause', 'on-a-call'],
  ]);
  expect(chat?.claims.map(({ rule, asks, hard }) => ({ rule, asks, hard }))).toEqual([
    { rule: 'day', asks: ['set 3'], hard: false },
    { rule: 'on-a-call', asks: ['pause'], hard: true },
  ]);
  expect(voice).toMatchObject({
    result: { capacity: 1, available: true },
    shadow: { capacity: 2, available: true },
    told: { reason: 'channel.unclaimed' },
    claims: [{ rule: 'trial', mode: 'observe' }],
  });
});

it('says which fact is unknown, and that unknown is not false', () => {
  const { queues: _, ...unknown } = ANN;
  const busy = explained(unknown, 'chat').silent.find(({ rule }) => rule === 'busy');
  expect(busy).toMatchObject({
    reason: 'facts.unknown',
    unknown: ['the file says nothing about the TaskQueue "Support"'],
    seen: [{ verdict: 'unknown', values: ['queue.Support.waiting = ?'] }],
  });
});

it("reads a Worker's file, and reports every mistake with its place", () => {
  const file = {
    attribute: {},
    activity: { name: 'Available', available: 'yes', since: 'today' },
    channels: { chat: { capacity: 1.5 }, voice: { assigned: -1, capacity: 1 } },
    queues: { Support: { waiting: '3', longest_wait: '4' }, Billing: { target_workers: 'a ==' } },
    events: {},
  };
  const read = readWorker(JSON.stringify(file));
  expect(read).toEqual({
    ok: false,
    problems: [
      'attribute is not a field; did you mean "attributes"?',
      'attributes is missing',
      'activity.available is "yes", expected true or false',
      'activity.since is "today", expected an instant such as "2026-06-10T09:00:00Z"',
      'channels.chat.capacity is 1.5, expected a whole number from 0',
      'channels.voice.assigned is -1, expected a whole number from 0',
      'queues.Support.waiting is "3", expected a number',
      'queues.Support.longest_wait is "4", expected a duration such as "90s" or "4m"',
      expect.stringMatching(/^queues\.Billing\.target_workers is not a valid expression/),
      'events is an object, expected a list in brackets',
    ],
  });
  expect(readWorker('{')).toMatchObject({
    ok: false,
    problems: [expect.stringMatching(/not JSON/)],
  });
  expect(readWorker('[]')).toMatchObject({
    ok: false,
    problems: expect.arrayContaining(['the file is a list, expected an object in braces']),
  });
});

it('counts events only if the file lists them', () => {
  const text = `version: 1
defaults: { timezone: UTC, mode: enforce, baseline: { chat: 3 } }
rules:
  - { name: misses, who: everyone, when: 'count("reservation.timeout", duration("15m")) >= 2', then: { chat: { max: 1 } } }
`;
  const { ruleSet } = compileRules([{ name: 'rules.yaml', text }]);
  const ruleWith = (events: object) => {
    const read = readWorker(
      JSON.stringify({ attributes: {}, channels: { chat: { capacity: 3 } }, ...events }),
    );
    if (ruleSet === null || !read.ok) throw new Error('the fixture is wrong');
    const state = read.worker.state(AT);
    const found = explain({ rules: ruleSet, state, world: read.worker.world(ruleSet), at: AT });
    return [...found.silent, ...found.channels.flatMap(({ claims }) => claims)][0];
  };
  const reasonWith = (events: object) => ruleWith(events)?.reason;
  const missed = (at: string) => ({ type: 'reservation.timeout', at });
  const two = [missed('2026-06-10T09:50:00Z'), missed('2026-06-10T09:55:00Z')];
  expect(reasonWith({})).toBe('facts.unknown');
  expect(reasonWith({ events: [] })).toBe('rule.fails');
  expect(reasonWith({ events: two })).toBe('rule.entered');
  const inAnyOrder = [two, [...two].reverse()].map((events) => ruleWith({ events }));
  expect(inAnyOrder[1]).toEqual(inAnyOrder[0]);
  expect(inAnyOrder[0]?.until?.at).toBe('2026-06-10T10:05:00.000Z');
  const twice = two.map((each) => ({ ...each, reservation: 'one and the same' }));
  expect(reasonWith({ events: twice })).toBe('rule.fails');
});

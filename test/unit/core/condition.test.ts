// What conditions say about facts: they hold, they fail, or, where something is missing, just that
// part is unknown.

import { describe, expect, test } from 'vitest';
import { evaluate, matchesWhere, type Verdict } from '../../../src/core/condition/condition.ts';
import { attributePath, readAttribute } from '../../../src/core/condition/path.ts';
import { compiled, facts, type Given, NOW } from './condition-builders.ts';

type Row = readonly [text: string, given: Given, verdict: Verdict];

const busy: Given = { queues: { Support: { waiting: 18, longestWaitMs: 250_000 } } };
const ann: Given = {
  attributes: {
    team: 'support',
    level: 3,
    vip: true,
    tags: ['holiday', 'crew'],
    address: { city: 'Leeds' },
    hired_at: '2026-01-15T09:00:00Z',
    nothing: null,
    'skill-level': 7,
  },
};

const ROWS: readonly Row[] = [
  // queue statistics
  [
    'queue("Support").waiting >= 20 || queue("Support").longest_wait >= duration("4m")',
    busy,
    'holds',
  ],
  ['queue("Support").waiting >= 20', busy, 'fails'],
  ['queue("Sales").waiting >= 20', busy, 'unknown'],
  ['queue("Support").waiting / queue("Support").eligible > 2', busy, 'holds'],
  // this Worker's Worker Channels
  ['channel("voice").assigned >= 1', { channels: { voice: { assigned: 1 } } }, 'holds'],
  ['channels.voice.load < 0.5', { channels: { voice: { load: 1 } } }, 'fails'],
  ['channels["voice"].available', { channels: { voice: {} } }, 'holds'],
  ['channel("fax").assigned >= 1', { channels: { voice: {} } }, 'unknown'],
  ['channels.exists(c, channels[c].load >= 1)', { channels: { a: {}, b: { load: 1 } } }, 'holds'],
  ['"voice" in channels && has(channels.voice)', { channels: { voice: {} } }, 'holds'],
  ['"fax" in channels', { channels: { voice: {} } }, 'fails'],
  ['"fax" in channels', {}, 'unknown'],
  ['size(channels) == 2', { channels: { a: {}, b: {} } }, 'holds'],
  // Activity and time
  ['activity.available', {}, 'holds'],
  ['activity.name == "Break"', {}, 'fails'],
  ['activity.name == "Break"', { activity: { name: { unknown: 'not read' } } }, 'unknown'],
  ['now - activity.since >= duration("10m")', {}, 'holds'],
  ['now - activity.since > duration("10m")', {}, 'fails'],
  ['activity.since + duration("1h") < now', {}, 'fails'],
  ['duration("1m") + activity.since < now - duration("1m")', {}, 'holds'],
  ['duration("1h") - duration("30m") + duration("1m") == duration("31m")', {}, 'holds'],
  ['activity.available_since < now', { activity: { availableSince: null } }, 'unknown'],
  ['has(activity.available_since)', { activity: { availableSince: null } }, 'fails'],
  ['has(activity.available_since)', {}, 'holds'],
  ['has(activity.available_since)', { activity: { availableSince: { unknown: 'x' } } }, 'unknown'],
  ['has(activity.name)', { activity: { availableSince: null } }, 'holds'],
  ['has(queue("Sales").waiting)', {}, 'unknown'],
  ['now < timestamp("2026-06-10T12:00:00+01:00")', {}, 'holds'],
  ['timestamp(worker.hired_at) < now', ann, 'holds'],
  // counts and groups
  [
    'count("reservation.timeout", duration("15m")) >= 3',
    { counts: { 'reservation.timeout 900000': 3 } },
    'holds',
  ],
  ['count("reservation.timeout", duration("15m")) >= 3', {}, 'unknown'],
  ['group("support").available >= 4', { groups: { support: { available: 3 } } }, 'fails'],
  // attributes
  ['worker.team == "support"', ann, 'holds'],
  ['worker.team != "support"', ann, 'fails'],
  ['worker.sid == "WK1" && worker.friendly_name.startsWith("A")', ann, 'holds'],
  ['worker["skill-level"] == 7', ann, 'holds'],
  ['worker.address.city == "Leeds"', ann, 'holds'],
  ['worker.address["city"].lowerAscii().contains("eed")', ann, 'holds'],
  ['worker.vip', ann, 'holds'],
  ['"holiday" in worker.tags', ann, 'holds'],
  ['worker.team in ["sales", "support"]', ann, 'holds'],
  ['worker.level in [1, 2]', ann, 'fails'],
  ['worker.tags[1] == "crew"', ann, 'holds'],
  ['size(worker.tags) == 2 && worker.tags.size() == 2', ann, 'holds'],
  ['worker.tags.exists(t, t.startsWith("hol"))', ann, 'holds'],
  ['worker.tags.all(t, t == "crew")', ann, 'fails'],
  ['worker.tags.exists_one(t, t == "crew")', ann, 'holds'],
  ['size(worker.tags.filter(t, t != "crew")) == 1', ann, 'holds'],
  ['"CREW" in worker.tags.map(t, t.upperAscii())', ann, 'holds'],
  ['worker.nothing == null', ann, 'holds'],
  ['worker.nothing == worker.address', ann, 'fails'],
  ['worker.tags == ["holiday", "crew"]', ann, 'holds'],
  ['worker.tags == ["crew", "holiday"]', ann, 'fails'],
  ['worker.tags != ["holiday"] && worker.tags != worker.address', ann, 'holds'],
  ['worker.address == worker.address', ann, 'holds'],
  ['"city" in worker.address && !("tags" in worker.address)', ann, 'holds'],
  ['worker.address.exists(key, key == "city")', ann, 'holds'],
  ['worker.tags.map(t, t == "crew", t.size())[0] == 4', ann, 'holds'],
  ['has(worker.team) && !has(worker.region)', ann, 'holds'],
  ['"region" in worker', ann, 'fails'],
  // numbers: JSON's beside literals of either kind, in both directions
  ['worker.level == 3 && 3 == worker.level', ann, 'holds'],
  ['worker.level == 3.0 && worker.level > 2.5', ann, 'holds'],
  ['4 > worker.level && worker.level + 1 >= 4', ann, 'holds'],
  ['-worker.level < 0', ann, 'holds'],
  ['7 / 2 == 3 && 7.0 / 2 == 3.5 && 7 % 4 == 3', {}, 'holds'],
  ['int("42") == 42 && double("1.5") == 1.5 && string(3) == "3"', {}, 'holds'],
  ['worker.level / 0 > 1000', ann, 'holds'],
  ['worker.level > 2 ? worker.vip : false', ann, 'holds'],
  // another type: equality is false, everything else is unknown
  ['worker.level == "3"', ann, 'fails'],
  ['worker.team > 3', ann, 'unknown'],
  ['"crew" in worker.team', ann, 'unknown'],
  ['worker.team', ann, 'unknown'],
  ['worker.level.startsWith("3")', ann, 'unknown'],
  ['worker.nothing > 3', ann, 'unknown'],
  // absent
  ['worker.region == "north"', ann, 'unknown'],
  ['worker.region != "north"', ann, 'unknown'],
  ['"x" in worker.region', ann, 'unknown'],
  ['worker.address.street == "High"', ann, 'unknown'],
  ['worker.tags[5] == "x"', ann, 'unknown'],
  ['worker.team == "support"', { worker: { unknown: 'not read' } }, 'unknown'],
  // nothing of JavaScript's own can be reached
  ['has(worker.constructor) || has(worker.__proto__) || has(worker.tags.length)', ann, 'fails'],
  ['worker.address.constructor == null', ann, 'unknown'],
];

describe('a condition', () => {
  test.each(ROWS)('%s', (text, given, verdict) => {
    expect(evaluate(compiled(text), facts(given)).verdict).toBe(verdict);
  });
});

describe('unknown has the scope of the smallest logical part', () => {
  const rows: readonly (readonly [string, Verdict])[] = [
    ['worker.gone == 1 || worker.vip', 'holds'],
    ['worker.vip || worker.gone == 1', 'holds'],
    ['worker.gone == 1 && !worker.vip', 'fails'],
    ['!worker.vip && worker.gone == 1', 'fails'],
    ['worker.gone == 1 || !worker.vip', 'unknown'],
    ['worker.vip && worker.gone == 1', 'unknown'],
    ['!(worker.gone == 1)', 'unknown'],
    ['!(worker.gone == 1) || worker.vip', 'holds'],
    ['worker.gone == 1 ? true : true', 'unknown'],
    ['worker.tags.exists(t, t == "crew" || worker.gone == t)', 'holds'],
    ['worker.tags.all(t, t == "crew" && worker.gone == t)', 'fails'],
    ['worker.tags.exists(t, worker.gone == t)', 'unknown'],
  ];
  test.each(rows)('%s', (text, verdict) => {
    expect(evaluate(compiled(text), facts(ann)).verdict).toBe(verdict);
  });
});

describe('unknown facts are explained in sentences', () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['worker.region == "n"', ['worker.region is absent']],
    ['worker.a == 1 && worker.b == 1', ['worker.a is absent', 'worker.b is absent']],
    ['worker.a == 1 && worker.a == 2', ['worker.a is absent']],
    ['worker.team > 3', ['worker.team is "support" where a number is compared']],
    ['worker.team', ['worker.team is "support" where true or false is expected']],
    ['"x" in worker.team', ['worker.team is "support" where a list is expected after "in"']],
    ['worker.team + 1 > 2', ['worker.team is "support" where a number is expected']],
    ['worker.level.trim() == "x"', ['worker.level is 3 where text is expected']],
    ['1 / 0 == 1', ['it divides by zero']],
    ['worker.level % 0 == 1', ['it divides by zero']],
    ['queue("Sales").waiting > 1', ['no statistics of "Sales"']],
    ['channel("fax").load > 1', ['no Worker Channel "fax"']],
    [
      'timestamp(worker.team) < now',
      [
        'found "support" where an instant with its offset is expected, such as "2026-06-10T09:00:00Z"',
      ],
    ],
    [
      'activity.available_since < now',
      ['activity.available_since is not there: the Worker is in no available Activity'],
    ],
  ];
  test.each(rows)('%s', (text, unknown) => {
    const given = { ...ann, activity: { availableSince: null } };
    expect(evaluate(compiled(text), facts(given))).toEqual({ verdict: 'unknown', unknown });
  });

  test('an unknown fact that decides nothing is not mentioned', () => {
    const result = evaluate(compiled('worker.gone == 1 || worker.vip'), facts(ann));
    expect(result).toEqual({ verdict: 'holds', unknown: [] });
  });
});

describe('a long list costs no more than its cap', () => {
  test('items beyond 1000 are not evaluated', () => {
    const given = { attributes: { skills: Array.from({ length: 1_001 }, (_, i) => i) } };
    const result = evaluate(compiled('worker.skills.exists(s, s == 1)'), facts(given));
    expect(result.unknown).toEqual([
      'worker.skills has 1001 items where at most 1000 are looked at',
    ]);
  });
});

describe('what a condition reads', () => {
  test('is collected by name', () => {
    const { reads, perWorker } = compiled(
      'queue("A").waiting > group("g").size && channels.voice.load > 0 && worker.a.b == 1 && count("reservation.created", duration("1h")) > 0 && now > activity.since',
    );
    expect(perWorker).toBe(true);
    expect(reads).toEqual({
      worker: true,
      attributes: ['a.b'],
      activity: true,
      channels: ['voice'],
      allChannels: false,
      queues: ['A'],
      groups: ['g'],
      groupLoads: [],
      counts: [{ type: 'reservation.created', windowMs: 3_600_000 }],
      now: true,
      since: true,
    });
  });

  test('groups whose load is read are listed separately, in any spelling', () => {
    const loads = (text: string) => compiled(text).reads.groupLoads;
    expect(loads('group("a").load > 0.5 && group("b")["load"] > 0.5')).toEqual(['a', 'b']);
    expect(loads('group("a").available > 1 || queue("b").waiting > 1')).toEqual([]);
  });

  test.each([
    ['queue("A").waiting > 1 && group("g").size > 1', false],
    ['now > timestamp("2026-01-01T00:00:00Z")', false],
    ['activity.available', true],
    ['channel("voice").load > 0', true],
    ['worker.team == "a"', true],
    ['"team" in worker', true],
    ['"voice" in channels', true],
    ['count("reservation.created", duration("1h")) > 0', true],
  ])('%s: per Worker %s', (text, expected) => expect(compiled(text).perWorker).toBe(expected));

  test('every name has the place where it was written', () => {
    const text = 'queue("A").waiting > 1 || channels.voice.load > group("g").load';
    const found = compiled(text).mentions.map(({ kind, name, start, end }) => [
      kind,
      name,
      text.slice(start, end),
    ]);
    expect(found).toEqual([
      ['queue', 'A', '"A"'],
      ['channel', 'voice', 'voice'],
      ['group', 'g', '"g"'],
    ]);
  });
});

describe('where', () => {
  const where = compiled('worker.team == "support" && !(worker.level < 2)', 'where');
  test.each([
    [{ team: 'support', level: 3 }, true],
    [{ team: 'sales', level: 3 }, false],
    [{ level: 3 }, false],
    [{ team: 'support' }, false],
    [{ team: 'support', level: 'high' }, false],
  ])('%j matches: %s; an absent attribute is no', (attributes, expected) => {
    expect(matchesWhere(where, facts({ attributes }))).toBe(expected);
  });

  test('is unknown only while the Worker is', () => {
    expect(matchesWhere(where, facts({ worker: { unknown: 'not read' } }))).toEqual({
      unknown: 'not read',
    });
  });
});

describe('a trace', () => {
  test('contains each logical part with its verdict and the facts it saw', () => {
    const text = 'queue("Support").waiting >= 20 || (worker.vip && !(worker.gone == 1))';
    const { trace } = evaluate(compiled(text), facts({ ...ann, ...busy }), { trace: true });
    expect(trace).toEqual({
      text,
      start: 0,
      end: text.length,
      verdict: 'unknown',
      values: [],
      children: [
        {
          text: 'queue("Support").waiting >= 20',
          start: 0,
          end: 30,
          verdict: 'fails',
          values: ['queue.Support.waiting = 18'],
          children: [],
        },
        {
          text: 'worker.vip && !(worker.gone == 1)',
          start: 35,
          end: 68,
          verdict: 'unknown',
          values: [],
          children: [
            {
              text: 'worker.vip',
              start: 35,
              end: 45,
              verdict: 'holds',
              values: ['worker.vip = true'],
              children: [],
            },
            {
              text: '!(worker.gone == 1)',
              start: 49,
              end: 68,
              verdict: 'unknown',
              values: [],
              children: [
                {
                  text: 'worker.gone == 1',
                  start: 51,
                  end: 67,
                  verdict: 'unknown',
                  values: ['worker.gone = ?'],
                  children: [],
                },
              ],
            },
          ],
        },
      ],
    });
  });

  test.each([
    ['queue("Support").longest_wait > duration("1m")', ['queue.Support.longest_wait = 4m 10s']],
    [
      'activity.since < now',
      ['activity.since = 2026-06-10T09:50:00.000Z', 'now = 2026-06-10T10:00:00.000Z'],
    ],
    ['worker.team.contains("x") == worker.vip', ['worker.team = "support"', 'worker.vip = true']],
    ['"x" in worker.tags', ['worker.tags = ["holiday","crew"]']],
    ['count("reservation.created", duration("1h")) > 2', ['count(reservation.created, 1h) = 2']],
    ['channel("voice").load > 0', ['channel.voice.load = 0.333']],
  ])('%s shows its values in readable form', (text, values) => {
    const given = {
      ...ann,
      ...busy,
      counts: { 'reservation.created 3600000': 2 },
      channels: { voice: { load: 1 / 3 } },
    };
    expect(evaluate(compiled(text), facts(given), { trace: true }).trace?.values).toEqual(values);
  });

  test('is absent unless requested', () => {
    expect(evaluate(compiled('true'), facts())).toEqual({ verdict: 'holds', unknown: [] });
  });
});

describe('count since a claim began', () => {
  test('passes the instant on', () => {
    const condition = compiled('count("reservation.accepted", duration("20m")) >= 1');
    const given = { counts: { [`reservation.accepted 1200000 since ${NOW - 5}`]: 1 } };
    expect(evaluate(condition, facts(given), { countSince: NOW - 5 }).verdict).toBe('holds');
    expect(evaluate(condition, facts(given)).verdict).toBe('unknown');
  });
});

describe('attribute paths', () => {
  test('are read as written', () => {
    expect(attributePath('worker.shift')).toEqual({ ok: true, path: ['shift'] });
    expect(attributePath(' worker.a.b ')).toEqual({ ok: true, path: ['a', 'b'] });
  });

  test.each([
    ['shift', 'found "shift" where an attribute such as worker.team is expected'],
    ['worker', 'found "worker" where an attribute such as worker.team is expected'],
    ['worker.a-b', '"a-b" in "worker.a-b" is not an attribute\'s name: letters, digits and _ only'],
    ['worker..b', '"" in "worker..b" is not an attribute\'s name: letters, digits and _ only'],
  ])('%s is refused', (text, error) => expect(attributePath(text)).toEqual({ ok: false, error }));

  test('sees own properties only', () => {
    const attributes = { a: { b: 0 }, list: [1] };
    expect(readAttribute(attributes, ['a', 'b'])).toBe(0);
    expect(readAttribute(attributes, ['a', 'toString'])).toBeUndefined();
    expect(readAttribute(attributes, ['__proto__'])).toBeUndefined();
    expect(readAttribute(null, ['a'])).toBeUndefined();
  });
});

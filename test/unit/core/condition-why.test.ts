// The sentence of `why`: its placeholders are checked when rules load and filled when it is shown.

import { describe, expect, test } from 'vitest';
import { checkWhy, fillWhy } from '../../../src/core/condition/why.ts';
import { facts } from './condition-builders.ts';

const now = facts({
  attributes: { team: 'support', level: 3, tags: ['a'], address: { city: 'Leeds' } },
  queues: { Support: { waiting: 25, longestWaitMs: 250_000 }, 'Tier 1.5': { waiting: 2 } },
  channels: { voice: { assigned: 1, load: 1 / 3 } },
  groups: { support: { available: 4 } },
  activity: { availableSince: null },
});

describe('filling in', () => {
  test.each([
    ['Support has {queue.Support.waiting} waiting', 'Support has 25 waiting'],
    ['for {queue.Support.longest_wait}', 'for 4m 10s'],
    ['{queue.Tier 1.5.waiting} in Tier 1.5', '2 in Tier 1.5'],
    ['{channel.voice.assigned} call, load {channel.voice.load}', '1 call, load 0.333'],
    ['{worker.team} {worker.level} {worker.address.city} {worker.tags}', 'support 3 Leeds ["a"]'],
    ['{worker.friendly_name} ({worker.sid}) is {activity.name}', 'Ann (WK1) is Available'],
    ['{group.support.available} open', '4 open'],
    ['{queue.Sales.waiting} {worker.gone} {activity.available_since} {nonsense}', '? ? ? ?'],
    ['no placeholders', 'no placeholders'],
  ])('%s', (template, sentence) => expect(fillWhy(template, now)).toBe(sentence));
});

describe('checking', () => {
  test.each([
    ['{queue.Support.waiting} {worker.team} {activity.name} {channel.voice.load} {group.a.size}'],
    ['plain text'],
  ])('%s is fine', (template) => expect(checkWhy(template)).toEqual([]));

  const kinds =
    '{queue.Support.waiting}, {channel.voice.assigned}, {worker.team} or {activity.name}';
  test.each([
    [
      'a {qeue.S.waiting}',
      '{qeue.S.waiting}',
      `found {qeue.S.waiting} where a placeholder such as ${kinds} is expected (did you mean "queue"?)`,
    ],
    [
      '{queue.S.waitng} b',
      '{queue.S.waitng}',
      'found {queue.S.waitng} where a field of queue is expected: waiting, longest_wait, eligible, available_workers (did you mean "waiting"?)',
    ],
    [
      '{queue.waiting}',
      '{queue.waiting}',
      'found {queue.waiting} where a name and a field such as {queue.Support.waiting} are expected',
    ],
    [
      '{activity.x.name}',
      '{activity.x.name}',
      'found {activity.x.name} where a field of the Activity such as {activity.name} is expected',
    ],
    ['{worker}', '{worker}', 'found {worker} where an attribute such as {worker.team} is expected'],
    ['x {queue.S', '{queue.S', `found "{" without its "}"; a placeholder is written like ${kinds}`],
  ])('%s', (template, at, message) => {
    const told = checkWhy(template).map((e) => [template.slice(e.start, e.end), e.message]);
    expect(told).toEqual([[at, message]]);
  });
});

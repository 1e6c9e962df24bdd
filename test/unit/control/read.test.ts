// What a read of a Worker is worth next to events: TaskRouter's responses have whole seconds,
// events milliseconds, and either may be late.

import { describe, expect, it } from 'vitest';
import { mustReadAgain, withReading } from '../../../src/control/read.ts';
import { evolve, prune } from '../../../src/core/evolve.ts';
import type { ActivitySid } from '../../../src/core/ids.ts';
import { newWorker, type WorkerState } from '../../../src/core/state.ts';
import { activityOf } from '../../../src/core/worker-facts.ts';
import type { WorkerReading } from '../../../src/readings.types.ts';
import {
  AVAILABLE,
  BREAK,
  HOUR,
  MINUTE,
  SECOND,
  T0,
  WORKER,
  workerEvent,
  world,
} from '../../support/builders.ts';
import { ruleSet } from '../../support/rules.ts';

/** The break began within the second of T0. */
const onBreak: WorkerReading = {
  sid: WORKER,
  friendlyName: 'Ann',
  attributes: '{"n":2}',
  activitySid: BREAK as ActivitySid,
  activityName: 'Break',
  available: false,
  statusChangedAt: T0,
  updatedAt: T0,
};

const told = (at: number, activity: string, attributes: string) =>
  workerEvent('worker.activity.update', at, { activity, attributes });
const before = told(T0 + 400, AVAILABLE, '{"n":1}');
const after = told(T0 + 800, AVAILABLE, '{"n":3}');

type Step = (state: WorkerState) => WorkerState;
const event =
  (it: typeof before): Step =>
  (state) =>
    evolve(state, it);
const read =
  (asOf: number): Step =>
  (state) =>
    withReading(state, onBreak, asOf);

describe('25: a read of the Worker', () => {
  it.each<[string, readonly Step[], string, number]>([
    [
      'is newer than an event of its second, once that is over',
      [event(before), read(T0 + MINUTE)],
      BREAK,
      2,
    ],
    ['is not undone by such an event that is late', [read(T0 + MINUTE), event(before)], BREAK, 2],
    ['may be older while the second lasts', [read(T0 + SECOND / 2), event(after)], AVAILABLE, 3],
    ['may be older while clocks may differ', [event(after), read(T0 + 2 * SECOND)], AVAILABLE, 3],
    [
      'is older than an event of the next second',
      [read(T0 + MINUTE), event(told(T0 + SECOND, AVAILABLE, '{"n":4}'))],
      AVAILABLE,
      4,
    ],
  ])('25: %s', (_, steps, activity, n) => {
    const state = steps.reduce((before, step) => step(before), newWorker(WORKER, T0));
    expect(state.activities.at(-1)?.activity).toBe(activity);
    expect(state.attributes?.value).toEqual({ n });
  });
});

describe('25: a read that cannot say whether it is newer than an event of its second', () => {
  const sure = T0 + 6 * SECOND;
  const early = read(T0 + 2 * SECOND)(event(before)(newWorker(WORKER, T0)));

  it('25: is repeated once it can, and then decides', () => {
    expect(early.attributes?.value).toEqual({ n: 1 });
    expect(early.unsureUntil).toBe(sure);
    expect([sure - 1, sure].map((at) => mustReadAgain(early, at))).toEqual([false, true]);
    const decided = read(sure)(early);
    expect(decided.attributes?.value).toEqual({ n: 2 });
    expect(decided.activities.at(-1)?.activity).toBe(BREAK);
    expect(mustReadAgain(decided, sure + HOUR)).toBe(false);
    expect(decided).not.toHaveProperty('unsureUntil');
  });

  it('25: is not repeated if it agrees with what is known', () => {
    const agreed = read(T0 + 2 * SECOND)(newWorker(WORKER, T0));
    expect(agreed).not.toHaveProperty('unsureUntil');
    expect(read(T0 + 3 * SECOND)(agreed)).toEqual(agreed);
  });

  it('25: is repeated at once if the clock was set back since', () => {
    expect(mustReadAgain(early, sure - HOUR)).toBe(true);
  });
});

describe('25: a Worker who left an Activity and came back without an event', () => {
  const started = evolve(newWorker(WORKER, T0), told(T0 + 400, AVAILABLE, '{}'));
  const again = T0 + 16 * HOUR;
  const reading = { ...onBreak, activitySid: AVAILABLE as ActivitySid, available: true };
  const readAt = (state: WorkerState, statusChangedAt: number, asOf: number) =>
    withReading(state, { ...reading, statusChangedAt }, asOf);
  const since = (state: WorkerState) => {
    const { since: from, availableSince } = activityOf(state, world().directory);
    return [from, availableSince];
  };

  it("25: is in it since the read's time, even after the record was pruned", () => {
    const read = readAt(started, again, again + 10 * MINUTE);
    expect(since(read)).toEqual([again + 999, again + 999]);
    const twice = readAt(read, again, again + 20 * MINUTE);
    expect(twice.activities).toEqual(read.activities);
    expect(since(prune(twice, ruleSet([]), again + 2 * HOUR))).toEqual(since(read));
  });

  it('25: is so even if a later event named that Activity', () => {
    const later = evolve(started, told(again + MINUTE, AVAILABLE, '{}'));
    expect(since(readAt(later, again, again + 10 * MINUTE))).toEqual([again + 999, again + 999]);
  });

  it('25: is not considered to have left by a read of the same stay', () => {
    const read = readAt(started, T0, T0 + HOUR);
    expect(since(read)).toEqual([T0 + 400, T0 + 400]);
  });
});

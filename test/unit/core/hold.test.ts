// Baselines through time: taken when a claim begins, restored when it ends, never to the wrong
// Worker Channel and never twice. Each test steps one Worker and names every write it expects.

import { describe, expect, it } from 'vitest';
import type { Rule } from '../../../src/core/rules.ts';
import { STATE_LIMITS } from '../../../src/core/state.ts';
import { type ChannelSpec, HOUR, MINUTE, T0, workerEvent } from '../../support/builders.ts';
import { condition, during, rule, ruleSet, schedule } from '../../support/rules.ts';
import {
  type Given,
  type Timeline,
  timeline as timelineOf,
  writes,
} from '../../support/timeline.ts';

const OPENS = T0 + HOUR;
const CLOSES = T0 + 2 * HOUR;
const schedules = { shift: schedule('wed', '11:00-12:00') };
const onShift = { during: during('shift') };
const day = rule('day', { chat: 3 }, onShift);
const pause = rule('pause', { chat: 'pause' }, onShift);

/** A Worker with the channel chat alone, and a shift from 11:00 to 12:00 unless told otherwise. */
const timeline = (rules: readonly Rule[], given: Given = {}) =>
  timelineOf(rules, { schedules, ...given });

const claimedBy = 'rule.claimed';
const restored = 'baseline.restored';
/** Nothing of it is left in the record. */
const free = { baseline: null, claimed: false, edit: null, seenFree: true };

describe('claim → write → claim ends → restore → released', () => {
  it('takes the current value, restores it once, and forgets it', () => {
    const line = timeline([day], { chat: { capacityNow: 2 } }).until(OPENS);
    expect(line.state.channels.chat?.capacity).toMatchObject({
      baseline: { value: 2 },
      claimed: true,
    });
    line.until(CLOSES + HOUR);
    expect(writes(line)).toEqual([
      [60, { capacity: 3 }, claimedBy],
      [120, { capacity: 2 }, restored],
    ]);
    expect(line.state.channels.chat).toMatchObject({ capacity: free, available: free });
  });

  it('our own echo costs no read', () => {
    expect(timeline([day]).until(CLOSES).reads).toBe(0);
  });

  it('a second claim on the same channel keeps the first baseline', () => {
    const night = rule('night', { chat: 5 }, { during: during('late') });
    const late = schedule('wed', '11:30-13:00');
    const line = timeline([day, { ...night, priority: 1 }], { schedules: { ...schedules, late } });
    expect(writes(line.until(CLOSES + 2 * HOUR))).toEqual([
      [60, { capacity: 3 }, claimedBy],
      [90, { capacity: 5 }, claimedBy],
      [180, { capacity: 1 }, restored],
    ]);
  });

  it('a claim that comes back before the restore keeps the baseline', () => {
    const two = schedule('wed', '11:00-12:00, 12:01-13:00');
    const line = timeline([day], { schedules: { shift: two }, minDwellMs: 2 * HOUR });
    line.rules = ruleSet([day], { schedules: { shift: two }, minDwellMs: 2 * HOUR });
    line.until(CLOSES + 2 * MINUTE);
    expect(line.state.channels.chat?.capacity.baseline).toEqual({ value: 1 });
  });

  it('12: a pause and a number on one channel are held and restored separately', () => {
    const late = { shift: schedules.shift, late: schedule('wed', '11:30-12:30') };
    const away = { ...pause, during: during('late') };
    const line = timeline([day, away], { schedules: late }).until(CLOSES + HOUR);
    expect(writes(line)).toEqual([
      [60, { capacity: 3 }, claimedBy],
      [90, { available: false }, claimedBy],
      [120, { capacity: 1 }, restored],
      [150, { available: true }, restored],
    ]);
    expect(line.state.channels.chat).toMatchObject({ capacity: free, available: free });
  });

  it('a channel that a person paused before a pause claimed it stays paused afterwards', () => {
    const line = timeline([pause], { chat: { availableNow: false } }).until(CLOSES + HOUR);
    expect([line.writes, line.at('chat')]).toEqual([[], { capacity: 1, available: false }]);
  });

  it('a rule removed by a reload restores at once', () => {
    const line = timeline([rule('always', { chat: 3 })]).reload(ruleSet([]));
    expect(writes(line).at(-1)).toEqual([0, { capacity: 1 }, restored]);
    expect(line.look().writes).toHaveLength(2);
  });
});

describe('27: the baseline', () => {
  const fresh: ChannelSpec = { capacity: { ...free, seenFree: false } };

  it('27: of a new store that finds the desired value is unknown: the setting stays', () => {
    const line = timeline([rule('always', { chat: 3 })], { chat: { ...fresh, capacityNow: 3 } });
    expect(line.state.channels.chat?.capacity.baseline).toBe('unknown');
    line.reload(ruleSet([]));
    expect([line.writes, line.unknownBaselines]).toEqual([[], ['chat']]);
    expect(line.state.channels.chat?.capacity).toEqual(free);
  });

  it('27: is also unknown if bounds limit the desired value to it', () => {
    const bounds = new Map([['chat', [0, 3] as const]]);
    const eager = rule('always', { chat: 8 });
    const line = timeline([eager], { chat: { ...fresh, capacityNow: 3 }, bounds });
    expect(line.state.channels.chat?.capacity.baseline).toBe('unknown');
  });

  it('27: of a new store that finds any other value is that value', () => {
    const line = timeline([rule('always', { chat: 3 })], { chat: { ...fresh, capacityNow: 2 } });
    expect(writes(line.reload(ruleSet([])))).toEqual([
      [0, { capacity: 3 }, claimedBy],
      [0, { capacity: 2 }, restored],
    ]);
  });

  it('27: of a channel once seen unclaimed is known, even if it equals the desired value', () => {
    const line = timeline([day], { chat: { capacityNow: 3 } }).until(OPENS);
    expect(line.state.channels.chat?.capacity.baseline).toEqual({ value: 3 });
  });

  it('27: does not run away if it is unknown and a rule adds', () => {
    const lift = rule('lift', { chat: { add: 1, max: 4 } });
    const line = timeline([lift], { chat: { ...fresh, capacityNow: 4 } });
    for (let n = 0; n < 5; n += 1) line.until(line.now + MINUTE);
    line.reload(ruleSet([rule('lift', { chat: { add: 1 } })])).look();
    expect([line.writes, line.at('chat').capacity]).toEqual([[], 4]);
  });

  it('27: is added to once, however often it is looked at', () => {
    const line = timeline([rule('lift', { chat: { add: 1 } })], { chat: fresh });
    for (let n = 0; n < 5; n += 1) line.until(line.now + MINUTE);
    expect(writes(line)).toEqual([[0, { capacity: 2 }, claimedBy]]);
  });

  it('27: if declared, takes precedence over a kept and over an unknown one', () => {
    const declared = { chat: 2 };
    const kept = timeline([day], { declared, chat: { capacityNow: 5 } }).until(CLOSES);
    expect(writes(kept).at(-1)).toEqual([120, { capacity: 2 }, restored]);
    const lost = timeline([rule('a', { chat: 3 })], {
      declared,
      chat: { ...fresh, capacityNow: 3 },
    });
    lost.reload(ruleSet([], { declared }));
    expect(writes(lost)).toEqual([[0, { capacity: 2 }, restored]]);
    expect([lost.unknownBaselines, lost.state.channels.chat?.capacity]).toEqual([[], free]);
  });

  it('12: if declared as a number, is available as well', () => {
    const paused = { chat: { availableNow: false }, declared: { chat: 1 } };
    const line = timeline([pause], paused).until(CLOSES);
    expect(writes(line)).toEqual([[120, { available: true }, restored]]);
  });

  it('27: if declared, is never enforced by itself', () => {
    const line = timeline([rule('voice', { voice: 2 }), pause], { declared: { chat: 2 } });
    line.until(CLOSES + HOUR);
    expect(writes(line)).toEqual([
      [60, { available: false }, claimedBy],
      [120, { available: true }, restored],
    ]);
    expect(timeline([], { declared: { chat: 2 } }).edit('chat', { capacity: 5 }).writes).toEqual(
      [],
    );
  });
});

describe('20: an opted-out Worker', () => {
  const optOut = condition('worker.headroom == "off"', 'where');
  const always = rule('always', { chat: 3, voice: 'pause' }, { when: 'true' });
  const who = { channels: { chat: {}, voice: {} } };
  const off = (line: Timeline) =>
    line.tell(
      workerEvent('worker.attributes.update', line.now, { attributes: '{"headroom":"off"}' }),
    );

  it('20: ends all claims, is restored once, then left alone', () => {
    const line = off(timeline([always], { optOut, who }).until(T0 + MINUTE));
    expect(writes(line).slice(2)).toEqual([
      [1, { capacity: 1 }, restored],
      [1, { available: true }, restored],
    ]);
    expect(line.state.rules).toEqual({});
    line
      .edit('chat', { capacity: 9 })
      .edit('voice', { available: false })
      .until(T0 + 5 * HOUR);
    expect(line.writes).toHaveLength(4);
  });

  it('20: has a channel that may have changed read before its restore', () => {
    const line = timeline([always], { optOut, who });
    line.real.set('chat', { capacity: 2, available: true });
    line.state = { ...line.state, channels: { ...line.state.channels } };
    const chat = line.state.channels.chat;
    if (chat)
      line.state = {
        ...line.state,
        channels: { ...line.state.channels, chat: { ...chat, stale: true } },
      };
    off(line);
    expect([line.reads, line.at('voice').available]).toEqual([1, true]);
  });

  it('20: waits for a dwell time', () => {
    const line = off(
      timeline([always], { optOut, who, minDwellMs: 10 * MINUTE, declared: { chat: 5 } }),
    );
    line.until(T0 + HOUR);
    expect(line.at('chat').capacity).toBe(5);
    expect(line.writes.filter((w) => w.channel === 'chat')).toHaveLength(2);
  });
});

describe('24: a write whose response is lost', () => {
  it.each(['lost', 'late', 'never'] as const)('24: (%s) ends as it should', (how) => {
    const line = timeline([day]);
    line.loseNext(how).until(OPENS);
    line
      .until(OPENS + MINUTE)
      .land()
      .look();
    expect(line.at('chat').capacity).toBe(3);
    line.until(CLOSES + HOUR);
    expect(line.at('chat').capacity).toBe(1);
    expect(line.state.channels.chat).toMatchObject({ capacity: free, intent: null });
  });

  it('24: and that lands after the rules changed is corrected, never taken for an edit', () => {
    const line = timeline([])
      .loseNext('late')
      .reload(ruleSet([rule('a', { chat: 3 })]));
    line.reload(ruleSet([]));
    line
      .until(T0 + 1_000)
      .land()
      .look();
    expect(writes(line)).toEqual([
      [0, { capacity: 3 }, claimedBy],
      [0, { capacity: 1 }, restored],
    ]);
    expect(line.state.channels.chat).toMatchObject({ foreign: [], observed: { capacity: 1 } });
  });

  it('24: and that never landed releases the channel once it can no longer land', () => {
    const line = timeline([])
      .loseNext('never')
      .reload(ruleSet([rule('a', { chat: 3 })]));
    line.reload(ruleSet([]));
    expect(line.state.channels.chat?.capacity.baseline).toEqual({ value: 1 });
    line.until(T0 + STATE_LIMITS.writesMs + MINUTE);
    expect(line.state.channels.chat?.capacity).toEqual(free);
    line.reload(ruleSet([], { declared: { chat: 5 } }));
    expect(writes(line)).toEqual([[0, { capacity: 3 }, claimedBy]]);
  });
});

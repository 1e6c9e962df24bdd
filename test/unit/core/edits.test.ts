// People's edits through time: how long they are respected, what ends them, what is written over
// them.

import { describe, expect, it } from 'vitest';
import type { Rule } from '../../../src/core/rules.ts';
import { HOUR, MINUTE, T0 } from '../../support/builders.ts';
import { during, type RuleSetSpec, rule, ruleSet, schedule } from '../../support/rules.ts';
import { type Given, timeline as timelineOf, writes } from '../../support/timeline.ts';

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

describe("13: a person's edit", () => {
  const hour = { respectMs: HOUR };
  const wide = { schedules: { shift: schedule('wed', '10:00-20:00') } };
  const on = (rules: readonly Rule[], given: Given = {}) => timeline(rules, { ...wide, ...given });

  it('13: is respected for its time, then the rules resume', () => {
    const line = on([day], hour)
      .until(T0 + MINUTE)
      .edit('chat', { capacity: 5 });
    expect(line.writes).toHaveLength(1);
    line.until(T0 + HOUR + MINUTE - 1);
    expect(line.at('chat').capacity).toBe(5);
    line.until(T0 + HOUR + MINUTE);
    expect(writes(line).at(-1)).toEqual([61, { capacity: 3 }, claimedBy]);
  });

  it('13: the latest edit counts', () => {
    const line = on([day], hour).edit('chat', { capacity: 5 });
    line.until(T0 + 50 * MINUTE).edit('chat', { capacity: 4 });
    line.until(T0 + 109 * MINUTE);
    expect(line.at('chat').capacity).toBe(4);
    expect(writes(line.until(T0 + 3 * HOUR)).at(-1)).toEqual([110, { capacity: 3 }, claimedBy]);
  });

  it('13: ends when the winning set changes', () => {
    const late = { ...wide.schedules, late: schedule('wed', '11:00-12:00') };
    const boost = rule('boost', { chat: 4 }, { during: during('late'), priority: 1 });
    const line = timeline([day, boost], { schedules: late }).edit('chat', { capacity: 5 });
    expect(writes(line.until(OPENS)).at(-1)).toEqual([60, { capacity: 4 }, claimedBy]);
  });

  it('13: ends when another rule wins with the same number, as a renamed one does (8)', () => {
    const line = on([day], hour).until(T0 + MINUTE);
    line.edit('chat', { capacity: 5 }).until(T0 + 2 * MINUTE);
    line.reload(ruleSet([{ ...day, why: 'said anew' }], { ...wide, ...hour }));
    expect(line.at('chat').capacity).toBe(5);
    line.reload(ruleSet([{ ...day, name: 'renamed' }], { ...wide, ...hour }));
    expect(writes(line).at(-1)).toEqual([2, { capacity: 3 }, claimedBy]);
  });

  it('13: does not end when add, min, max or pause come and go', () => {
    const late = { ...wide.schedules, late: schedule('wed', '11:00-12:00') };
    const then = { chat: { add: 1, max: 9 }, any: 'pause' } as const;
    const more = ['min', 'max'].map((key) =>
      rule(key, { chat: { [key]: 2 } }, { during: during('late') }),
    );
    const lift = rule('lift', then, { during: during('late') });
    const line = timeline([day, lift, ...more], { schedules: late, respectMs: 4 * HOUR });
    line.edit('chat', { capacity: 7 }).until(CLOSES + MINUTE);
    expect([line.writes.length, line.at('chat').capacity]).toEqual([1, 7]);
  });

  it('13: ends when rules ask for the same', () => {
    const line = on([day], hour).edit('chat', { capacity: 4 });
    const lifted = ruleSet([day, rule('lift', { chat: { add: 1 } })], wide);
    line.reload(lifted).reload(ruleSet([day], wide));
    expect(writes(line).at(-1)).toEqual([0, { capacity: 3 }, claimedBy]);
  });

  it('13: is folded over by hard claims, whose writes do not end it', () => {
    const late = { ...wide.schedules, late: schedule('wed', '11:00-12:00') };
    const cap = rule('cap', { chat: { max: 2 } }, { during: during('late'), hard: true });
    const line = timeline([day, cap], { schedules: late, respectMs: 4 * HOUR });
    line.edit('chat', { capacity: 5 }).until(CLOSES);
    expect(writes(line).slice(1)).toEqual([
      [60, { capacity: 2 }, claimedBy],
      [120, { capacity: 5 }, 'person.edit'],
    ]);
  });

  it('13: comes back even if a hard claim wrote the baseline instead', () => {
    const low = rule('low', { chat: { max: 1 } }, { ...onShift, hard: true });
    const lift = rule('lift', { chat: { add: 2 } }, { during: during('all') });
    const all = { shift: schedules.shift, all: schedule('wed', '10:00-12:00') };
    const line = timeline([lift, low], { schedules: all, respectMs: 4 * HOUR });
    line.edit('chat', { capacity: 5 }).until(CLOSES);
    expect(writes(line)).toEqual([
      [0, { capacity: 3 }, claimedBy],
      [60, { capacity: 1 }, claimedBy],
      [120, { capacity: 5 }, 'person.edit'],
    ]);
  });

  it('13: made against a hard pause is set aside until the pause ends', () => {
    const line = timeline([{ ...pause, hard: true }], { respectMs: 4 * HOUR }).until(OPENS);
    line.edit('chat', { available: true });
    expect(writes(line).at(-1)).toEqual([60, { available: false }, claimedBy]);
    expect(line.until(CLOSES).at('chat').available).toBe(true);
  });

  it('outlives an add that it was made over, then gives way to the baseline', () => {
    const lift = rule('lift', { chat: { add: 1 } }, onShift);
    const line = timeline([lift], { respectMs: 90 * MINUTE }).until(OPENS);
    line.edit('chat', { capacity: 6 }).until(CLOSES + 29 * MINUTE);
    expect(line.at('chat').capacity).toBe(6);
    expect(writes(line.until(CLOSES + 31 * MINUTE)).at(-1)).toEqual([
      150,
      { capacity: 1 },
      restored,
    ]);
    expect(line.state.channels.chat?.capacity).toEqual(free);
  });

  it.each<[string, RuleSetSpec]>([
    ['kept', {}],
    ['declared', { declared: { chat: 1 } }],
  ])('while nothing claims becomes what is restored (%s baseline)', (_, spec) => {
    const dwell = { ...spec, minDwellMs: 90 * MINUTE, schedules };
    const lower = rule('day', { chat: 0 }, onShift);
    const line = timeline([lower], dwell).until(CLOSES + MINUTE);
    expect(writes(line)).toEqual([[60, { capacity: 0 }, claimedBy]]);
    line.edit('chat', { capacity: 4 }).until(CLOSES + 3 * HOUR);
    expect([line.writes.length, line.at('chat').capacity]).toEqual([1, 4]);
    expect(line.state.channels.chat?.capacity).toEqual(free);
  });

  it('of a channel that nothing ever claimed is ignored', () => {
    const line = timeline([day]).edit('chat', { capacity: 4, available: false });
    expect(line.writes).toEqual([]);
    line.until(CLOSES);
    expect(line.at('chat')).toEqual({ capacity: 4, available: false });
  });

  it('14: on a contested channel stops writes until nobody edits it for long enough', () => {
    const line = on([day], { respectMs: MINUTE });
    for (let n = 0; n < 7; n += 1) {
      line.edit('chat', { capacity: 5 + (n % 2) }).until(line.now + 2 * MINUTE);
    }
    const count = line.writes.length;
    line.until(T0 + HOUR);
    expect(line.writes).toHaveLength(count);
    const until = line.refusals.at(-1)?.until ?? 0;
    expect(line.refusals.at(-1)).toMatchObject({
      reason: 'channel.contested',
      until: T0 + HOUR + 1,
    });
    line.until(until);
    expect(writes(line).at(-1)).toEqual([60, { capacity: 3 }, claimedBy]);
  });
});

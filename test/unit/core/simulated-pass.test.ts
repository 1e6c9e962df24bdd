import { describe, expect, it } from 'vitest';
import { simulatePass, simulateUntilQuiet } from '../../../src/core/simulated-pass.ts';
import { MINUTE, T0, worker, world } from '../../support/builders.ts';
import { during, rule, ruleSet, schedule } from '../../support/rules.ts';

const shift = ruleSet([rule('shift', { chat: 3 }, { during: during('day') })], {
  schedules: { day: schedule('mon-sun', '09:00-17:00') },
});

describe('one pass without I/O', () => {
  it('takes every write, and says why and when to look again', () => {
    const looked = simulatePass(shift, worker(), world(), T0);
    expect(looked.writes).toMatchObject([
      {
        channel: 'chat',
        from: { capacity: 1 },
        to: { capacity: 3 },
        protective: false,
        reason: 'rule.claimed',
        rule: 'shift',
      },
    ]);
    expect(looked.state.channels.chat).toMatchObject({
      observed: { capacity: 3, available: true },
      intent: null,
      lastWriteAt: T0,
      stale: false,
      capacity: { baseline: { value: 1 }, claimed: true },
    });
    expect(looked.lookAt).toBe(T0 + 7 * 60 * MINUTE);
    expect(looked.decision.verdicts.map((v) => v.reason)).toEqual(['rule.standing']);
  });

  it('writes nothing the second time', () => {
    const { state } = simulatePass(shift, worker(), world(), T0);
    expect(simulatePass(shift, state, world(), T0 + MINUTE).writes).toEqual([]);
  });

  it('restores and forgets when the window ends', () => {
    const { state } = simulatePass(shift, worker(), world(), T0);
    const settled = simulateUntilQuiet(shift, state, world(), T0 + 7 * 60 * MINUTE);
    expect(settled.writes.map((w) => [w.to, w.reason])).toEqual([
      [{ capacity: 1 }, 'baseline.restored'],
    ]);
    expect(settled.quiet).toBe(true);
    expect(settled.state.channels.chat?.capacity.baseline).toBeNull();
  });

  it('reports rules that react to their own writes', () => {
    const feeding = ruleSet([rule('up', { chat: 2 }, { when: 'channel("chat").capacity < 2' })]);
    expect(simulateUntilQuiet(feeding, worker(), world(), T0).quiet).toBe(false);
  });
});

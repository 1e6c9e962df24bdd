import { describe, expect, it } from 'vitest';
import {
  admit,
  type Floor,
  type GuardrailState,
  isOpen,
  type WorkerWrite,
} from '../../../src/core/guardrails/guardrails.ts';
import type { PlannedWrite } from '../../../src/core/plan.ts';
import type { Guardrails } from '../../../src/core/rules.ts';
import { MINUTE, T0, worker } from '../../support/builders.ts';

function write(over: Partial<PlannedWrite> = {}): PlannedWrite {
  return {
    channel: 'chat',
    from: { capacity: 1 },
    to: { capacity: 3 },
    protective: false,
    hard: false,
    reason: 'rule.claimed',
    rule: 'r',
    ...over,
  };
}
const PAUSE = { from: { available: true }, to: { available: false }, protective: true } as const;

function wanted(name: string, over: Partial<PlannedWrite> = {}): WorkerWrite {
  return { worker: name, write: write(over) };
}

const place = { file: 'rules.yaml', line: 1, column: 1 };
function floor(open: readonly string[], atLeast: Floor['keep']['atLeast'] = { count: 2 }): Floor {
  const keep = { group: 'team', channel: 'chat', atLeast, at: place };
  return { keep, members: new Set(['A', 'B', 'C', 'D']), open: new Set(open) };
}

const NONE: Guardrails = { bounds: new Map(), keepOpen: [], maxChange: null, minDwellMs: 0 };
const HALF = { ...NONE, maxChange: { workers: { share: 0.5 }, perMs: 5 * MINUTE } };

function admitted(
  guardrails: Guardrails,
  each: readonly WorkerWrite[],
  ledger: Partial<GuardrailState> = {},
) {
  const before = { floors: [], spent: [], claimable: 4, ...ledger };
  const { writes, refused } = admit(guardrails, each, before, T0);
  return {
    writes: writes.map(({ worker: name }) => name),
    refused: refused.map(({ worker: name, refusal }) => [name, refusal.reason, refusal.until]),
  };
}

describe('17: keep_open', () => {
  it('refuses only the write that would leave too few open', () => {
    const ledger = { floors: [floor(['A', 'B', 'C'])] };
    expect(admitted(NONE, [wanted('A', PAUSE), wanted('B', PAUSE)], ledger)).toEqual({
      writes: ['A'],
      refused: [['B', 'keep_open.floor', null]],
    });
  });

  it('treats capacity 0 as closing, and no other number', () => {
    const ledger = { floors: [floor(['A', 'B'])] };
    const closing = wanted('A', { to: { capacity: 0 }, protective: true });
    const lowering = wanted('B', { from: { capacity: 5 }, to: { capacity: 1 }, protective: true });
    expect(admitted(NONE, [closing, lowering], ledger)).toEqual({
      writes: ['B'],
      refused: [['A', 'keep_open.floor', null]],
    });
  });

  it.each([
    ['one who is not open', wanted('D', PAUSE)],
    ['another channel', wanted('A', { ...PAUSE, channel: 'voice' })],
    ['someone of another group', wanted('Z', PAUSE)],
  ])('lets %s be paused', (_, each) => {
    expect(admitted(NONE, [each], { floors: [floor(['A', 'B'])] }).refused).toEqual([]);
  });

  it('counts a share of the whole group, rounded up', () => {
    const half = { floors: [floor(['A', 'B', 'C'], { share: 0.6 })] };
    expect(admitted(NONE, [wanted('A', PAUSE)], half).refused).toHaveLength(1);
    const third = { floors: [floor(['A', 'B', 'C'], { share: 0.5 })] };
    expect(admitted(NONE, [wanted('A', PAUSE)], third).refused).toEqual([]);
  });

  it('counts no Worker as open before it is seen to be', () => {
    const opening = wanted('C', { from: { available: false }, to: { available: true } });
    const ledger = { floors: [floor(['A', 'B'])] };
    expect(admitted(NONE, [opening, wanted('A', PAUSE)], ledger).refused).toEqual([
      ['A', 'keep_open.floor', null],
    ]);
  });
});

describe('18: max_change', () => {
  it('lets that many Workers be written in the window, and says when the next may be', () => {
    const each = ['A', 'B', 'C'].map((name) => wanted(name));
    expect(admitted(HALF, each)).toEqual({
      writes: ['A', 'B'],
      refused: [['C', 'max_change.spent', T0 + 5 * MINUTE]],
    });
  });

  it('counts Workers, not writes', () => {
    const spent = [
      { worker: 'A', at: T0 - MINUTE },
      { worker: 'B', at: T0 - 2 * MINUTE },
    ];
    expect(admitted(HALF, [wanted('A'), wanted('B')], { spent }).refused).toEqual([]);
  });

  it('forgets writes from before the window', () => {
    const spent = [
      { worker: 'X', at: T0 - 5 * MINUTE },
      { worker: 'Y', at: T0 - 5 * MINUTE + 1 },
    ];
    expect(admitted(HALF, [wanted('A'), wanted('B')], { spent })).toEqual({
      writes: ['A'],
      refused: [['B', 'max_change.spent', T0 + 1]],
    });
  });

  it('serves hard first, then less work, then restores, then more work', () => {
    const each = [
      wanted('more'),
      wanted('restore', { rule: null, reason: 'baseline.restored' }),
      wanted('less', PAUSE),
      wanted('hard', { hard: true }),
    ];
    expect(admitted(HALF, each).writes).toEqual(['hard', 'less']);
    expect(admitted(NONE, each).writes).toEqual(['hard', 'less', 'restore', 'more']);
  });
});

describe('17: open', () => {
  it.each([
    [{}, true, true],
    [{ availableNow: false }, true, false],
    [{ capacityNow: 0 }, true, false],
    [{ unread: true }, true, false],
    [{ stale: true }, true, false],
    [{}, false, false],
  ])('%j in an available Activity (%s) is %s', (chat, available, open) => {
    expect(isOpen(worker({ channels: { chat } }), 'chat', available)).toBe(open);
  });

  it('is false without the channel', () => {
    expect(isOpen(worker({ channels: {} }), 'chat', true)).toBe(false);
  });
});

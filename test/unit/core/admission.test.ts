// Who is served first, who is called, and how long a taken place is held.

import { describe, expect, it } from 'vitest';
import {
  LEDGER_LIMITS,
  type WriteRequest,
} from '../../../src/core/guardrails/ledger-transaction.ts';
import { shouldCall } from '../../../src/core/guardrails/waiting-line.ts';
import type { PlannedWrite } from '../../../src/core/plan.ts';
import type { Guardrails } from '../../../src/core/rules.ts';
import { HOUR, MINUTE, SECOND, T0 } from '../../support/builders.ts';
import { GuardrailHarness } from '../../support/guardrail-harness.ts';

const NONE: Guardrails = { bounds: new Map(), keepOpen: [], maxChange: null, minDwellMs: 0 };
const ONE = { ...NONE, maxChange: { workers: { count: 1 }, perMs: 5 * MINUTE } };
const keep = (group: string, count: number) => ({
  ...{ group, channel: 'chat', atLeast: { count } },
  at: { file: 'r', line: 1, column: 1 },
});
const TWO_OPEN: Guardrails = { ...NONE, keepOpen: [keep('team', 2)] };
const OPEN = ['claimable', '+team/chat'];
const SHUT = ['claimable', '=team/chat'];

function write(over: Partial<PlannedWrite> = {}): PlannedWrite {
  const raise = { from: { capacity: 1 }, to: { capacity: 3 }, protective: false, hard: false };
  return { channel: 'chat', ...raise, reason: 'rule.claimed', rule: 'r', ...over };
}
const RAISE = write();
const HARD = write({ hard: true });
const CLOSE = write({ from: { available: true }, to: { available: false }, protective: true });

const ask = (
  worker: string,
  writes: readonly PlannedWrite[],
  memberships = OPEN,
): WriteRequest => ({
  ...{ worker, memberships, writes },
});

/** Each request by itself, one after the other. */
function played(
  guardrails: Guardrails,
  ...requests: readonly (readonly [number, ...WriteRequest[]])[]
) {
  const harness = new GuardrailHarness(guardrails);
  return requests.map(([at, ...each]) => {
    const { answers, call } = harness.ask(each, T0 + at);
    const served = [...answers].filter(([, { writes }]) => writes.length > 0);
    return { served: served.map(([worker]) => worker), call, line: harness.line };
  });
}

describe('18: the line for max_change', () => {
  it('hard goes before longer waits, and within a kind the oldest goes first', () => {
    const [, , , , come, hard, , again] = played(
      ONE,
      [0, ask('A', [RAISE])],
      [1, ask('B', [RAISE])],
      [2, ask('C', [RAISE])],
      [3, ask('H', [HARD])],
      // The window is free: later and less urgent Workers have to let the others pass.
      [5 * MINUTE, ask('C', [RAISE])],
      [5 * MINUTE + 1, ask('H', [HARD])],
      [5 * MINUTE + 2, ask('B', [RAISE])],
      [10 * MINUTE + 1, ask('C', [RAISE])],
    );
    expect([come?.served, come?.call]).toEqual([[], ['H']]);
    expect([hard?.served, hard?.call]).toEqual([['H'], []]);
    expect([again?.served, again?.call]).toEqual([[], ['B']]);
  });

  it('a called Worker that does not come delays no other', () => {
    const [, , called, late] = played(
      ONE,
      [0, ask('A', [RAISE])],
      [1, ask('B', [RAISE])],
      [5 * MINUTE, ask('C', [RAISE])],
      [5 * MINUTE + LEDGER_LIMITS.calledMs, ask('C', [RAISE])],
    );
    expect([called?.served, called?.call]).toEqual([[], ['B']]);
    expect(late?.served).toEqual(['C']);
  });

  it('a Worker that no longer wants anything leaves the line', () => {
    const [, second, third] = played(
      ONE,
      [0, ask('A', [RAISE])],
      [1, ask('B', [RAISE])],
      [2, ask('B', [])],
    );
    expect(second?.line).toEqual(['B']);
    expect(third?.line).toEqual([]);
  });
});

describe('18: places taken ahead of a clock that was set back', () => {
  it('hold up no Worker', () => {
    const [, second] = played(ONE, [HOUR, ask('A', [RAISE])], [0, ask('B', [RAISE])]);
    expect(second?.served).toEqual(['B']);
  });

  it('exempt no Worker either', () => {
    const [, , third] = played(
      ONE,
      [HOUR, ask('A', [RAISE])],
      [0, ask('B', [RAISE])],
      [1, ask('A', [RAISE])],
    );
    expect(third?.served).toEqual([]);
  });

  it('hold up no Worker for one that was called then and does not come', () => {
    const [, , called, back] = played(
      ONE,
      [HOUR, ask('A', [RAISE])],
      [HOUR + 1, ask('B', [RAISE])],
      [HOUR + 5 * MINUTE, ask('C', [RAISE])],
      [0, ask('C', [RAISE])],
    );
    expect(called?.call).toEqual(['B']);
    expect(back?.served).toEqual(['C']);
  });
});

describe('17: places under keep_open', () => {
  const requests = ['A', 'B', 'C'].map((worker) => ask(worker, []));

  it('are held for a write until it is seen, or until the hold expires', () => {
    const early = LEDGER_LIMITS.holdMs - 1;
    const [, , soon, late] = played(
      TWO_OPEN,
      [0, ...requests],
      [1, ask('A', [CLOSE])],
      [early, ask('B', [CLOSE])],
      [LEDGER_LIMITS.holdMs + 1, ask('B', [CLOSE])],
    );
    expect(soon?.served).toEqual([]);
    // A was never seen closed: it counts as last seen.
    expect(late?.served).toEqual(['B']);
  });

  it('a Worker that changes its mind gives its place back, and the next is called', () => {
    const [, , refused, back] = played(
      TWO_OPEN,
      [0, ...requests],
      [SECOND, ask('A', [CLOSE])],
      [2 * SECOND, ask('B', [CLOSE])],
      [3 * SECOND, ask('A', [])],
    );
    expect(refused?.served).toEqual([]);
    expect(back?.call).toEqual(['B']);
  });

  it('a Worker that opens or joins the group lets another one close', () => {
    const [, , refused, opened] = played(
      TWO_OPEN,
      [0, ...requests.slice(0, 2), ask('C', [], SHUT)],
      [1, ask('C', [], SHUT)],
      [2, ask('A', [CLOSE])],
      [3, ask('C', [], OPEN)],
    );
    expect(refused?.served).toEqual([]);
    expect(opened?.call).toEqual(['A']);
  });

  it('a Worker that is gone no longer counts', () => {
    const [, , alone] = played(
      TWO_OPEN,
      [0, ...requests],
      [1, ask('C', [], [])],
      [2, ask('A', [CLOSE])],
    );
    expect(alone?.served).toEqual([]);
  });
});

describe('17, 18: a Worker that waits for several things', () => {
  const ELSEWHERE = ['claimable'];

  it('gets its turn under max_change as soon as its floor has room', () => {
    const both = { ...TWO_OPEN, maxChange: ONE.maxChange };
    const [, , , later, come] = played(
      both,
      [0, ask('A', []), ask('B', []), ask('C', [], SHUT)],
      [1, ask('Z', [RAISE], ELSEWHERE)],
      [2, ask('A', [CLOSE])],
      [5 * MINUTE + 1, ask('C', []), ask('D', [RAISE], ELSEWHERE)],
      [5 * MINUTE + 2, ask('A', [CLOSE])],
    );
    expect([later?.served, later?.call]).toEqual([[], ['A']]);
    expect(come?.served).toEqual(['A']);
  });

  it('is called only when it can have all of them', () => {
    const floors = { ...NONE, keepOpen: [keep('team', 2), keep('leads', 1)] };
    const lead = ['claimable', '+team/chat', '+leads/chat'];
    const harness = new GuardrailHarness(floors);
    harness.ask([ask('A', [], lead), ask('B', []), ask('C', [], SHUT)], T0);
    harness.ask([ask('A', [CLOSE], lead)], T0 + 1);
    const before = harness.ledger;
    expect(harness.ask([ask('C', [])], T0 + 2).call).toEqual([]);
    expect(shouldCall(floors, before, harness.ledger, T0 + 2)).toBe(false);
    expect(harness.ask([ask('D', [], lead)], T0 + 3).call).toEqual(['A']);
  });

  it('is called when one of its writes may pass, whatever another one lacks', () => {
    const both = { ...TWO_OPEN, maxChange: ONE.maxChange };
    const voice = write({ channel: 'voice' });
    const [, , , called, come] = played(
      both,
      [0, ask('A', []), ask('B', [])],
      [1, ask('Z', [RAISE], ELSEWHERE)],
      [2, ask('A', [CLOSE, voice])],
      [5 * MINUTE + 1, ask('D', [RAISE], ELSEWHERE)],
      [5 * MINUTE + 2, ask('A', [CLOSE, voice])],
    );
    expect([called?.served, called?.call]).toEqual([[], ['A']]);
    expect(come?.served).toEqual(['A']);
  });

  it('waits behind others for the budget even if it waited longest for a floor', () => {
    const both = { ...TWO_OPEN, maxChange: ONE.maxChange };
    const voice = write({ channel: 'voice' });
    const [, , , , called, come, next] = played(
      both,
      [0, ask('A', []), ask('B', [])],
      [1, ask('Z', [RAISE], ELSEWHERE)],
      [2, ask('A', [CLOSE, voice])],
      [3, ask('P', [CLOSE], ELSEWHERE)],
      [5 * MINUTE + 1, ask('D', [RAISE], ELSEWHERE)],
      [5 * MINUTE + 2, ask('A', [CLOSE, voice])],
      [5 * MINUTE + 3, ask('P', [CLOSE], ELSEWHERE)],
    );
    expect([called?.served, called?.call]).toEqual([[], ['P']]);
    expect([come?.served, come?.call]).toEqual([[], []]);
    expect(next?.served).toEqual(['P']);
  });
});

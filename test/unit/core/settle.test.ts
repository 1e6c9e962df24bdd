// Hysteresis as named states: what each state becomes given the conditions, and when.

import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../src/core/condition/condition.ts';
import { type Judged, type Settled, settle, type Terms } from '../../../src/core/settle.ts';
import type { RuleState } from '../../../src/core/state.ts';
import { HOUR, MINUTE, T0 } from '../../support/builders.ts';
import { type WhenSpec, when as whenOf } from '../../support/rules.ts';

const FOR = 2 * MINUTE;
const KEEP = 5 * MINUTE;

function terms(over: Partial<Terms> & { when?: never } = {}, spec: Partial<WhenSpec> = {}): Terms {
  const when = whenOf({ enter: 'now > now', ...spec });
  return { when, release: null, ifStale: 'hold', ...over };
}
const plain = terms();
const id = plain.when.id;

const says = (enter: Verdict, exit: Verdict | null = null, or: Verdict | null = null): Judged => ({
  enter,
  exit,
  or,
});
const state = (phase: 'pending' | 'claiming' | 'spent', since: number, when = id): RuleState => ({
  when,
  phase,
  since,
});
const keeping = (since: number, exitedAt: number, when = id): RuleState => ({
  when,
  phase: 'keeping',
  since,
  exitedAt,
});

const idle = (reason: Settled['reason']): Settled => ({
  state: undefined,
  claims: false,
  reason,
  lookAt: null,
});

describe('6: entering', () => {
  const waits = terms({}, { forMs: FOR });
  const pending = state('pending', T0, waits.when.id);

  it('6: begins at once if there is no hold time', () => {
    expect(settle(plain, undefined, says('holds'), T0)).toEqual({
      state: state('claiming', T0),
      claims: true,
      reason: 'rule.entered',
      lookAt: null,
    });
  });

  it('6: waits until the condition has held for its time', () => {
    const began = settle(waits, undefined, says('holds'), T0);
    expect(began).toEqual({
      state: pending,
      claims: false,
      reason: 'rule.pending',
      lookAt: T0 + FOR,
    });
    const before = settle(waits, pending, says('holds'), T0 + FOR - 1);
    expect(before).toEqual({ ...began, lookAt: T0 + FOR });
    const then = settle(waits, pending, says('holds'), T0 + FOR);
    expect(then).toMatchObject({ claims: true, reason: 'rule.entered' });
    expect(then.state).toEqual(state('claiming', T0 + FOR, waits.when.id));
  });

  it('6: restarts the hold time if the condition fails meanwhile', () => {
    expect(settle(waits, pending, says('fails'), T0 + MINUTE)).toEqual(idle('rule.fails'));
  });

  it('6: unknown neither completes nor resets the hold time', () => {
    const blind = settle(waits, pending, says('unknown'), T0 + FOR);
    expect(blind).toEqual({ state: pending, claims: false, reason: 'facts.unknown', lookAt: null });
    expect(settle(waits, pending, says('holds'), T0 + FOR + 1)).toMatchObject({ claims: true });
    const stale = { ...waits, ifStale: 'release' } as const;
    expect(settle(stale, pending, says('unknown'), T0 + FOR)).toEqual(blind);
  });

  it.each<[string, Judged, Settled['reason']]>([
    ['it fails', says('fails'), 'rule.fails'],
    ['enter and exit are both true', says('holds', 'holds'), 'rule.fails'],
    ['exit is true and enter unknown', says('unknown', 'holds'), 'rule.fails'],
    ['enter is true and exit unknown', says('holds', 'unknown'), 'facts.unknown'],
    ['3: it was never judged and is unknown', says('unknown'), 'facts.unknown'],
  ])('6: does not begin if %s', (_, judged, reason) => {
    expect(settle(plain, undefined, judged, T0)).toEqual(idle(reason));
  });

  it('6: begins if exit is written and false', () => {
    expect(settle(plain, undefined, says('holds', 'fails'), T0)).toMatchObject({ claims: true });
  });
});

describe('6: exiting', () => {
  const claiming = state('claiming', T0);
  const still = (reason: Settled['reason'], at: RuleState = claiming): Settled => ({
    state: at,
    claims: true,
    reason,
    lookAt: null,
  });

  it.each<[string, Judged, Settled]>([
    ['without exit, not-enter is exit', says('fails'), idle('rule.fails')],
    ['without exit, enter is not exit', says('holds'), still('rule.entered')],
    ['with exit, not-enter is not enough', says('fails', 'fails'), still('rule.entered')],
    ['with exit, exit ends it though enter holds', says('holds', 'holds'), idle('rule.fails')],
    ['3: unknown keeps it', says('unknown'), still('facts.unknown')],
    ['3: an unknown exit keeps it', says('fails', 'unknown'), still('facts.unknown')],
    [
      '3: an unknown enter matters not where exit is known',
      says('unknown', 'fails'),
      still('rule.entered'),
    ],
  ])('6: %s', (_, judged, expected) => {
    expect(settle(plain, claiming, judged, T0 + MINUTE)).toEqual(expected);
  });

  describe('with a keep time', () => {
    const kept = terms({}, { keepMs: KEEP });
    const exited = keeping(T0, T0 + MINUTE, kept.when.id);
    const held = { state: exited, claims: true, reason: 'rule.kept', lookAt: T0 + MINUTE + KEEP };

    it('6: the claim stays that long after exit', () => {
      const before = state('claiming', T0, kept.when.id);
      expect(settle(kept, before, says('fails'), T0 + MINUTE)).toEqual(held);
      expect(settle(kept, exited, says('fails'), T0 + MINUTE + KEEP - 1)).toEqual(held);
      expect(settle(kept, exited, says('fails'), T0 + MINUTE + KEEP)).toEqual(idle('rule.fails'));
    });

    it('6: entering again cancels the countdown, and the next exit starts a full one', () => {
      const again = settle(kept, exited, says('holds'), T0 + 2 * MINUTE);
      expect(again).toMatchObject({ claims: true, reason: 'rule.entered', lookAt: null });
      expect(again.state).toEqual(state('claiming', T0, kept.when.id));
      const left = settle(kept, again.state, says('fails'), T0 + 3 * MINUTE);
      expect(left.lookAt).toBe(T0 + 3 * MINUTE + KEEP);
    });

    it('6: between the thresholds the countdown continues', () => {
      expect(settle(kept, exited, says('fails', 'fails'), T0 + 2 * MINUTE)).toEqual(held);
    });

    it('6: unknown neither stops nor shortens it', () => {
      expect(settle(kept, exited, says('unknown'), T0 + 2 * MINUTE)).toEqual(held);
      const end = settle(kept, exited, says('unknown'), T0 + MINUTE + KEEP);
      expect(end).toMatchObject({ state: undefined, claims: false });
    });
  });
});

describe('3: if_stale: release', () => {
  const stale = { ...plain, ifStale: 'release' } as const;

  it.each<[string, RuleState | undefined, Judged]>([
    ['a claim whose condition is unknown', state('claiming', T0), says('unknown')],
    ['a claim whose exit is unknown', state('claiming', T0), says('fails', 'unknown')],
    ['a claim in its keep time', keeping(T0, T0), says('unknown')],
    ['nothing, where nothing was', undefined, says('unknown')],
  ])('3: ends %s', (_, before, judged) => {
    expect(settle(stale, before, judged, T0 + MINUTE)).toEqual(idle('facts.unknown'));
  });

  it('3: does not end a claim whose exit is known to be false', () => {
    const claiming = state('claiming', T0);
    expect(settle(stale, claiming, says('unknown', 'fails'), T0 + MINUTE).claims).toBe(true);
  });

  it('3: does not let a released rule claim again', () => {
    const spent = state('spent', T0);
    const blind = settle(
      { ...stale, release: { afterMs: MINUTE, or: null } },
      spent,
      says('unknown'),
      T0 + 1,
    );
    expect(blind).toMatchObject({ state: spent, claims: false });
  });

  it('3: ends a latched claim only if what it waits for is unknown', () => {
    const latched = { ...stale, release: { afterMs: 20 * MINUTE, or: null } };
    const claiming = state('claiming', T0);
    expect(settle(latched, claiming, says('unknown'), T0 + 1)).toMatchObject({ claims: true });
    const or = settle(latched, claiming, says('holds', null, 'unknown'), T0 + 1);
    expect(or).toMatchObject({ claims: false, reason: 'facts.unknown', state: { phase: 'spent' } });
  });
});

describe('7: release', () => {
  const after = 20 * MINUTE;
  const latch = terms({ release: { afterMs: after, or: null } });
  const claiming = state('claiming', T0);

  it('7: latches: a condition that fails or is unknown does not end it', () => {
    const held = { state: claiming, claims: true, reason: 'rule.latched', lookAt: T0 + after };
    expect(settle(latch, undefined, says('holds'), T0)).toMatchObject({ lookAt: T0 + after });
    for (const verdict of ['holds', 'fails', 'unknown'] as const) {
      expect(settle(latch, claiming, says(verdict), T0 + after - 1)).toEqual(held);
    }
    expect(settle(latch, claiming, says('holds', 'holds'), T0 + 1)).toEqual(held);
  });

  it('7: ends after its time; if the condition still holds, it has to fail once first', () => {
    const spent = state('spent', T0 + after);
    const released = { state: spent, claims: false, reason: 'rule.released', lookAt: null };
    expect(settle(latch, claiming, says('holds'), T0 + after)).toEqual(released);
    expect(settle(latch, spent, says('holds'), T0 + after + 1)).toEqual(released);
    expect(settle(latch, spent, says('unknown'), T0 + after + 1)).toEqual(released);
    expect(settle(latch, spent, says('fails'), T0 + after + 1)).toEqual(idle('rule.fails'));
  });

  it('7: if the condition fails at its end, the rule may claim again at once', () => {
    expect(settle(latch, claiming, says('fails'), T0 + after)).toEqual(idle('rule.fails'));
  });

  it('7: `or` ends it earlier', () => {
    const spent = settle(latch, claiming, says('holds', null, 'holds'), T0 + 1);
    expect(spent).toMatchObject({ claims: false, reason: 'rule.released' });
    expect(settle(latch, claiming, says('holds', null, 'unknown'), T0 + 1).claims).toBe(true);
  });

  it('7: may hold at the start of the claim: a second look gives the same result', () => {
    const waits = terms({ release: { afterMs: after, or: null } }, { forMs: FOR });
    const due = state('pending', T0 - FOR, waits.when.id);
    for (const [of, before] of [[latch, undefined] as const, [waits, due] as const]) {
      const once = settle(of, before, says('holds', null, 'holds'), T0);
      expect(once).toMatchObject({ claims: false, reason: 'rule.released' });
      expect(settle(of, once.state, says('holds', null, 'holds'), T0)).toEqual(once);
    }
  });

  it('7: with `or` alone schedules no look', () => {
    const orOnly = terms({ release: { afterMs: null, or: null } });
    const held = settle(orOnly, claiming, says('fails', null, 'fails'), T0 + 1);
    expect(held).toMatchObject({ claims: true, reason: 'rule.latched', lookAt: null });
  });
});

describe('8: a changed when', () => {
  const old = 'what was written before';

  it('8: keeps a claim, judged by the new exit', () => {
    const claiming = state('claiming', T0, old);
    const held = settle(plain, claiming, says('fails', 'fails'), T0 + 1);
    expect(held).toMatchObject({ claims: true, state: state('claiming', T0) });
    expect(settle(plain, claiming, says('holds', 'holds'), T0 + 1)).toEqual(idle('rule.fails'));
  });

  it('8: restarts a running hold time', () => {
    const waits = terms({}, { forMs: FOR });
    const pending = state('pending', T0, old);
    const again = settle(waits, pending, says('holds'), T0 + FOR);
    expect(again).toMatchObject({ claims: false, lookAt: T0 + 2 * FOR });
  });

  it('8: keeps a keep time running', () => {
    const kept = terms({}, { keepMs: KEEP });
    const after = settle(kept, keeping(T0, T0, old), says('fails'), T0 + 1);
    expect(after).toMatchObject({ claims: true, lookAt: T0 + KEEP });
  });
});

describe('6, 7: what began by a clock that was then set back an hour', () => {
  const AHEAD = T0 + HOUR;
  const waits = terms({}, { forMs: FOR });
  const keeps = terms({}, { keepMs: KEEP });
  const releases = terms({ release: { afterMs: KEEP, or: null } });

  it.each<[string, Terms, RuleState, Judged, number]>([
    ['for', waits, state('pending', AHEAD, waits.when.id), says('holds'), T0 + FOR],
    ['keep', keeps, keeping(AHEAD, AHEAD, keeps.when.id), says('fails'), T0 + KEEP],
    ['release', releases, state('claiming', AHEAD, releases.when.id), says('holds'), T0 + KEEP],
  ])('%s begins now, and lasts as long as written', (_, given, before, judged, due) => {
    const first = settle(given, before, judged, T0);
    expect(first.lookAt).toBe(due);
    const claims = settle(given, first.state, judged, due - 1).claims;
    expect(settle(given, first.state, judged, due).claims).toBe(!claims);
  });

  it('is left as it is if the clocks differ no more than they may', () => {
    const before = state('pending', T0 + 4_000, waits.when.id);
    expect(settle(waits, before, says('holds'), T0).lookAt).toBe(T0 + 4_000 + FOR);
  });
});

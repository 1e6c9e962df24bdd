// Which counted events are kept: a bound for each type, and no count below the truth.

import { describe, expect, it } from 'vitest';
import { pruneCounted } from '../../../src/core/counted-events.ts';
import { isUnknown } from '../../../src/core/facts.ts';
import { type CountedEvent, STATE_LIMITS } from '../../../src/core/state.ts';
import { factsOf } from '../../../src/core/worker-facts.ts';
import { HOUR, MINUTE, SECOND, sid, T0, worker, world } from '../../support/builders.ts';
import { rule, ruleSet } from '../../support/rules.ts';

const { counted: MOST, uncounted: FEW } = STATE_LIMITS;
const ENDED = 'reservation.completed';
const MISSED = 'reservation.timeout';

const counts = (type: string) =>
  ruleSet([rule('counts', { chat: 1 }, { when: `count("${type}", duration("1h")) >= 3` })]);
const nothing = ruleSet([]);

/** That many of one type, a second apart, the newest at T0. */
const events = (type: string, n: number): CountedEvent[] =>
  Array.from({ length: n }, (_, i) => ({
    ...{ type, reservation: sid('WR', n - 1 - i), at: T0 - (n - 1 - i) * SECOND },
  }));
const sorted = (...all: CountedEvent[][]) => all.flat().sort((a, b) => a.at - b.at);

describe('11: which counted events are kept', () => {
  it.each([
    ['all, up to the bound', MOST, 0, MOST, 0, {}],
    ['the newest of each type beyond it', MOST + 2, 0, MOST, 0, { [ENDED]: T0 - MOST * SECOND }],
    [
      'a busy type takes no place from another',
      MOST + 1,
      3,
      MOST,
      3,
      { [ENDED]: T0 - MOST * SECOND },
    ],
    ['fewer of what no rule counts', 5, FEW + 1, 5, FEW, { [MISSED]: T0 - FEW * SECOND }],
  ])('11: %s', (_, ended, missed, keptEnded, keptMissed, dropped) => {
    const all = sorted(events(ENDED, ended), events(MISSED, missed));
    const kept = pruneCounted({ counted: all }, counts(ENDED), T0);
    expect(kept.counted).toEqual(sorted(events(ENDED, keptEnded), events(MISSED, keptMissed)));
    expect(kept.dropped ?? {}).toEqual(dropped);
    expect(pruneCounted(kept, counts(ENDED), T0)).toBe(kept);
  });

  it('11: forgets events older than the longest window, and that some were dropped then', () => {
    const before = { counted: events(ENDED, 2), dropped: { [ENDED]: T0 - HOUR } };
    const kept = pruneCounted(before, counts(ENDED), T0 + 24 * HOUR - SECOND);
    expect(kept).toEqual({ counted: events(ENDED, 1), dropped: {} });
  });

  it('11: a later rule counts what was kept, and is unknown beyond that', () => {
    const before = worker({ counted: events(MISSED, 100) });
    const state = { ...before, ...pruneCounted(before, nothing, T0) };
    const known = (windowMs: number) => {
      const needs = { worker: false, channels: false };
      return factsOf(state, world(), T0, needs).count(MISSED, windowMs);
    };
    expect(known(FEW * SECOND)).toBe(FEW);
    expect(isUnknown(known(FEW * SECOND + 1))).toBe(true);
    // From now on the rule is in force: nothing comes back, and nothing more is dropped.
    expect(pruneCounted(state, counts(MISSED), T0 + MINUTE)).toBe(state);
  });
});

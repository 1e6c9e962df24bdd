// Laws of choosing members, over random candidates, limits and histories.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amountOf, type Candidate, chooseMembers, NO_MEMBERS } from '../../src/core/limit.ts';
import type { Limit } from '../../src/core/rules.ts';

const amount = fc.oneof(
  fc.integer({ min: 1, max: 12 }).map((count) => ({ count })),
  fc.integer({ min: 1, max: 100 }).map((percent) => ({ share: percent / 100 })),
);
const limit: fc.Arbitrary<Limit> = fc.record({
  workers: amount,
  pick: fc.constantFrom('least_loaded', 'random_stable', 'longest_idle'),
  step: fc.option(fc.record({ workers: amount, everyMs: fc.integer({ min: 1, max: 600_000 }) })),
});
const candidates = fc.uniqueArray(
  fc.record({
    sid: fc.integer({ min: 0, max: 20 }).map((n) => `W${n}`),
    load: fc.constantFrom(0, 0.5, 1),
    idleSince: fc.option(fc.integer({ min: 0, max: 1_000 })),
  }),
  { selector: ({ sid }) => sid, maxLength: 15 },
);
const looks = fc.array(fc.tuple(candidates, fc.integer({ min: 0, max: 300_000 })), {
  minLength: 1,
  maxLength: 12,
});

interface Seen {
  readonly before: ReturnType<typeof chooseMembers>['membership'];
  readonly after: ReturnType<typeof chooseMembers>;
  readonly given: readonly Candidate[];
  readonly at: number;
}

function history(rule: Limit, each: readonly (readonly [readonly Candidate[], number])[]) {
  let [membership, at] = [NO_MEMBERS, 0];
  return each.map(([given, passes]): Seen => {
    at += passes;
    const before = membership;
    const after = chooseMembers({ name: 'r', limit: rule }, given, before, at);
    membership = after.membership;
    return { before, after, given, at };
  });
}

describe('choosing members', () => {
  it('takes candidates only, each once, and never more than the limit', () => {
    fc.assert(
      fc.property(limit, looks, (rule, each) => {
        for (const { after, given } of history(rule, each)) {
          const { members } = after.membership;
          expect(new Set(members).size).toBe(members.length);
          expect(given.map(({ sid }) => sid)).toEqual(expect.arrayContaining([...members]));
          expect(members.length).toBeLessThanOrEqual(amountOf(rule.workers, given.length));
        }
      }),
    );
  });

  it('keeps members that are still candidates while there are places', () => {
    fc.assert(
      fc.property(limit, looks, (rule, each) => {
        for (const { before, after, given } of history(rule, each)) {
          const stay = before.members.filter((sid) => given.some((c) => c.sid === sid));
          const kept = stay.filter((sid) => after.membership.members.includes(sid));
          expect(kept.length).toBe(Math.min(stay.length, after.membership.places));
        }
      }),
    );
  });

  it('opens at most one step per look and per interval', () => {
    fc.assert(
      fc.property(limit, looks, (rule, each) => {
        for (const { before, after, given, at } of history(rule, each)) {
          const { step } = rule;
          const more = after.membership.places - before.places;
          if (step === null || more <= 0) continue;
          expect(more).toBeLessThanOrEqual(amountOf(step.workers, given.length));
          expect(at - (before.grewAt ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(
            step.everyMs,
          );
        }
      }),
    );
  });

  it('changes nothing when asked again at the same instant', () => {
    fc.assert(
      fc.property(limit, looks, (rule, each) => {
        for (const { after, given, at } of history(rule, each)) {
          const again = chooseMembers({ name: 'r', limit: rule }, given, after.membership, at);
          expect(again).toEqual(after);
        }
      }),
    );
  });

  it('schedules a look exactly while places are still to be opened', () => {
    fc.assert(
      fc.property(limit, looks, (rule, each) => {
        for (const { after, given, at } of history(rule, each)) {
          const short = after.membership.places < amountOf(rule.workers, given.length);
          expect(after.lookAt !== null).toBe(short);
          if (after.lookAt !== null) expect(after.lookAt).toBeGreaterThan(at);
        }
      }),
    );
  });
});

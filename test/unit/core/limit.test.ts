import { describe, expect, it } from 'vitest';
import {
  amountOf,
  type Candidate,
  chooseMembers,
  type Membership,
  NO_MEMBERS,
  toCandidate,
} from '../../../src/core/limit.ts';
import type { Limit } from '../../../src/core/rules.ts';
import { AVAILABLE, BREAK, HOUR, MINUTE, sid, T0, worker, world } from '../../support/builders.ts';
import { rule } from '../../support/rules.ts';

function candidate(name: string, over: Partial<Candidate> = {}): Candidate {
  return { sid: name, load: 0, idleSince: T0, ...over };
}

function choose(
  limit: Partial<Limit>,
  candidates: readonly Candidate[],
  before: Membership = NO_MEMBERS,
  at = T0,
) {
  const whole: Limit = { workers: { count: 2 }, pick: 'least_loaded', step: null, ...limit };
  return chooseMembers({ name: 'lift', limit: whole }, candidates, before, at);
}

describe('19: a number of Workers', () => {
  it.each([
    [{ share: 0.5 }, 3, 2],
    [{ share: 0.3 }, 10, 3],
    [{ share: 0.07 }, 100, 7],
    [{ share: 0.01 }, 1, 1],
    [{ share: 1 }, 7, 7],
    [{ share: 0.5 }, 0, 0],
    [{ count: 4 }, 10, 4],
    [{ count: 4 }, 3, 3],
  ])('%j of %i is %i: shares are rounded up, and no one is counted twice', (amount, all, n) => {
    expect(amountOf(amount, all)).toBe(n);
  });
});

describe('19: the members of a limit', () => {
  const three = [
    candidate('A', { load: 0.5, idleSince: null }),
    candidate('B', { load: 0.2, idleSince: T0 - HOUR }),
    candidate('C', { load: 0.2, idleSince: T0 - 2 * HOUR }),
  ];

  it.each([
    ['least_loaded', 1, ['B']],
    ['least_loaded', 2, ['B', 'C']],
    ['longest_idle', 1, ['C']],
    ['longest_idle', 3, ['A', 'B', 'C']],
  ] as const)('%s, %i of them; ties by SID', (pick, count, members) => {
    expect(choose({ workers: { count }, pick }, three).membership.members).toEqual(members);
  });

  it('random_stable is always the same for the same rule, in any order', () => {
    const many = Array.from({ length: 20 }, (_, n) => candidate(`W${n}`));
    const limit = { workers: { count: 5 }, pick: 'random_stable' } as const;
    const first = choose(limit, many).membership.members;
    expect(choose(limit, [...many].reverse()).membership.members).toEqual(first);
    expect(first).toHaveLength(5);
    const other = chooseMembers(
      { name: 'other', limit: { ...limit, step: null } },
      many,
      NO_MEMBERS,
      T0,
    );
    expect(other.membership.members).not.toEqual(first);
  });

  it('stay, however loaded they are by now', () => {
    const before = { members: ['A'], places: 1, grewAt: T0 };
    expect(choose({ workers: { count: 1 } }, three, before).membership.members).toEqual(['A']);
  });

  it('are replaced when they leave; with fewer places the least preferred go', () => {
    const before = { members: ['A', 'gone'], places: 2, grewAt: T0 };
    expect(choose({}, three, before).membership.members).toEqual(['A', 'B']);
    const full = { members: ['A', 'B', 'C'], places: 3, grewAt: T0 };
    expect(choose({ workers: { share: 0.5 } }, three, full).membership.members).toEqual(['B', 'C']);
  });

  it('are forgotten when no candidate is left', () => {
    const before = { members: ['A'], places: 1, grewAt: T0 };
    expect(choose({}, [], before)).toEqual({ membership: NO_MEMBERS, lookAt: null });
  });

  it('get places step by step, one step per look however late it is', () => {
    const many = Array.from({ length: 10 }, (_, n) => candidate(`W${n}`));
    const step = { workers: { share: 0.1 }, everyMs: MINUTE };
    const limit = { workers: { share: 0.3 }, step };
    const first = choose(limit, many);
    expect(first).toEqual({
      membership: { members: ['W0'], places: 1, grewAt: T0 },
      lookAt: T0 + MINUTE,
    });
    const early = choose(limit, many, first.membership, T0 + MINUTE - 1);
    expect(early).toEqual(first);
    const late = choose(limit, many, first.membership, T0 + HOUR);
    expect(late.membership).toEqual({ members: ['W0', 'W1'], places: 2, grewAt: T0 + HOUR });
    const last = choose(limit, many, late.membership, T0 + HOUR + MINUTE);
    expect(last).toMatchObject({ membership: { places: 3 }, lookAt: null });
  });
});

describe('19: a step that opened places ahead of a clock that was set back', () => {
  it('is considered over: no one waits until the clock gets there again', () => {
    const limit = {
      workers: { count: 2 },
      pick: 'random_stable',
      step: { workers: { count: 1 }, everyMs: MINUTE },
    } as const;
    const before = { members: ['A'], places: 1, grewAt: T0 + HOUR };
    const all = ['A', 'B'].map((each) => ({ sid: each, load: 0, idleSince: null }));
    const { membership } = chooseMembers({ name: 'r', limit }, all, before, T0);
    expect(membership).toEqual({ members: ['A', 'B'], places: 2, grewAt: T0 });
  });
});

describe('19: a Worker as a candidate', () => {
  const { directory } = world();
  const lift = rule('lift', { chat: { add: 1 } });

  it("is loaded by its Tasks in hand on the rule's channels", () => {
    const state = worker({
      channels: { chat: { capacityNow: 4, assigned: 1 }, voice: { assigned: 1 } },
    });
    expect(toCandidate(lift, state, directory)).toEqual({
      sid: state.sid,
      load: 0.25,
      idleSince: null,
    });
    const all = rule('all', { any: 'pause' });
    expect(toCandidate(all, state, directory)?.load).toBe(0.4);
  });

  it('counts as fully loaded without capacity', () => {
    const state = worker({ channels: { chat: { capacityNow: 0 } } });
    expect(toCandidate(lift, state, directory)?.load).toBe(1);
  });

  it('has been idle since its last Task ended, or since it became available', () => {
    expect(toCandidate(lift, worker(), directory)?.idleSince).toBe(T0 - HOUR);
    const ended = { status: 'ended', channel: 'chat', at: T0 - MINUTE } as const;
    const state = worker({ reservations: { [sid('WR', 9)]: ended } });
    expect(toCandidate(lift, state, directory)?.idleSince).toBe(T0 - MINUTE);
  });

  it('is not one while its Activity is not available', () => {
    const away = { at: T0, sid: 'x', activity: BREAK, name: 'Break', available: null };
    expect(toCandidate(lift, worker({ activities: [away] }), directory)).toBeNull();
    const here = { ...away, activity: AVAILABLE };
    expect(toCandidate(lift, worker({ activities: [here] }), directory)).not.toBeNull();
  });
});

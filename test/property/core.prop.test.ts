// Laws of the core: what holds for every record, rule set and instant, whatever happened before.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Verdict } from '../../src/core/condition/condition.ts';
import { decide } from '../../src/core/decide.ts';
import { evolve } from '../../src/core/evolve.ts';
import { withinBounds } from '../../src/core/fold.ts';
import { hold } from '../../src/core/hold.ts';
import { plan } from '../../src/core/plan.ts';
import { settle } from '../../src/core/settle.ts';
import type { RuleState, WorkerState } from '../../src/core/state.ts';
import { anyRuleSet, events, instants, ruleSets, states } from '../support/arbitraries.ts';
import { HOUR, MINUTE, T0, worker, world } from '../support/builders.ts';
import { rule, ruleSet, when } from '../support/rules.ts';
import { type Fault, Timeline } from '../support/timeline.ts';

const support = { Support: { waiting: 25 } };
const somewhere = world({ queues: support });
const sortedKeys = (record: object) => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

it('39: folding an event twice is the same as folding it once', () => {
  fc.assert(
    fc.property(states, events, (state, all) => {
      for (const event of all) {
        const once = evolve(state, event);
        expect(evolve(once, event)).toEqual(once);
      }
    }),
  );
});

it('28: any order of the same events folds to the same Worker', () => {
  const shuffled = events.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );
  const told = (state: WorkerState) => {
    const { name, attributes, activities, gone, counted, reservations } = state;
    return { name, attributes, activities, gone, counted, reservations: sortedKeys(reservations) };
  };
  fc.assert(
    fc.property(states, shuffled, (state, [all, mixed]) => {
      const twice = [...mixed, ...all];
      expect(told(twice.reduce(evolve, state))).toEqual(told(all.reduce(evolve, state)));
    }),
  );
});

it('a decision never asks for less than 0 and schedules looks only in the future', () => {
  fc.assert(
    fc.property(anyRuleSet, states, instants, (rules, state, at) => {
      const decision = decide(rules, state, somewhere, at);
      for (const { desired } of decision.channels) {
        if (desired.capacity.value !== null)
          expect(desired.capacity.value).toBeGreaterThanOrEqual(0);
      }
      if (decision.lookAt !== null) expect(decision.lookAt).toBeGreaterThan(at);
      const taken = hold(state, decision, rules, at);
      const { lookAt } = plan(decision, taken.state, rules.guardrails, at);
      if (lookAt !== null) expect(lookAt).toBeGreaterThan(at);
      expect(JSON.parse(JSON.stringify(taken.state))).toEqual(taken.state);
    }),
    { numRuns: 500 },
  );
});

it('a plan names only Worker Channels that are claimed or held', () => {
  fc.assert(
    fc.property(anyRuleSet, states, instants, (rules, state, at) => {
      const decision = decide(rules, state, somewhere, at);
      const taken = hold(state, decision, rules, at).state;
      for (const { channel, to } of plan(decision, taken, rules.guardrails, at).writes) {
        const wish = decision.channels.find((c) => c.channel === channel)?.desired;
        const before = state.channels[channel];
        const number = wish?.claimsCapacity || (before?.capacity.baseline ?? null) !== null;
        const pause = wish?.claimsAvailable || (before?.available.baseline ?? null) !== null;
        expect([to.capacity === undefined || number, to.available === undefined || pause]).toEqual([
          true,
          true,
        ]);
      }
    }),
    { numRuns: 500 },
  );
});

/** A Worker whose record matches TaskRouter: nothing stale, unresolved or contested. */
const settled = states.map((state) => {
  const channels = Object.entries(state.channels).map(([name, channel]) => {
    const observed = channel.observed ?? { capacity: 1, available: true, assigned: 0, asOf: 0 };
    const quiet = { stale: false, intent: null, writes: [], lastWriteAt: null, foreign: [] };
    return [name, { ...channel, ...quiet, observed: { ...observed, asOf: T0 - HOUR } }] as const;
  });
  return { ...state, listedAt: T0, channels: Object.fromEntries(channels) };
});

it('applying a plan yields the desired settings, and planning again yields no writes', () => {
  fc.assert(
    fc.property(ruleSets({ optOut: true }), settled, (rules, state) => {
      const free = { ...rules, guardrails: { ...rules.guardrails, minDwellMs: 0 } };
      const line = new Timeline({ state, rules: free, world: somewhere });
      const { writes } = line;
      const names = writes.map((w) => w.channel);
      expect(names).toEqual([...new Set(names)]);
      const { channels } = line.decision();
      for (const { channel, to } of writes) {
        const wish = channels.find((c) => c.channel === channel)?.desired;
        const bounds = free.guardrails.bounds.get(channel);
        const real = line.at(channel);
        if (to.capacity !== undefined && wish) {
          expect(withinBounds(wish.capacity, to.capacity, bounds)).toBe(real.capacity);
        }
        if (to.available !== undefined) expect(wish?.available.value).toBe(real.available);
      }
      expect(line.look().writes).toHaveLength(names.length);
    }),
    { numRuns: 300 },
  );
});

it('6: under constant input a rule reaches a stable state', () => {
  const verdict = fc.constantFrom<Verdict>('holds', 'fails', 'unknown');
  const given = fc.record({
    enter: verdict,
    exit: fc.option(verdict, { nil: null }),
    or: fc.option(verdict, { nil: null }),
    forMs: fc.constantFrom(0, MINUTE),
    keepMs: fc.constantFrom(0, MINUTE),
    release: fc.boolean(),
    ifStale: fc.constantFrom('hold' as const, 'release' as const),
  });
  fc.assert(
    fc.property(given, ({ enter, exit, or, forMs, keepMs, release, ifStale }) => {
      const terms = {
        when: when({ enter: 'true', forMs, keepMs }),
        release: release ? { afterMs: MINUTE, or: null } : null,
        ifStale,
      };
      let state: RuleState | undefined;
      let at: number | null = T0;
      let steps = 0;
      for (; at !== null; steps += 1) {
        expect(steps).toBeLessThan(8);
        const next: ReturnType<typeof settle> = settle(terms, state, { enter, exit, or }, at);
        if (JSON.stringify(next.state) === JSON.stringify(state)) break;
        state = next.state;
        at = next.lookAt ?? at;
      }
      const later = settle(terms, state, { enter, exit, or }, T0 + HOUR);
      expect(settle(terms, later.state, { enter, exit, or }, T0 + 2 * HOUR).state).toEqual(
        later.state,
      );
    }),
  );
});

/** What may happen to a Worker between two looks. */
const happenings = fc.array(
  fc.oneof(
    fc.record({ rules: fc.constantFrom('none', 'low', 'high', 'lift', 'pause', 'both') }),
    fc.record({ fault: fc.constantFrom<Fault>('lost', 'late', 'never') }),
    fc.record({ waitMs: fc.constantFrom(500, 30_000, MINUTE, 20 * MINUTE) }),
    fc.record({ land: fc.constant(true) }),
    fc.record({ edit: fc.integer({ min: 0, max: 6 }), available: fc.boolean() }),
  ),
  { maxLength: 25 },
);
type Happening = typeof happenings extends fc.Arbitrary<(infer T)[]> ? T : never;

const RULES = {
  none: [],
  low: [rule('low', { chat: 0 })],
  high: [rule('high', { chat: 4 })],
  lift: [rule('lift', { chat: { add: 1 } })],
  pause: [rule('pause', { chat: 'pause' })],
  both: [rule('both', { chat: { set: 2, pause: true } })],
};

function lived(all: readonly Happening[], minDwellMs: number): Timeline {
  const set = (name: keyof typeof RULES) => ruleSet(RULES[name], { minDwellMs });
  const state = worker({ channels: { chat: { capacityNow: 2 } } });
  const line = new Timeline({ state, rules: set('none') });
  for (const each of all) {
    if ('rules' in each) line.reload(set(each.rules as keyof typeof RULES));
    if ('fault' in each) line.loseNext(each.fault);
    if ('waitMs' in each) {
      // An unanswered write lands within twice the time-out of its request, or never.
      if (each.waitMs > 1_000) line.land().look();
      line.until(line.now + each.waitMs);
    }
    if ('land' in each) line.land().look();
    if ('edit' in each) line.edit('chat', { capacity: each.edit, available: each.available });
  }
  line.loseNext(null).land().look();
  return line.until(line.now + MINUTE).reload(set('none'));
}

it('24: whatever is lost or late, a channel that is no longer claimed is as it was before', () => {
  fc.assert(
    fc.property(happenings, fc.constantFrom(0, MINUTE), (all, minDwellMs) => {
      const quiet = all.filter((each) => !('edit' in each));
      const line = lived(quiet, minDwellMs).until(T0 + 24 * HOUR);
      expect(line.at('chat')).toEqual({ capacity: 2, available: true });
      expect(line.state.channels.chat?.foreign).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

it('16: changes of a channel are at least min_dwell apart, except protective ones', () => {
  fc.assert(
    fc.property(happenings, fc.boolean(), (all, lossy) => {
      // A write that did not land, or seems not to have (an edit can look like that), is retried at
      // once.
      const sure = all.filter((each) =>
        'fault' in each ? lossy && each.fault === 'lost' : !(lossy && 'edit' in each),
      );
      const { writes } = lived(sure, MINUTE);
      writes.forEach((write, i) => {
        const before = writes[i - 1];
        if (before === undefined || write.protective) return;
        expect(write.at - before.at).toBeGreaterThanOrEqual(MINUTE);
      });
    }),
    { numRuns: 300 },
  );
});

it("13: a person's edit of an unclaimed channel stays", () => {
  fc.assert(
    fc.property(happenings, fc.integer({ min: 0, max: 6 }), (all, capacity) => {
      const line = lived(all, 0).until(T0 + 48 * HOUR);
      const count = line.writes.length;
      line.edit('chat', { capacity }).until(line.now + 24 * HOUR);
      expect([line.writes.length, line.at('chat').capacity]).toEqual([count, capacity]);
    }),
    { numRuns: 200 },
  );
});

// Laws of the guardrails that count Workers, over random guardrails and histories of requests: for
// any order of passes, whether or not their writes land, and even if standings were moved
// to shards in between, fully or only half.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutExpired } from '../../src/core/guardrails/free-places.ts';
import { floorOf } from '../../src/core/guardrails/guardrails.ts';
import { total } from '../../src/core/guardrails/histogram.ts';
import { EMPTY_LEDGER, type GuardrailLedger } from '../../src/core/guardrails/ledger-shards.ts';
import type { WriteRequest } from '../../src/core/guardrails/ledger-transaction.ts';
import {
  type LedgerCounts,
  openWorkers,
  type WorkerStanding,
} from '../../src/core/guardrails/worker-standing.ts';
import { amountOf } from '../../src/core/limit.ts';
import type { PlannedWrite } from '../../src/core/plan.ts';
import type { Amount, Guardrails } from '../../src/core/rules.ts';
import { SECOND, T0 } from '../support/builders.ts';
import { GuardrailHarness, recountedFrom } from '../support/guardrail-harness.ts';
import * as single from '../support/reference-guardrails.ts';

const CREW = Array.from({ length: 9 }, (_, i) => `W${i}`);
const FLOOR = 'team/chat';

type Wish = 'close' | 'open' | 'raise' | 'hard-close' | 'nothing';

const amount: fc.Arbitrary<Amount> = fc.oneof(
  fc.integer({ min: 1, max: 9 }).map((count) => ({ count })),
  fc.integer({ min: 1, max: 100 }).map((percent) => ({ share: percent / 100 })),
);
const guardrails: fc.Arbitrary<Guardrails> = fc
  .record({
    atLeast: fc.option(amount),
    maxChange: fc.option(
      fc.record({ workers: amount, perMs: fc.integer({ min: 1, max: 60 }).map((s) => s * SECOND) }),
    ),
  })
  .map(({ atLeast, maxChange }) => ({
    bounds: new Map(),
    minDwellMs: 0,
    maxChange,
    keepOpen:
      atLeast === null
        ? []
        : [{ group: 'team', channel: 'chat', atLeast, at: { file: 'r', line: 1, column: 1 } }],
  }));
const wish = fc.constantFrom<Wish>('close', 'open', 'raise', 'hard-close', 'nothing');
const shelving = fc.constantFrom('none', 'none', 'whole', 'half');
const step = fc.record({
  shelving,
  passes: fc.integer({ min: 0, max: 90 }).map((s) => s * SECOND),
  asks: fc.uniqueArray(fc.tuple(fc.constantFrom(...CREW), wish, fc.boolean()), {
    selector: ([worker]) => worker,
    minLength: 1,
    maxLength: 5,
  }),
});
const history = fc.array(step, { minLength: 1, maxLength: 25 });

function write(of: Wish, isOpen: boolean): readonly PlannedWrite[] {
  const closes = of === 'close' || of === 'hard-close';
  if (of === 'nothing' || (of === 'open' && isOpen) || (closes && !isOpen)) return [];
  const to = of === 'raise' ? { capacity: 3 } : { available: !closes };
  const more = { hard: of === 'hard-close', protective: closes, rule: of === 'open' ? null : 'r' };
  return [{ channel: 'chat', from: {}, to, reason: 'rule.claimed', ...more }];
}

class Floor {
  readonly open = new Set(CREW);
  readonly harness: GuardrailHarness;
  now = T0;
  readonly rails: Guardrails;

  constructor(rails: Guardrails) {
    this.rails = rails;
    this.harness = new GuardrailHarness(rails);
    this.asked(this.everybody);
  }

  ask(worker: string, of: Wish): WriteRequest {
    const isOpen = this.open.has(worker);
    const floor = this.rails.keepOpen.length === 0 ? [] : [`${isOpen ? '+' : '='}${FLOOR}`];
    return { worker, memberships: ['claimable', ...floor], writes: write(of, isOpen) };
  }

  get everybody(): readonly WriteRequest[] {
    return CREW.map((worker) => this.ask(worker, 'nothing'));
  }

  asked(requests: readonly WriteRequest[]) {
    return this.harness.ask(requests, this.now);
  }

  passes(by: number, shelving: string): void {
    this.now += by;
    if (shelving !== 'none') this.harness.moveToShards(shelving === 'half');
  }

  apply(worker: string, writes: readonly PlannedWrite[]): void {
    for (const { to } of writes) {
      if (to.available === false) this.open.delete(worker);
      if (to.available === true) this.open.add(worker);
    }
  }

  get fewest(): number {
    const [keep] = this.rails.keepOpen;
    return keep === undefined ? 0 : floorOf(keep, CREW.length);
  }

  get allowed(): number {
    const { maxChange } = this.rails;
    return maxChange === null ? Number.POSITIVE_INFINITY : amountOf(maxChange.workers, CREW.length);
  }
}

describe('17, 18: Workers asking in any order', () => {
  it('never closes below the floor, and never changes too many Workers in a window', () => {
    fc.assert(
      fc.property(guardrails, history, (rails, steps) => {
        const floor = new Floor(rails);
        const written: { worker: string; at: number }[] = [];
        for (const { passes, asks: requests, shelving } of steps) {
          floor.passes(passes, shelving);
          const before = floor.open.size;
          const { answers } = floor.asked(requests.map(([worker, of]) => floor.ask(worker, of)));
          for (const [worker, , lands] of requests) {
            const { writes } = answers.get(worker) ?? { writes: [] };
            if (writes.length > 0) written.push({ worker, at: floor.now });
            if (lands) floor.apply(worker, writes);
          }
          expect(floor.open.size).toBeGreaterThanOrEqual(Math.min(before, floor.fewest));
          const { maxChange } = rails;
          const since = floor.now - (maxChange?.perMs ?? 0);
          const lately = written.filter(({ at }) => at > since);
          expect(new Set(lately.map(({ worker }) => worker)).size).toBeLessThanOrEqual(
            maxChange === null ? CREW.length : floor.allowed,
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  it('refuses only what it must, and never refuses a retry of an allowed write', () => {
    fc.assert(
      fc.property(guardrails, history, (rails, steps) => {
        const floor = new Floor(rails);
        for (const { passes, asks: requests, shelving } of steps) {
          floor.passes(passes, shelving);
          const asking = requests.map(([worker, of]) => floor.ask(worker, of));
          const first = floor.asked(asking);
          const again = floor.asked(asking);
          for (const ask of asking) {
            const [a, b] = [first.answers.get(ask.worker), again.answers.get(ask.worker)];
            // A retry of what was let through is never refused.
            expect(b?.writes.length).toBeGreaterThanOrEqual(a?.writes.length ?? 0);
            expect((a?.writes.length ?? 0) + (a?.refused.length ?? 0)).toBe(ask.writes.length);
            const closes = ask.writes.some(({ to }) => to.available === false);
            const reasons = a?.refused.map(({ reason }) => reason) ?? [];
            if (!closes) expect(reasons).not.toContain('keep_open.floor');
            if (rails.maxChange === null) expect(reasons).not.toContain('max_change.spent');
            if (reasons.length > 0) expect(a?.lookAt).toBeGreaterThan(floor.now);
          }
          for (const [worker, , lands] of requests) {
            if (lands) floor.apply(worker, first.answers.get(worker)?.writes ?? []);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('the scheduled wakes let every Worker through in the fewest possible windows', () => {
    fc.assert(
      fc.property(
        guardrails.filter(({ maxChange }) => maxChange !== null),
        fc.shuffledSubarray(CREW, { minLength: CREW.length }),
        (given, order) => {
          const rails = { ...given, keepOpen: [] };
          const floor = new Floor(rails);
          const wakes = new Map(order.map((worker) => [worker, T0]));
          let asked = 0;
          while (wakes.size > 0) {
            const [next] = [...wakes].sort((a, b) => a[1] - b[1]);
            if (next === undefined) break;
            const [worker, at] = next;
            floor.now = Math.max(floor.now, at);
            const { answers, call } = floor.asked([floor.ask(worker, 'raise')]);
            asked += 1;
            const answer = answers.get(worker);
            if (answer?.writes.length) wakes.delete(worker);
            else wakes.set(worker, answer?.lookAt ?? Number.NaN);
            for (const each of call) wakes.set(each, floor.now);
          }
          const windows = Math.ceil(CREW.length / floor.allowed) - 1;
          expect(floor.now - T0).toBeLessThanOrEqual(windows * (rails.maxChange?.perMs ?? 0));
          // No Worker keeps asking: once to learn when, and again at its turn.
          expect(asked).toBeLessThanOrEqual(3 * CREW.length);
          expect(floor.harness.line).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('the counts equal a recount of all standings, however often the books were shelved', () => {
    fc.assert(
      fc.property(guardrails, history, (rails, steps) => {
        const floor = new Floor(rails);
        const [keep] = rails.keepOpen;
        for (const { passes, asks: requests, shelving } of steps) {
          floor.passes(passes, shelving);
          const { answers } = floor.asked(requests.map(([worker, of]) => floor.ask(worker, of)));
          for (const [worker, , lands] of requests) {
            if (lands) floor.apply(worker, answers.get(worker)?.writes ?? []);
          }
          const standings = CREW.map((worker) => floor.harness.standing(worker));
          const anew = withoutExpired(rails, countedIn(standings), floor.now);
          const ledger = withoutExpired(rails, floor.harness.ledger, floor.now);
          expect(ledger.claimable).toBe(anew.claimable);
          expect([ledger.waiting, sizes(ledger.line)]).toEqual([anew.waiting, sizes(anew.line)]);
          expect(total(ledger.spent)).toBe(total(anew.spent));
          if (keep) expect(openWorkers(ledger, keep)).toBe(openWorkers(anew, keep));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('answers and calls like a single book that lists every Worker by name', () => {
    const one = guardrails.map((rails) =>
      rails.maxChange === null ? rails : { ...rails, keepOpen: [] },
    );
    fc.assert(
      fc.property(one, history, (rails, steps) => {
        const floor = new Floor(rails);
        let plain = single.askReference(rails, single.EMPTY_STATE, floor.everybody, T0).state;
        for (const { passes, asks: requests, shelving } of steps) {
          floor.passes(passes, shelving);
          const asking = requests.map(([worker, of]) => floor.ask(worker, of));
          const { answers, call } = floor.asked(asking);
          const expected = single.askReference(rails, plain, asking, floor.now);
          plain = expected.state;
          expect([...answers]).toEqual([...expected.answers]);
          expect([...call].sort()).toEqual([...expected.call].sort());
          for (const [worker, , lands] of requests) {
            if (lands) floor.apply(worker, answers.get(worker)?.writes ?? []);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

function countedIn(standings: readonly WorkerStanding[]): GuardrailLedger {
  return { ...EMPTY_LEDGER, ...recountedFrom(standings) };
}

/** How many wait for what, by rank. */
function sizes(line: LedgerCounts['line']) {
  return Object.fromEntries(Object.entries(line).map(([what, ranks]) => [what, ranks.map(total)]));
}

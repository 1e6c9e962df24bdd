// The guardrails that count Workers, with two replicas on one store: their store calls interleave
// in any order, either may die at any call, and the answer to a pass may never reach the record.

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Guard } from '../../src/control/guard.ts';
import { PROPAGATION_MS } from '../../src/control/shared-document.ts';
import { LEDGER_LIMITS } from '../../src/core/guardrails/ledger-transaction.ts';
import type { WorkerSid } from '../../src/core/ids.ts';
import { amountOf } from '../../src/core/limit.ts';
import type { PlannedWrite } from '../../src/core/plan.ts';
import type { RuleSet } from '../../src/core/rules.ts';
import type { WorkerState } from '../../src/core/state.ts';
import { compileRules } from '../../src/language/compile.ts';
import type { Store } from '../../src/ports.ts';
import { Crash, CrashControl } from '../history/call-faults.ts';
import { channel, SECOND, sid, T0, worker, world } from '../support/builders.ts';
import { MemoryStore } from '../support/memory/store.ts';

/** More than the ledger holds by itself, so that shards are used. */
const CREW = Array.from({ length: 60 }, (_, i) => sid('WK', i) as WorkerSid);
const LEADS = new Set(CREW.slice(0, 20));
const TEAM_OPEN = 20;
const LEADS_OPEN = 8;
const SHARE = 0.3;
const ALLOWED = amountOf({ share: SHARE }, CREW.length);
const WINDOW = 60 * SECOND;

const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce }
groups:
  team: { where: 'worker.team == "support"' }
  leads: { where: 'worker.lead' }
guardrails:
  keep_open:
    - { group: team, channel: chat, at_least: ${TEAM_OPEN} }
    - { group: leads, channel: chat, at_least: ${LEADS_OPEN} }
  max_change: { workers: ${SHARE * 100}%, per: 1m }
rules: [{ name: close, who: team, then: { chat: pause } }]
`;

const CLOSE: PlannedWrite = {
  ...{ channel: 'chat', from: { available: true }, to: { available: false } },
  ...{ protective: true, hard: false, reason: 'rule.claimed', rule: 'close' },
};

type End = 'written' | 'unwritten' | 'lost';

interface Pass {
  readonly of: WorkerSid;
  readonly on: 0 | 1;
  /** `lost`: its record is not stored. `unwritten`: it is stored, but the write is not sent. */
  readonly end: End;
}

const who = fc.constantFrom(...CREW);
const on = fc.constantFrom<0 | 1>(0, 1);
const end = fc.constantFrom<End>('written', 'written', 'unwritten', 'lost');
const turn = fc.record({
  passes: fc.integer({ min: 0, max: 40 }).map((s) => s * SECOND),
  /** At which of its calls to the store each replica dies; mostly at none. */
  deaths: fc.tuple(fc.option(fc.nat(12), { freq: 3 }), fc.option(fc.nat(12), { freq: 3 })),
  /** Workers that open or close, whether the pass that sees it is lost, and whether they revert. */
  people: fc.uniqueArray(
    fc.record({
      of: who,
      on,
      next: on,
      opens: fc.boolean(),
      lost: fc.boolean(),
      back: fc.boolean(),
    }),
    { selector: ({ of }) => of, maxLength: 8 },
  ),
  /** Workers that the rule claims or no longer claims. */
  looks: fc.uniqueArray(fc.record({ of: who, on, end, claimed: fc.boolean() }), {
    selector: ({ of }) => of,
    minLength: 5,
    maxLength: 30,
  }),
});
type Turn = typeof turn extends fc.Arbitrary<infer T> ? T : never;

class Floor {
  readonly #scheduler: fc.Scheduler;
  readonly #rules: RuleSet;
  readonly #store = new MemoryStore();
  readonly #records = new Map<WorkerSid, WorkerState>();
  readonly #replicas: [Replica, Replica];
  readonly #claimed = new Set<WorkerSid>();
  readonly #called = new Set<WorkerSid>();
  readonly written: { readonly of: string; readonly at: number }[] = [];
  now = T0;

  constructor(rules: RuleSet, scheduler: fc.Scheduler) {
    this.#rules = rules;
    this.#scheduler = scheduler;
    for (const of of CREW) {
      const attributes = { team: 'support', lead: LEADS.has(of) };
      this.#records.set(of, worker({ sid: of, attributes }));
      this.set(of, true);
    }
    this.#replicas = [this.#replica(), this.#replica()];
  }

  #replica(): Replica {
    const fate = new CrashControl();
    const external = world();
    const call = async (of: string) => void this.#called.add(of as WorkerSid);
    const guard = new Guard({
      store: fate.guard<Store>(late(this.#store, this.#scheduler)),
      queues: fate.guard({ addPass: call }),
      ...{ clock: { now: () => this.now }, rules: () => this.#rules, world: () => external },
    });
    return { guard, fate };
  }

  async view() {
    // A replica that only reads and never dies.
    const { guard } = this.#replica();
    vi.advanceTimersByTime(PROPAGATION_MS);
    await this.#scheduler.waitFor(guard.ensureFresh());
    return guard.view();
  }

  /** The view that is expected when no Worker waits and nothing is in flight. */
  counted() {
    const chat = (group: string, open: number, atLeast: number) =>
      ({ group, channel: 'chat', open, atLeast }) as const;
    return {
      keepOpen: [chat('team', this.open(), TEAM_OPEN), chat('leads', this.open(LEADS), LEADS_OPEN)],
      maxChange: { written: 0, allowed: ALLOWED },
      waiting: 0,
    };
  }

  open(among: Iterable<WorkerSid> = CREW): number {
    return [...among].filter((of) => isOpen(this.#record(of))).length;
  }

  #record(of: WorkerSid): WorkerState {
    return this.#records.get(of) ?? worker({ sid: of });
  }

  set(of: WorkerSid, available: boolean, more: Partial<WorkerState> = {}): void {
    const state = { ...this.#record(of), ...more };
    const before = state.channels.chat ?? channel();
    const observed = channel({ availableNow: available }).observed;
    const chat = { ...before, observed };
    this.#records.set(of, { ...state, channels: { chat } });
  }

  /** Runs all concurrently, in the scheduler's order; returns those whose record was not stored. */
  async all(passes: readonly Pass[]): Promise<readonly Pass[]> {
    const ends = Promise.all(passes.map((each) => this.#pass(each)));
    const stored = await this.#scheduler.waitFor(ends);
    for (const i of [0, 1] as const) {
      if (this.#replicas[i].fate.dead) this.#replicas[i] = this.#replica();
    }
    const lost = passes.filter((_, i) => !stored[i]);
    // A lost pass is repeated later; a Worker whose pass was stored may get another at once.
    if (lost.length > 0) vi.advanceTimersByTime(PROPAGATION_MS);
    return lost;
  }

  /** Repeats the lost passes and those of called Workers until none are left. */
  async settled(passes: readonly Pass[]): Promise<void> {
    let next = passes;
    for (let round = 0; next.length > 0; round += 1) {
      if (round > 40) throw new Error('passes ask for passes on and on');
      const lost = await this.all(next);
      const again = new Set([...lost.map(({ of }) => of), ...this.#called]);
      this.#called.clear();
      next = [...again].map((of, i) => ({ of, on: i % 2 === 0 ? 0 : 1, end: 'written' }));
    }
  }

  async #pass({ of, on, end }: Pass): Promise<boolean> {
    const { guard, fate } = this.#replicas[on];
    const state = this.#record(of);
    const writes = this.#claimed.has(of) && isOpen(state) ? [CLOSE] : [];
    try {
      const { planned, ...after } = await guard.permit(state, {
        ...{ writes, refusals: [], lookAt: null },
      });
      if (fate.dead || end === 'lost') return false;
      const refused = planned.refusals[0]?.reason ?? null;
      const chat = { ...(state.channels.chat ?? channel()), refused };
      this.#records.set(of, { ...after.state, channels: { chat } });
      if (end === 'written' && planned.writes.length > 0) {
        this.written.push({ of, at: this.now });
        this.set(of, false);
      }
      return true;
    } catch (error) {
      if (error instanceof Crash) return false;
      throw error;
    }
  }

  dieAt(deaths: Turn['deaths']): void {
    for (const [i, { fate }] of this.#replicas.entries()) fate.dieAt(deaths[i] ?? null);
  }

  async people(people: Turn['people']): Promise<void> {
    for (const { of, opens } of people) this.set(of, opens);
    const lost = await this.all(
      people.map(({ of, on, lost }) => ({ of, on, end: lost ? 'lost' : 'unwritten' })),
    );
    const isLost = ({ of }: Turn['people'][number]) => lost.some((each) => each.of === of);
    for (const { of, opens, back } of people) if (back) this.set(of, !opens);
    const again = people.filter((each) => each.back || isLost(each));
    let left: readonly Pass[] = again.map(({ of, next }) => ({ of, on: next, end: 'unwritten' }));
    while (left.length > 0) left = await this.all(left);
  }

  claim(of: WorkerSid, claimed: boolean): void {
    if (claimed) this.#claimed.add(of);
    else this.#claimed.delete(of);
  }
}

interface Replica {
  readonly guard: Guard;
  readonly fate: CrashControl;
}

const isOpen = ({ channels }: WorkerState) => channels.chat?.observed?.available === true;

/** Each call waits for a turn before its effect, and for another before its answer. */
function late(store: MemoryStore, scheduler: fc.Scheduler): Store {
  const turn = () => scheduler.schedule(Promise.resolve());
  const slowly = async <T>(call: () => Promise<T>) => {
    await turn();
    const done = await call();
    await turn();
    return done;
  };
  return Object.assign(Object.create(store) as Store, {
    getDocument: (name: string) => slowly(() => store.getDocument(name)),
    putDocument: (...put: Parameters<Store['putDocument']>) =>
      slowly(() => store.putDocument(...put)),
  });
}

describe('17, 18: two replicas, each of which may die at any step', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => void vi.useRealTimers());
  const { ruleSet } = compileRules([{ name: 'rules.yaml', text: RULES }]);
  if (ruleSet === null) throw new Error('the rules of this test have faults');
  const everybody = CREW.map((of, i): Pass => ({ of, on: i % 2 === 0 ? 0 : 1, end: 'written' }));

  it('never close or change too many Workers, and finally count each Worker once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(turn, { minLength: 1, maxLength: 8 }),
        async (scheduler, turns) => {
          const floor = new Floor(ruleSet, scheduler);
          await floor.settled(everybody);
          for (const { passes, deaths, people, looks } of turns) {
            floor.now += passes;
            floor.dieAt(deaths);
            await floor.people(people);
            const [team, leads] = [floor.open(), floor.open(LEADS)];
            const [ofTeam, ofLeads] = (await floor.view())?.keepOpen ?? [];
            expect(ofTeam?.open).toBeLessThanOrEqual(team);
            expect(ofLeads?.open).toBeLessThanOrEqual(leads);
            for (const { of, claimed } of looks) floor.claim(of, claimed);
            await floor.all(looks);
            expect(floor.open()).toBeGreaterThanOrEqual(Math.min(team, TEAM_OPEN));
            expect(floor.open(LEADS)).toBeGreaterThanOrEqual(Math.min(leads, LEADS_OPEN));
            const lately = floor.written.filter(({ at }) => at > floor.now - WINDOW);
            expect(new Set(lately.map(({ of }) => of)).size).toBeLessThanOrEqual(ALLOWED);
          }
          floor.dieAt([null, null]);
          // All that was left half done has expired, and every Worker gets a pass.
          floor.now += LEDGER_LIMITS.holdMs;
          for (const of of CREW) floor.claim(of, false);
          await floor.settled(everybody);
          expect(await floor.view()).toEqual(floor.counted());
          // And no Worker waits for more windows than needed.
          const open = floor.open();
          for (const of of CREW) floor.claim(of, true);
          for (let window = 0; window * ALLOWED <= CREW.length; window += 1) {
            floor.now += WINDOW;
            await floor.settled(everybody);
          }
          expect(floor.open()).toBe(Math.min(open, TEAM_OPEN));
          floor.now += WINDOW;
          for (const of of CREW) floor.claim(of, false);
          await floor.settled(everybody.toReversed());
          expect(await floor.view()).toEqual(floor.counted());
        },
      ),
      // A single run is long already, and shrinking it would take far too long.
      { numRuns: 8, endOnFailure: true, seed: Number(process.env.SEED ?? 1) },
    );
  });
});

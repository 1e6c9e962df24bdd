// The guardrails that count Workers on two replicas that share one store: every read and write of it
// may be late, so that the replicas' steps interleave as they like, and each may die between any two.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Guard } from '../../src/control/guard.ts';
import { aged } from '../../src/core/books.ts';
import type { WorkerSid } from '../../src/core/ids.ts';
import { amountOf } from '../../src/core/limit.ts';
import type { PlannedWrite } from '../../src/core/plan.ts';
import {
  type Books,
  EMPTY_BOOKS,
  EMPTY_SHELF,
  type Shelf,
  shelfOf,
  standingIn,
} from '../../src/core/shelves.ts';
import { openAt } from '../../src/core/standing.ts';
import type { WorkerState } from '../../src/core/state.ts';
import { total } from '../../src/core/tally.ts';
import { compileRules } from '../../src/language/compile.ts';
import { type Json, StoreDown } from '../../src/ports.ts';
import { channel, SECOND, sid, T0, worker, world } from '../support/builders.ts';
import { countedAnew } from '../support/desk.ts';
import { MemoryStore } from '../support/memory/store.ts';

const CREW = Array.from({ length: 70 }, (_, i) => sid('WK', i) as WorkerSid);
const AT_LEAST = 20;
const SHARE = 0.6;
const WINDOW = 60 * SECOND;
const { ruleSet } = compileRules([
  {
    name: 'rules.yaml',
    text: `version: 1
defaults: { timezone: UTC, mode: enforce }
groups: { team: { where: 'worker.team == "support"' } }
guardrails:
  keep_open: [{ group: team, channel: chat, at_least: ${AT_LEAST} }]
  max_change: { workers: ${SHARE * 100}%, per: 1m }
rules: [{ name: close, who: team, then: { chat: pause } }]
`,
  },
]);

const CLOSE: PlannedWrite = {
  ...{ channel: 'chat', from: { available: true }, to: { available: false } },
  ...{ protective: true, hard: false, reason: 'rule.claimed', rule: 'close' },
};

/** Every call waits until it is let through; a store of one that died answers nobody. */
class LateStore extends MemoryStore {
  readonly #through: MemoryStore;
  readonly #late: <T>(call: () => Promise<T>) => Promise<T>;
  /** Calls until it is dead; the last one may still have its effect. */
  life = Number.POSITIVE_INFINITY;

  constructor(through: MemoryStore, late: <T>(call: () => Promise<T>) => Promise<T>) {
    super();
    this.#through = through;
    this.#late = late;
  }

  override getDocument(name: string) {
    return this.#call(() => this.#through.getDocument(name));
  }

  override putDocument(name: string, value: Json, expected: number) {
    return this.#call(() => this.#through.putDocument(name, value, expected));
  }

  async #call<T>(call: () => Promise<T>): Promise<T> {
    this.life -= 1;
    if (this.life < 0) throw new StoreDown('it died');
    const done = await this.#late(call);
    if (this.life === 0) throw new StoreDown('it died');
    return done;
  }
}

interface Replica {
  readonly guard: Guard;
  readonly store: LateStore;
}

const turn = fc.record({
  passes: fc.integer({ min: 0, max: 40 }).map((s) => s * SECOND),
  /** After how many calls to the store each replica dies; mostly never. */
  lives: fc.tuple(fc.option(fc.nat(12), { freq: 3 }), fc.option(fc.nat(12), { freq: 3 })),
  asks: fc.uniqueArray(
    fc.record({
      of: fc.nat(CREW.length - 1),
      replica: fc.constantFrom(0, 1),
      wish: fc.constantFrom('close', 'close', 'open', 'nothing'),
      /** Whether what was let through is written, and whether its record is stored at all. */
      ends: fc.constantFrom('written', 'written', 'stored', 'died'),
    }),
    { selector: ({ of }) => of, minLength: 5, maxLength: 40 },
  ),
});

class Floor {
  readonly #shared = new MemoryStore();
  readonly #late: readonly number[];
  #calls = 0;
  readonly records = new Map<WorkerSid, WorkerState>();
  readonly replicas: [Replica, Replica];
  readonly written: { readonly of: string; readonly at: number }[] = [];
  now = T0;

  constructor(late: readonly number[]) {
    this.#late = late;
    for (const of of CREW) this.records.set(of, worker({ sid: of, attributes: TEAM, channels }));
    this.replicas = [this.replica(), this.replica()];
  }

  replica(): Replica {
    const store = new LateStore(this.#shared, async (call) => {
      await this.#wait();
      const done = await call();
      await this.#wait();
      return done;
    });
    const around = world();
    const guard = new Guard({
      ...{ store, queues: { addPass: async () => undefined } },
      ...{ clock: { now: () => this.now }, rules: () => ruleSet, world: () => around },
    });
    return { guard, store };
  }

  async #wait(): Promise<void> {
    const turns = this.#late[this.#calls % this.#late.length] ?? 0;
    this.#calls += 1;
    for (let i = 0; i < turns; i += 1) await Promise.resolve();
  }

  get open(): number {
    return [...this.records.values()].filter(isOpen).length;
  }

  set(of: WorkerSid, available: boolean): void {
    const before = this.records.get(of);
    if (before === undefined) return;
    const chat = channel({ capacityNow: 1, availableNow: available });
    this.records.set(of, { ...before, channels: { chat } });
  }

  /** One pass; it ends with its record stored, or anywhere before. */
  async pass(of: WorkerSid, writes: readonly PlannedWrite[], on: Replica, ends: string) {
    const state = this.records.get(of);
    if (state === undefined) return;
    const asked = on.guard.attend(state, { writes, refusals: [], lookAt: null });
    const done = await asked.catch((error: unknown) => {
      if (error instanceof StoreDown) return null;
      throw error;
    });
    if (done === null || ends === 'died') return;
    this.records.set(of, done.state);
    if (done.planned.writes.length === 0 || ends !== 'written') return;
    this.written.push({ of, at: this.now });
    this.set(of, false);
  }

  /** The books as they are stored, and everybody's standing in them. */
  async stored() {
    const read = async (name: string) => (await this.#shared.getDocument(name))?.value;
    const books = ((await read('guardrails:books')) ?? EMPTY_BOOKS) as unknown as Books;
    const standings = await Promise.all(
      CREW.map(async (of) => {
        const shelf = (await read(`guardrails:shelf:${shelfOf(of)}`)) ?? EMPTY_SHELF;
        return standingIn(books, shelf as unknown as Shelf, of);
      }),
    );
    return { books, standings };
  }
}

const TEAM = { team: 'support' };
const channels = { chat: { capacityNow: 1, availableNow: true } };
const isOpen = ({ channels }: WorkerState) => channels.chat?.observed?.available === true;

describe('17, 18: two replicas, of which each may die at any step', () => {
  it('together close no one too many, change no more in a window, and count everybody once', async () => {
    if (ruleSet === null) throw new Error('the rules of this test have faults');
    const { guardrails } = ruleSet;
    const late = fc.array(fc.nat(9), { minLength: 7, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(late, fc.array(turn, { minLength: 1, maxLength: 12 }), async (by, turns) => {
        const floor = new Floor(by);
        const half = (of: WorkerSid, i: number) =>
          floor.pass(of, [], floor.replicas[i % 2 === 0 ? 0 : 1], 'stored');
        await Promise.all(CREW.map(half));
        for (const { passes, lives, asks } of turns) {
          floor.now += passes;
          for (const [i, life] of lives.entries()) {
            const one = floor.replicas[i];
            if (one && life !== null) one.store.life = life;
          }
          const opens = asks.filter(({ wish }) => wish === 'open');
          for (const { of } of opens) floor.set(CREW[of] ?? (CREW[0] as WorkerSid), true);
          const before = floor.open;
          await Promise.all(
            asks.map(async ({ of, replica, wish, ends }) => {
              const sid = CREW[of] as WorkerSid;
              const shut = !isOpen(floor.records.get(sid) ?? worker());
              const writes = wish === 'close' && !shut ? [CLOSE] : [];
              await floor.pass(sid, writes, floor.replicas[replica as 0 | 1], ends);
            }),
          );
          for (const i of [0, 1] as const) {
            if (floor.replicas[i].store.life !== Number.POSITIVE_INFINITY) {
              floor.replicas[i] = floor.replica();
            }
          }
          expect(floor.open).toBeGreaterThanOrEqual(Math.min(before, AT_LEAST));
          const lately = floor.written.filter(({ at }) => at > floor.now - WINDOW);
          const allowed = amountOf({ share: SHARE }, CREW.length);
          expect(new Set(lately.map(({ of }) => of)).size).toBeLessThanOrEqual(allowed);
          const { books, standings } = await floor.stored();
          const is = aged(guardrails, books, floor.now);
          const anew = aged(guardrails, { ...EMPTY_BOOKS, ...countedAnew(standings) }, floor.now);
          const [keep] = guardrails.keepOpen;
          expect([is.claimable, is.waiting]).toEqual([anew.claimable, anew.waiting]);
          expect(total(is.spent)).toBe(total(anew.spent));
          if (keep) expect(openAt(is, keep)).toBe(openAt(anew, keep));
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});

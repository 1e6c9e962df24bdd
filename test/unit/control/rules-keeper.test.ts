// The rule set in force, on a store in memory and a stepped clock: what one process does when its
// store fails, and how a new set comes into force when several share a store.

import { afterEach, describe, expect, it } from 'vitest';
import { ROLLOUT_LIMITS, Rollout, rolloutNotes } from '../../../src/control/rollout.ts';
import type { RuleFile } from '../../../src/control/rule-source.types.ts';
import { RulesKeeper } from '../../../src/control/rules-keeper.ts';
import { compileRules } from '../../../src/language/compile.ts';
import type { Json, Store, Versioned } from '../../../src/ports.ts';
import { waitFor } from '../../support/wait.ts';

const file = (chats: number | string): RuleFile => ({
  name: 'rules.yaml',
  text: `version: 1\nrules:\n  - { name: a, who: everyone, then: { chat: ${chats} } }\n`,
});

/** Documents that can be made to fail. */
function memory() {
  const kept = new Map<string, Versioned<Json>>();
  const state = { away: false };
  const store = {
    async getDocument(name: string) {
      if (state.away) throw new Error('away');
      return kept.get(name) ?? null;
    },
    async putDocument(name: string, value: Json, expected: number) {
      if (state.away) throw new Error('away');
      if (expected !== (kept.get(name)?.version ?? 0)) return false;
      kept.set(name, { value: JSON.parse(JSON.stringify(value)), version: expected + 1 });
      return true;
    },
  };
  return { state, store: store as unknown as Store, lose: () => kept.clear() };
}

const keepers: RulesKeeper[] = [];
afterEach(async () => {
  for (const keeper of keepers.splice(0)) await keeper.stop();
});

function replica(id: string, parts: { store: Store; now(): number; alone?: true }) {
  const { store, now } = parts;
  const seen = { files: [file(4)], active: [] as string[], waiting: [] as string[] };
  const held: boolean[] = [];
  const rollout = new Rollout({ store, id, now, alone: parts.alone === true });
  const keeper = new RulesKeeper({
    ...{ store, rollout, now },
    source: {
      read: async () => ({ files: seen.files, faults: [] }),
      compile: (some) => {
        const { ruleSet, diagnostics } = compileRules(some);
        return { ruleSet, faults: diagnostics };
      },
      watch: () => ({ ready: Promise.resolve(), stop: () => undefined }),
    },
    onActive: async (set) => void seen.active.push(set.id),
    onWaiting: (set) => void seen.waiting.push(set.id),
    onRefused: () => undefined,
    onError: () => undefined,
    holdPasses: async (isHeld) => void held.push(isHeld),
  });
  keepers.push(keeper);
  const view = () => rollout.view(keeper.active()?.id ?? null);
  return { ...{ keeper, rollout, seen, held, view }, active: () => keeper.active()?.id };
}

const setOf = (chats: number) => compileRules([file(chats)]).ruleSet?.id ?? '';

it('29: a set that could not be stored is not in force; the next reload stores it', async () => {
  const { state, store } = memory();
  const { keeper, seen, active } = replica('one', { store, now: () => 0, alone: true });
  await keeper.start();
  expect(active()).toBe(setOf(4));
  state.away = true;
  seen.files = [file(2)];
  await expect(keeper.reload()).rejects.toThrow('away');
  expect(active()).toBe(setOf(4));
  state.away = false;
  await keeper.reload();
  expect(active()).toBe(setOf(2));
  expect(seen.active).toEqual([setOf(4), setOf(2)]);
  expect((await store.getDocument('rules'))?.value).toMatchObject({ id: setOf(2) });
});

describe('29: several replicas', () => {
  async function two() {
    const { store, lose } = memory();
    const clock = { at: 1_000_000 };
    const now = () => clock.at;
    const first = replica('first', { store, now });
    const second = replica('second', { store, now });
    await first.keeper.start();
    await second.keeper.start();
    const pulse = async (...who: readonly { keeper: RulesKeeper }[]) => {
      for (const { keeper } of who) await keeper.pulse();
    };
    /** Second after second; `who` are alive. */
    const pass = async (ms: number, ...who: readonly { keeper: RulesKeeper }[]) => {
      for (let passed = 0; passed < ms; passed += 1_000) {
        clock.at += 1_000;
        await pulse(...who);
      }
    };
    return { store, lose, first, second, pulse, pass, now, clock };
  }

  it('a new set waits until both hold it, then both decide by it', async () => {
    const { first, second, pass } = await two();
    first.seen.files = [file(2)];
    await first.keeper.reread();
    await pass(60_000, first, second);
    expect([first.active(), second.active()]).toEqual([setOf(4), setOf(4)]);
    expect(first.seen.waiting).toEqual([setOf(2)]);
    expect(first.view()).toMatchObject({
      replicas: 2,
      waiting: [{ id: setOf(2), holding: 1 }],
    });
    expect(rolloutNotes(second.view())[0]).toMatch(
      / is in the folder of 1 of 2 replicas and takes effect when all have it/,
    );
    second.seen.files = [file(2)];
    await second.keeper.reread();
    expect(second.active()).toBe(setOf(2));
    await first.keeper.ensureFresh();
    await pass(1_000, first);
    expect(first.active()).toBe(setOf(2));
    expect(first.view().waiting).toEqual([]);
    expect(first.view().holding(setOf(2))).toBe(2);
    await waitFor('both look again', () => first.seen.active.at(-1) === setOf(2));
  });

  it('an order puts it into force at once, and the other takes it from the store', async () => {
    const { first, second, pass } = await two();
    first.seen.files = [file(2)];
    await first.keeper.reload();
    expect(first.active()).toBe(setOf(2));
    await pass(1_000, second);
    expect([second.active(), second.keeper.status().from]).toEqual([setOf(2), 'store']);
    await pass(60_000, first, second);
    expect([first.active(), second.active()]).toEqual([setOf(2), setOf(2)]);
    expect(second.view()).toMatchObject({ waiting: [{ id: setOf(4), holding: 1 }] });
  });

  it('a dead replica does not delay it, and no longer counts', async () => {
    const { first, pass } = await two();
    first.seen.files = [file(2)];
    await first.keeper.reread();
    await pass(ROLLOUT_LIMITS.deadMs - 2_000, first);
    expect(first.active()).toBe(setOf(4));
    await pass(4_000, first);
    expect(first.active()).toBe(setOf(2));
    expect(first.view().replicas).toBe(1);
  });

  it('29: a dead replica does not delay it even if the clock is set back then', async () => {
    const { first, second, pass, clock } = await two();
    await pass(4_000, first, second);
    first.seen.files = [file(2)];
    await first.keeper.reread();
    clock.at -= 3_600_000;
    await pass(4_000, first);
    expect([first.active(), first.view().replicas]).toEqual([setOf(4), 2]);
    await pass(ROLLOUT_LIMITS.deadMs, first);
    expect([first.active(), first.view().replicas]).toEqual([setOf(2), 1]);
  });

  it('a replica that shuts down is not waited for', async () => {
    const { first, second, pass } = await two();
    first.seen.files = [file(2)];
    await first.keeper.reread();
    await second.keeper.stop();
    await pass(1_000, first);
    expect([first.active(), first.view().replicas]).toEqual([setOf(2), 1]);
  });

  it('a broken folder on one delays it and is reported; the set in force stays', async () => {
    const { first, second, pass } = await two();
    second.seen.files = [file('many')];
    await second.keeper.reread();
    first.seen.files = [file(2)];
    await first.keeper.reread();
    await pass(60_000, first, second);
    expect([first.active(), second.active()]).toEqual([setOf(4), setOf(4)]);
    expect(rolloutNotes(first.view())).toContain(
      '1 of 2 replicas has problems in the rules folder, so no new set takes effect',
    );
    second.seen.files = [file(2)];
    await second.keeper.reread();
    expect(second.active()).toBe(setOf(2));
  });

  it('a replica that starts with older files decides by the set in force', async () => {
    const { store, first, second, pass, now } = await two();
    for (const each of [first, second]) {
      each.seen.files = [file(2)];
      await each.keeper.reread();
    }
    const third = replica('third', { store, now });
    await third.keeper.start();
    expect([third.active(), third.keeper.status().from]).toEqual([setOf(2), 'store']);
    await pass(60_000, first, second, third);
    expect(first.active()).toBe(setOf(2));
  });

  it("29: a set put into force by an order is not reverted by another's reread files", async () => {
    const { first, second, pass } = await two();
    first.seen.files = [file(2)];
    await first.keeper.reload();
    // The second has not heard of it yet, and its folder was touched.
    await second.keeper.reread();
    await pass(1_000, first, second);
    expect([first.active(), second.active()]).toEqual([setOf(2), setOf(2)]);
    expect(second.seen.waiting).toEqual([setOf(4)]);
  });

  it('29: nor by a replica that starts at that moment and read the previous set', async () => {
    const { store, first, second, pass, now } = await two();
    let meanwhile: (() => Promise<void>) | null = async () => {
      first.seen.files = [file(2)];
      await first.keeper.reload();
    };
    const late = new Proxy(store, {
      get(of, name) {
        const value: unknown = Reflect.get(of, name);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          const answer: unknown = await value.apply(of, args);
          const [now, isRules] = [meanwhile, name === 'getDocument' && args[0] === 'rules'];
          if (now === null || !isRules) return answer;
          meanwhile = null;
          await now();
          return answer;
        };
      },
    });
    const third = replica('third', { store: late, now });
    await third.keeper.start();
    await pass(1_000, first, second, third);
    expect([first.active(), second.active(), third.active()]).toEqual(
      Array.from({ length: 3 }, () => setOf(2)),
    );
  });

  it('a crash between storing a set and announcing it heals at the next start', async () => {
    const { store, first, second, pass, now } = await two();
    const kept = await store.getDocument('rules');
    await store.putDocument('rules', { id: setOf(2), files: [{ ...file(2) }] }, kept?.version ?? 0);
    const third = replica('third', { store, now });
    third.seen.files = [file(2)];
    await third.keeper.start();
    await pass(1_000, first, second, third);
    expect([first.active(), second.active(), third.active()]).toEqual(
      Array.from({ length: 3 }, () => setOf(2)),
    );
  });

  it('a store that comes back empty gets the set in force, for the next start', async () => {
    const { store, lose, first, second, pass, now } = await two();
    // It came by an order: neither folder would bring it back.
    first.seen.files = [file(2)];
    await first.keeper.reload();
    first.seen.files = [file('many')];
    await first.keeper.reread();
    await pass(1_000, first, second);
    lose();
    await pass(1_000, second, first);
    const third = replica('third', { store, now });
    third.seen.files = [file('many')];
    await third.keeper.start();
    expect([first.active(), second.active(), third.active()]).toEqual(
      Array.from({ length: 3 }, () => setOf(2)),
    );
  });

  it('29: a replica that cannot read the set in force takes no passes, and says so', async () => {
    const { store, first, pass, now } = await two();
    const newer = { id: 'newer', files: [{ ...file(2), text: `${file(2).text}more: 1\n` }] };
    const kept = await store.getDocument('rules');
    await store.putDocument('rules', newer, kept?.version ?? 0);
    await first.rollout.activate('newer');
    const third = replica('third', { store, now });
    third.seen.files = [file('many')];
    await third.keeper.start();
    expect([third.active(), third.held]).toEqual([undefined, [true]]);
    const faulty =
      'rule set newer is in force and not valid in this version, so this replica takes no part';
    expect(third.keeper.notes()).toEqual([faulty]);
    await pass(1_000, first, third);
    // Its previous set is no longer in force: it would write against the others.
    expect([first.active(), first.held, await first.keeper.leavesPasses()]).toEqual([
      undefined,
      [true],
      true,
    ]);
    expect(first.keeper.notes()).toEqual([faulty]);
    expect(first.keeper.status()).toMatchObject({ id: null, rules: 0, from: null });
    third.seen.files = [file(2)];
    await third.keeper.reload();
    await pass(1_000, first, third);
    expect([third.active(), third.held]).toEqual([setOf(2), [true, false]]);
    expect([first.active(), first.keeper.notes(), third.keeper.notes()]).toEqual([
      ...[setOf(2), [], []],
    ]);
    expect([first.held, await first.keeper.leavesPasses()]).toEqual([[true, false], false]);
  });

  it('22: passes are left to another replica only while there is one that can decide', async () => {
    const { store, first, second, pass, now } = await two();
    const newer = { id: 'newer', files: [{ ...file(2), text: `${file(2).text}more: 1\n` }] };
    const kept = await store.getDocument('rules');
    await store.putDocument('rules', newer, kept?.version ?? 0);
    await first.rollout.activate('newer');
    const third = replica('third', { store, now });
    third.seen.files = [file('many')];
    await third.keeper.start();
    // For all that these two know, the second is of the version that can read it.
    first.seen.files = [file('many')];
    await first.keeper.reread();
    await pass(5_000, first, third);
    expect([await first.keeper.leavesPasses(), first.held]).toEqual([true, [true]]);
    await second.keeper.stop();
    await pass(2_000, first, third);
    for (const each of [first, third]) {
      expect([await each.keeper.leavesPasses(), each.held]).toEqual([false, [true, false]]);
    }
    // One that can is there again.
    first.seen.files = [file(2)];
    await first.keeper.reload();
    expect([first.active(), await third.keeper.leavesPasses()]).toEqual([setOf(2), true]);
  });

  it('29: a replica that learns of it right before a pass takes none until alone', async () => {
    const { store, first, second, pass } = await two();
    second.seen.files = [file(2)];
    await second.keeper.reread();
    const kept = await store.getDocument('rules');
    const newer = { id: 'newer', files: [{ ...file(2), text: `${file(2).text}more: 1\n` }] };
    await store.putDocument('rules', newer, kept?.version ?? 0);
    await second.rollout.activate('newer');
    await first.rollout.refresh();
    await first.keeper.ensureFresh();
    expect([first.active(), first.held]).toEqual([undefined, [true]]);
    await pass(5_000, first);
    expect([first.active(), first.held]).toEqual([undefined, [true]]);
    await second.keeper.stop();
    await pass(1_000, first);
    expect([first.active(), first.held]).toEqual([setOf(4), [true, false]]);
  });
});

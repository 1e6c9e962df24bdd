// The rule set in force when the store is away while a file changes: nothing is put in force that a
// restart would not find, and it is tried again by itself.

import { expect, it } from 'vitest';
import { type RuleFile, RulesKeeper } from '../../../src/control/rules-keeper.ts';
import { compileRules } from '../../../src/language/compile.ts';
import type { Json, Store } from '../../../src/ports.ts';

const file = (chats: number): RuleFile => ({
  name: 'rules.yaml',
  text: `version: 1\nrules:\n  - { name: a, who: everyone, then: { chat: ${chats} } }\n`,
});

/** A store of one document that can be away. */
function memory() {
  let kept: { value: Json; version: number } | null = null;
  const state = { away: false };
  const store = {
    async getDocument() {
      if (state.away) throw new Error('away');
      return kept;
    },
    async putDocument(_: string, value: Json, expected: number) {
      if (state.away) throw new Error('away');
      if (expected !== (kept?.version ?? 0)) return false;
      kept = { value, version: expected + 1 };
      return true;
    },
  };
  return { state, store: store as unknown as Store };
}

it('29: a set that could not be stored is not in force; the next reload stores it and looks again', async () => {
  const { state, store } = memory();
  let files = [file(4)];
  const active: string[] = [];
  const keeper = new RulesKeeper({
    store,
    source: {
      read: async () => ({ files, faults: [] }),
      compile: (some) => {
        const { ruleSet, diagnostics } = compileRules(some);
        return { ruleSet, faults: diagnostics };
      },
      watch: () => ({ stop: () => undefined }),
    },
    now: () => 0,
    onActive: async (set) => void active.push(set.id),
    onRefused: () => undefined,
    onError: () => undefined,
  });
  await keeper.start();
  const first = keeper.active()?.id;
  state.away = true;
  files = [file(2)];
  await expect(keeper.reload()).rejects.toThrow('away');
  expect(keeper.active()?.id).toBe(first);
  state.away = false;
  await keeper.reload();
  const second = keeper.active()?.id;
  expect(second).not.toBe(first);
  expect(active).toEqual([first, second]);
  expect((await store.getDocument('rules'))?.value).toMatchObject({ id: second });
  await keeper.stop();
});

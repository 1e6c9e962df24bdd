// Documents that several replicas change: no change is lost to another replica's copy.

import { describe, expect, it } from 'vitest';
import { MemberDocuments, type MembershipDocument } from '../../../src/control/member-documents.ts';
import { SharedDocument } from '../../../src/control/shared-document.ts';
import { NO_MEMBERS } from '../../../src/core/limit.ts';
import type { Store } from '../../../src/ports.ts';
import { MemoryStore } from '../../support/memory/store.ts';

const plus = (n: number) => n + 1;

/** The same store, which answers a save only after `meanwhile`. */
function slow(store: Store, meanwhile: () => Promise<unknown>): Store {
  return new Proxy(store, {
    get(of, name) {
      const value: unknown = Reflect.get(of, name);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        const answer: unknown = await value.apply(of, args);
        if (name === 'putDocument') await meanwhile();
        return answer;
      };
    },
  });
}

describe('a document that two replicas change', () => {
  it('loses nothing when a read and a save of one replica overlap', async () => {
    const store = new MemoryStore();
    const meanwhile: (() => Promise<unknown>)[] = [];
    const mine: SharedDocument<number> = new SharedDocument(
      slow(store, async () => await meanwhile.shift()?.()),
      'n',
      0,
    );
    const theirs = new SharedDocument<number>(store, 'n', 0);
    meanwhile.push(() => mine.refresh());
    await mine.change(plus);
    await theirs.refresh();
    await theirs.change(plus);
    await mine.refresh();
    await mine.change(plus);
    expect(await theirs.refresh()).toBe(3);
  });

  it('a read overtaken by a save does not bring back the old value', async () => {
    const store = new MemoryStore();
    let hold: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      hold = resolve;
    });
    const reading = new Proxy<Store>(store, {
      get(of, name) {
        const value: unknown = Reflect.get(of, name);
        if (typeof value !== 'function') return value;
        if (name !== 'getDocument') return value.bind(of);
        return async (...args: unknown[]) => {
          const answer: unknown = await value.apply(of, args);
          await held;
          return answer;
        };
      },
    });
    const document = new SharedDocument<number>(reading, 'n', 0);
    const outdated = document.refresh();
    await document.change(plus);
    hold();
    await outdated;
    expect(document.current()).toBe(1);
  });

  it('a seeming no-op is accepted only against the newest version', async () => {
    const store = new MemoryStore();
    const [mine, theirs] = [1, 2].map(() => new SharedDocument<string>(store, 'set', 'none'));
    await mine?.change(() => 'first');
    await theirs?.refresh();
    await theirs?.change(() => 'second');
    // By this copy it still is 'first'.
    const first = (kept: string) => (kept === 'first' ? kept : 'first');
    expect(await mine?.change(first)).toBe('first');
    expect(await theirs?.refresh()).toBe('first');
  });

  it('a store that lost it starts anew, and accepts changes again', async () => {
    const store = new MemoryStore();
    const document = new SharedDocument<number>(store, 'n', 0);
    for (let n = 0; n < 5; n += 1) await document.change(plus);
    store.lose();
    expect(await document.refresh()).toBe(0);
    for (let n = 1; n < 4; n += 1) expect(await document.change(plus)).toBe(n);
    store.lose();
    await new SharedDocument<number>(store, 'n', 0).change(() => 40);
    expect(await document.change(plus)).toBe(41);
  });
});

describe('the members of a limit', () => {
  const taking = (...members: string[]): MembershipDocument => {
    return { membership: { ...NO_MEMBERS, members }, waiting: [], wake: [] };
  };
  const entry = { lookedAt: 0, tookMs: 0, nextAt: null };

  it('19: do not stay an old copy forever if the store lost them', async () => {
    const store = new MemoryStore();
    const documents = new MemberDocuments(store);
    await documents.load('lift');
    for (let n = 0; n < 3; n += 1) await documents.put('lift', taking('WK1'), n);
    await documents.setEntry('lift', { ...entry, version: 3 });
    store.lose();
    await documents.refresh(['lift']);
    expect(documents.copy('lift')?.members.size).toBe(0);
    expect(await documents.put('lift', taking('WK2'), 0)).toBe(true);
    expect(documents.copy('lift')?.members).toEqual(new Set(['WK2']));
  });

  it('are read again if another replica starts them anew first', async () => {
    const store = new MemoryStore();
    const [mine, theirs] = [new MemberDocuments(store), new MemberDocuments(store)];
    for (let n = 0; n < 3; n += 1) await mine.put('lift', taking('WK1'), n);
    store.lose();
    await theirs.put('lift', taking('WK2'), 0);
    await theirs.setEntry('lift', { ...entry, version: 1 });
    await mine.refresh(['lift']);
    expect(mine.copy('lift')?.members).toEqual(new Set(['WK2']));
  });
});

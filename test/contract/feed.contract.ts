// What every store promises to those who follow it: the journal's tail, the feed of changed
// Workers, and what listeners receive of both. `theirs` is the store as another replica sees it,
// where there can be one, otherwise the same.

import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { FEED_LIMITS, Feed, type Frame } from '../../src/control/feed.ts';
import type { WorkerSid } from '../../src/core/ids.ts';
import type { JournalEntry, Json, Store } from '../../src/ports.ts';
import { waitFor } from '../support/wait.ts';

const worker = (): WorkerSid => `WK${randomUUID().replaceAll('-', '')}` as WorkerSid;

const entry = (text: string): JournalEntry => ({
  ...{ at: 1, worker: null, workerName: null, channel: null, rule: null, from: null, to: null },
  reason: 'write.done',
  text,
  actor: 'headroom',
});

export function feedContract(open: () => { readonly mine: Store; readonly theirs: Store }): void {
  const now = async (store: Store) => (await store.readChanges(null, 1)).cursor;

  describe('the feed of changed Workers', () => {
    it('lists each Worker once, by its last change, with its current record', async () => {
      const { mine, theirs } = open();
      const [a, b] = [worker(), worker()];
      const from = await now(mine);
      await theirs.saveWorker(a, 1, 0);
      await theirs.saveWorker(b, 1, 0);
      await theirs.saveWorker(a, 2, 1);
      const found = await mine.readChanges(from, 10);
      expect(found.workers).toEqual([
        { sid: b, value: 1 },
        { sid: a, value: 2 },
      ]);
      expect([found.more, found.lost]).toEqual([false, false]);
      expect((await mine.readChanges(found.cursor, 10)).workers).toEqual([]);
    });

    it('continues where a limit cut it off', async () => {
      const { mine } = open();
      const many = Array.from({ length: 5 }, worker);
      const from = await now(mine);
      for (const one of many) await mine.saveWorker(one, 1, 0);
      const first = await mine.readChanges(from, 2);
      const second = await mine.readChanges(first.cursor, 2);
      const third = await mine.readChanges(second.cursor, 2);
      expect([first.more, second.more, third.more]).toEqual([true, true, false]);
      const told = [first, second, third].flatMap(({ workers }) => workers.map(({ sid }) => sid));
      expect(told).toEqual(many);
    });

    it('lists a removed Worker as gone, and nothing for a save that lost', async () => {
      const { mine } = open();
      const one = worker();
      await mine.saveWorker(one, 1, 0);
      const from = await now(mine);
      expect(await mine.saveWorker(one, 2, 9)).toBe(false);
      expect((await mine.readChanges(from, 10)).workers).toEqual([]);
      await mine.removeWorker(one);
      expect((await mine.readChanges(from, 10)).workers).toEqual([{ sid: one, value: null }]);
    });

    it.each(['999999999999', 'no-such-7', ''])(
      'reports that its place is lost at %j',
      async (at) => {
        const { mine } = open();
        const found = await mine.readChanges(at, 10);
        expect([found.lost, found.workers]).toEqual([true, []]);
        expect((await mine.readChanges(found.cursor, 10)).lost).toBe(false);
      },
    );

    it('does not list a document', async () => {
      const { mine } = open();
      const from = await now(mine);
      await mine.putDocument(`doc-${randomUUID()}`, 1, 0);
      expect((await mine.readChanges(from, 10)).workers).toEqual([]);
    });
  });

  describe("the journal's tail", () => {
    it('returns what was appended since, oldest first, and continues after a limit', async () => {
      const { mine, theirs } = open();
      await theirs.appendJournal([entry('before')]);
      const { cursor } = await mine.readJournalAfter(null, 1);
      await Promise.all(
        [1, 2, 3].map((n) => theirs.appendJournal([entry(`${n}a`), entry(`${n}b`)])),
      );
      const first = await mine.readJournalAfter(cursor, 4);
      const second = await mine.readJournalAfter(first.cursor, 4);
      const third = await mine.readJournalAfter(second.cursor, 4);
      expect([first.more, second.more, third.more]).toEqual([true, false, false]);
      const told = [first, second, third].flatMap(({ entries }) => entries.map(({ text }) => text));
      expect(told).toHaveLength(6);
      const page = await mine.readJournal({ limit: 6 });
      expect(told).toEqual(page.entries.map(({ text }) => text).reverse());
    });
  });

  describe('a listener', () => {
    const feeds: Feed[] = [];
    afterEach(async () => {
      for (const feed of feeds.splice(0)) await feed.stop();
    });

    function feedOn(store: Store, status: () => object = () => ({ n: 0 })) {
      let reads = 0;
      const faults: unknown[] = [];
      const feed = new Feed({
        store: {
          readJournalAfter: (...asked) => store.readJournalAfter(...asked),
          readChanges: (...asked) => {
            reads += 1;
            return store.readChanges(...asked);
          },
        },
        clock: { now: () => 0 },
        version: 'test',
        view: (record: Json) => ({ record }),
        status: async () => status(),
        onError: (error) => faults.push(error),
      });
      feeds.push(feed);
      return { feed, faults, reads: () => reads };
    }

    async function listen(feed: Feed, lastId: string | null = null) {
      const frames: Frame[] = [];
      const leave = await feed.subscribe((frame) => frames.push(frame), lastId);
      const told = (event: Frame['event']): unknown[] =>
        frames.filter((f) => f.event === event).flatMap((f) => JSON.parse(f.data));
      return { frames, leave, told };
    }

    it('receives what another replica changed, with Workers as they are now', async () => {
      const { mine, theirs } = open();
      const { feed, faults } = feedOn(mine);
      const one = await listen(feed);
      const [sid, gone] = [worker(), worker()];
      await theirs.saveWorker(gone, 'gone', 0);
      await theirs.removeWorker(gone);
      for (let n = 0; n < 20; n += 1) await theirs.saveWorker(sid, `${sid} ${n}`, n);
      await theirs.appendJournal([entry(sid)]);
      await waitFor('the last change is told', () =>
        one.told('workers').some((view) => (view as { record: string }).record === `${sid} 19`),
      );
      await waitFor('the entry is told', () =>
        one.told('journal').some((e) => (e as JournalEntry).text === sid),
      );
      expect([...new Set(one.told('removed'))]).toEqual([gone]);
      expect(one.frames[0]).toMatchObject({ event: 'hello' });
      expect(faults).toEqual([]);
    });

    it('resumes where it was, and is told of a gap where that is no longer known', async () => {
      const { mine } = open();
      const { feed } = feedOn(mine);
      const before = await listen(feed);
      const lastId = before.frames[0]?.id ?? '';
      before.leave();
      const sid = worker();
      await mine.saveWorker(sid, 'missed', 0);
      await mine.appendJournal([entry(`missed ${sid}`)]);
      const after = await listen(feed, lastId);
      expect(after.told('workers')).toEqual([{ record: 'missed' }]);
      expect(after.told('journal')).toMatchObject([{ text: `missed ${sid}` }]);
      expect(after.frames.map((f) => f.event)).not.toContain('gap');

      for (const wrong of ['nonsense', '0-0~999999999999', '']) {
        const lost = await listen(feed, wrong);
        expect(lost.frames.slice(0, 2).map((f) => f.event)).toEqual(['hello', 'gap']);
      }
    });

    it('that missed too much is told of a gap instead of each change', async () => {
      const { mine } = open();
      const { feed } = feedOn(mine);
      const before = await listen(feed);
      before.leave();
      const lot = Array.from({ length: FEED_LIMITS.resume + 1 }, (_, n) => entry(`${n}`));
      await mine.appendJournal(lot);
      const after = await listen(feed, before.frames[0]?.id ?? '');
      expect(after.frames.map((f) => f.event)).toEqual(['hello', 'gap']);
    });

    it('shares one reader with all others, and none runs without listeners', async () => {
      const { mine } = open();
      const { feed, reads } = feedOn(mine);
      const all = [await listen(feed), await listen(feed), await listen(feed)];
      const sid = worker();
      await mine.saveWorker(sid, 1, 0);
      for (const one of all) {
        await waitFor('each hears it', () => one.told('workers').length > 0);
        expect(one.told('workers')).toEqual([{ record: 1 }]);
      }
      const until = reads() + 3;
      await waitFor('it is read again and again', () => reads() >= until);
      for (const one of all) one.leave();
      await feed.stop();
      const after = reads();
      await mine.saveWorker(sid, 2, 1);
      // Somebody who joins later reads the position anew, and nothing was read in between.
      await listen(feed);
      expect(reads()).toBe(after + 1);
    });

    it('receives the status at once, then only when it changed', async () => {
      const { mine } = open();
      let [n, asked] = [1, 0];
      const { feed } = feedOn(mine, () => {
        asked += 1;
        return { n };
      });
      const one = await listen(feed);
      await waitFor('it was asked again', () => asked >= 3);
      expect(one.told('status')).toEqual([{ n: 1 }]);
      n = 2;
      await waitFor('the new one is told', () => one.told('status').length === 2);
      expect(one.told('status')).toEqual([{ n: 1 }, { n: 2 }]);
      const two = await listen(feed);
      expect(two.told('status')).toEqual([{ n: 2 }]);
    });
  });
}

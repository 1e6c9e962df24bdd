// What every store promises, on any backend. Each suite that calls this opens its store once; the
// tests keep apart by their own names.

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { WorkerSid } from '../../src/core/ids.ts';
import type { JournalEntry, Store } from '../../src/ports.ts';
import type { JournalRetention } from '../../src/store/journal-retention.ts';
import { LIMITS } from '../../src/store/limits.ts';
import { waitFor } from '../support/wait.ts';

const sid = (prefix: string): string => `${prefix}${randomUUID().replaceAll('-', '')}`;
const worker = (): WorkerSid => sid('WK') as WorkerSid;

export function entry(n: number, of: string | null = null): JournalEntry {
  return {
    at: 1_000 + n,
    worker: of,
    workerName: 'Ada',
    channel: 'chat',
    reason: 'write.done',
    rule: 'day-chat',
    from: { capacity: 1 },
    to: { capacity: n },
    text: `entry ${n}`,
    actor: 'headroom',
  };
}

export async function everything(store: Store, of?: string): Promise<readonly JournalEntry[]> {
  const found: JournalEntry[] = [];
  let before: string | null = '';
  while (before !== null) {
    const from: string = before;
    const page = await store.readJournal({
      limit: 1_000,
      ...(from && { before: from }),
      ...(of && { worker: of }),
    });
    found.push(...page.entries);
    before = page.next;
  }
  return found;
}

/** `keeping` opens one of its own on the same backend, with a journal that keeps this many. */
export function storeContract(
  open: () => Store,
  keeping: (keep: JournalRetention) => Promise<Store>,
): void {
  describe('a Worker record', () => {
    it('is absent, then has as version the number of its saves', async () => {
      const store = open();
      const one = worker();
      expect(await store.loadWorker(one)).toBeNull();
      expect(await store.saveWorker(one, { n: 1 }, 0)).toBe(true);
      expect(await store.saveWorker(one, { n: 2 }, 1)).toBe(true);
      expect(await store.loadWorker(one)).toEqual({ value: { n: 2 }, version: 2 });
    });

    it('changes by compare-and-set: an old version changes nothing', async () => {
      const store = open();
      const one = worker();
      await store.saveWorker(one, 'first', 0);
      expect(await store.saveWorker(one, 'late', 0)).toBe(false);
      expect(await store.saveWorker(one, 'early', 2)).toBe(false);
      expect(await store.loadWorker(one)).toEqual({ value: 'first', version: 1 });
    });

    it('39: loses nothing under twenty concurrent writers, thanks to compare-and-set', async () => {
      const store = open();
      const one = worker();
      const add = async (name: string): Promise<void> => {
        for (;;) {
          const now = await store.loadWorker(one);
          const names = (now?.value ?? []) as string[];
          if (await store.saveWorker(one, [...names, name], now?.version ?? 0)) return;
        }
      };
      const names = Array.from({ length: 20 }, (_, i) => `writer-${i}`);
      await Promise.all(names.map(add));
      const last = await store.loadWorker(one);
      expect(last?.version).toBe(20);
      expect([...((last?.value ?? []) as string[])].sort()).toEqual([...names].sort());
    });

    it('keeps every character that JSON can hold', async () => {
      const store = open();
      const one = worker();
      const value = { text: 'nul \u0000, half a pair \ud800, ü, "quoted"', big: 2 ** 53 - 1 };
      await store.saveWorker(one, value, 0);
      expect((await store.loadWorker(one))?.value).toEqual(value);
    });

    it('is gone when removed, and can be created anew', async () => {
      const store = open();
      const one = worker();
      await store.saveWorker(one, 1, 0);
      await store.removeWorker(one);
      expect(await store.loadWorker(one)).toBeNull();
      expect(await store.saveWorker(one, 2, 0)).toBe(true);
    });

    it('is listed in SID order, page by page, without gaps', async () => {
      const store = open();
      const mine = Array.from({ length: 7 }, worker);
      await Promise.all(mine.map((one, n) => store.saveWorker(one, n, 0)));
      const listed: string[] = [];
      let next: string | null = '';
      while (next !== null) {
        const page = await store.listWorkers(3, next === '' ? undefined : next);
        expect(page.workers.length).toBeLessThanOrEqual(3);
        listed.push(...page.workers.map((one) => one.sid));
        next = page.next;
      }
      expect(listed).toEqual([...listed].sort());
      expect(listed.filter((one) => mine.includes(one as WorkerSid))).toEqual([...mine].sort());
    });
  });

  describe('absorbed events', () => {
    it('are remembered by SID, whatever their own time', async () => {
      const store = open();
      const hour = 3_600_000;
      for (const at of [Date.now(), Date.now() - 4 * hour, Date.now() - 90 * 24 * hour]) {
        const event = sid('EV');
        expect(await store.hasSeen(event, at)).toBe(false);
        await store.markSeen(event, at);
        expect(await store.hasSeen(event, at)).toBe(true);
        expect(await store.hasSeen(sid('EV'), at)).toBe(false);
      }
    });

    it('39: are recognised where another input dates them up to a second apart', async () => {
      const store = open();
      const edge = Math.ceil(Date.now() / 600_000) * 600_000;
      const event = sid('EV');
      await store.markSeen(event, edge - 300);
      expect(await store.hasSeen(event, edge + 300)).toBe(true);
      expect(await store.hasSeen(sid('EV'), edge + 300)).toBe(false);
    });

    it('are counted once each', async () => {
      const store = open();
      const before = await store.countSeen();
      const events = Array.from({ length: 10 }, (_, i) => ({
        sid: sid('EV'),
        at: Date.now() - i * 700_000,
      }));
      for (const { sid, at } of [...events, ...events]) await store.markSeen(sid, at);
      expect((await store.countSeen()) - before).toBe(10);
    });

    it("39: are remembered for longer than the four hours of Twilio's longest retry", () => {
      expect(LIMITS.seenMs).toBeGreaterThanOrEqual(5 * 3_600_000);
    });
  });

  describe('wakes', () => {
    const far = 4_000_000_000_000;

    it('come due in order, each leased until it is set again', async () => {
      const store = open();
      const [a, b, c] = [sid('k'), sid('k'), sid('k')];
      await store.setWake(b, 200);
      await store.setWake(a, 100);
      await store.setWake(c, 300);
      expect(await store.leaseWakes(250, 60_000, 10)).toEqual([a, b]);
      expect(await store.leaseWakes(250, 60_000, 10)).toEqual([]);
      await store.setWake(a, 240);
      expect(await store.leaseWakes(250, 60_000, 10)).toEqual([a]);
      // Nobody set b again: its taker died, so it comes due after the lease.
      expect(await store.leaseWakes(60_250, far, 10)).toEqual([c, ...[a, b].toSorted()]);
    });

    it('keep the instant set last; null deletes it', async () => {
      const store = open();
      const [a, b] = [sid('k'), sid('k')];
      await store.setWake(a, 10);
      await store.setWake(a, 900);
      await store.setWake(b, 10);
      await store.setWake(b, null);
      expect(await store.leaseWakes(800, far, 10)).toEqual([]);
      expect(await store.leaseWakes(900, far, 10)).toEqual([a]);
    });

    it('are leased a few at a time, the earliest first, each to one taker', async () => {
      const store = open();
      const keys = Array.from({ length: 9 }, () => sid('k'));
      for (const [i, key] of keys.entries()) await store.setWake(key, 1_000 + i);
      const takes = await Promise.all([1, 2, 3].map(() => store.leaseWakes(2_000, far, 3)));
      expect(takes.flat().toSorted()).toEqual(keys.toSorted());
      expect(takes.some((take) => take.join() === keys.slice(0, 3).join())).toBe(true);
    });
  });

  describe('the journal', () => {
    it('is read newest first, page by page, and by Worker', async () => {
      const store = open();
      const [mine, other] = [worker(), worker()];
      const of = (n: number): string => (n % 2 === 0 ? mine : other);
      await store.appendJournal(Array.from({ length: 10 }, (_, n) => entry(n, of(n))));
      const first = await store.readJournal({ limit: 4 });
      expect(first.entries.map((e) => e.text)).toEqual([
        'entry 9',
        'entry 8',
        'entry 7',
        'entry 6',
      ]);
      const { id, ...rest } = first.entries[0] ?? { id: '' };
      expect([rest, id !== '']).toEqual([entry(9, other), true]);
      const second = await store.readJournal({ limit: 4, before: first.next ?? '' });
      expect(second.entries[0]?.text).toBe('entry 5');
      const his = await store.readJournal({ limit: 3, worker: mine });
      expect(his.entries.map((e) => e.text)).toEqual(['entry 8', 'entry 6', 'entry 4']);
      const rest2 = await store.readJournal({ limit: 3, worker: mine, before: his.next ?? '' });
      expect([rest2.entries.map((e) => e.text), rest2.next]).toEqual([
        ['entry 2', 'entry 0'],
        null,
      ]);
    });

    it('keeps the newest and drops the oldest beyond its number', async () => {
      const most = 1_500;
      const store = await keeping({ ms: 86_400_000, entries: most });
      const late = worker();
      const lot = Array.from({ length: 1_000 }, (_, n) => entry(n));
      for (let i = 0; i < 3; i += 1) await store.appendJournal(lot);
      await store.appendJournal(Array.from({ length: 150 }, (_, n) => entry(n, late)));
      const kept = (await everything(store)).length;
      expect(kept).toBeGreaterThanOrEqual(most);
      expect(kept).toBeLessThanOrEqual(most + LIMITS.journalSlack);
      expect((await store.readJournal({ limit: 1 })).entries[0]?.worker).toBe(late);
    });

    it('drops entries older than its retention time', async () => {
      const ahead = await keeping({ ms: -60_000, entries: 1_000 });
      await ahead.appendJournal([entry(1), entry(2)]);
      expect(await everything(ahead)).toEqual([]);
      const behind = await keeping({ ms: 60_000, entries: 1_000 });
      await behind.appendJournal([entry(1), entry(2)]);
      expect(await everything(behind)).toHaveLength(2);
    });

    it('keeps entries for its retention time, even one longer than clocks count', async () => {
      const store = await keeping({ ms: 9_999_999 * 86_400_000, entries: 1_000 });
      await store.appendJournal([entry(1), entry(2)]);
      expect(await everything(store)).toHaveLength(2);
    });
  });

  describe('documents, claims and the budget of calls', () => {
    it('a document changes by compare-and-set', async () => {
      const store = open();
      const name = sid('doc');
      expect(await store.getDocument(name)).toBeNull();
      expect(await store.putDocument(name, { rules: [] }, 0)).toBe(true);
      expect(await store.putDocument(name, { rules: [1] }, 0)).toBe(false);
      expect(await store.getDocument(name)).toEqual({ value: { rules: [] }, version: 1 });
    });

    it('a claim is won by exactly one of twenty, and can be won again after its time', async () => {
      const store = open();
      const key = sid('tick');
      const claims = await Promise.all(Array.from({ length: 20 }, () => store.claimOnce(key, 300)));
      expect(claims.filter(Boolean)).toHaveLength(1);
      await waitFor('the claim can be won again', () => store.claimOnce(key, 60_000));
      expect(await store.claimOnce(key, 60_000)).toBe(false);
    });

    it('no span ever contains more calls than the budget', async () => {
      const store = open();
      const [limit, windowMs] = [20, 250];
      const earliest: number[] = [];
      const latest: number[] = [];
      for (let n = 0; n < 200; n += 25) {
        const some = Array.from({ length: 25 }, async () => {
          const asked = Date.now();
          const wait = await store.takeCall(limit, windowMs);
          // The place lies between the call and its response.
          earliest.push(asked + wait);
          latest.push(Date.now() + wait);
        });
        await Promise.all(some);
      }
      for (const instants of [earliest, latest]) instants.sort((a, b) => a - b);
      // Whatever the machine is doing, the k-th place lies between the k-th of both, so this holds
      // for every true record of places and fails where more than `limit` share a span.
      const spans = latest.slice(limit).map((at, i) => at - (earliest[i] ?? 0));
      expect(latest).toHaveLength(200);
      expect(Math.min(...spans)).toBeGreaterThanOrEqual(windowMs - 1);
    });

    it('answers a ping', async () => {
      await expect(open().ping()).resolves.toBeUndefined();
    });
  });
}

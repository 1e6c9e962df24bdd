// Event coverage, backfill and the facts beyond one Worker, on a store in memory and a stepped
// clock.

import { describe, expect, it } from 'vitest';
import { isBackfillPending } from '../../../src/control/backfill.ts';
import { EventCoverage } from '../../../src/control/event-coverage.ts';
import {
  groupFactsOf,
  mergeNewer,
  NO_FACTS,
  queueFactsOf,
  type WorkspaceFacts,
} from '../../../src/control/facts.ts';
import { QueueHistory } from '../../../src/control/queue-history.ts';
import { dueReads, readQueues } from '../../../src/control/queue-polling.ts';
import type { RuleReferences } from '../../../src/control/rule-references.ts';
import { isUnknown } from '../../../src/core/facts.ts';
import { Failure, type Json, type Store, StoreDown, type Versioned } from '../../../src/ports.ts';
import { HOUR, MINUTE, SECOND, T0 } from '../../support/builders.ts';

function documents() {
  const kept = new Map<string, Versioned<Json>>();
  const store = {
    async getDocument(name: string) {
      return kept.get(name) ?? null;
    },
    async putDocument(name: string, value: Json, expected: number) {
      if ((kept.get(name)?.version ?? 0) !== expected) return false;
      kept.set(name, { value: JSON.parse(JSON.stringify(value)), version: expected + 1 });
      return true;
    },
  };
  return { kept, store: store as unknown as Store };
}

const TYPE = 'reservation.timeout';

describe('11, 34: what was heard', () => {
  it('everything before the first start is blind until the history fills it in', async () => {
    const { store } = documents();
    const clock = { now: () => T0 };
    const coverage = new EventCoverage(store, clock);
    expect(await coverage.start()).toBe(null);
    expect([coverage.blindTo(TYPE), coverage.blindFrom(TYPE, T0 - HOUR)]).toEqual([T0, T0 - HOUR]);
    await coverage.markFilled(TYPE, { from: T0 - HOUR, to: T0 });
    expect([coverage.blindTo(TYPE), coverage.blindFrom(TYPE, T0 - HOUR)]).toEqual([
      T0 - HOUR,
      null,
    ]);
    expect(coverage.blindTo('reservation.accepted')).toBe(T0);
  });

  it('after a start only the time since the last heartbeat is blind', async () => {
    const { store } = documents();
    let now = T0;
    const clock = { now: () => now };
    const first = new EventCoverage(store, clock);
    await first.start();
    await first.markFilled(TYPE, { from: T0 - HOUR, to: T0 });
    now += 10 * MINUTE;
    expect(await first.beat()).toBe(true);
    now += MINUTE;
    expect(await first.beat()).toBe(false);
    now += 20 * MINUTE;
    const second = new EventCoverage(store, clock);
    await second.start();
    expect(second.blindTo(TYPE)).toBe(now);
    await second.markFilled(TYPE, { from: now - 26 * MINUTE, to: now });
    // Of the first gap, ten minutes without a heartbeat, the first half is still blind.
    expect(second.blindTo(TYPE)).toBe(T0 + 5 * MINUTE);
    expect(second.blindFrom(TYPE, T0 + 10 * MINUTE)).toBe(null);
  });
});

describe('3: what the history is about to fill in', () => {
  const named = { counts: new Map([[TYPE, HOUR]]) } as unknown as RuleReferences;

  it('is being mended for two minutes after a gap, and no longer than it is unknown', async () => {
    const { store } = documents();
    let now = T0;
    const coverage = new EventCoverage(store, { now: () => now });
    await coverage.start();
    await coverage.markFilled(TYPE, { from: T0 - 2 * HOUR, to: T0 });
    expect(isBackfillPending(named, coverage, now)).toBe(false);
    now += 10 * MINUTE;
    await coverage.beat();
    const minutes = [0, 1, 2, 3].map((n) => isBackfillPending(named, coverage, now + n * MINUTE));
    expect(minutes).toEqual([true, true, false, false]);
    await coverage.markFilled(TYPE, { from: T0 - MINUTE, to: now });
    expect(isBackfillPending(named, coverage, now)).toBe(false);
  });
});

describe('11, 34: refused deliveries', () => {
  async function refusing() {
    const { store } = documents();
    const clock = { at: T0 };
    const now = () => clock.at;
    const coverage = new EventCoverage(store, { now });
    await coverage.start();
    await coverage.markFilled(TYPE, { from: T0 - HOUR, to: T0 });
    clock.at += HOUR;
    return { store, clock, heard: coverage };
  }

  it('34: cause one full read after they cease, and few while they go on', async () => {
    const { clock, heard: coverage } = await refusing();
    const asks = async (seconds: number) => {
      let asked = 0;
      for (let n = 0; n < seconds; n += 1) {
        clock.at += SECOND;
        await coverage.requestFullRead(async () => {
          asked += 1;
        });
      }
      return asked;
    };
    expect(await asks(60)).toBe(0);
    coverage.deliveryRefused();
    expect(await asks(5)).toBe(0);
    coverage.deliveryRefused();
    expect([await asks(9), await asks(1), await asks(600)]).toEqual([0, 1, 0]);
    // While refusals go on, what was missed after a read is read as well, but seldom.
    let reads = 0;
    for (let minute = 0; minute < 30; minute += 1) {
      coverage.deliveryRefused();
      reads += await asks(60);
    }
    expect(reads).toBe(6);
    expect(await asks(300)).toBe(1);
  });

  it('34: a gap in heartbeats without a start causes one full read as well', async () => {
    const { clock, heard: coverage } = await refusing();
    let asked = 0;
    const request = async () => {
      asked += 1;
    };
    expect(await coverage.beat()).toBe(true);
    for (let n = 0; n < 2; n += 1) await coverage.requestFullRead(request);
    expect(asked).toBe(1);
    clock.at += MINUTE;
    expect(await coverage.beat()).toBe(false);
    await coverage.requestFullRead(request);
    expect(asked).toBe(1);
  });

  it('34: a full read that could not be requested stays due', async () => {
    const { clock, heard: coverage } = await refusing();
    coverage.deliveryRefused();
    clock.at += MINUTE;
    let asked = 0;
    const down = coverage.requestFullRead(() => Promise.reject(new StoreDown(new Error('gone'))));
    await expect(down).rejects.toBeInstanceOf(StoreDown);
    await coverage.requestFullRead(async () => {
      asked += 1;
    });
    expect(asked).toBe(1);
  });

  it('leave a blind span from the first of them until the store can record it', async () => {
    const { clock, heard: coverage } = await refusing();
    const first = clock.at;
    expect(await coverage.recordRefusals()).toBe(null);
    coverage.deliveryRefused();
    clock.at += MINUTE;
    coverage.deliveryRefused();
    clock.at += 30 * SECOND;
    expect(await coverage.recordRefusals()).toEqual({ from: first - 15 * SECOND, to: clock.at });
    expect(coverage.blindFrom(TYPE, first - HOUR)).toBe(first - 15 * SECOND);
    expect(coverage.blindTo(TYPE)).toBe(clock.at);
    expect(await coverage.recordRefusals()).toBe(null);
    await coverage.markFilled(TYPE, { from: first - 5 * MINUTE, to: clock.at });
    expect(coverage.blindFrom(TYPE, first - HOUR)).toBe(null);
  });

  it('are not forgotten while the store is down', async () => {
    const { store, clock, heard: coverage } = await refusing();
    const first = clock.at;
    coverage.deliveryRefused();
    const get = store.getDocument;
    store.getDocument = () => Promise.reject(new StoreDown('away'));
    await expect(coverage.recordRefusals()).rejects.toBeInstanceOf(StoreDown);
    store.getDocument = get;
    clock.at += MINUTE;
    await coverage.recordRefusals();
    expect(coverage.blindFrom(TYPE, first - HOUR)).toBe(first - 15 * SECOND);
  });

  it('extend one span while they continue, which is read again only when they cease', async () => {
    const { store, clock, heard: coverage } = await refusing();
    const told = [];
    for (let n = 0; n < 60; n += 1) {
      coverage.deliveryRefused();
      told.push(await coverage.recordRefusals());
      expect(coverage.isRefusing()).toBe(true);
      clock.at += SECOND;
    }
    clock.at += 10 * SECOND;
    expect(coverage.isRefusing()).toBe(false);
    expect(told.filter((span) => span !== null)).toHaveLength(1);
    const kept = (await store.getDocument('heard'))?.value as { deaf?: unknown[] };
    expect(kept.deaf).toHaveLength(1);
  });
});

const named: RuleReferences = {
  queues: new Set(['Support', 'Nowhere']),
  targets: new Set(),
  groups: new Set(),
  groupLoads: new Set(),
  counts: new Map(),
  shared: true,
  mixed: false,
};
const reading = { waiting: 3, longestWaitMs: 5000, eligible: 2, availableWorkers: 1, asOf: T0 };

describe('statistics', () => {
  const due = (facts: WorkspaceFacts, at: number, touched: string[] = []) =>
    dueReads(facts, named, { at, periodMs: 27 * SECOND, touched: new Set(touched) });
  const gateway = (fault: Failure | null = null) => ({
    taskQueues: async () => [{ sid: 'WQ1', friendlyName: 'Support', targetWorkers: '1==1' }],
    queue: async () => {
      if (fault !== null) throw fault;
      return reading;
    },
  });
  const read = (facts: WorkspaceFacts, at: number, fault: Failure | null = null) =>
    readQueues(facts, named, due(facts, at), { gateway: gateway(fault), now: () => at });
  const seen = (facts: WorkspaceFacts, name: string, at: number) =>
    queueFactsOf(facts, name, { at, staleAfterMs: 90 * SECOND });

  it('are listed, read, and known until stale; those of an unknown name are unknown', async () => {
    expect(isUnknown(seen(NO_FACTS, 'Support', T0))).toBe(true);
    const facts = await read(NO_FACTS, T0);
    expect(seen(facts, 'Support', T0 + 90 * SECOND)).toMatchObject({ waiting: 3 });
    expect(seen(facts, 'Support', T0 + 90 * SECOND + 1)).toMatchObject({
      unknown: expect.stringMatching(/older/),
    });
    expect(seen(facts, 'Nowhere', T0)).toEqual({ unknown: 'there is no TaskQueue "Nowhere"' });
  });

  it('are unknown because of a failed listing, until one succeeds', async () => {
    const taskQueues = async () => Promise.reject(new Failure('unavailable', 'it answered 503'));
    const ports = { gateway: { ...gateway(), taskQueues }, now: () => T0 };
    const failed = await readQueues(NO_FACTS, named, due(NO_FACTS, T0), ports);
    const unknown =
      'the statistics of the TaskQueue "Support" have not been read yet: it answered 503';
    expect(seen(mergeNewer(failed, NO_FACTS, T0), 'Support', T0)).toEqual({ unknown });
    const mended = await read(failed, T0 + SECOND);
    const kept = mergeNewer(mended, failed, T0 + SECOND);
    expect(seen(kept, 'Support', T0 + SECOND)).toMatchObject({ waiting: 3 });
    expect(kept).not.toHaveProperty('listFault');
  });

  it('are listed at once after an event about other TaskQueues, even while listing', async () => {
    const facts = await read(NO_FACTS, T0);
    expect(due(facts, T0 + SECOND).list).toBe(false);
    const told = { ...facts, told: 1 };
    expect(due(told, T0 + SECOND).list).toBe(true);
    const again = await read(told, T0 + SECOND);
    expect(due(again, T0 + 2 * SECOND).list).toBe(false);
    expect(due({ ...again, told: 2 }, T0 + 2 * SECOND).list).toBe(true);
  });

  it('are due when old, sooner when touched, and again soon after a failure', async () => {
    const facts = await read(NO_FACTS, T0);
    expect(due(facts, T0 + 26 * SECOND).queues).toEqual([]);
    expect(due(facts, T0 + 27 * SECOND).queues).toEqual(['Support']);
    expect(due(facts, T0 + 2 * SECOND, ['Support']).queues).toEqual([]);
    expect(due(facts, T0 + 3 * SECOND, ['Support']).queues).toEqual(['Support']);
    const failed = await read(
      facts,
      T0 + 27 * SECOND,
      new Failure('unavailable', 'it answered 503'),
    );
    expect(seen(failed, 'Support', T0 + 30 * SECOND)).toMatchObject({ waiting: 3 });
    expect(seen(failed, 'Support', T0 + HOUR)).toMatchObject({
      unknown: expect.stringMatching(/503/),
    });
    expect(due(failed, T0 + 28 * SECOND).queues).toEqual([]);
    expect(due(failed, T0 + 32 * SECOND).queues).toEqual(['Support']);
    const gone = await read(failed, T0 + 40 * SECOND, new Failure('gone', 'it answered 404'));
    expect(seen(gone, 'Support', T0 + 40 * SECOND)).toMatchObject({
      unknown: expect.stringMatching(/no TaskQueue/),
    });
  });

  it('are of unknown age after the clock was set back: stale, and due at once', async () => {
    const facts = await read(NO_FACTS, T0);
    for (const back of [6 * SECOND, HOUR]) {
      expect(seen(facts, 'Support', T0 - back)).toMatchObject({
        unknown: expect.stringMatching(/older/),
      });
      expect(due(facts, T0 - back).queues).toEqual(['Support']);
    }
    expect(due(facts, T0 - HOUR).list).toBe(true);
    expect(seen(facts, 'Support', T0 - 5 * SECOND)).toMatchObject({ waiting: 3 });
    const failed = await read(facts, T0 + 27 * SECOND, new Failure('unavailable', '503'));
    expect(due(failed, T0 - HOUR).queues).toEqual(['Support']);
    const counted = { at: T0, facts: { size: 2, available: 1, load: 0 } };
    const group = (at: number) =>
      groupFactsOf({ ...facts, groups: { crew: counted } }, 'crew', {
        ...{ at, staleAfterMs: 90 * SECOND },
      });
    expect([isUnknown(group(T0 - HOUR)), isUnknown(group(T0))]).toEqual([true, false]);
  });

  it('are kept as one value a minute for a day, in a bounded number of documents', async () => {
    const { kept, store } = documents();
    const history = new QueueHistory(store);
    const queue = { sid: 'WQ1', target: null, triedAt: 0, fault: null };
    for (let at = T0; at < T0 + 50 * HOUR; at += 10 * MINUTE) {
      for (const moment of [at, at + 20 * SECOND]) {
        const queues = { Support: { ...queue, reading: { ...reading, asOf: moment } } };
        await history.keep({ ...NO_FACTS, queues }, moment);
      }
    }
    const end = T0 + 50 * HOUR;
    const points = (await history.lastDay(end)).get('Support') ?? [];
    expect([points.length, points[0]?.[0], points.at(-1)?.[0]]).toEqual([
      143,
      end - 24 * HOUR + 10 * MINUTE,
      end - 10 * MINUTE,
    ]);
    expect(kept.size).toBe(25);
  });
});

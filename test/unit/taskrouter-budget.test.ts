// The order and the pace of REST calls, on a clock that the test steps.

import { expect, it } from 'vitest';
import { StoreDown, type Urgency } from '../../src/ports.ts';
import { BUDGET_LIMITS, createBudget } from '../../src/taskrouter/budget.ts';

/** A budget whose waits pass at once and move the clock, with a record of the order of calls. */
function stepped(waits: () => number | Promise<number> = () => 50) {
  let now = 1000;
  const gone: string[] = [];
  const budget = createBudget({
    clock: { now: () => now },
    take: async () => waits(),
    sleep: async (ms) => {
      now += ms;
    },
  });
  return {
    budget,
    gone,
    clock: () => now,
    go: async (urgency: Urgency, name: string, away = false) => {
      await budget.acquire(urgency, away);
      gone.push(`${name}@${now}`);
    },
  };
}

it('18: hard, less work, restore, then reads, more work, and the listing last', async () => {
  const { go, gone } = stepped();
  const all = ['resync', 'list', 'raise', 'read', 'restore', 'lower', 'hard'] as const;
  await Promise.all(all.map((urgency) => go(urgency, urgency)));
  const order = gone.map((each) => each.split('@')[0]);
  expect(order).toEqual(['hard', 'lower', 'restore', 'read', 'raise', 'list', 'resync']);
});

it('writes go before reads before resync, first come first within each', async () => {
  const { go, gone } = stepped();
  await Promise.all([
    go('resync', 'sync1'),
    go('read', 'read1'),
    go('read', 'read2'),
    go('lower', 'write1'),
    go('lower', 'write2'),
  ]);
  expect(gone.map((each) => each.split('@')[0])).toEqual([
    'write1',
    'write2',
    'read1',
    'read2',
    'sync1',
  ]);
});

it('32: of one urgency, calls for Workers in an available Activity go before others', async () => {
  const { go, gone } = stepped();
  await Promise.all([
    go('read', 'away read', true),
    go('raise', 'away raise', true),
    go('lower', 'first away', true),
    go('lower', 'second away', true),
    go('raise', 'raise'),
    go('read', 'read'),
    go('lower', 'first'),
    go('lower', 'second'),
  ]);
  expect(gone.map((each) => each.split('@')[0])).toEqual([
    ...['first', 'second', 'first away', 'second away'],
    ...['read', 'away read', 'raise', 'away raise'],
  ]);
});

it('a write that arrives while a place is awaited gets that place', async () => {
  const { promise: due, resolve } = deferred<number>();
  const { go, gone } = stepped(() => due);
  const read = go('read', 'read');
  const write = go('lower', 'write');
  resolve(0);
  await Promise.all([read, write]);
  expect(gone.map((each) => each.split('@')[0])).toEqual(['write', 'read']);
});

it('each call takes its own place and waits for it', async () => {
  const { go, gone } = stepped();
  await go('read', 'a');
  await go('read', 'b');
  expect(gone).toEqual(['a@1050', 'b@1100']);
});

it('a pause holds every call back until its end', async () => {
  const { budget, go, gone } = stepped(() => 0);
  budget.pauseUntil(5000);
  budget.pauseUntil(3000);
  await Promise.all([go('read', 'a'), go('lower', 'b')]);
  expect(gone).toEqual(['b@5000', 'a@5000']);
});

it('a pause that begins while a place is awaited also delays that place', async () => {
  const { promise: due, resolve } = deferred<number>();
  const { budget, go, gone } = stepped(() => due);
  const call = go('lower', 'a');
  budget.pauseUntil(4000);
  resolve(10);
  await call;
  expect(gone).toEqual(['a@4000']);
});

it('a pause is never longer than its limit', async () => {
  const { budget, go, gone } = stepped(() => 0);
  budget.pauseUntil(Number.MAX_SAFE_INTEGER);
  await go('read', 'a');
  expect(gone).toEqual([`a@${1000 + BUDGET_LIMITS.pauseMs}`]);
});

it('a clock that is set back does not prolong a pause', async () => {
  let now = 3_600_000;
  const waits: number[] = [];
  const budget = createBudget({
    clock: { now: () => now },
    take: async () => 0,
    async sleep(ms) {
      waits.push(ms);
      // During the first wait, the clock is set back an hour.
      now += waits.length === 1 ? ms - 3_600_000 : ms;
    },
  });
  budget.pauseUntil(now + 5_000);
  await budget.acquire('read');
  expect(waits).toEqual([5_000, BUDGET_LIMITS.pauseMs]);
});

it('with the store down all waiting calls fail, and the next one tries again', async () => {
  let down = true;
  const { budget, go, gone } = stepped(() => {
    if (down) throw new StoreDown('refused');
    return 0;
  });
  const heard = await Promise.allSettled([budget.acquire('lower'), budget.acquire('resync')]);
  expect(heard.map((each) => each.status === 'rejected' && each.reason)).toEqual([
    expect.any(StoreDown),
    expect.any(StoreDown),
  ]);
  down = false;
  await go('read', 'later');
  expect(gone).toHaveLength(1);
});

it('a listing makes room: its last waiting read is refused, and retried soon', async () => {
  const { promise: due, resolve } = deferred<number>();
  const { budget, go, gone } = stepped(() => due);
  const first = go('resync', 'first');
  const last = go('resync', 'last');
  const read = go('read', 'read');
  const away = go('resync', 'away', true);
  budget.makeRoom();
  await expect(away).rejects.toMatchObject({ kind: 'throttled' });
  budget.makeRoom();
  await expect(last).rejects.toMatchObject({
    kind: 'throttled',
    retryAfterMs: BUDGET_LIMITS.awayMs,
  });
  budget.makeRoom();
  // Only listings give way.
  budget.makeRoom();
  await expect(first).rejects.toMatchObject({ kind: 'throttled' });
  resolve(0);
  await read;
  expect(gone.map((each) => each.split('@')[0])).toEqual(['read']);
});

it('reads of the whole Workspace or its history make no room: they hold no pass slot', async () => {
  const { promise: due, resolve } = deferred<number>();
  const { budget, go, gone } = stepped(() => due);
  const list = go('list', 'list');
  const read = go('resync', 'read');
  budget.makeRoom();
  budget.makeRoom();
  await expect(read).rejects.toMatchObject({ kind: 'throttled' });
  resolve(0);
  await list;
  expect(gone.map((each) => each.split('@')[0])).toEqual(['list']);
});

it('a listing that begins to wait gives way to an urgent pass of a moment before', async () => {
  let resolve: (ms: number) => void = () => {};
  const promise = new Promise<number>((done) => {
    resolve = done;
  });
  const budget = createBudget({ clock: { now: () => 0 }, take: () => promise });
  budget.makeRoom();
  const read = budget.acquire('read');
  const first = budget.acquire('resync');
  const second = budget.acquire('resync');
  await expect(first).rejects.toMatchObject({ kind: 'throttled' });
  resolve(0);
  await Promise.all([read, second]);
});

it('calls beyond the maximum that may wait are refused as throttled', async () => {
  const budget = createBudget({
    clock: { now: () => 0 },
    take: () => new Promise(() => {}),
  });
  const places = Array.from({ length: BUDGET_LIMITS.waiting }, () => budget.acquire('read'));
  await expect(budget.acquire('lower')).rejects.toMatchObject({ kind: 'throttled' });
  budget.close();
  const ends = await Promise.allSettled(places);
  expect(ends.every((each) => each.status === 'rejected')).toBe(true);
});

it('at the end only writes keep their place; waiting and new reads are refused', async () => {
  const { promise: due, resolve } = deferred<number>();
  const { budget, go, gone } = stepped(() => due);
  const reads = [go('read', 'read'), go('list', 'list'), go('resync', 'resync')];
  const write = go('raise', 'write');
  budget.onlyWrites();
  const late = [go('read', 'late'), go('hard', 'also')];
  for (const read of [...reads, late[0]])
    await expect(read).rejects.toMatchObject({ kind: 'network' });
  resolve(0);
  await Promise.all([write, late[1]]);
  expect(gone.map((each) => each.split('@')[0])).toEqual(['also', 'write']);
});

it('closing ends a wait on the real clock at once, and refuses later calls', async () => {
  const budget = createBudget({ clock: { now: Date.now }, take: async () => 60_000 });
  const place = budget.acquire('read');
  await Promise.resolve();
  budget.close();
  await expect(place).rejects.toMatchObject({ kind: 'network' });
  await expect(budget.acquire('lower')).rejects.toMatchObject({ kind: 'network' });
  expect(budget.waiting()).toBe(0);
});

function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

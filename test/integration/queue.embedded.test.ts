// The queues on the embedded default, by the common contract: one database for the whole file, and
// a prefix of its own for each test.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RoutingEvent } from '../../src/core/event.types.ts';
import type { EventSid } from '../../src/core/ids.ts';
import { StoreDown } from '../../src/ports.ts';
import { BullForwards } from '../../src/queue/forwards.ts';
import { sqlQueueBackend } from '../../src/queue/queue-backend.ts';
import { BullQueues } from '../../src/queue/queues.ts';
import { openEmbeddedDatabase } from '../../src/store/embedded.ts';
import type { PgliteDatabase } from '../../src/store/pglite.ts';
import { deadJobsContract } from '../contract/dead-jobs.contract.ts';
import { forwardsContract } from '../contract/forwards.contract.ts';
import { queuesContract } from '../contract/queues.contract.ts';
import { type Folder, folder } from '../support/embedded.ts';

let data: Folder;
let database: PgliteDatabase;

beforeAll(async () => {
  data = await folder();
  database = await openEmbeddedDatabase(data.path, () => undefined);
});

afterAll(async () => {
  await database.close();
  await data.remove();
});

queuesContract(async (options) => {
  const backing = await sqlQueueBackend(database.pool, `test:${randomUUID()}`, { sole: true });
  return new BullQueues(backing, { onError: () => undefined }, options?.queueDepth);
});

deadJobsContract(async () => {
  const backing = await sqlQueueBackend(database.pool, `test:${randomUUID()}`, { sole: true });
  return new BullQueues(backing, { onError: () => undefined });
});

forwardsContract(async (bounds) => {
  const backing = await sqlQueueBackend(database.pool, `test:${randomUUID()}`, { sole: true });
  const queue = new BullForwards(backing, { onError: () => undefined }, bounds);
  return { queue, close: () => queue.close(2_000) };
});

it('an event that the database refuses is not acknowledged, nor are those with it', async () => {
  const backing = await sqlQueueBackend(database.pool, `test:${randomUUID()}`, { sole: true });
  const queues = new BullQueues(backing, { onError: () => undefined });
  const event = (n: number, what: string): RoutingEvent => {
    const sid = `EV${String(n).padStart(32, '0')}` as EventSid;
    return { sid, at: n, type: 'workspace.changed', what };
  };
  await database.query(
    "ALTER TABLE bullmq.job ADD CONSTRAINT refused CHECK (data->>'event' NOT LIKE '%refuse me%')",
  );
  try {
    const together = [event(1, 'good'), event(2, 'refuse me'), event(3, 'good')];
    const added = await Promise.allSettled(together.map((each) => queues.addEvent(each)));
    expect(added.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await expect(queues.addEvent(event(4, 'refuse me'))).rejects.toBeInstanceOf(StoreDown);
    await queues.addEvent(event(5, 'good'));
    expect((await queues.counts()).events.waiting).toBe(1);
  } finally {
    await database.query('ALTER TABLE bullmq.job DROP CONSTRAINT refused');
    await queues.close(0);
  }
});

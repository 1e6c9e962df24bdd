// What every TaskRouter that headroom talks to has to answer, asked through the SDK. It runs
// against the emulator, and can run against a live Workspace: it changes one Worker only, and puts
// that one back.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseEvent } from '../../src/core/event.ts';
import type { TaskSid, WorkerSid } from '../../src/core/ids.ts';
import type { Gateway } from '../../src/ports.ts';

export interface GatewaySubject {
  readonly gateway: Gateway;
  /** A Worker with a Worker Channel `chat`, whose capacity may be changed. */
  readonly worker: WorkerSid;
  /** That Worker's name. */
  readonly workerName: string;
  /** The least number of Workers; the emulator has more than one page. */
  readonly workers: number;
  /** A Task on `chat`, accepted by that Worker; null where there is none. */
  readonly task: TaskSid | null;
  close(): Promise<void>;
}

const NOBODY = `WK${'0'.repeat(32)}` as WorkerSid;

/** `writes: false` leaves out the tests that change a Worker; they are then shown as skipped. */
export function gatewayContract(
  name: string,
  make: () => Promise<GatewaySubject>,
  { writes }: { readonly writes: boolean } = { writes: true },
): void {
  const writing = it.runIf(writes);
  describe(`TaskRouter through the SDK: ${name}`, () => {
    let subject: GatewaySubject;
    let gateway: Gateway;

    beforeAll(async () => {
      subject = await make();
      gateway = subject.gateway;
    });
    afterAll(() => subject?.close());

    it('lists every Worker once, page after page', async () => {
      const found = new Set<string>();
      let count = 0;
      for await (const worker of gateway.workers('list')) {
        found.add(worker.sid);
        count += 1;
      }
      expect(count).toBeGreaterThanOrEqual(subject.workers);
      expect(found.size).toBe(count);
      expect(found).toContain(subject.worker);
    });

    it('reads one Worker with its attributes and Activity', async () => {
      const worker = await gateway.worker(subject.worker);
      const activities = await gateway.activities();
      expect(worker).toMatchObject({ sid: subject.worker, friendlyName: subject.workerName });
      expect(JSON.parse(worker.attributes ?? 'null')).toEqual(expect.any(Object));
      expect(worker.statusChangedAt).toBeGreaterThan(Date.parse('2010-01-01'));
      expect(worker.updatedAt).toBeGreaterThan(Date.parse('2010-01-01'));
      expect(activities).toContainEqual({
        sid: worker.activitySid,
        friendlyName: worker.activityName,
        available: worker.available,
      });
    });

    it('has one Worker Channel for each Task Channel', async () => {
      const before = Date.now();
      const channels = await gateway.channels(subject.worker);
      const kinds = await gateway.taskChannels();
      expect(channels.map((each) => each.uniqueName).sort()).toEqual(
        kinds.map((each) => each.uniqueName).sort(),
      );
      for (const channel of channels) {
        expect(kinds).toContainEqual({
          sid: channel.taskChannelSid,
          uniqueName: channel.uniqueName,
        });
        expect(channel.asOf).toBeGreaterThanOrEqual(before);
        expect(channel.asOf).toBeLessThanOrEqual(Date.now());
      }
    });

    it('reads a Worker Channel by its unique name and by its SID alike', async () => {
      const byName = await gateway.channel(subject.worker, 'chat');
      const bySid = await gateway.channel(subject.worker, byName.sid);
      expect({ ...bySid, asOf: 0 }).toEqual({ ...byName, asOf: 0 });
    });

    writing(
      'sets the capacity alone, the availability alone, and both, by name and by SID',
      async () => {
        const { sid, capacity, available } = await gateway.channel(subject.worker, 'chat');
        const set = (change: { capacity?: number; available?: boolean }, by = 'chat') =>
          gateway.setChannel(subject.worker, by, change);
        expect(await set({ capacity: capacity + 2 })).toMatchObject({
          capacity: capacity + 2,
          available,
        });
        expect(await set({ available: false }, sid)).toMatchObject({
          capacity: capacity + 2,
          available: false,
        });
        expect(await set({ capacity: 0, available: true })).toMatchObject({
          capacity: 0,
          available: true,
          availableCapacityPercentage: 0,
        });
        await set({ capacity, available }, sid);
        expect(await gateway.channel(subject.worker, 'chat')).toMatchObject({
          capacity,
          available,
        });
      },
    );

    it('lists the accepted Reservations with the Task Channel of their Task', async () => {
      const accepted = await gateway.reservations(subject.worker, 'accepted');
      if (subject.task === null) {
        expect(accepted).toEqual(expect.any(Array));
        return;
      }
      expect(accepted.map((each) => each.taskSid)).toEqual([subject.task]);
      expect(accepted.map((each) => each.status)).toEqual(['accepted']);
      expect(await gateway.taskChannelOf(subject.task)).toBe('chat');
    });

    it('lists the TaskQueues with their expressions, and reads the statistics of one', async () => {
      const [queue] = await gateway.taskQueues();
      expect(queue).toMatchObject({ friendlyName: expect.any(String) });
      expect(queue?.targetWorkers).toMatch(/./);
      const before = Date.now();
      const { asOf, ...now } = await gateway.queue(queue?.sid ?? '');
      expect(Object.keys(now).sort()).toEqual(
        ['availableWorkers', 'eligible', 'longestWaitMs', 'waiting'].sort(),
      );
      for (const value of Object.values(now)) expect(value).toBeGreaterThanOrEqual(0);
      expect(asOf).toBeGreaterThanOrEqual(before);
    });

    it('reads past events in the form of deliveries', async () => {
      const found = [];
      const since = Date.now() - 60_000;
      for await (const page of gateway.pastEvents('reservation.accepted', since)) {
        found.push(...page.map((fields) => parseEvent(fields, fields.WorkspaceSid ?? '')));
      }
      for (const event of found) {
        expect(event).toMatchObject({
          type: 'reservation.accepted',
          sid: expect.stringMatching(/^EV/),
        });
      }
      if (subject.task !== null) {
        expect(found).toMatchObject([{ workerSid: subject.worker, taskSid: subject.task }]);
      }
    });

    writing('tells of a changed Worker Channel who changed it', async () => {
      const { capacity } = await gateway.channel(subject.worker, 'chat');
      const since = Date.now() - 60_000;
      await gateway.setChannel(subject.worker, 'chat', { capacity: capacity + 1 });
      await gateway.setChannel(subject.worker, 'chat', { capacity });
      const type = 'worker.capacity.update';
      const found = [];
      for await (const page of gateway.pastEvents(type, since, 'read')) found.push(...page);
      const events = found.map((fields) => parseEvent(fields, fields.WorkspaceSid ?? ''));
      const by = { type: expect.any(String), sid: expect.any(String) };
      const own = { type, channel: 'chat', workerSid: subject.worker, by };
      expect(events.slice(0, 2)).toMatchObject([own, own]);
    });

    it('reports what does not exist as gone, with its code', async () => {
      const gone = { name: 'Failure', kind: 'gone', status: 404, code: 20404 };
      await expect(gateway.worker(NOBODY)).rejects.toMatchObject(gone);
      await expect(gateway.channels(NOBODY)).rejects.toMatchObject(gone);
      await expect(gateway.queue(`WQ${'0'.repeat(32)}`)).rejects.toMatchObject(gone);
      await expect(gateway.channel(subject.worker, 'nosuch')).rejects.toMatchObject(gone);
    });

    writing('is gone, too, where it would have been written', async () => {
      const gone = { name: 'Failure', kind: 'gone', status: 404, code: 20404 };
      const write = gateway.setChannel(NOBODY, 'chat', { capacity: 1 });
      await expect(write).rejects.toMatchObject(gone);
    });

    writing('says invalid to a capacity that cannot be, and changes nothing', async () => {
      const { capacity } = await gateway.channel(subject.worker, 'chat');
      await expect(
        gateway.setChannel(subject.worker, 'chat', { capacity: -1 }),
      ).rejects.toMatchObject({ kind: 'invalid', status: 400 });
      expect(await gateway.channel(subject.worker, 'chat')).toMatchObject({ capacity });
    });
  });
}

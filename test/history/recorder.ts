// What crosses the loop's border, noted in the model's own terms: what events reported, what reads
// returned, which writes left and what became of them.

import type { RoutingEvent } from '../../src/core/event.types.ts';
import type { World } from '../../src/emulator/world/world.ts';
import { type ChannelReading, Failure, type Gateway, type WorkerReading } from '../../src/ports.ts';
import type { Entry, ReadChannel } from '../model/history.ts';

export type EntryInput = Entry extends infer E ? (E extends Entry ? Omit<E, 'at'> : never) : never;

export interface HistoryRecorder {
  readonly now: number;
  readonly world: World;
  /** `at`: if it happened a moment ago. */
  note(entry: EntryInput, at?: number): void;
  nextWrite(): number;
}

export function noteEvent(
  event: RoutingEvent,
  recorder: Pick<HistoryRecorder, 'world' | 'note'>,
): void {
  if (event.type === 'workspace.changed') return;
  const of = event.workerSid;
  if (event.attributes !== null && event.activitySid !== null) {
    const { available } = recorder.world.activity(event.activitySid);
    recorder.note({
      ...{ kind: 'worker', of },
      worker: { since: event.at, read: false, attributes: JSON.parse(event.attributes) },
      activity: { since: event.at, read: false, available },
    });
  }
  if ('channel' in event && !('reservationSid' in event)) {
    const field = event.type === 'worker.capacity.update' ? 'capacity' : 'available';
    const { sid, channel, at: happenedAt } = event;
    recorder.note({ kind: 'changed', of, sid, channel, field, happenedAt });
  }
  if (!('reservationSid' in event) || event.channel === null) return;
  const { type, reservationSid: sid, channel, at: happenedAt } = event;
  recorder.note({ kind: 'reservation', of, type, sid, channel, happenedAt });
}

/** The same gateway, with every answer noted. */
export function recordedGateway(gateway: Gateway, recorder: HistoryRecorder): Gateway {
  return {
    ...gateway,
    async *workers(urgency) {
      for await (const reading of gateway.workers(urgency)) {
        noteWorker(reading, recorder);
        yield reading;
      }
    },
    async worker(sid) {
      const reading = await gateway.worker(sid);
      noteWorker(reading, recorder);
      return reading;
    },
    async channels(worker) {
      const readings = await gateway.channels(worker);
      const began = readings[0]?.asOf ?? recorder.now;
      recorder.note({ kind: 'read', of: worker, began, channels: readings.map(shown) });
      return readings;
    },
    async channel(worker, name) {
      const reading = await gateway.channel(worker, name);
      recorder.note({ kind: 'read', of: worker, began: reading.asOf, channels: [shown(reading)] });
      return reading;
    },
    async reservations(worker, status) {
      const list = await gateway.reservations(worker, status);
      const channelOf = (sid: string) => {
        const task = recorder.world.task(recorder.world.reservation(sid).taskSid);
        return recorder.world.space.taskChannel(task.taskChannelSid).uniqueName;
      };
      const found = list.map(({ sid }) => ({ sid, channel: channelOf(sid) }));
      if (status === 'accepted') recorder.note({ kind: 'accepted', of: worker, list: found });
      return list;
    },
    async setChannel(worker, channel, to, turn) {
      let id: number | null = null;
      const leaving = async () => {
        // Concurrent passes may advance the clock until its intent is stored.
        const at = recorder.now;
        if ((await turn?.beforeSend?.()) === false) return false;
        id = recorder.nextWrite();
        recorder.note({ kind: 'write', of: worker, id, channel, to }, at);
        return true;
      };
      try {
        const reading = await gateway.setChannel(worker, channel, to, {
          ...turn,
          beforeSend: leaving,
        });
        if (reading === null || id === null) return reading;
        const [how, shows] = ['answered' as const, shown(reading)];
        recorder.note({ kind: 'written', of: worker, id, channel, how, shows });
        return reading;
      } catch (error) {
        if (error instanceof Failure && id !== null) {
          const lost = error.kind === 'network' || error.kind === 'unavailable';
          const how = lost ? 'lost' : 'refused';
          recorder.note({ kind: 'written', of: worker, id, channel, how, shows: null });
        }
        throw error;
      }
    },
  };
}

function noteWorker(reading: WorkerReading, recorder: HistoryRecorder): void {
  const { attributes, available, updatedAt, statusChangedAt } = reading;
  recorder.note({
    ...{ kind: 'worker', of: reading.sid },
    worker: {
      ...{ since: updatedAt ?? recorder.now, read: true },
      attributes: JSON.parse(attributes ?? '{}'),
    },
    activity: { since: statusChangedAt ?? recorder.now, read: true, available },
  });
}

function shown({ uniqueName, capacity, available }: ChannelReading): ReadChannel {
  return { channel: uniqueName, capacity, available };
}

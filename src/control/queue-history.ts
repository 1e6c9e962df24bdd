// The statistics of the TaskQueues that rules name, one value a minute for a day. One document an
// hour holds those of all TaskQueues, and is overwritten 25 hours later.

import type { Json, QueueReading, Store } from '../ports.ts';
import type { WorkspaceFacts } from './facts.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** A day, and the hour that is being written. */
const SLOTS = 25;

/** A minute (epoch ms), waiting, longest wait in ms, eligible, available. */
export type Point = readonly [number, number, number, number, number];

interface Hour {
  readonly hour: number;
  readonly queues: Readonly<Record<string, readonly Point[]>>;
}

export class QueueHistory {
  readonly #store: Store;
  #minute = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Stores the readings of this minute, unless they are stored already. */
  async keep(facts: WorkspaceFacts, at: number): Promise<void> {
    const minute = Math.floor(at / MINUTE_MS) * MINUTE_MS;
    if (minute === this.#minute) return;
    const hour = Math.floor(at / HOUR_MS);
    const kept = await this.#store.getDocument(nameOf(hour));
    const before = kept === null ? null : (kept.value as unknown as Hour);
    const queues: Record<string, readonly Point[]> =
      before?.hour === hour ? { ...before.queues } : {};
    for (const [name, { reading }] of Object.entries(facts.queues)) {
      if (reading === null || at - reading.asOf >= MINUTE_MS) continue;
      const points = queues[name] ?? [];
      if (points.at(-1)?.[0] !== minute) queues[name] = [...points, pointOf(minute, reading)];
    }
    const value = { hour, queues } as unknown as Json;
    // If another replica saved it meanwhile, it stored the same minute.
    await this.#store.putDocument(nameOf(hour), value, kept?.version ?? 0);
    this.#minute = minute;
  }

  /** Every TaskQueue's values of the last 24 hours, by its name, oldest first. */
  async lastDay(at: number): Promise<ReadonlyMap<string, readonly Point[]>> {
    const last = Math.floor(at / HOUR_MS);
    const hours = Array.from({ length: SLOTS }, (_, i) => last - SLOTS + 1 + i);
    const kept = await Promise.all(hours.map((hour) => this.#store.getDocument(nameOf(hour))));
    const day = new Map<string, Point[]>();
    for (const [i, document] of kept.entries()) {
      const found = document === null ? null : (document.value as unknown as Hour);
      if (found === null || found.hour !== hours[i]) continue;
      for (const [queue, points] of Object.entries(found.queues)) {
        const recent = points.filter(([minute]) => minute > at - 24 * HOUR_MS);
        day.set(queue, [...(day.get(queue) ?? []), ...recent]);
      }
    }
    return day;
  }
}

function nameOf(hour: number): string {
  return `queue-history:${hour % SLOTS}`;
}

function pointOf(minute: number, reading: QueueReading): Point {
  const { waiting, longestWaitMs, eligible, availableWorkers } = reading;
  return [minute, waiting, longestWaitMs, eligible, availableWorkers];
}

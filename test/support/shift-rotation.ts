// A floor on which someone's shift always begins or ends: a Worker changes as soon as the settings
// of the last change are in effect, so that each change needs exactly one write per Worker Channel.
// What actually changed is counted where it happened, in the emulator.

import type { Emulator } from '../../src/emulator/emulator.ts';
import { countChanges, mismatchesOf, name, staff } from './storm.ts';

export interface Rotation {
  /** Changes the next Worker, the longest waiting first; false: none can change just now. */
  step(): boolean;
  /** Worker Channels that are not set as their Worker's shift requires. */
  wrong(): readonly string[];
  /** Reads the emulator's call record, which is bounded, into the tally. */
  takeOver(): void;
  tally(): Tally;
}

export interface Tally {
  /** How many field changes were due, and how many happened. */
  readonly due: number;
  readonly changed: number;
  /** Every `POST` for a Worker Channel, however it ended. */
  readonly posts: number;
  /** Fields that changed more or less often than they had to. */
  readonly odd: readonly string[];
  /** Writes that TaskRouter accepted although the one before had asked for the same. */
  readonly doubled: readonly string[];
}

/** TaskRouter reports instants in whole seconds, so no Worker changes twice within one. */
const APART_MS = 2_000;
/** A Worker on shift has another capacity for chat, and sms paused. */
const KEYS = ['chat capacity', 'sms available'] as const;

/** The floor with half of the Workers on shift; counting starts with `begin`. */
export function startRotation(
  emulator: Emulator,
  workers: number,
): Pick<Rotation, 'wrong'> & { begin(): Rotation } {
  staff(emulator, workers);
  const on = Array.from({ length: workers }, (_, n) => n >= workers / 2);
  const wrong = () => on.flatMap((shift, n) => mismatchesOf(emulator, n, shift));
  return { wrong, begin: () => ({ ...begin(emulator, on), wrong }) };
}

function begin(emulator: Emulator, on: boolean[]): Omit<Rotation, 'wrong'> {
  const { world } = emulator;
  const { changes } = countChanges(world);
  const due = new Map<string, number>();
  const queue = on.map((_, n) => n);
  const known = new Set(emulator.calls().map(({ requestId }) => requestId));
  const taken = new Map<string, number>();
  const names = new Map<string, string>();
  for (const { sid, friendlyName } of world.workers()) names.set(sid, friendlyName);
  let posts = 0;
  const changedAt = new Map<string, number>();
  world.listen(({ at, payload }) => void changedAt.set(`${payload.worker_name}`, at));
  const mayChange = (n: number) =>
    mismatchesOf(emulator, n, on[n] === true).length === 0 &&
    world.now() - (changedAt.get(name(n)) ?? 0) > APART_MS;
  const takeOver = () => {
    for (const { method, path, status, requestId } of emulator.calls()) {
      const [, worker = '', channel] = /\/Workers\/(WK\w+)\/Channels\/(\w+)$/.exec(path) ?? [];
      if (method !== 'POST' || channel === undefined || known.has(requestId)) continue;
      known.add(requestId);
      posts += 1;
      if (status === 200) count(taken, `${names.get(worker)} ${channel}`);
    }
  };
  return {
    step() {
      const at = queue.findIndex(mayChange);
      const [n] = at < 0 ? [] : queue.splice(at, 1);
      if (n === undefined) return false;
      queue.push(n);
      on[n] = on[n] !== true;
      for (const key of KEYS) count(due, `${name(n)} ${key}`);
      world.setActivity(name(n), on[n] ? 'Available' : 'Offline');
      return true;
    },
    takeOver,
    tally() {
      takeOver();
      const keys = new Set([...due.keys(), ...changes.keys()]);
      const odd = [...keys].filter((key) => due.get(key) !== changes.get(key));
      const doubled = [...due].filter(([key, n]) => (taken.get(channelOf(key)) ?? 0) > n);
      return {
        due: sum(due),
        changed: sum(changes),
        posts,
        odd: odd.map((key) => `${key}: ${changes.get(key) ?? 0} for ${due.get(key) ?? 0}`),
        doubled: doubled.map(([key, n]) => `${key}: ${taken.get(channelOf(key))} for ${n}`),
      };
    },
  };
}

/** Each of the two channels has one field that changes. */
function channelOf(key: string): string {
  return key.slice(0, key.lastIndexOf(' '));
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((all, n) => all + n, 0);
}

// A shift change: half of the Workers log in and half log out at one instant, while every event is
// delivered three times and out of order, and calls are refused, fail and stay unanswered. What
// actually changed is counted where it happened, in the emulator.

import type { Emulator } from '../../src/emulator/emulator.ts';
import type { Fault } from '../../src/emulator/trouble/faults.ts';

/** For a Worker on shift, one field of chat and one of sms differ. */
export const STORM_RULES = `version: 1
defaults: { timezone: UTC, mode: enforce, baseline: { chat: 1, sms: 1 } }
rules:
  - name: on-shift
    who: { where: 'worker.team == "support"' }
    when: activity.available
    then: { chat: 3, sms: pause }
    why: "On shift"
`;

/** Server errors and resets come half before the effect and half after; a 429 only before. */
const POST = { method: 'POST', path: '/Channels/' } as const;
const TROUBLE: readonly Fault[] = [
  { kind: 'too-many', when: 'before', rate: 0.05, ...POST },
  { kind: 'server-error', when: 'before', rate: 0.01, ...POST },
  { kind: 'server-error', when: 'after', rate: 0.01, ...POST },
  { kind: 'reset', when: 'before', rate: 0.01, ...POST },
  { kind: 'reset', when: 'after', rate: 0.01, ...POST },
  { kind: 'double' },
  { kind: 'double' },
];

export const name = (n: number) => `W${String(n).padStart(5, '0')}`;

/** The second half is on shift from the start. */
export function staff({ world }: Emulator, workers: number): void {
  for (let n = 0; n < workers; n += 1) {
    const made = world.createWorker({ friendlyName: name(n), attributes: { team: 'support' } });
    if (n >= workers / 2) world.setActivity(made, 'Available');
  }
}

/** Looking up each by friendly name would take the emulator most of a benchmark's time. */
const SIDS = new WeakMap<Emulator['world'], Map<number, string>>();

function sidOf(world: Emulator['world'], n: number): string {
  const sids = SIDS.get(world) ?? new Map<number, string>();
  SIDS.set(world, sids);
  const sid = sids.get(n) ?? world.worker(name(n)).sid;
  sids.set(n, sid);
  return sid;
}

/** How often each field of each Worker Channel was changed since the change of shift. */
export interface Storm {
  readonly changes: ReadonlyMap<string, number>;
  /** The fields that a shift change has to change, each once. */
  readonly due: ReadonlySet<string>;
  stop(): void;
}

const FIELDS: Readonly<Record<string, string>> = {
  'worker.capacity.update': 'capacity',
  'worker.channel.availability.update': 'available',
};

export function changeShift(
  { world }: Emulator,
  workers: number,
  more: readonly Fault[] = [],
): Storm {
  const due = new Set<string>();
  const counted = countChanges(world);
  for (const fault of [...TROUBLE, ...more]) world.faults.add(fault);
  world.doubts.eventOrder = 'mixed';
  for (let n = 0; n < workers; n += 1) {
    world.setActivity(sidOf(world, n), n < workers / 2 ? 'Available' : 'Offline');
    due.add(`${name(n)} chat capacity`).add(`${name(n)} sms available`);
  }
  return { ...counted, due };
}

/** Counts changes from now on, where they happen: by Worker, channel and field. */
export function countChanges(world: Emulator['world']) {
  const changes = new Map<string, number>();
  const stop = world.listen(({ type, payload }) => {
    const field = FIELDS[type];
    if (field === undefined) return;
    const key = `${payload.worker_name} ${payload.task_channel_unique_name} ${field}`;
    changes.set(key, (changes.get(key) ?? 0) + 1);
  });
  return { changes, stop };
}

/** The Worker Channels that are not set as the shift requires, by name. */
export function mismatches(emulator: Emulator, workers: number): readonly string[] {
  return Array.from({ length: workers }, (_, n) =>
    mismatchesOf(emulator, n, n < workers / 2),
  ).flat();
}

/** Those of one Worker, on shift or off. */
export function mismatchesOf({ world }: Emulator, n: number, on: boolean): readonly string[] {
  const sid = sidOf(world, n);
  const chat = world.channel(sid, 'chat').configuredCapacity === (on ? 3 : 1);
  const sms = world.channel(sid, 'sms').available === !on;
  return [...(chat ? [] : [`${name(n)} chat`]), ...(sms ? [] : [`${name(n)} sms`])];
}

/** What was changed more than once, or although it was not due. */
export function excess({ changes, due }: Storm): readonly string[] {
  return [...changes]
    .filter(([key, n]) => n > 1 || !due.has(key))
    .map(([key, n]) => `${key} × ${n}`);
}

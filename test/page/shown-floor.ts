// A floor for pictures: one morning of a small contact centre, played on its own clock, so that any
// two runs look the same. Problems are added on request.

import { NO_FACTS, type QueueRecord } from '../../src/control/facts.ts';
import { QueueHistory } from '../../src/control/queue-history.ts';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { type Rig, startRig } from '../support/rig.ts';
import { waitFor } from '../support/wait.ts';

/** A Wednesday morning in London, the zone of the rules and the people. */
export const NOW = Date.parse('2026-06-10T10:42:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const RULES = `version: 1
defaults: { timezone: Europe/London, mode: enforce, human_edit: { respect: 2h } }
guardrails:
  bounds: { voice: [0, 1], chat: [0, 5] }
  keep_open: [{ group: support, channel: chat, at_least: 8 }]
  max_change: { workers: 60%, per: 5m }
  min_dwell: 10s
groups:
  support: { where: 'worker.team == "support"' }
  sales: { where: 'worker.team == "sales"' }
schedules:
  day: { days: mon-fri, hours: "08:00-18:00" }
  evening: { days: mon-fri, hours: "18:00-22:00" }
rules:
  - name: day-chat
    who: support
    during: day
    when: activity.available
    then: { chat: 3, voice: 1 }
    why: "Day shift: three chats and one call"
  - name: evening-chat
    who: support
    during: evening
    then: { chat: 2 }
    why: "Evening shift: two chats"
  - name: support-overload
    who: support
    when:
      enter: queue("Support").waiting >= 6 || queue("Support").longest_wait >= duration("4m")
      exit: queue("Support").waiting <= 2
      keep: 5m
    then: { chat: { add: 1, max: 5 } }
    limit: { workers: 50%, pick: least_loaded }
    why: "Support has {queue.Support.waiting} waiting"
  - name: billing-rush
    who: sales
    when: { enter: queue("Billing").waiting >= 3, exit: queue("Billing").waiting == 0 }
    then: { email: 2 }
  - name: on-a-call
    who: everyone
    when: { enter: channel("voice").assigned >= 1, keep: 30s }
    then: { chat: pause }
    hard: true
    why: "On a call: no new chats"
  - name: protect-after-misses
    who: everyone
    when: count("reservation.timeout", duration("15m")) >= 3
    then: { chat: { max: 1 } }
    release: { after: 20m }
    why: "Missed three: one chat at a time"
  - name: warm-up
    who: everyone
    ramp: { since: activity.available_since, steps: { 0m: 1, 30m: 2, 2h: end } }
    then: { email: { max: ramp } }
`;

const BROKEN = `version: 1
rules:
  - name: night-email
    who: nobody-here
    then: { email: 2, vioce: lots }
`;

/** Every third is in sales, the others in support. */
const NAMES = [
  ...['Ana Ruiz', 'Ben Okafor', 'Chidi Eze', 'Dana Weiss', 'Eva Lindqvist', 'فريد حداد'],
  ...['Gus Moreau', 'Hana Sato', 'Ivo Petrov', 'Jun Tanaka', 'Kira Novák', 'Leo Fischer'],
  ...[
    'נועה לוי',
    'Nils Berg',
    'Olu Adeyemi',
    'Priya Raman',
    'Quentin Dubois-Lefebvre',
    'Rosa Marín',
  ],
  ...['Sam Carter', 'Tess Walker', 'Uma Shah', 'Vito Greco', 'Wen Li', 'Yara Aziz'],
];

export interface ShownFloor {
  readonly rig: Rig;
  /** The Worker whose story is worth reading. */
  readonly of: string;
  stop(): Promise<void>;
}

interface Clock {
  now(): number;
  /** Moves to this many minutes before `NOW`. */
  to(minutes: number): void;
}

/** The clock of daemon and emulator: it runs, and can be moved forward. */
function movedClock(): Clock {
  const began = Date.now();
  let offset = -4 * HOUR;
  return {
    now: () => NOW + offset + (Date.now() - began),
    to(minutes) {
      offset = -minutes * MINUTE - (Date.now() - began);
    },
  };
}

export async function healthyFloor(): Promise<ShownFloor> {
  const { rig } = await morning();
  return { rig, of: 'Ben Okafor', stop: () => rig.stop() };
}

export async function failingFloor(): Promise<ShownFloor> {
  const { rig, clock } = await morning(5, RULES.replace('respect: 2h', 'respect: 5s'));
  const { faults } = rig.emulator.world;
  await pauseOverload(rig);
  await contest(rig, clock);
  await failOnce(rig);
  faults.add({ kind: 'server-error', path: '/RealTimeStatistics' });
  await rig.writeRules({ 'broken.yaml': BROKEN });
  clock.to(0);
  const { service } = rig;
  await waitFor('faults', async () => !(await service.status()).rules.lastReloadOk);
  await waitFor('stale statistics', async () =>
    (await service.status()).statistics.every(({ unknown }) => unknown !== null),
  );
  return { rig, of: 'Eva Lindqvist', stop: () => rig.stop() };
}

/** The same rules before anybody works there. */
export async function emptyFloor(): Promise<ShownFloor> {
  const rig = await startRig({ rules: { 'rules.yaml': RULES }, world: queues });
  return { rig, of: '', stop: () => rig.stop() };
}

function queues({ world }: Emulator): void {
  world.createQueue('Support', 'team == "support"');
  world.createQueue('Billing', 'team == "sales"');
}

/** From four hours before `NOW` to this many minutes before it. */
async function morning(before = 0, rules = RULES) {
  const clock = movedClock();
  const rig = await startRig({
    rules: { 'rules.yaml': rules },
    env: { HEADROOM_POLL: '1s' },
    clock,
    oneClock: true,
    world: people,
  });
  const acts: readonly (readonly [number, (rig: Rig) => void])[] = [
    [228, logIn],
    [171, () => undefined],
    [150, wait(8, 1)],
    [131, wait(2)],
    [94, lunch],
    [42, wait(5, 1)],
    [20, wait(7, 3)],
    [12, work],
    [8, misses],
    [5, afterMisses],
    [before, () => undefined],
  ];
  let last = 240;
  for (const [minutes, act] of acts) {
    await remember(rig, last, minutes);
    last = minutes;
    clock.to(minutes);
    act(rig);
    await rig.quiet();
    await read(rig);
    await rig.quiet();
  }
  return { rig, clock };
}

function people(emulator: Emulator): void {
  const { world } = emulator;
  world.createActivity('Lunch', false);
  world.createActivity('Training', false);
  world.createTaskChannel('email');
  // No Worker takes work on it, so its Tasks stay in their queue.
  world.createTaskChannel('callback');
  queues(emulator);
  NAMES.forEach((friendlyName, i) => {
    const attributes = { team: i % 3 === 0 ? 'sales' : 'support' };
    const callback = { capacity: 0 };
    world.createWorker({ friendlyName, attributes, channels: { callback } });
  });
}

function logIn({ emulator: { world } }: Rig): void {
  NAMES.forEach((name, i) => {
    if (i !== 10) world.setActivity(name, i % 11 === 9 ? 'Training' : 'Available');
  });
}

/** Those who waited were served; now this many wait. */
function wait(support: number, billing = 0) {
  return (rig: Rig) => {
    calm(rig);
    const { world } = rig.emulator;
    for (let n = 0; n < support; n += 1)
      world.createTask({ channel: 'callback', queue: 'Support' });
    for (let n = 0; n < billing; n += 1)
      world.createTask({ channel: 'callback', queue: 'Billing' });
  };
}

function calm({ emulator: { world } }: Rig): void {
  for (const { sid, status } of world.tasks()) if (status === 'pending') world.cancelTask(sid);
}

function lunch({ emulator: { world } }: Rig): void {
  for (const name of ['فريد حداد', 'נועה לוי', 'Tess Walker']) world.setActivity(name, 'Lunch');
  world.setActivity('Wen Li', 'Training');
  world.setActivity('Wen Li', 'Available');
}

/** Accepted chats and calls, and two edits by hand. */
function work(rig: Rig): void {
  const { world } = rig.emulator;
  const take = (who: string, channel: string) => {
    const task = world.createTask({ channel, queue: 'Support' });
    world.accept(world.reserve(task.sid, who).sid);
  };
  NAMES.forEach((name, i) => {
    if (world.worker(name).activitySid !== world.activity('Available').sid) return;
    for (let n = 0; n < Math.min(i % 4, world.channel(name, 'chat').configuredCapacity); n += 1)
      take(name, 'chat');
    if (i % 5 === 1) take(name, 'voice');
    if (i % 6 === 2) take(name, 'email');
  });
  wait(7, 3)(rig);
  world.editChannel('Dana Weiss', 'chat', { capacity: 4 });
  world.editChannel('Hana Sato', 'chat', { capacity: 2 });
}

function misses({ emulator: { world } }: Rig): void {
  for (let n = 0; n < 3; n += 1) {
    const task = world.createTask({ channel: 'chat', queue: 'Support' });
    world.reserve(task.sid, 'Olu Adeyemi');
  }
}

/** The Worker is back, and the Tasks offered meanwhile wait no longer. */
function afterMisses(rig: Rig): void {
  const { world } = rig.emulator;
  for (const { sid, status } of world.tasks()) {
    if (status === 'reserved') world.cancelTask(sid);
  }
  world.setActivity('Olu Adeyemi', 'Available');
  wait(7, 4)(rig);
}

/** Waits until the statistics that rules read are current. */
async function read({ service, emulator }: Rig): Promise<void> {
  const since = emulator.world.now();
  await waitFor('statistics are read', async () =>
    (await service.status()).statistics.every(
      ({ asOf }) => asOf !== null && Date.parse(asOf) >= since,
    ),
  );
}

/** How many were waiting: two waves on top of a small constant load. */
function wave(minutes: number): number {
  const swell = (middle: number, width: number, height: number) =>
    height * Math.exp(-(((minutes - middle) / width) ** 2));
  const little = 1.2 + Math.sin(minutes / 4);
  return Math.max(0, Math.round(little + swell(141, 11, 7) + swell(16, 24, 6)));
}

/** The readings of each minute between two instants that the clock skips. */
async function remember({ service }: Rig, from: number, to: number): Promise<void> {
  const history = new QueueHistory(service.backend.store);
  for (let minute = from - 1; minute > to; minute -= 1) {
    const at = NOW - minute * MINUTE;
    const of = (waiting: number): QueueRecord => ({
      ...{ sid: null, target: null, triedAt: at, fault: null },
      reading: {
        ...{ asOf: at, waiting, longestWaitMs: waiting * 31_000 },
        ...{ eligible: 16, availableWorkers: 11 },
      },
    });
    const waiting = wave(minute);
    const queues = { Support: of(waiting), Billing: of(Math.ceil(waiting / 3)) };
    await history.keep({ ...NO_FACTS, queues }, at);
  }
}

async function pauseOverload({ service }: Rig): Promise<void> {
  const until = new Date(NOW + HOUR).toISOString();
  const body = { rule: 'support-overload', by: 'Dana Weiss', reason: 'numbers look odd', until };
  await fetch(`${service.url}/api/v1/pause`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** A pass that fails for good: TaskRouter refuses the read that a person's edit requires. */
async function failOnce({ service, emulator: { world } }: Rig): Promise<void> {
  const { id } = world.faults.add({
    ...{ kind: 'server-error', status: 403, method: 'GET', path: '/Channels' },
  });
  world.editChannel('Nils Berg', 'chat', { capacity: 2 });
  await waitFor('a dead job', async () => (await service.status()).queues.passes.failed > 0);
  world.faults.remove(id);
}

/** Somebody keeps overriding a rule, each time as soon as the last edit is no longer respected. */
async function contest({ emulator: { world }, quiet, service }: Rig, clock: Clock): Promise<void> {
  const who = 'Eva Lindqvist';
  for (let n = 1; n <= 7; n += 1) {
    world.editChannel(who, 'chat', { capacity: 5 });
    await quiet();
    clock.to(5 - n / 4);
    if (n < 7) await waitFor('it', () => world.channel(who, 'chat').configuredCapacity !== 5);
  }
  await waitFor('contested', async () => (await service.status()).contested.length > 0);
}

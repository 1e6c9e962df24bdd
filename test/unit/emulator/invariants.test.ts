import { expect, it } from 'vitest';
import { Chance } from '../../../src/emulator/world/chance.ts';
import type { World } from '../../../src/emulator/world/world.ts';
import { steppedWorld } from './support.ts';

const OPEN = ['pending', 'accepted', 'wrapping'];

/** Everything that must hold for a world at any moment, as a list of violations. */
function broken(world: World): string[] {
  const wrong: string[] = [];
  const reservations = world.reservations();
  for (const worker of world.workers())
    for (const channel of worker.channels.values()) {
      const mine = reservations.filter(({ workerChannelSid }) => workerChannelSid === channel.sid);
      const count = (statuses: string[]) =>
        mine.filter(({ status }) => statuses.includes(status)).length;
      if (channel.open.size !== count(OPEN)) wrong.push(`${worker.friendlyName} open`);
      if (channel.accepted.size !== count(['accepted']))
        wrong.push(`${worker.friendlyName} accepted`);
    }
  for (const task of world.tasks()) {
    const statuses = world.space.reservationsOf(task).map(({ status }) => status);
    const has = (status: string) => statuses.includes(status as (typeof statuses)[number]);
    const agrees = {
      pending: !OPEN.some(has),
      reserved: has('pending') && !has('accepted'),
      assigned: has('accepted'),
      wrapping: has('wrapping'),
      canceled: !OPEN.some(has),
      completed: !OPEN.some(has),
    }[task.status];
    if (!agrees) wrong.push(`a ${task.status} task has ${statuses.join()}`);
    const waits = world.space.waiting.has(task.sid);
    const max =
      task.routingTarget === null ? world.queue(task.taskQueueSid ?? '').maxReservedWorkers : 1;
    const room = statuses.filter((status) => OPEN.includes(status)).length < max;
    if (waits !== (task.status === 'pending' || (task.status === 'reserved' && room)))
      wrong.push(`a ${task.status} task ${waits ? 'waits' : 'does not wait'}`);
  }
  return wrong;
}

/** One random act; refusals are to be expected. */
function act(world: World, chance: Chance, step: (ms: number) => void): string {
  const worker = chance.pick(world.workers());
  const task = chance.pick(world.tasks());
  const reservation = chance.pick(world.reservations());
  const channel = chance.pick(['voice', 'chat', 'sms']) ?? 'voice';
  const acts: Record<string, () => unknown> = {
    task: () => world.createTask({ channel, priority: Math.floor(chance.between(0, 3)) }),
    wide: () => world.createTask({ channel, queue: 'Wide' }),
    direct: () => worker && world.createTask({ channel, worker }),
    activity: () =>
      worker && world.setActivity(worker, chance.pick(['Available', 'Available', 'Offline']) ?? ''),
    leave: () =>
      worker &&
      world.updateWorker(worker, { activity: 'Offline', rejectPendingReservations: true }),
    capacity: () =>
      worker && world.editChannel(worker, channel, { capacity: Math.floor(chance.between(0, 4)) }),
    available: () =>
      worker && world.editChannel(worker, channel, { available: chance.happens(0.7) }),
    accept: () => reservation && world.accept(reservation),
    reject: () => reservation && world.reject(reservation),
    wrap: () => reservation && world.wrap(reservation),
    complete: () => reservation && world.complete(reservation),
    cancel: () => task && world.cancelTask(task),
    finish: () => task && world.completeTask(task),
    forget: () => task && chance.happens(0.2) && world.deleteTask(task),
    fire: () => worker && chance.happens(0.1) && world.deleteWorker(worker),
    hire: () =>
      world.workers().length < 8 &&
      world.createWorker({ friendlyName: `W${world.engine.seq()}`, activity: 'Available' }),
    wait: () => step(chance.between(0, 40_000)),
  };
  const [name, run] = chance.pick(Object.entries(acts)) ?? ['', () => {}];
  try {
    run();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'Refusal') throw error;
  }
  return name;
}

it.each([1, 2, 3, 4])('in any history, counts and statuses agree (seed %i)', (seed) => {
  const { world, step, events: told } = steppedWorld(seed);
  const all = world.createQueue('All');
  world.createQueue('Wide', '1==1', { maxReservedWorkers: 3 });
  world.createWorkflow('Flow', { task_routing: { default_filter: { queue: all.sid } } });
  const chance = new Chance(seed);
  const done: string[] = [];
  for (let i = 0; i < 600; i += 1) {
    done.push(act(world, chance, step));
    expect(broken(world), `seed ${seed}, after ${done.slice(-5).join(', ')}`).toEqual([]);
  }
  const events = told();
  expect(new Set(events.map(({ sid }) => sid)).size).toBe(events.length);
  expect(events.every(({ at }, i) => at >= (events[i - 1]?.at ?? 0))).toBe(true);
  expect(new Set(done).size).toBe(17);
});

it.each([5, 6, 7, 8])(
  'offering to Workers with new room equals offering to all (seed %i)',
  (seed) => {
    const played = (everybody: boolean) => {
      const { world, step } = steppedWorld(seed);
      const all = world.createQueue('All');
      world.createQueue('Wide', '1==1', { maxReservedWorkers: 3 });
      world.createWorkflow('Flow', { task_routing: { default_filter: { queue: all.sid } } });
      const chance = new Chance(seed);
      const said: string[] = [];
      for (let i = 0; i < 300; i += 1) {
        if (everybody) world.space.reroute();
        const what = act(world, chance, step);
        const held = world
          .reservations()
          .map(({ sid, workerSid, status }) => [sid, workerSid, status]);
        said.push(`${i} ${what} ${JSON.stringify(held)}`);
      }
      return said;
    };
    expect(played(false)).toEqual(played(true));
  },
);

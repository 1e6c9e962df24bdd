import { describe, expect, it } from 'vitest';
import { deleteQueue, updateQueue } from '../../../src/emulator/world/queues.ts';
import { START, steppedWorld } from './support.ts';

function centre() {
  const stepped = steppedWorld();
  const { world } = stepped;
  const queue = world.createQueue('Support', 'team == "support"');
  world.createWorkflow('Flow', { task_routing: { default_filter: { queue: queue.sid } } });
  const ana = world.createWorker({
    friendlyName: 'Ana',
    attributes: { team: 'support' },
    activity: 'Available',
  });
  stepped.types();
  return { ...stepped, queue, ana };
}

describe('routing', () => {
  it('offers a Task to a matching Worker, with all its events', () => {
    const { world, ana, types } = centre();
    const task = world.createTask({ channel: 'voice' });
    expect(types()).toEqual([
      'task.created',
      'workflow.entered',
      'workflow.target-matched',
      'task-queue.entered',
      'reservation.created',
    ]);
    expect(task.status).toBe('reserved');
    expect(world.channel(ana, 'voice').open.size).toBe(1);
    expect(world.channel(ana, 'voice').accepted.size).toBe(0);
  });

  it('follows a Reservation from acceptance through wrap-up to its end', () => {
    const { world, ana, types } = centre();
    const task = world.createTask({ channel: 'voice' });
    const [reservation] = world.reservations();
    types();
    world.accept(reservation ?? '');
    expect(types()).toEqual(['reservation.accepted']);
    expect(task.status).toBe('assigned');
    expect(world.channel(ana, 'voice').accepted.size).toBe(1);
    world.wrap(reservation ?? '');
    expect(types()).toEqual(['task.wrapup', 'reservation.wrapup']);
    expect(world.channel(ana, 'voice').accepted.size).toBe(0);
    expect(world.channel(ana, 'voice').open.size).toBe(1);
    world.complete(reservation ?? '');
    expect(types()).toEqual(['task.completed', 'reservation.completed']);
    expect(task.status).toBe('completed');
    expect(world.channel(ana, 'voice').open.size).toBe(0);
  });

  it.each([
    ['the attributes do not match', { attributes: { team: 'sales' } }],
    ['the Activity is not available', { activity: 'Offline' }],
    ['the channel is paused', { channels: { chat: { available: false } } }],
    ['the capacity is 0', { channels: { chat: { capacity: 0 } } }],
  ])('offers to no Worker when %s', (_, worker) => {
    const { world, queue } = centre();
    world.deleteWorker('Ana');
    world.createWorker({
      friendlyName: 'Ben',
      attributes: { team: 'support' },
      activity: 'Available',
      ...worker,
    });
    const task = world.createTask({ channel: 'chat' });
    expect(task).toMatchObject({ status: 'pending', taskQueueSid: queue.sid });
  });

  it('stops at the configured capacity and continues when it is raised', () => {
    const { world, ana } = centre();
    world.editChannel(ana, 'chat', { capacity: 2 });
    for (let i = 0; i < 3; i += 1) world.createTask({ channel: 'chat' });
    expect(world.channel(ana, 'chat').open.size).toBe(2);
    world.editChannel(ana, 'chat', { capacity: 1 });
    expect(world.channel(ana, 'chat').open.size).toBe(2);
    world.editChannel(ana, 'chat', { capacity: 3 });
    expect(world.channel(ana, 'chat').open.size).toBe(3);
  });

  it('gives a Task to the Worker idle longest on that channel', () => {
    const { world, ana, step } = centre();
    const ben = world.createWorker({
      friendlyName: 'Ben',
      attributes: { team: 'support' },
      activity: 'Available',
    });
    for (const worker of [ana, ben]) world.editChannel(worker, 'chat', { capacity: 5 });
    const given: string[] = [];
    for (let i = 0; i < 4; i += 1) {
      step(1_000);
      world.createTask({ channel: 'chat' });
      given.push(world.reservations().at(-1)?.workerSid ?? '');
    }
    expect(given).toEqual([ana.sid, ben.sid, ana.sid, ben.sid]);
  });

  it('takes higher priorities first, then the older Task', () => {
    const { world, ana } = centre();
    world.setActivity(ana, 'Offline');
    const low = world.createTask({ channel: 'voice' });
    const high = world.createTask({ channel: 'voice', priority: 5 });
    world.setActivity(ana, 'Available');
    expect([low.status, high.status]).toEqual(['pending', 'reserved']);
  });

  it('moves a Worker who lets a Reservation time out to the timeout Activity', () => {
    const { world, ana, step, events: told } = centre();
    const task = world.createTask({ channel: 'voice' });
    told();
    step(119_999);
    expect(told()).toEqual([]);
    step(1);
    expect(told().map(({ type, at }) => [type, at - START])).toEqual([
      ['reservation.timeout', 120_000],
      ['worker.activity.update', 120_000],
    ]);
    expect(world.space.activityOf(ana).friendlyName).toBe('Offline');
    expect(task.status).toBe('pending');
    expect(world.channel(ana, 'voice').open.size).toBe(0);
  });

  it('offers to another Worker first after a rejection', () => {
    const { world, ana } = centre();
    world.editChannel(ana, 'voice', { capacity: 9 });
    const task = world.createTask({ channel: 'voice' });
    const ben = world.createWorker({
      friendlyName: 'Ben',
      attributes: { team: 'support' },
      activity: 'Available',
    });
    world.reject(world.reservations()[0] ?? '');
    expect(world.reservations().map(({ workerSid, status }) => [workerSid, status])).toEqual([
      [ana.sid, 'rejected'],
      [ben.sid, 'pending'],
    ]);
    expect(task.status).toBe('reserved');
  });

  it('rescinds the offers to other Workers when one accepts', () => {
    const { world, types } = centre();
    const queue = world.createQueue('Wide', '1==1', { maxReservedWorkers: 2 });
    world.createWorker({ friendlyName: 'Ben', activity: 'Available' });
    world.createTask({ channel: 'voice', queue });
    types();
    world.accept(world.reservations()[1] ?? '');
    expect(types()).toEqual(['reservation.accepted', 'reservation.rescinded']);
  });

  it('offers a Task for one Worker past capacity and availability, the default', () => {
    const { world, ana } = centre();
    world.editChannel(ana, 'voice', { capacity: 0, available: false });
    expect(world.createTask({ channel: 'voice', worker: ana }).status).toBe('reserved');
    expect(world.createTask({ channel: 'voice', worker: ana, ignoreCapacity: false }).status).toBe(
      'pending',
    );
  });

  it('cancels a Task, and its Reservation with it', () => {
    const { world, ana, types } = centre();
    const task = world.createTask({ channel: 'voice' });
    types();
    world.cancelTask(task, 'hung up');
    expect(types()).toEqual(['task.canceled', 'reservation.canceled']);
    expect(task.reason).toBe('hung up');
    expect(world.channel(ana, 'voice').open.size).toBe(0);
  });

  it('cancels a Task whose time to live has passed', () => {
    const { world, ana, step } = centre();
    world.setActivity(ana, 'Offline');
    const task = world.createTask({ channel: 'voice', timeout: 60 });
    step(60_000);
    expect(task).toMatchObject({ status: 'canceled', reason: 'Task TTL Exceeded' });
  });

  it('moves a Task on to the next target when one times out, and to its end after the last', () => {
    const { world, step, types } = steppedWorld();
    const [first, second] = ['First', 'Second'].map((name) => world.createQueue(name, '1==2'));
    world.createWorkflow('Flow', {
      task_routing: {
        filters: [
          {
            expression: 'topic == "a"',
            targets: [
              { queue: first?.sid, timeout: 10 },
              { queue: second?.sid, timeout: 10 },
            ],
          },
        ],
      },
    });
    const task = world.createTask({ attributes: { topic: 'a' } });
    expect(task.taskQueueSid).toBe(first?.sid);
    types();
    step(10_000);
    expect(task.taskQueueSid).toBe(second?.sid);
    expect(types()).toEqual([
      'task-queue.timeout',
      'workflow.target-matched',
      'task-queue.moved',
      'task-queue.entered',
    ]);
    step(10_000);
    expect(types()).toEqual(['task-queue.timeout', 'workflow.timeout', 'task.canceled']);
  });

  it('skips a target whose TaskQueue was deleted', () => {
    const { world } = steppedWorld();
    const [gone, kept] = ['Gone', 'Kept'].map((name) => world.createQueue(name, '1==2'));
    const targets = [{ queue: gone?.sid }, { queue: kept?.sid }];
    world.createWorkflow('Flow', {
      task_routing: { filters: [{ expression: '1==1', targets }] },
    });
    deleteQueue(world.space, world.queue('Gone'));
    expect(world.createTask({}).taskQueueSid).toBe(kept?.sid);
  });

  it('skips a target as its skip_if says', () => {
    const { world } = steppedWorld();
    const [first, second] = ['First', 'Second'].map((name) => world.createQueue(name));
    const targets = [
      { queue: first?.sid, skip_if: 'workers.available == 0' },
      { queue: second?.sid },
    ];
    world.createWorkflow('Flow', {
      task_routing: { filters: [{ expression: '1==1', targets }] },
    });
    expect(world.createTask({}).taskQueueSid).toBe(second?.sid);
    world.createWorker({ friendlyName: 'Ana', activity: 'Available' });
    expect(world.createTask({}).taskQueueSid).toBe(first?.sid);
  });

  it("offers to the Task's known Worker", () => {
    const { world } = steppedWorld();
    const queue = world.createQueue('All');
    const targets = [{ queue: queue.sid, known_worker_sid: 'task.owner' }];
    world.createWorkflow('Flow', {
      task_routing: { filters: [{ expression: '1==1', targets }] },
    });
    const [, ben] = ['Ana', 'Ben'].map((friendlyName) =>
      world.createWorker({ friendlyName, activity: 'Available' }),
    );
    world.createTask({ attributes: { owner: ben?.sid } });
    expect(world.reservations().map(({ workerSid }) => workerSid)).toEqual([ben?.sid]);
  });

  it('offers the newest first if the TaskQueue is LIFO', () => {
    const { world, ana, queue } = centre();
    world.setActivity(ana, 'Offline');
    const [first, second] = [world.createTask({}), world.createTask({})];
    updateQueue(world.space, queue, { taskOrder: 'LIFO' });
    world.setActivity(ana, 'Available');
    expect([first.status, second.status]).toEqual(['pending', 'reserved']);
  });

  it("selects a target's Workers by its own expression over task and worker", () => {
    const { world } = steppedWorld();
    const queue = world.createQueue('All');
    world.createWorkflow('Flow', {
      task_routing: {
        filters: [
          {
            expression: '1==1',
            targets: [{ queue: queue.sid, expression: 'task.language IN worker.languages' }],
          },
        ],
      },
    });
    const worker = (friendlyName: string, languages: string[]) =>
      world.createWorker({ friendlyName, attributes: { languages }, activity: 'Available' });
    worker('Ana', ['en']);
    const ben = worker('Ben', ['en', 'es']);
    world.createTask({ attributes: { language: 'es' } });
    expect(world.reservations().map(({ workerSid }) => workerSid)).toEqual([ben.sid]);
  });

  it('rejects pending Reservations when a Worker leaves and requests it', () => {
    const { world, ana, types } = centre();
    world.createTask({ channel: 'voice' });
    types();
    world.updateWorker(ana, { activity: 'Offline', rejectPendingReservations: true });
    expect(types()).toEqual(['worker.activity.update', 'reservation.rejected']);
  });
});

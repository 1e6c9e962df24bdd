import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emulated, wire } from './support.ts';

let set: Awaited<ReturnType<typeof emulated>>;
beforeEach(async () => {
  set = await emulated();
});
afterEach(() => set.emulator.stop());

const SID = (prefix: string) => expect.stringMatching(new RegExp(`^${prefix}[0-9a-f]{32}$`));
const invalid = { status: 400, code: 20001 };
const missing = { status: 404, code: 20404 };

describe('Workspaces', () => {
  it('come with a queue and a Workflow under the FIFO template', async () => {
    const { workspaces } = set.client.taskrouter.v1;
    const { sid } = await workspaces.create({ friendlyName: 'Fifo', template: 'FIFO' });
    expect(await workspaces(sid).taskQueues.list()).toMatchObject([{ targetWorkers: '1==1' }]);
    expect(await workspaces(sid).tasks.create({})).toMatchObject({ assignmentStatus: 'pending' });
  });

  it('are listed, fetched, changed, created and deleted', async () => {
    const { workspaces } = set.client.taskrouter.v1;
    const made = await workspaces.create({ friendlyName: 'Second', eventsFilter: 'task.created' });
    expect(made).toMatchObject({
      sid: SID('WS'),
      friendlyName: 'Second',
      eventCallbackUrl: '',
      eventsFilter: 'task.created',
      defaultActivityName: 'Offline',
      timeoutActivityName: 'Offline',
      multiTaskEnabled: true,
      prioritizeQueueOrder: 'FIFO',
    });
    expect((await workspaces.list()).map(({ sid }) => sid)).toEqual([
      set.emulator.workspaceSid,
      made.sid,
    ]);
    const updated = await workspaces(made.sid).update({ eventCallbackUrl: 'http://127.0.0.1:9/' });
    expect(updated.eventCallbackUrl).toBe('http://127.0.0.1:9/');
    for (const nowhere of ['nonsense', 'ftp://127.0.0.1/', 'http://'])
      await expect(
        workspaces(made.sid).update({ eventCallbackUrl: nowhere }),
      ).rejects.toMatchObject(invalid);
    expect(await workspaces(made.sid).remove()).toBe(true);
    await expect(workspaces(made.sid).fetch()).rejects.toMatchObject(missing);
  });
});

describe('Activities', () => {
  it('never change their availability', async () => {
    const { activities } = set.workspace;
    const made = await activities.create({ friendlyName: 'Training', available: false });
    expect(made).toMatchObject({ sid: SID('WA'), friendlyName: 'Training', available: false });
    expect(await activities(made.sid).update({ friendlyName: 'Course' })).toMatchObject({
      friendlyName: 'Course',
    });
    const silent = await wire(set.emulator, 'POST', `/Activities/${made.sid}`, {
      form: { Available: 'true' },
    });
    expect([silent.status, silent.body.available]).toEqual([200, false]);
    const unavailable = await activities.list({ available: 'false' });
    expect(unavailable.map(({ friendlyName }) => friendlyName)).toEqual([
      'Offline',
      'Unavailable',
      'Course',
    ]);
    expect(await activities(made.sid).remove()).toBe(true);
    const offline = unavailable[0]?.sid ?? '';
    await expect(activities(offline).remove()).rejects.toMatchObject(invalid);
  });
});

describe('Task Channels', () => {
  it('are found by SID and by unique name', async () => {
    const { taskChannels } = set.workspace;
    const made = await taskChannels.create({ friendlyName: 'Email', uniqueName: 'email' });
    expect(made).toMatchObject({ sid: SID('TC'), channelOptimizedRouting: false });
    expect((await taskChannels('email').fetch()).sid).toBe(made.sid);
    expect((await taskChannels('email').update({ friendlyName: 'Mail' })).friendlyName).toBe(
      'Mail',
    );
    expect((await taskChannels.list()).map(({ uniqueName }) => uniqueName)).toEqual([
      'default',
      'voice',
      'sms',
      'chat',
      'video',
      'email',
    ]);
    await expect(
      taskChannels.create({ friendlyName: 'Email', uniqueName: 'email' }),
    ).rejects.toMatchObject(invalid);
    await expect(
      taskChannels.create({ friendlyName: 'X', uniqueName: 'not-this' }),
    ).rejects.toMatchObject(invalid);
    expect(await taskChannels(made.sid).remove()).toBe(true);
  });
});

describe('Workers', () => {
  it('start in the default Activity and are moved by update', async () => {
    const { workers } = set.workspace;
    const made = await workers.create({ friendlyName: 'Ana', attributes: '{"team":"support"}' });
    expect(made).toMatchObject({
      sid: SID('WK'),
      friendlyName: 'Ana',
      attributes: '{"team":"support"}',
      activityName: 'Offline',
      available: false,
      workspaceSid: set.emulator.workspaceSid,
    });
    expect(made.links.channels).toBe(made.links.worker_channels);
    const { sid: activitySid } = set.emulator.world.activity('Available');
    expect(await workers(made.sid).update({ activitySid })).toMatchObject({
      activityName: 'Available',
      available: true,
    });
    expect(await workers(made.sid).remove()).toBe(true);
    await expect(workers(made.sid).fetch()).rejects.toMatchObject(missing);
  });

  it('are refused with a name that is taken, bad attributes or an unknown Activity', async () => {
    const { workers } = set.workspace;
    await workers.create({ friendlyName: 'Ana' });
    for (const input of [
      { friendlyName: 'aNA' },
      { friendlyName: '' },
      { friendlyName: 'x'.repeat(65) },
      { friendlyName: 'Ben', attributes: '{oops' },
      { friendlyName: 'Ben', attributes: '[]' },
      { friendlyName: 'Ben', attributes: `{"a":"${'x'.repeat(4_096)}"}` },
      { friendlyName: 'Ben', activitySid: `WA${'0'.repeat(32)}` },
    ])
      await expect(workers.create(input), JSON.stringify(input)).rejects.toMatchObject(invalid);
    expect(set.emulator.world.workers()).toHaveLength(1);
  });

  it('are deleted only at their current version if If-Match is given', async () => {
    const { sid } = set.emulator.world.createWorker({ friendlyName: 'Ana' });
    const worker = set.workspace.workers(sid);
    await expect(worker.remove({ ifMatch: '99' })).rejects.toMatchObject({ status: 412 });
    expect(await worker.remove({ ifMatch: '"0"' })).toBe(true);
  });
});

describe('TaskQueues and Workflows', () => {
  it('are created and changed, and invalid ones are refused', async () => {
    const { taskQueues, workflows } = set.workspace;
    const queue = await taskQueues.create({ friendlyName: 'Support', targetWorkers: 'level > 2' });
    expect(queue).toMatchObject({
      sid: SID('WQ'),
      targetWorkers: 'level > 2',
      maxReservedWorkers: 1,
      taskOrder: 'FIFO',
      reservationActivitySid: null,
      assignmentActivityName: null,
    });
    expect((await taskQueues.create({ friendlyName: 'Everybody' })).targetWorkers).toBe('1==1');
    await expect(
      taskQueues.create({ friendlyName: 'X', targetWorkers: 'level >' }),
    ).rejects.toMatchObject(invalid);
    const matching = await taskQueues.list({ evaluateWorkerAttributes: '{"level":1}' });
    expect(matching.map(({ friendlyName }) => friendlyName)).toEqual(['Everybody']);
    expect(await taskQueues(queue.sid).update({ maxReservedWorkers: 3 })).toMatchObject({
      maxReservedWorkers: 3,
    });
    const configuration = JSON.stringify({
      task_routing: { default_filter: { queue: queue.sid } },
    });
    const workflow = await workflows.create({ friendlyName: 'Flow', configuration });
    expect(workflow).toMatchObject({ sid: SID('WW'), configuration, taskReservationTimeout: 120 });
    expect(await workflows(workflow.sid).update({ taskReservationTimeout: 30 })).toMatchObject({
      taskReservationTimeout: 30,
      configuration,
    });
    for (const bad of ['{', `{"task_routing":{"default_filter":{"queue":"WQ${'0'.repeat(32)}"}}}`])
      await expect(
        workflows.create({ friendlyName: 'Bad', configuration: bad }),
      ).rejects.toMatchObject(invalid);
    expect(await workflows(workflow.sid).remove()).toBe(true);
    expect(await taskQueues(queue.sid).remove()).toBe(true);
    expect(await workflows.list()).toEqual([]);
  });
});

describe('Tasks and Reservations', () => {
  async function oneTask() {
    const { world } = set.emulator;
    world.createQueue('All');
    const { sid } = world.createWorker({ friendlyName: 'Ana', activity: 'Available' });
    const task = await set.workspace.tasks.create({
      taskChannel: 'chat',
      attributes: '{"topic":"support"}',
      taskQueueSid: world.queue('All').sid,
    });
    const [reservation] = await set.workspace.tasks(task.sid).reservations.list();
    return { world, worker: sid, task, reservation: reservation?.sid ?? '' };
  }

  it('go from creation to completion', async () => {
    const { worker, task, reservation } = await oneTask();
    expect(task).toMatchObject({
      sid: SID('WT'),
      assignmentStatus: 'pending',
      taskChannelUniqueName: 'chat',
      taskQueueFriendlyName: 'All',
      timeout: 86_400,
      priority: 0,
      ignoreCapacity: false,
      routingTarget: null,
    });
    const tasks = set.workspace.tasks(task.sid);
    expect(await tasks.fetch()).toMatchObject({ assignmentStatus: 'reserved' });
    const mine = set.workspace.workers(worker).reservations(reservation);
    expect(await mine.fetch()).toMatchObject({ reservationStatus: 'pending', taskSid: task.sid });
    expect(await mine.update({ reservationStatus: 'accepted' })).toMatchObject({
      reservationStatus: 'accepted',
      workerName: 'Ana',
    });
    expect(await tasks.update({ assignmentStatus: 'wrapping' })).toMatchObject({
      assignmentStatus: 'wrapping',
    });
    expect(await tasks.reservations(reservation).fetch()).toMatchObject({
      reservationStatus: 'wrapping',
    });
    expect(await tasks.update({ assignmentStatus: 'completed', reason: 'done' })).toMatchObject({
      assignmentStatus: 'completed',
      reason: 'done',
    });
    expect(await tasks.reservations(reservation).fetch()).toMatchObject({
      reservationStatus: 'completed',
    });
    expect(await tasks.remove()).toBe(true);
    await expect(tasks.fetch()).rejects.toMatchObject(missing);
  });

  it('refuse what their state does not allow', async () => {
    const { task, reservation } = await oneTask();
    const tasks = set.workspace.tasks(task.sid);
    await expect(tasks.update({ assignmentStatus: 'completed' })).rejects.toMatchObject({
      ...invalid,
      message: expect.stringContaining(task.sid),
    });
    await tasks.reservations(reservation).update({ reservationStatus: 'rejected' });
    await expect(
      tasks.reservations(reservation).update({ reservationStatus: 'accepted' }),
    ).rejects.toMatchObject(invalid);
  });

  it('move a Worker who rejects to the requested Activity', async () => {
    const { world, worker, task, reservation } = await oneTask();
    await set.workspace
      .tasks(task.sid)
      .reservations(reservation)
      .update({
        reservationStatus: 'rejected',
        workerActivitySid: world.activity('Unavailable').sid,
      });
    expect((await set.workspace.workers(worker).fetch()).activityName).toBe('Unavailable');
  });

  it('need a Workflow, a TaskQueue or a Worker', async () => {
    await expect(set.workspace.tasks.create({})).rejects.toMatchObject({
      ...invalid,
      message: 'WorkflowSid is required',
    });
  });

  it('are listed by status and attributes', async () => {
    const { task } = await oneTask();
    const { tasks } = set.workspace;
    const sids = async (filter: object) => (await tasks.list(filter)).map(({ sid }) => sid);
    expect(await sids({ assignmentStatus: ['pending', 'reserved'] })).toEqual([task.sid]);
    expect(await sids({ assignmentStatus: ['assigned'] })).toEqual([]);
    expect(await sids({ evaluateTaskAttributes: 'topic == "support"' })).toEqual([task.sid]);
    expect(await sids({ taskQueueName: 'Nowhere' })).toEqual([]);
  });
});

describe('Events', () => {
  it('name who made a change: the account over REST, a person, or the Workspace', async () => {
    const { world } = set.emulator;
    const { sid } = world.createWorker({ friendlyName: 'Ana' });
    await set.workspace.workers(sid).workerChannels('chat').update({ capacity: 3 });
    world.editChannel(sid, 'chat', { capacity: 4 }, { actor: 'supervisor@example.com' });
    const found = await set.workspace.events.list({ eventType: 'worker.capacity.update' });
    expect(found.map(({ actorType, actorSid }) => [actorType, actorSid])).toEqual([
      ['user', 'supervisor@example.com'],
      ['account', set.emulator.accountSid],
    ]);
    expect(found[1]).toMatchObject({
      sid: SID('EV'),
      eventType: 'worker.capacity.update',
      resourceType: 'worker',
      resourceSid: sid,
      source: 'twilio',
      sourceIpAddress: '127.0.0.1',
      eventDateMs: expect.any(Number),
      eventData: {
        worker_sid: sid,
        worker_name: 'Ana',
        worker_channel_previous_capacity: '1',
        task_channel_unique_name: 'chat',
      },
    });
    expect(found[1]?.eventData).not.toHaveProperty('worker_channel_capacity');
    const [created] = await set.workspace.events.list({ eventType: 'worker.created' });
    expect([created?.actorType, created?.actorSid]).toEqual([
      'workspace',
      set.emulator.workspaceSid,
    ]);
    const one = await set.workspace.events(found[0]?.sid ?? '').fetch();
    expect(one.description).toBe(found[0]?.description);
  });

  it('are found by Worker and by time, page by page', async () => {
    const { world } = set.emulator;
    const { sid } = world.createWorker({ friendlyName: 'Ana' });
    world.createWorker({ friendlyName: 'Ben' });
    for (let capacity = 2; capacity < 12; capacity += 1)
      world.editChannel(sid, 'chat', { capacity });
    expect(await set.workspace.events.list({ workerSid: sid, pageSize: 3 })).toHaveLength(11);
    const later = new Date(Date.now() + 60_000);
    expect(await set.workspace.events.list({ workerSid: sid, startDate: later })).toEqual([]);
  });
});

describe('statistics', () => {
  it('show the current state', async () => {
    const { world } = set.emulator;
    world.createQueue('Support', 'team == "support"');
    world.createWorkflow('Flow', {
      task_routing: { default_filter: { queue: world.queue('Support').sid } },
    });
    world.createWorker({ friendlyName: 'Ana', attributes: { team: 'support' } });
    world.createWorker({
      friendlyName: 'Ben',
      attributes: { team: 'support' },
      activity: 'Available',
      channels: { chat: { available: false } },
    });
    world.createWorker({ friendlyName: 'Eva', attributes: { team: 'sales' } });
    const task = world.createTask({ channel: 'chat' });
    world.createTask({ channel: 'voice', priority: 3 });
    const queueSid = world.queue('Support').sid;
    const queue = set.workspace.taskQueues(queueSid);
    const now = await queue.realTimeStatistics().fetch();
    expect(now).toMatchObject({
      taskQueueSid: queueSid,
      longestTaskWaitingSid: task.sid,
      tasksByStatus: { pending: 1, reserved: 1, assigned: 0, wrapping: 0 },
      tasksByPriority: { 0: 1, 3: 1 },
      totalTasks: 2,
      totalEligibleWorkers: 2,
      totalAvailableWorkers: 1,
    });
    expect(now.activityStatistics).toContainEqual({
      sid: world.activity('Offline').sid,
      friendly_name: 'Offline',
      workers: 1,
    });
    const chat = await queue.realTimeStatistics().fetch({ taskChannel: 'chat' });
    expect(chat.totalTasks).toBe(1);
    const bulk = await wire(set.emulator, 'POST', '/TaskQueues/RealTimeStatistics', {
      json: { TaskQueueSids: [queueSid] },
    });
    expect(bulk).toMatchObject({
      status: 200,
      body: {
        task_queue_response_count: 1,
        task_queue_data: [{ task_queue_sid: queueSid, total_tasks: 2 }],
      },
    });
    const [row] = await set.workspace.taskQueues.statistics.list();
    expect(row).toMatchObject({
      taskQueueSid: queueSid,
      realtime: { total_tasks: 2 },
      cumulative: { tasks_entered: 2, reservations_created: 1 },
    });
    expect(await set.workspace.realTimeStatistics().fetch()).toMatchObject({
      totalWorkers: 3,
      totalTasks: 2,
    });
    expect(await set.workspace.workers.statistics().fetch()).toMatchObject({
      realtime: { total_workers: 3 },
    });
  });

  it('add up the past', async () => {
    const { world } = set.emulator;
    world.createQueue('All');
    const { sid } = world.createWorker({ friendlyName: 'Ana', activity: 'Available' });
    world.createTask({ channel: 'voice', queue: 'All' });
    world.accept(world.reservations()[0] ?? '');
    world.complete(world.reservations()[0] ?? '');
    const queue = set.workspace.taskQueues(world.queue('All').sid);
    const done = await queue.cumulativeStatistics().fetch({ splitByWaitTime: '5,10' });
    expect(done).toMatchObject({
      reservationsCreated: 1,
      reservationsAccepted: 1,
      tasksCompleted: 1,
      tasksEntered: 1,
      splitByWaitTime: {
        5: {
          above: { tasks_canceled: 0, reservations_accepted: 0 },
          below: { tasks_canceled: 0, reservations_accepted: 1 },
        },
        10: expect.any(Object),
      },
    });
    expect(done.startTime).toBeInstanceOf(Date);
    const own = await set.workspace.workers(sid).statistics().fetch();
    expect(own.cumulative).toMatchObject({ reservations_created: 1, reservations_accepted: 1 });
    expect(await set.workspace.cumulativeStatistics().fetch()).toMatchObject({ tasksCreated: 1 });
    expect(await set.workspace.workers.statistics().fetch()).toMatchObject({
      workspaceSid: set.emulator.workspaceSid,
    });
  });
});

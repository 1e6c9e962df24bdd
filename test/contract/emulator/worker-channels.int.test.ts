import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emulated, errorBody, wire } from './support.ts';

let set: Awaited<ReturnType<typeof emulated>>;
let worker: string;
beforeAll(async () => {
  set = await emulated();
  worker = set.emulator.world.createWorker({ friendlyName: 'Ana' }).sid;
});
afterAll(() => set.emulator.stop());

const channels = () => set.workspace.workers(worker).workerChannels;

describe('a Worker Channel', () => {
  it('has all its fields, with their types, on the wire', async () => {
    const { emulator } = set;
    const { status, body } = await wire(emulator, 'GET', `/Workers/${worker}/Channels/voice`);
    const { sid, taskChannelSid } = emulator.world.channel(worker, 'voice');
    expect(status).toBe(200);
    expect(body).toEqual({
      account_sid: emulator.accountSid,
      assigned_tasks: 0,
      available: true,
      available_capacity_percentage: 100,
      configured_capacity: 1,
      date_created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      date_updated: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      sid,
      task_channel_sid: taskChannelSid,
      task_channel_unique_name: 'voice',
      worker_sid: worker,
      workspace_sid: emulator.workspaceSid,
      url: `${emulator.url}/v1/Workspaces/${emulator.workspaceSid}/Workers/${worker}/Channels/${sid}`,
    });
    expect(Object.keys(body)).toHaveLength(13);
  });

  it('is the same by SID and by unique name, and the SDK reads every field', async () => {
    const byName = await channels()('chat').fetch();
    const bySid = await channels()(byName.sid).fetch();
    expect(bySid.toJSON()).toEqual(byName.toJSON());
    expect(byName).toMatchObject({
      accountSid: set.emulator.accountSid,
      assignedTasks: 0,
      available: true,
      availableCapacityPercentage: 100,
      configuredCapacity: 1,
      sid: expect.stringMatching(/^WC[0-9a-f]{32}$/),
      taskChannelSid: expect.stringMatching(/^TC[0-9a-f]{32}$/),
      taskChannelUniqueName: 'chat',
      workerSid: worker,
      workspaceSid: set.emulator.workspaceSid,
    });
    expect(byName.dateCreated).toBeInstanceOf(Date);
    expect(byName.dateUpdated).toBeInstanceOf(Date);
  });

  it('takes a capacity, an availability, or both', async () => {
    const context = channels()('chat');
    expect(await context.update({ capacity: 4 })).toMatchObject({
      configuredCapacity: 4,
      available: true,
    });
    expect(await context.update({ available: false })).toMatchObject({
      configuredCapacity: 4,
      available: false,
      availableCapacityPercentage: 100,
    });
    expect(await context.update({ capacity: 0, available: true })).toMatchObject({
      configuredCapacity: 0,
      available: true,
      availableCapacityPercentage: 0,
    });
    expect(await context.update({ capacity: 50 })).toMatchObject({ configuredCapacity: 50 });
  });

  it('treats an empty update as no change', async () => {
    const before = set.emulator.world.events().length;
    const { configuredCapacity } = await channels()('sms').update({});
    expect(configuredCapacity).toBe(1);
    expect(set.emulator.world.events()).toHaveLength(before);
  });

  it('counts by the formula: pending lowers the percentage, accepted is assigned', async () => {
    const { world } = set.emulator;
    world.createQueue('All');
    world.setActivity(worker, 'Available');
    world.editChannel(worker, 'video', { capacity: 3 });
    world.createTask({ channel: 'video', queue: 'All' });
    world.createTask({ channel: 'video', queue: 'All' });
    const video = channels()('video');
    expect(await video.fetch()).toMatchObject({
      assignedTasks: 0,
      availableCapacityPercentage: 33,
    });
    const [first] = world.reservations();
    world.accept(first ?? '');
    expect(await video.fetch()).toMatchObject({
      assignedTasks: 1,
      availableCapacityPercentage: 33,
    });
    expect(await video.update({ capacity: 1 })).toMatchObject({
      configuredCapacity: 1,
      assignedTasks: 1,
      availableCapacityPercentage: 0,
    });
    world.complete(first ?? '');
    expect(await video.fetch()).toMatchObject({ assignedTasks: 0 });
  });

  it.each(['51', '-1', '1.5', 'many'])('refuses a capacity of %s', async (capacity) => {
    const path = `/Workers/${worker}/Channels/sms`;
    const answer = await wire(set.emulator, 'POST', path, { form: { Capacity: capacity } });
    expect(answer).toMatchObject({
      status: 400,
      body: errorBody(400, 20001, expect.stringContaining(`Invalid Capacity '${capacity}'`)),
    });
    await expect(channels()('sms').fetch()).resolves.toMatchObject({ configuredCapacity: 1 });
  });

  it('ignores unknown parameters, and names in another case', async () => {
    const form = { capacity: '9', Colour: 'blue' };
    const { status, body } = await wire(set.emulator, 'POST', `/Workers/${worker}/Channels/sms`, {
      form,
    });
    expect([status, body.configured_capacity]).toEqual([200, 1]);
  });

  it('is not found under another name, another SID or another Worker', async () => {
    await expect(channels()('fax').fetch()).rejects.toMatchObject({ status: 404, code: 20404 });
    const nobody = `WK${'0'.repeat(32)}`;
    await expect(
      set.workspace.workers(nobody).workerChannels('voice').update({ capacity: 1 }),
    ).rejects.toMatchObject({
      status: 404,
      code: 20404,
      message: expect.stringContaining(`/Workers/${nobody} was not found`),
    });
  });

  it('cannot be created or deleted', async () => {
    for (const [method, path] of [
      ['POST', '/Channels'],
      ['DELETE', '/Channels/voice'],
    ] as const) {
      const { status, body } = await wire(set.emulator, method, `/Workers/${worker}${path}`);
      expect([status, body.code]).toEqual([405, 20004]);
    }
  });

  it('raises the version of its Worker, so that an older If-Match is refused', async () => {
    const context = set.workspace.workers(worker);
    const { headers } = await context.fetchWithHttpInfo();
    const tag = String(headers?.etag);
    expect(tag).toMatch(/^"\d+"$/);
    await channels()('default').update({ capacity: 7 });
    await expect(
      context.update({ friendlyName: 'Ana B', ifMatch: tag.replaceAll('"', '') }),
    ).rejects.toMatchObject({ status: 412 });
    const fresh = await context.fetchWithHttpInfo();
    for (const ifMatch of [String(fresh.headers?.etag)])
      await expect(context.update({ friendlyName: 'Ana C', ifMatch })).resolves.toMatchObject({
        friendlyName: 'Ana C',
      });
  });
});

describe('the list of Worker Channels', () => {
  it('is walked page by page to its end', async () => {
    const all = await channels().list();
    expect(all.map(({ taskChannelUniqueName }) => taskChannelUniqueName)).toEqual([
      'default',
      'voice',
      'sms',
      'chat',
      'video',
    ]);
    const paged = await channels().list({ pageSize: 2 });
    expect(paged.map(({ sid }) => sid)).toEqual(all.map(({ sid }) => sid));
    expect(await channels().list({ limit: 3, pageSize: 2 })).toHaveLength(3);
    const asked = set.emulator.calls().filter(({ query }) => query.PageSize === '2');
    expect(asked.map(({ query }) => query.PageToken?.slice(0, 4))).toEqual([
      undefined,
      'PAWC',
      'PAWC',
      undefined,
      'PAWC',
    ]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientOf, emulated, errorBody, type Wire, wire } from './support.ts';

let set: Awaited<ReturnType<typeof emulated>>;
beforeAll(async () => {
  set = await emulated({ apiKey: `SK${'1'.repeat(32)}`, apiSecret: 'secret' });
  for (let i = 1; i <= 120; i += 1) {
    const attributes = { team: i % 2 === 0 ? 'support' : 'sales', level: i };
    set.emulator.world.createWorker({ friendlyName: `Worker ${i}`, attributes });
  }
  set.emulator.world.setActivity('Worker 7', 'Available');
  set.emulator.world.createQueue('Support', 'team == "support"');
});
afterAll(() => set.emulator.stop());

const get = (path: string, more = {}): Promise<Wire> => wire(set.emulator, 'GET', path, more);
const meta = ({ body }: Wire) => body.meta as Record<string, unknown>;
const names = (found: { friendlyName: string }[]) => found.map(({ friendlyName }) => friendlyName);

describe('paging', () => {
  it('gives fifty at a time and links to the rest by token', async () => {
    const base = `${set.emulator.url}/v1/Workspaces/${set.emulator.workspaceSid}/Workers`;
    const first = await get('/Workers');
    const last = set.emulator.world.worker('Worker 50').sid;
    expect(meta(first)).toEqual({
      key: 'workers',
      page: 0,
      page_size: 50,
      first_page_url: `${base}?PageSize=50&Page=0`,
      previous_page_url: null,
      url: `${base}?PageSize=50&Page=0`,
      next_page_url: `${base}?PageSize=50&Page=1&PageToken=PA${last}`,
    });
    const second = await get(String(meta(first).next_page_url));
    const third = await get(String(meta(second).next_page_url));
    expect(third.body.workers).toHaveLength(20);
    expect(meta(third)).toMatchObject({ page: 2, next_page_url: null });
    const back = await get(String(meta(third).previous_page_url));
    expect(back.body.workers).toEqual(second.body.workers);
  });

  it('over all pages by the SDK yields each Worker once', async () => {
    const found = await set.workspace.workers.list();
    expect(names(found)).toEqual(names(set.emulator.world.workers()));
    expect(await set.workspace.workers.list({ limit: 75, pageSize: 20 })).toHaveLength(75);
    expect(await set.workspace.workers.list({ limit: 5000 })).toHaveLength(120);
  });

  it('echoes filters in its links', async () => {
    const answer = await get('/Workers?Available=false&PageSize=10');
    expect(meta(answer).next_page_url).toContain('/Workers?Available=false&PageSize=10&Page=1&');
  });

  it('continues at the right place when the last item was deleted meanwhile', async () => {
    const extra = set.emulator.world.createWorker({ friendlyName: 'Passing' });
    const page = await get('/Workers?PageSize=121');
    expect(meta(page).next_page_url).toBeNull();
    const before = await get('/Workers?PageSize=120');
    set.emulator.world.deleteWorker('Worker 120');
    const after = await get(String(meta(before).next_page_url));
    expect(after.body.workers).toMatchObject([{ sid: extra.sid }]);
    set.emulator.world.deleteWorker(extra);
    set.emulator.world.createWorker({ friendlyName: 'Worker 120', attributes: {} });
  });

  it('by absolute page is refused, except for page 0', async () => {
    expect((await get('/Workers?Page=0&PageSize=5')).status).toBe(200);
    expect(await get('/Workers?Page=1&PageSize=5')).toMatchObject({
      status: 400,
      body: errorBody(400, 40153, expect.any(String)),
    });
    await expect(set.workspace.workers.page({ pageNumber: 2 })).rejects.toMatchObject({
      status: 400,
      code: 40153,
    });
  });

  it('with an unknown token is refused', async () => {
    for (const token of [`PAWK${'0'.repeat(32)}`, 'nonsense'])
      expect(await get(`/Workers?PageToken=${token}`)).toMatchObject({
        status: 400,
        body: errorBody(400, 21481, expect.any(String)),
      });
  });

  it('with a page size below one is refused', async () => {
    expect((await get('/Workers?PageSize=0')).body.code).toBe(20001);
  });
});

describe('Worker filters', () => {
  it.each([
    [{ activityName: 'Available' }, ['Worker 7']],
    [{ available: 'true' }, ['Worker 7']],
    [{ available: 'yes', friendlyName: 'Worker 8' }, []],
    [{ friendlyName: 'Worker 9' }, ['Worker 9']],
    [{ targetWorkersExpression: 'team == "support" AND level < 5' }, ['Worker 2', 'Worker 4']],
    [{ targetWorkersExpression: 'worker.level == 3' }, ['Worker 3']],
    [{ targetWorkersExpression: 'friendly_name == "Worker 5"' }, ['Worker 5']],
    [{ targetWorkersExpression: 'activity_name == "Available"' }, ['Worker 7']],
    [
      { targetWorkersExpression: 'worker.channel.voice.configured_capacity > 0 AND level == 6' },
      ['Worker 6'],
    ],
    [{ taskQueueName: 'Nowhere' }, []],
  ])('%j', async (filter, expected) => {
    expect(names(await set.workspace.workers.list(filter))).toEqual(expected);
  });

  it('find the Workers that a TaskQueue matches', async () => {
    const found = await set.workspace.workers.list({ taskQueueName: 'Support' });
    expect(found).toHaveLength(59);
    const { sid } = set.emulator.world.queue('Support');
    expect(await set.workspace.workers.list({ taskQueueSid: sid })).toHaveLength(59);
  });

  it('order by the last change of Activity', async () => {
    const [first] = await set.workspace.workers.list({
      ordering: 'DateStatusChanged:desc',
      limit: 1,
    });
    expect(first?.friendlyName).toBe('Worker 120');
  });

  it('refuse an invalid expression', async () => {
    await expect(
      set.workspace.workers.list({ targetWorkersExpression: 'skill-level > 3' }),
    ).rejects.toMatchObject({ status: 400, code: 20001 });
  });
});

describe('access', () => {
  it('is granted to the account with its token and to an API key with its secret', async () => {
    const { workspace } = clientOf(set.emulator, `SK${'1'.repeat(32)}`, 'secret');
    await expect(workspace.fetch()).resolves.toMatchObject({ sid: set.emulator.workspaceSid });
    const { who } = set.emulator.calls().at(-1) ?? {};
    expect(who).toBe(`SK${'1'.repeat(32)}`);
  });

  it.each([
    ['nobody', null],
    ['a wrong token', `AC${'0'.repeat(32)}:wrong`],
    ['no colon', 'abc'],
  ])('is refused to %s', async (_, auth) => {
    const answer = await get('/Workers', { auth });
    expect(answer).toMatchObject({ status: 401, body: errorBody(401, 20003, 'Authenticate') });
    expect(answer.headers.get('www-authenticate')).toContain('Basic');
  });
});

describe('every response', () => {
  it('carries a request id and the rate-limit headers', async () => {
    const { headers } = await get('');
    expect(headers.get('twilio-request-id')).toMatch(/^RQ[0-9a-f]{32}$/);
    for (const name of ['limit', 'remaining', 'config'])
      expect(headers.get(`x-rate-limit-${name}`)).toBeTruthy();
    expect(headers.get('content-type')).toMatch(/^application\/json/);
  });

  it('to an unknown path is 404, to a wrong method 405', async () => {
    expect((await get('/Nothing')).body).toEqual(errorBody(404, 20404, expect.any(String)));
    expect((await get(`${set.emulator.url}/v2/Workspaces`)).status).toBe(404);
    const answer = await wire(set.emulator, 'PUT', '/Workers');
    expect(answer).toMatchObject({
      status: 405,
      body: errorBody(405, 20004, expect.any(String)),
    });
  });

  it('is for the Workspace that the path names', async () => {
    const nowhere = `${set.emulator.url}/v1/Workspaces/WS${'0'.repeat(32)}/Workers`;
    expect((await get(nowhere)).body.code).toBe(20404);
  });
});

describe('the record of calls', () => {
  it('shows what was called, by whom, and with what response', async () => {
    const { sid } = set.emulator.world.worker('Worker 1');
    await set.workspace.workers(sid).workerChannels('chat').update({ capacity: 3 });
    const record = set.emulator.calls().at(-1);
    expect(record).toEqual({
      at: expect.any(Number),
      method: 'POST',
      path: `/v1/Workspaces/${set.emulator.workspaceSid}/Workers/${sid}/Channels/chat`,
      query: {},
      body: { Capacity: '3' },
      status: 200,
      who: set.emulator.accountSid,
      userAgent: expect.stringContaining('twilio-node/'),
      requestId: expect.stringMatching(/^RQ/),
    });
    const read = await get(`${set.emulator.url}/emulator/calls?method=POST&path=/Channels`, {
      auth: null,
    });
    expect(read.body.calls).toEqual([record]);
    const summary = await get(`${set.emulator.url}/emulator`, { auth: null });
    expect(summary.body).toMatchObject({
      workspace_sid: set.emulator.workspaceSid,
      workers: 120,
      workers_available: 1,
    });
    const deliveries = await get(`${set.emulator.url}/emulator/deliveries`, { auth: null });
    expect(deliveries.body).toEqual({ deliveries: [] });
    expect((await get(`${set.emulator.url}/emulator/nothing`)).status).toBe(404);
  });
});

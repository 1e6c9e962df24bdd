// The gateway with the real SDK over real sockets: the contract against the emulator, what exactly
// goes over the wire, and servers that misbehave in every way that we distinguish.

import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { TaskSid, WorkerSid, WorkspaceSid } from '../../src/core/ids.ts';
import { type Emulator, startEmulator } from '../../src/emulator/emulator.ts';
import { StoreDown, type Urgency } from '../../src/ports.ts';
import { createGateway, type GatewayOptions } from '../../src/taskrouter/gateway.ts';
import { gatewayContract } from '../contract/gateway.contract.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const ACCOUNT = `AC${'a'.repeat(32)}`;
const WS = `WS${'b'.repeat(32)}` as WorkspaceSid;
const WK = `WK${'c'.repeat(32)}` as WorkerSid;

function gatewayTo(baseUrl: string, options: Partial<GatewayOptions> = {}) {
  const gateway = createGateway({
    username: ACCOUNT,
    password: 'token',
    accountSid: ACCOUNT,
    workspaceSid: WS,
    baseUrl,
    edge: null,
    region: null,
    timeoutMs: 5000,
    beforeCall: async () => {},
    clock: { now: Date.now },
    ...options,
  });
  cleanUps.push(() => gateway.close());
  return gateway;
}

function gatewayToEmulator(emulator: Emulator, options: Partial<GatewayOptions> = {}) {
  return gatewayTo(emulator.url, {
    username: emulator.accountSid,
    password: emulator.authToken,
    accountSid: emulator.accountSid,
    workspaceSid: emulator.workspaceSid as WorkspaceSid,
    ...options,
  });
}

async function emulated(): Promise<Emulator> {
  const emulator = await startEmulator();
  cleanUps.push(() => emulator.stop());
  return emulator;
}

/** A server that answers as specified, on any free port. */
async function server(listener: http.RequestListener) {
  const seen: { method: string; url: string; body: string }[] = [];
  const sockets = new Set<Socket>();
  const listening = http.createServer((req, res) => {
    sockets.add(req.socket);
    let body = '';
    req.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    req.on('end', () => {
      seen.push({ method: req.method ?? '', url: req.url ?? '', body });
      listener(req, res);
    });
  });
  await new Promise<void>((done) => listening.listen(0, '127.0.0.1', done));
  cleanUps.push(() => {
    listening.closeAllConnections();
    return new Promise((done) => listening.close(done));
  });
  const { port } = listening.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, seen, sockets };
}

function json(res: http.ServerResponse, status: number, body: unknown, headers = {}): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers });
  res.end(JSON.stringify(body));
}

const CHANNEL = {
  account_sid: ACCOUNT,
  assigned_tasks: 1,
  available: true,
  available_capacity_percentage: 66,
  configured_capacity: 3,
  date_created: '2026-04-14T17:35:54Z',
  date_updated: '2026-04-14T17:35:54Z',
  sid: `WC${'d'.repeat(32)}`,
  task_channel_sid: `TC${'e'.repeat(32)}`,
  task_channel_unique_name: 'chat',
  worker_sid: WK,
  workspace_sid: WS,
  url: 'https://taskrouter.twilio.com/x',
};

describe('TaskQueues', () => {
  it('an offered Task still counts as waiting; an accepted one does not', async () => {
    const emulator = await emulated();
    const { world } = emulator;
    const channels = { chat: { capacity: 2 } };
    world.createWorker({ friendlyName: 'Ann', activity: 'Available', channels });
    const queue = world.createQueue('Support');
    for (let i = 0; i < 4; i += 1) world.createTask({ channel: 'chat', queue });
    const [first] = world.reservations();
    if (first !== undefined) world.accept(first);
    const statuses = world.tasks().map((task) => task.status);
    expect(new Set(statuses)).toEqual(new Set(['assigned', 'reserved', 'pending']));
    const read = await gatewayToEmulator(emulator).queue(queue.sid);
    expect(read).toMatchObject({ waiting: 3, eligible: 1, availableWorkers: 1 });
  });
});

gatewayContract('the emulator', async () => {
  const emulator = await startEmulator();
  const { world } = emulator;
  const worker = world.createWorker({
    friendlyName: 'Ann',
    attributes: { team: 'support' },
    activity: 'Available',
    channels: { chat: { capacity: 3 } },
  });
  for (let index = 0; index < 1100; index++) {
    world.createWorker({ friendlyName: `w${index}`, activity: 'Offline' });
  }
  const queue = world.createQueue('Support');
  const task = world.createTask({ channel: 'chat', queue });
  const offered = world.reservations().find((each) => each.taskSid === task.sid);
  world.accept(offered ?? world.reserve(task, worker));
  const gateway = createGateway({
    username: emulator.accountSid,
    password: emulator.authToken,
    accountSid: emulator.accountSid,
    workspaceSid: emulator.workspaceSid as WorkspaceSid,
    baseUrl: emulator.url,
    edge: null,
    region: null,
    beforeCall: async () => {},
    clock: { now: Date.now },
  });
  return {
    gateway,
    worker: worker.sid as WorkerSid,
    workerName: 'Ann',
    workers: 1101,
    task: task.sid as TaskSid,
    close: async () => {
      gateway.close();
      await emulator.stop();
    },
  };
});

describe('what goes over the wire', () => {
  it('is one POST with exactly the field that is set', async () => {
    const emulator = await emulated();
    const worker = emulator.world.createWorker({ friendlyName: 'Ann' }).sid as WorkerSid;
    const gateway = gatewayToEmulator(emulator);
    await gateway.setChannel(worker, 'chat', { capacity: 4 });
    await gateway.setChannel(worker, 'voice', { available: false });
    const path = `/v1/Workspaces/${emulator.workspaceSid}/Workers/${worker}/Channels`;
    expect(emulator.calls().map(({ method, path, body }) => ({ method, path, body }))).toEqual([
      { method: 'POST', path: `${path}/chat`, body: { Capacity: '4' } },
      { method: 'POST', path: `${path}/voice`, body: { Available: 'false' } },
    ]);
  });

  it('pages by 1000, and only as far as the caller reads', async () => {
    const emulator = await emulated();
    for (let index = 0; index < 1001; index++) {
      emulator.world.createWorker({ friendlyName: `w${index}` });
    }
    for await (const _ of gatewayToEmulator(emulator).workers('list')) break;
    expect(emulator.calls()).toMatchObject([{ query: { PageSize: '1000' } }]);
  });

  it('uses an API key if there is one', async () => {
    const emulator = await startEmulator({ apiKey: `SK${'1'.repeat(32)}`, apiSecret: 'shh' });
    cleanUps.push(() => emulator.stop());
    const username = `SK${'1'.repeat(32)}`;
    await gatewayToEmulator(emulator, { username, password: 'shh' }).activities();
    expect(emulator.calls()).toMatchObject([{ who: username, status: 200 }]);
  });

  it('reaches a TaskRouter behind a path prefix, also for next pages of any host', async () => {
    const next = 'https://taskrouter.twilio.com/v1/Workspaces/x/Activities?PageToken=PA1';
    const { url, seen } = await server((req, res) => {
      const meta = { key: 'activities', next_page_url: req.url?.includes('PA1') ? null : next };
      json(res, 200, { meta, activities: [] });
    });
    await gatewayTo(`${url}/tr`, { edge: 'dublin', region: 'ie1' }).activities();
    expect(seen.map((each) => each.url)).toEqual([
      `/tr/v1/Workspaces/${WS}/Activities?PageSize=1000`,
      '/tr/v1/Workspaces/x/Activities?PageToken=PA1',
    ]);
  });

  it('keeps its socket between calls', async () => {
    const { url, sockets } = await server((_, res) => json(res, 200, CHANNEL));
    const gateway = gatewayTo(url);
    for (let index = 0; index < 5; index++) await gateway.channel(WK, 'chat');
    expect(sockets.size).toBe(1);
  });

  it('releases its socket when it is closed', async () => {
    const { url, sockets } = await server((_, res) => json(res, 200, CHANNEL));
    const gateway = gatewayTo(url);
    await gateway.channel(WK, 'chat');
    const ended = [...sockets].map((socket) => new Promise((done) => socket.once('close', done)));
    gateway.close();
    await Promise.all(ended);
    expect(ended).toHaveLength(1);
  });

  it('encodes a name that needs it, and sends nothing for an empty or relative one', async () => {
    const { url, seen } = await server((_, res) => json(res, 200, CHANNEL));
    const gateway = gatewayTo(url);
    await gateway.channel(WK, 'a b/c$1');
    expect(seen.map((each) => each.url.split('/').at(-1))).toEqual(['a%20b%2Fc$1']);
    await expect(gateway.channel(WK, '..')).rejects.toMatchObject({ kind: 'invalid' });
    await expect(gateway.channel(WK, '')).rejects.toMatchObject({ kind: 'invalid' });
    await expect(gateway.setChannel(WK, 'chat', {})).rejects.toMatchObject({ kind: 'invalid' });
    expect(seen).toHaveLength(1);
  });
});

describe('the call budget', () => {
  it('32: is asked before each request, pages included, with the purpose of the call', async () => {
    const { url, seen } = await server((req, res) => {
      const more = `${url}/v1/next`;
      if (req.url?.includes('Workers?')) {
        json(res, 200, { meta: { key: 'workers', next_page_url: more }, workers: [] });
      } else if (req.url === '/v1/next') {
        json(res, 200, { meta: { key: 'workers', next_page_url: null }, workers: [] });
      } else json(res, 200, CHANNEL);
    });
    const asked: string[] = [];
    const beforeCall = async (urgency: Urgency, away: boolean) => {
      asked.push(`${urgency}${away ? ' away' : ''} after ${seen.length}`);
    };
    const gateway = gatewayTo(url, { beforeCall });
    await gateway.setChannel(WK, 'chat', { capacity: 1 });
    await gateway.channel(WK, 'chat');
    for await (const _ of gateway.workers('list'));
    await gateway.setChannel(WK, 'chat', { capacity: 1 }, { urgency: 'raise', away: true });
    await gateway.channel(WK, 'chat', true);
    expect(asked).toEqual([
      ...['lower after 0', 'read after 1', 'list after 2', 'list after 3'],
      ...['raise away after 4', 'read away after 5'],
    ]);
  });

  it('a reading is dated when its request began, not when the wait did', async () => {
    let now = 100;
    const { url } = await server((_, res) => {
      now = 300;
      json(res, 200, CHANNEL);
    });
    const beforeCall = async () => {
      now = 200;
    };
    const reading = await gatewayTo(url, { beforeCall, clock: { now: () => now } }).channel(
      WK,
      'x',
    );
    expect(reading.asOf).toBe(200);
  });

  it('without a place nothing is sent, and the caller gets the reason', async () => {
    const { url, seen } = await server((_, res) => json(res, 200, CHANNEL));
    const beforeCall = () => Promise.reject(new StoreDown('refused'));
    await expect(gatewayTo(url, { beforeCall }).channel(WK, 'x')).rejects.toThrow(StoreDown);
    expect(seen).toEqual([]);
  });
});

describe('a TaskRouter that misbehaves', () => {
  async function answering(listener: http.RequestListener, options: Partial<GatewayOptions> = {}) {
    const { url, seen } = await server(listener);
    return { gateway: gatewayTo(url, options), seen };
  }

  it('429 with Retry-After is throttled, tried once, and reported to the budget', async () => {
    const waits: number[] = [];
    const { gateway, seen } = await answering(
      (_, res) => json(res, 429, { code: 20429, message: 'slow' }, { 'retry-after': '2' }),
      { onThrottled: (ms) => waits.push(ms) },
    );
    await expect(gateway.setChannel(WK, 'chat', { capacity: 1 })).rejects.toMatchObject({
      kind: 'throttled',
      retryAfterMs: 2000,
      code: 20429,
      status: 429,
    });
    expect(seen).toHaveLength(1);
    expect(waits).toEqual([2000]);
  });

  it('429 without a time pauses all calls, longer each time in a row', async () => {
    const waits: number[] = [];
    let good = false;
    const { gateway } = await answering(
      (_, res) => (good ? json(res, 200, { channels: [], meta: {} }) : json(res, 429, {})),
      { onThrottled: (ms) => waits.push(ms) },
    );
    const refused = async () =>
      expect(await gateway.channels(WK).catch((error: unknown) => error)).toMatchObject({
        kind: 'throttled',
        retryAfterMs: null,
      });
    for (let n = 0; n < 8; n += 1) await refused();
    expect(waits.splice(0)).toEqual([125, 250, 500, 1_000, 2_000, 4_000, 8_000, 8_000]);
    good = true;
    await gateway.channels(WK);
    good = false;
    await refused();
    expect(waits).toEqual([125]);
  });

  it('429s of concurrent calls count as one', async () => {
    const waits: number[] = [];
    let asked = 0;
    const { gateway } = await answering((_, res) => json(res, 429, {}), {
      onThrottled: (ms) => waits.push(ms),
      clock: { now: () => ++asked },
    });
    const three = () => Array.from({ length: 3 }, () => gateway.channels(WK));
    await Promise.allSettled(three());
    expect(waits.splice(0)).toEqual([125, 125, 125]);
    await Promise.allSettled(three());
    expect(waits).toEqual([250, 250, 250]);
  });

  it.each([
    ['5xx as HTML', 502, '<html>', 'unavailable'],
    [
      'an error of the newer form',
      409,
      '{"type":"t","title":"T","status":409,"code":1}',
      'invalid',
    ],
    ['a redirect', 302, '', 'unavailable'],
    ['an empty 200', 200, '', 'unavailable'],
    ['200 cut short', 200, '{"sid":', 'unavailable'],
    ['200 without what we read', 200, '{}', 'unavailable'],
    ['401', 401, '{"code":20003,"message":"Authenticate","status":401}', 'refused'],
  ])('%s', async (_, status, body, kind) => {
    const { gateway, seen } = await answering((_, res) => {
      res.writeHead(status, { 'content-type': 'application/json', location: '/elsewhere' });
      res.end(body);
    });
    await expect(gateway.channel(WK, 'chat')).rejects.toMatchObject({ name: 'Failure', kind });
    await expect(gateway.setChannel(WK, 'chat', { capacity: 1 })).rejects.toMatchObject({ kind });
    await expect(gateway.channels(WK)).rejects.toMatchObject({ kind });
    expect(seen).toHaveLength(3);
  });

  it.each([
    ['configured_capacity', null],
    ['configured_capacity', 'many'],
    ['configured_capacity', -1],
    ['available', 'true'],
    ['assigned_tasks', undefined],
    ['task_channel_unique_name', ''],
    ['worker_sid', `WK${'9'.repeat(32)}`],
  ])('a Worker Channel whose %s is %j is rejected as a whole', async (name, value) => {
    const { gateway } = await answering((_, res) => json(res, 200, { ...CHANNEL, [name]: value }));
    await expect(gateway.channel(WK, 'chat')).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('a Worker without dates and attributes is accepted, and not dated now', async () => {
    const worker = {
      sid: WK,
      friendly_name: 'Ann',
      attributes: null,
      activity_sid: `WA${'1'.repeat(32)}`,
      activity_name: 'Offline',
      available: false,
    };
    const { gateway } = await answering((_, res) => json(res, 200, worker));
    expect(await gateway.worker(WK)).toMatchObject({
      attributes: null,
      statusChangedAt: null,
      updatedAt: null,
    });
  });

  it('a list that is none, and one that never ends, are rejected', async () => {
    const none = await answering((_, res) => json(res, 200, { meta: { key: 'channels' } }));
    await expect(none.gateway.channels(WK)).rejects.toMatchObject({ kind: 'unavailable' });
    const same = { meta: { key: 'channels', next_page_url: 'http://h/v1/again' }, channels: [] };
    const endless = await answering((_, res) => json(res, 200, same));
    await expect(endless.gateway.channels(WK)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(endless.seen.length).toBeLessThan(5);
  });

  it('silence, and a response that drips endlessly, are network failures', async () => {
    const silent = await answering(() => {}, { timeoutMs: 100 });
    await expect(silent.gateway.channel(WK, 'chat')).rejects.toMatchObject({
      kind: 'network',
      message: 'TaskRouter did not answer within 100 ms',
    });
    const drip = await answering(
      (_, res) => {
        res.writeHead(200, { 'content-type': 'application/json' });
        const timer = setInterval(() => res.write(' '), 20);
        res.on('close', () => clearInterval(timer));
      },
      { timeoutMs: 200 },
    );
    await expect(drip.gateway.channel(WK, 'chat')).rejects.toMatchObject({ kind: 'network' });
  });

  it('a closed socket, and a refused connection, are network failures', async () => {
    const rude = await answering((req) => req.socket.destroy());
    await expect(rude.gateway.channel(WK, 'chat')).rejects.toMatchObject({ kind: 'network' });
    const nobody = gatewayTo('http://127.0.0.1:1');
    await expect(nobody.channel(WK, 'chat')).rejects.toMatchObject({ kind: 'network' });
  });

  it('after the gateway is closed nothing is sent', async () => {
    const { gateway, seen } = await answering((_, res) => json(res, 200, CHANNEL));
    gateway.close();
    await expect(gateway.channel(WK, 'chat')).rejects.toMatchObject({ kind: 'network' });
    expect(seen).toEqual([]);
  });
});

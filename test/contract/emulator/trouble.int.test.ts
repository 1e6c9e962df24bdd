import { afterEach, describe, expect, it } from 'vitest';
import type { EmulatorOptions } from '../../../src/emulator/emulator.ts';
import { DOUBTS, type Doubts, doubtVariants } from '../../../src/emulator/trouble/doubts.ts';
import { waitFor } from '../../support/wait.ts';
import { emulated, errorBody, wire } from './support.ts';

const started: Awaited<ReturnType<typeof emulated>>[] = [];
afterEach(async () => {
  for (const { emulator } of started.splice(0)) await emulator.stop();
});

async function withAna(options: EmulatorOptions = {}) {
  const set = await emulated(options);
  started.push(set);
  const { sid } = set.emulator.world.createWorker({ friendlyName: 'Ana' });
  const chat = set.workspace.workers(sid).workerChannels('chat');
  const capacity = () => set.emulator.world.channel(sid, 'chat').configuredCapacity;
  return { ...set, world: set.emulator.world, sid, chat, capacity };
}

describe('a fault of calls', () => {
  it('429 precedes the effect, as often as requested, with Retry-After if requested', async () => {
    const { emulator, world, sid, chat, capacity } = await withAna();
    world.faults.add({ kind: 'too-many', method: 'POST', path: '/Channels', next: 2 });
    await expect(chat.update({ capacity: 3 })).rejects.toMatchObject({ status: 429, code: 20429 });
    const path = `/Workers/${sid}/Channels/chat`;
    const refused = await wire(emulator, 'POST', path, { form: { Capacity: '3' } });
    expect(refused).toMatchObject({ status: 429, body: errorBody(429, 20429, expect.any(String)) });
    expect(refused.headers.get('retry-after')).toBeNull();
    expect(capacity()).toBe(1);
    await chat.update({ capacity: 3 });
    expect(capacity()).toBe(3);
    world.faults.add({ kind: 'too-many', retryAfter: 7, next: 1 });
    expect((await wire(emulator, 'GET', path)).headers.get('retry-after')).toBe('7');
    expect(emulator.calls().map(({ status }) => status)).toEqual([429, 429, 200, 429]);
  });

  it('a server error has an HTML body, and may come after the effect', async () => {
    const { world, chat, capacity } = await withAna();
    world.faults.add({ kind: 'server-error', status: 502, next: 1 });
    const failed = { status: 502, message: '[HTTP 502] Failed to execute request' };
    await expect(chat.update({ capacity: 3 })).rejects.toMatchObject(failed);
    expect(capacity()).toBe(1);
    world.faults.add({ kind: 'server-error', status: 502, when: 'after', next: 1 });
    await expect(chat.update({ capacity: 3 })).rejects.toMatchObject(failed);
    expect(capacity()).toBe(3);
  });

  it('a time-out leaves the call without a response, with or without the effect', async () => {
    const { emulator, world, sid, capacity } = await withAna();
    world.faults.add({ kind: 'timeout', method: 'POST', when: 'after', next: 1 });
    world.faults.add({ kind: 'timeout', method: 'DELETE', next: 1 });
    const url = `${emulator.url}/v1/Workspaces/${emulator.workspaceSid}/Workers/${sid}`;
    const authorization = `Basic ${btoa(`${emulator.accountSid}:${emulator.authToken}`)}`;
    const impatient = (path: string, init: RequestInit) =>
      fetch(url + path, {
        ...init,
        headers: { authorization },
        signal: AbortSignal.timeout(1_000),
      });
    const body = new URLSearchParams({ Capacity: '5' });
    await expect(impatient('/Channels/chat', { method: 'POST', body })).rejects.toThrow('timeout');
    expect(capacity()).toBe(5);
    await expect(impatient('', { method: 'DELETE' })).rejects.toThrow('timeout');
    expect(world.workers()).toHaveLength(1);
    expect(emulator.calls().map(({ status }) => status)).toEqual([0, 0]);
  });

  it('a reset cuts the connection', async () => {
    const { world, chat } = await withAna();
    world.faults.add({ kind: 'reset', next: 1 });
    await expect(chat.fetch()).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(chat.fetch()).resolves.toMatchObject({ configuredCapacity: 1 });
  });

  it('latency makes a call wait', async () => {
    const { emulator, world, sid, chat, capacity } = await withAna();
    world.faults.add({ kind: 'latency', ms: 50, method: 'POST', next: 1 });
    await chat.update({ capacity: 2 });
    expect(capacity()).toBe(2);
    world.faults.add({ kind: 'latency', ms: 3_600_000, method: 'POST', next: 1 });
    const abort = new AbortController();
    const slow = fetch(`${emulator.url}/v1/Workspaces/${emulator.workspaceSid}/Workers/${sid}`, {
      method: 'POST',
      signal: abort.signal,
    });
    await waitFor('it has arrived', () => world.faults.all()[1]?.hits === 1);
    // Others are answered meanwhile.
    await chat.update({ capacity: 3 });
    expect(emulator.calls().map(({ status }) => status)).toEqual([200, 200]);
    abort.abort();
    await expect(slow).rejects.toThrow('aborted');
  });

  it('strikes at a rate, drawn from the seed', async () => {
    const draw = async (seed: number) => {
      const { emulator, world, sid } = await withAna({ seed });
      world.faults.add({ kind: 'server-error', rate: 0.5 });
      for (let i = 0; i < 40; i += 1) await wire(emulator, 'GET', `/Workers/${sid}`);
      return emulator.calls().map(({ status }) => status);
    };
    const first = await draw(5);
    const hits = first.filter((status) => status === 503).length;
    expect(hits).toBeGreaterThan(8);
    expect(hits).toBeLessThan(32);
    expect(await draw(5)).toEqual(first);
  });

  it('can be added, listed and removed over HTTP', async () => {
    const { emulator, sid } = await withAna();
    const own = (method: string, path: string, json?: unknown) =>
      wire(emulator, method, `${emulator.url}/emulator${path}`, { auth: null, json });
    const added = await own('POST', '/faults', { kind: 'server-error', method: 'GET' });
    expect(added).toMatchObject({ status: 201, body: { id: 1, hits: 0 } });
    await own('POST', '/faults', { kind: 'drop', type: 'worker.*', rate: 0.1 });
    expect((await wire(emulator, 'GET', `/Workers/${sid}`)).status).toBe(503);
    expect((await own('GET', '/faults')).body.faults).toMatchObject([{ hits: 1 }, { hits: 0 }]);
    expect((await own('DELETE', '/faults/1')).status).toBe(204);
    expect((await own('DELETE', '/faults/1')).status).toBe(404);
    expect((await wire(emulator, 'GET', `/Workers/${sid}`)).status).toBe(200);
    expect((await own('DELETE', '/faults')).status).toBe(204);
    expect((await own('GET', '/faults')).body).toEqual({ faults: [] });
    for (const bad of [
      {},
      { kind: 'fire' },
      { kind: 'latency' },
      { kind: 'drop', path: '/x' },
      { kind: 'timeout', when: 'during' },
      { kind: 'reset', next: 'two' },
      { kind: 'reset', next: 0 },
      { kind: 'reset', rate: 7 },
      { kind: 'latency', ms: -1 },
      { kind: 'server-error', status: 200 },
    ])
      expect((await own('POST', '/faults', bad)).body, JSON.stringify(bad)).toMatchObject({
        code: 20001,
      });
    expect((await own('POST', '/faults', [])).status).toBe(400);
  });
});

describe("the emulator's own routes", () => {
  it('explain what they expect, and refuse a clock that would run everything at once', async () => {
    const { emulator } = await withAna();
    const ask = async (method: string, path: string, body?: string) => {
      const headers = { 'content-type': 'application/json' };
      const init = body === undefined ? { method } : { method, headers, body };
      const response = await fetch(emulator.url + path, init);
      const { code, message } = (await response.json()) as { code: number; message: string };
      return `${response.status} ${code} ${message}`;
    };
    expect(await ask('PUT', '/emulator/faults')).toBe(
      '405 20004 /emulator/faults takes GET and POST and DELETE, not PUT',
    );
    expect(await ask('GET', '/emulator/none')).toMatch(
      /^404 20404 There is no GET \/emulator\/none\. .*GET \/emulator\/calls/,
    );
    expect(await ask('POST', '/emulator/faults', '{bad')).toMatch(
      /^400 20001 The body is no JSON: /,
    );
    for (const skew of ['1e300', '-1e300', '"1"', 'null'])
      expect(await ask('POST', '/emulator/clock', `{"skew_ms":${skew}}`)).toMatch(
        /^400 20001 'skew_ms' is .*: expected a number of milliseconds/,
      );
    // It is still alive.
    expect((await fetch(`${emulator.url}/emulator`)).status).toBe(200);
  });

  it('a path that begins with two slashes is not found and crashes nothing', async () => {
    const { emulator } = await withAna();
    const answer = await wire(emulator, 'GET', `${emulator.url}//`);
    expect(answer).toMatchObject({ status: 404, body: { code: 20404 } });
  });
});

describe('the limit on lists filtered by an expression', () => {
  it('allows three a second and does not affect other lists', async () => {
    let now = Date.now();
    const { emulator } = await withAna({ rateLimit: true, now: () => now });
    const ask = async (query: string) => (await wire(emulator, 'GET', `/Workers${query}`)).status;
    const filtered = '?TargetWorkersExpression=1%3D%3D1';
    const burst = [];
    for (let i = 0; i < 5; i += 1) burst.push(await ask(filtered));
    expect(burst).toEqual([200, 200, 200, 429, 429]);
    expect(await ask('?Available=true')).toBe(200);
    expect(await ask('?FriendlyName=Ana')).toBe(200);
    now += 400;
    expect([await ask(filtered), await ask(filtered)]).toEqual([200, 429]);
  });
});

describe('the clock', () => {
  it('may be wrong, and timers keep their remaining time', async () => {
    let now = Date.parse('2026-06-10T10:00:00Z');
    const { emulator, world } = await withAna({ now: () => now });
    world.createQueue('All');
    world.setActivity('Ana', 'Available');
    const task = world.createTask({ queue: 'All', timeout: 60 });
    const answer = await wire(emulator, 'POST', `${emulator.url}/emulator/clock`, {
      json: { skew_ms: 3_600_000 },
    });
    expect(answer.body).toEqual({ now: '2026-06-10T11:00:00.000Z' });
    world.advance();
    expect(task.status).toBe('reserved');
    now += 60_000;
    world.advance();
    expect(task.status).toBe('canceled');
    expect(world.events('task.canceled')[0]?.at).toBe(Date.parse('2026-06-10T11:01:00Z'));
    const { headers } = await wire(emulator, 'GET', '');
    expect(headers.get('date')).toBe('Wed, 10 Jun 2026 11:01:00 GMT');
  });
});

describe('a doubt', () => {
  const settings: [string, Partial<Doubts>][] = doubtVariants().map(({ name, doubts }) => [
    name,
    doubts,
  ]);

  it.each(settings)('%s does not affect what is certain', async (_, doubts) => {
    const { chat, capacity, world, workspace } = await withAna({ doubts });
    await chat.update({ capacity: 3, available: false });
    expect(capacity()).toBe(3);
    const found = await workspace.workers.list();
    expect(found.map(({ friendlyName }) => friendlyName)).toEqual(['Ana']);
    expect(world.events('worker.capacity.update')).toHaveLength(1);
  });

  it('is set at the start, or over HTTP at run time', async () => {
    const { emulator, world, workspace } = await withAna({ doubts: { listAttributes: 'null' } });
    const [ana] = await workspace.workers.list();
    expect(ana?.attributes).toBeNull();
    const url = `${emulator.url}/emulator/doubts`;
    const answer = await wire(emulator, 'POST', url, { json: { listAttributes: 'shown' } });
    expect(answer.body.doubts).toMatchObject({ listAttributes: 'shown', noOpUpdates: 'silent' });
    expect((await workspace.workers.list())[0]?.attributes).toBe('{}');
    expect(Object.keys(world.doubts).sort()).toEqual(Object.keys(DOUBTS).sort());
    for (const json of [{ nothing: 'x' }, { listAttributes: 'maybe' }])
      expect((await wire(emulator, 'POST', url, { json })).status).toBe(400);
    await expect(emulated({ doubts: { listAttributes: 'x' as 'null' } })).rejects.toThrow(
      "'x' is no setting of listAttributes",
    );
  });

  it('noOpUpdates: told, emits an event for an update that changes nothing', async () => {
    const { chat, world } = await withAna({ doubts: { noOpUpdates: 'told' } });
    await chat.update({ capacity: 1 });
    await chat.update({});
    expect(world.events('worker.capacity.update')).toHaveLength(1);
    expect(world.events('worker.channel.availability.update')).toHaveLength(0);
  });

  it('taskChannelSidAsChannel and channelNameCase allow further names', async () => {
    const { workspace, sid, world } = await withAna({
      doubts: { taskChannelSidAsChannel: 'taken', channelNameCase: 'any' },
    });
    const { taskChannelSid, sid: channelSid } = world.channel(sid, 'chat');
    for (const name of [taskChannelSid, 'CHAT']) {
      const found = await workspace.workers(sid).workerChannels(name).fetch();
      expect(found.sid).toBe(channelSid);
    }
  });

  it('capacityAboveMax and pageSizeAboveMax move the limits', async () => {
    const { chat, workspace } = await withAna({
      doubts: { capacityAboveMax: 'taken', pageSizeAboveMax: 'refused' },
    });
    expect((await chat.update({ capacity: 51 })).configuredCapacity).toBe(51);
    await expect(workspace.workers.list({ limit: 5_000 })).rejects.toMatchObject({ code: 20001 });
  });

  it('channelWriteVersion: kept, lets an older If-Match through', async () => {
    const { workspace, sid, chat } = await withAna({ doubts: { channelWriteVersion: 'kept' } });
    await chat.update({ capacity: 2 });
    await expect(
      workspace.workers(sid).update({ friendlyName: 'Ana B', ifMatch: '0' }),
    ).resolves.toMatchObject({ friendlyName: 'Ana B' });
  });

  it('pauseWithdrawsPending: yes, gives a pending Task back', async () => {
    const { world, sid, chat } = await withAna({ doubts: { pauseWithdrawsPending: 'yes' } });
    world.createQueue('All');
    world.setActivity(sid, 'Available');
    const task = world.createTask({ channel: 'chat', queue: 'All' });
    await chat.update({ available: false });
    expect(task.status).toBe('pending');
    expect(world.events('reservation.canceled')).toHaveLength(1);
  });
});

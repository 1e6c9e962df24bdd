// Changes as they happen: the stream of the whole daemon as a page receives it. On the embedded
// default, and on Redis where TEST_REDIS_URL names one.

import { afterEach, expect, it } from 'vitest';
import { type Rig, type RigOptions, startRig } from '../support/rig.ts';
import { openStreamClient, type StreamClient } from '../support/stream-client.ts';

const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce }
rules:
  - { name: open-for-three, who: everyone, when: activity.available, then: { chat: 3 } }
`;

const open: StreamClient[] = [];
let rig: Rig | null = null;
afterEach(async () => {
  for (const each of open.splice(0)) each.close();
  await rig?.stop();
  rig = null;
});

async function start(options: Partial<RigOptions> = {}): Promise<Rig> {
  rig = await startRig({
    rules: { 'rules.yaml': RULES },
    world: ({ world }) => {
      world.createWorker({ friendlyName: 'Ana', attributes: {} });
      world.createWorker({ friendlyName: 'Ben', attributes: {} });
    },
    ...options,
  });
  return rig;
}

async function listen(rig: Rig, headers: Record<string, string> = {}): Promise<StreamClient> {
  const listening = await openStreamClient(`${rig.service.url}/api/v1/stream`, headers);
  open.push(listening);
  return listening;
}

interface Worker {
  readonly friendlyName: string;
  readonly channels: readonly { readonly channel: string; readonly capacity: number }[];
}

const capacityOf = (workers: readonly Worker[], name: string) =>
  workers
    .filter((worker) => worker.friendlyName === name)
    .at(-1)
    ?.channels.find((each) => each.channel === 'chat')?.capacity;

const texts = (listening: StreamClient) =>
  listening.dataOf<{ text: string }>('journal').map(({ text }) => text);

it('sends a Worker as the API shows it, the journal entry and the status', async () => {
  const rig = await start();
  const page = await listen(rig);
  expect([page.status, page.contentType]).toEqual([200, 'text/event-stream; charset=utf-8']);
  await page.waitUntil('hello and status', () => page.received.length >= 2);
  expect(page.received[0]).toMatchObject({ event: 'hello', data: { version: 'test' } });
  expect(page.received[1]).toMatchObject({ event: 'status', data: { version: 'test' } });

  rig.emulator.world.setActivity('Ana', 'Available');
  await page.waitUntil('the new capacity', () => capacityOf(page.dataOf('workers'), 'Ana') === 3);
  await page.waitUntil('the entry', () => texts(page).some((text) => text.includes('1 → 3')));
  await rig.quiet();
  const sid = rig.emulator.world.worker('Ana').sid;
  const shown: unknown = await (await fetch(`${rig.service.url}/api/v1/workers/${sid}`)).json();
  await page.waitUntil('the Worker as it is now', () => {
    const last = page.dataOf<{ sid: string }>('workers').findLast((each) => each.sid === sid);
    return JSON.stringify(last) === JSON.stringify(shown);
  });
  // No other Worker changed, so none was sent.
  expect(capacityOf(page.dataOf('workers'), 'Ben')).toBeUndefined();
  const { journal } = (await (await fetch(`${rig.service.url}/api/v1/journal`)).json()) as {
    journal: { text: string }[];
  };
  expect(texts(page)).toEqual(
    journal
      .slice(0, texts(page).length)
      .map((e) => e.text)
      .reverse(),
  );
});

it('resumes where it was after a break; after a restart it does so or reports a gap', async () => {
  const rig = await start();
  const before = await listen(rig);
  await before.waitUntil('hello', () => before.lastId() !== null);
  before.close();
  rig.emulator.world.setActivity('Ben', 'Available');
  await rig.quiet();

  const after = await listen(rig, { 'last-event-id': before.lastId() ?? '' });
  await after.waitUntil('what it missed', () => capacityOf(after.dataOf('workers'), 'Ben') === 3);
  expect(texts(after).some((text) => text.includes('1 → 3'))).toBe(true);
  expect(after.received.map(({ event }) => event)).not.toContain('gap');

  await rig.restart();
  const anew = await listen(rig, { 'last-event-id': after.lastId() ?? '' });
  await anew.waitUntil('the status', () => anew.received.some(({ event }) => event === 'status'));
  // On Redis the feed outlives the process; in process it does not, and a gap is reported.
  const gaps = anew.received.filter(({ event }) => event === 'gap').length;
  expect(gaps).toBe(process.env.TEST_REDIS_URL === undefined ? 1 : 0);
});

it('41: needs a token if the API does, and ends when the daemon stops', async () => {
  const rig = await start({
    env: { PUBLIC_URL: 'https://example.test', HEADROOM_ADMIN_TOKEN: 'a-token-of-some-length' },
    callbacks: false,
  });
  const nobody = await listen(rig);
  expect([nobody.status, nobody.contentType]).toEqual([
    401,
    expect.stringContaining('application/problem+json'),
  ]);
  const page = await listen(rig, { authorization: 'Bearer a-token-of-some-length' });
  await page.waitUntil('hello', () => page.received.length > 0);
  await rig.stopDaemon();
  await page.ended;
});

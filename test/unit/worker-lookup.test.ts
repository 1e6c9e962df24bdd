import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { pausedText, workerNames } from '../../src/cli/pause-text.ts';
import { findWorkerSid } from '../../src/cli/worker-lookup.ts';
import type { WorkerSid } from '../../src/core/ids.ts';

const ANA = `WK${'a'.repeat(32)}`;
const GONE = `WK${'b'.repeat(32)}`;
const answers: Record<string, object> = {};
const server = createServer((req, res) => {
  const body = answers[(req.url ?? '').split('?')[0] ?? ''];
  res.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
  res.end(JSON.stringify(body ?? { detail: 'There is no such Worker.' }));
});
afterEach(() => server.close());

async function io() {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const err: string[] = [];
  const env = { HEADROOM_URL: `http://127.0.0.1:${port}` };
  return { env, err: (line: string) => err.push(line), out: () => {}, lines: err };
}

it('before the Workers have been read, no name is called wrong', async () => {
  answers['/api/v1/workers'] = { workers: [], next: null };
  const here = await io();
  expect(await findWorkerSid('Ana', here)).toEqual({ ok: false, exit: 1 });
  expect(here.lines).toEqual([
    'no Worker is known yet; "headroom status" shows when they have been read from TaskRouter.',
  ]);
});

it('a pause is shown with the name of its Worker, or the SID if that is all there is', async () => {
  answers[`/api/v1/workers/${ANA}`] = { friendlyName: 'Ana' };
  const here = await io();
  const pause = (worker: string) => ({
    ...{
      rule: null,
      worker: worker as WorkerSid,
      channel: 'chat',
      since: '2026-06-10T09:00:00.000Z',
    },
    ...{ until: '2026-06-10T10:00:00.250Z', reason: 'a drill', by: 'dana', released: false },
  });
  const pauses = [pause(ANA), pause(GONE)];
  const names = await workerNames(pauses, here);
  expect(pauses.map((each) => pausedText(each, names))).toEqual([
    'Ana chat, until 2026-06-10T10:00:00Z, by dana: a drill',
    `${GONE} chat, until 2026-06-10T10:00:00Z, by dana: a drill`,
  ]);
  expect(here.lines).toEqual([]);
});
